// Creating, changing and deleting users.

import { type Actor, isAccountWide } from '../../../../directory/administration/permissions.ts';
import { neverAllowed } from '../../../../directory/administration/user-rights.ts';
import { fault, isNonEmpty, type Outcome, refused } from '../../../../directory/faults.ts';
import type { Caller, Precondition, UserView } from '../../../../directory/model.ts';
import { accountAttributesOf } from '../../../../directory/schema/account-attributes.ts';
import { formFaults } from '../../../../directory/users/form.ts';
import { accountParams } from '../../api/common-schemas.ts';
import { noContent, type Operation, operation } from '../../api/operation.ts';
import { faultProblem } from '../../api/problem.ts';
import { userChange, userDraft, userSchema } from '../user-schemas.ts';
import { changeOf, customStatements, draftOf, ownPath, statedKeys } from '../user-translation.ts';
import { referencesOf } from './body-references.ts';
import { loginNameFaults } from './rules.ts';
import { findUser, type UserOperationsOptions, userAnswer, userAnswers, userParams } from './user-operation.ts';

const DELETE_ATTEMPTS_MAX = 3;

export function createUser(options: UserOperationsOptions): Operation {
  const { provision, administration, schemasOf } = options;
  return operation({
    id: 'createUser',
    tag: 'Users',
    method: 'POST',
    path: '/accounts/{account}/users',
    summary: 'Create a user',
    permission: 'users.create',
    params: accountParams,
    body: userDraft,
    idempotent: true,
    answers: { 201: { description: 'The new user', schema: userSchema } },
    async handle({ caller, body }) {
      const references = await referencesOf(options, caller, body);
      const own = customStatements(body, accountAttributesOf(schemasOf(caller.account)));
      const draft = draftOf(body, references.stores, own.stated);
      const faults = [...own.faults, ...formFaults(undefined, draft.attributes), ...references.faults(undefined)];
      if (isNonEmpty(faults)) return faultProblem(faults, ownPath);
      const created = await provision.createUser(caller, draft.attributes, draft.links);
      const answer = await userAnswer(administration, caller, created, 201);
      if (!created.ok) return answer;
      const location = `/api/v1/accounts/${caller.account.slug}/users/${created.value.id}`;
      return { ...answer, headers: { ...answer.headers, Location: location } };
    },
  });
}

export function changeUser(options: UserOperationsOptions): Operation {
  const { provision, administration, schemasOf } = options;
  return operation({
    id: 'changeUser',
    tag: 'Users',
    method: 'PATCH',
    path: '/accounts/{account}/users/{user}',
    summary: 'Update a user',
    permission: 'users.change',
    params: userParams,
    body: userChange,
    conditional: true,
    answers: userAnswers,
    async handle({ caller, session: { actor }, params, precondition, body }) {
      const references = await referencesOf(options, caller, body);
      const own = customStatements(body, accountAttributesOf(schemasOf(caller.account)));
      const outcome = await provision.updateUser(caller, params.user, precondition, (current) => {
        const revision = changeOf(current, body, own.stated, references.stores);
        const faults = [
          ...own.faults,
          ...loginNameFaults(caller, current, body),
          ...formFaults(current.attributes, revision.attributes),
          ...references.faults(current),
        ];
        return isNonEmpty(faults) ? { ok: false, faults, revision } : { ok: true, revision };
      });
      // What the role may do to nobody is refused as such, whether or not there is such a user.
      const never = outcome.ok || outcome.faults[0].code !== 'notFound' ? [] : neverAllowed(actor, statedKeys(body));
      return userAnswer(administration, caller, isNonEmpty(never) ? { ok: false, faults: never } : outcome);
    },
  });
}

export function deleteUser(options: UserOperationsOptions): Operation {
  return operation({
    id: 'deleteUser',
    tag: 'Users',
    method: 'DELETE',
    path: '/accounts/{account}/users/{user}',
    summary: 'Delete a user',
    permission: 'users.delete',
    params: userParams,
    conditional: true,
    answers: { 204: { description: 'Deleted' } },
    async handle({ caller, session, params, precondition }) {
      for (let attempt = 1; ; attempt += 1) {
        const outcome = await deleteInScope(options, caller, session.actor, params.user, precondition);
        if (outcome.ok) return { ...noContent(), subject: { type: 'User', id: params.user } };
        const hasChanged = !precondition && outcome.faults[0].code === 'preconditionFailed';
        if (!hasChanged || attempt >= DELETE_ATTEMPTS_MAX) return faultProblem(outcome.faults);
      }
    },
  });
}

/**
 * Deletes exactly the version that was found in scope: a change in between could move the user out of the actor's scope.
 * Faults: notFound, preconditionFailed, busy.
 */
async function deleteInScope(
  { provision, lookup }: UserOperationsOptions,
  caller: Caller,
  actor: Actor,
  id: string,
  precondition: Precondition,
): Promise<Outcome<unknown>> {
  const view: UserView | undefined = await findUser(lookup, caller, actor, id);
  if (!view) return refused(fault('notFound', 'User', { id }));
  return provision.deleteUser(
    caller,
    id,
    precondition ?? (isAccountWide(actor.role) ? undefined : { versions: [view.version] }),
  );
}
