// Activating, deactivating, blocking and unblocking users.

import { type Operation, operation } from '../../api/operation.ts';
import { changeOf } from '../user-translation.ts';
import { type UserOperationsOptions, userAnswer, userAnswers, userParams } from './user-operation.ts';

export function activateUser(options: UserOperationsOptions): Operation {
  return setActive(options, true, { id: 'activateUser', verb: 'activate', summary: 'Activate a user' });
}

export function deactivateUser(options: UserOperationsOptions): Operation {
  return setActive(options, false, { id: 'deactivateUser', verb: 'deactivate', summary: 'Deactivate a user' });
}

export function blockUser(options: UserOperationsOptions): Operation {
  const summary = 'Block a user; a sync cannot remove the block';
  return setBlocked(options, true, { id: 'blockUser', verb: 'block', summary });
}

export function unblockUser(options: UserOperationsOptions): Operation {
  return setBlocked(options, false, { id: 'unblockUser', verb: 'unblock', summary: 'Unblock a user' });
}

interface Naming {
  id: string;
  /** The last segment of the path. */
  verb: string;
  summary: string;
}

function setActive(
  { provision, administration }: UserOperationsOptions,
  active: boolean,
  { id, verb, summary }: Naming,
): Operation {
  return operation({
    id,
    tag: 'Users',
    method: 'POST',
    path: `/accounts/{account}/users/{user}/${verb}`,
    summary,
    permission: 'users.activate',
    params: userParams,
    conditional: true,
    answers: userAnswers,
    async handle({ caller, params, precondition }) {
      const outcome = await provision.updateUser(caller, params.user, precondition, (current) => ({
        ok: true,
        revision: changeOf(current, { active }, new Map()),
      }));
      return userAnswer(administration, caller, outcome);
    },
  });
}

function setBlocked(
  { administration }: UserOperationsOptions,
  blocked: boolean,
  { id, verb, summary }: Naming,
): Operation {
  return operation({
    id,
    tag: 'Users',
    method: 'POST',
    path: `/accounts/{account}/users/{user}/${verb}`,
    summary,
    permission: 'users.block',
    params: userParams,
    answers: userAnswers,
    async handle({ caller, params }) {
      const outcome = await administration.setBlocked(caller, params.user, blocked);
      return userAnswer(administration, caller, outcome);
    },
  });
}
