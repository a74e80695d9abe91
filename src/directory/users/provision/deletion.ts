// Deletes users. A deleted user leaves a tombstone and is no longer the manager of others.

import { removalFault } from '../../administration/user-rights.ts';
import { changeRecord } from '../../change-record.ts';
import { type Fault, fault, refused } from '../../faults.ts';
import type { NameCache } from '../../links/name-cache.ts';
import type { Caller, StoredUser } from '../../model.ts';
import type { Provision } from '../../ports.ts';
import { meets } from '../../precondition.ts';
import type { ProvisionDependencies } from '../../provision-dependencies.ts';
import type { Write } from '../../records.ts';
import { createRetryBudget } from '../../retry-budget.ts';
import { knownIdentities } from '../former-identities.ts';
import { activeDelta, type UserPlan } from '../plan.ts';
import { NO_NAMES, viewUser } from '../views.ts';
import type { CommitPlan } from './commit.ts';

/** Creates `deleteUser`. */
export function createUserDeletion(
  { records, names, now, identityHash, onInvitationOver }: ProvisionDependencies,
  commitPlan: CommitPlan,
): Provision['deleteUser'] {
  return async (caller, id, precondition) => {
    const outcome = await commitPlan(caller, createRetryBudget(), async () => {
      const current = await records.user(caller.account.id, id);
      if (!current) return refused(fault('notFound', 'User', { id }));
      const removal = await removalRefusal(names, caller, current);
      if (removal) return refused(removal);
      if (!meets(precondition, current.version)) return refused(fault('preconditionFailed'));
      return deletionPlan(caller, now(), current, await knownIdentities(records, current, await identityHash()));
    });
    if (!outcome.ok) return outcome;
    if (outcome.user.lifecycle === 'invited') onInvitationOver(outcome.user, 'revoked');
    await records.clearManager(caller.account.id, id);
    return { ok: true, value: undefined, effect: 'deleted' };
  };
}

/** Why the caller's administrator may not delete a user. Faults: notFound, forbidden. */
async function removalRefusal(names: NameCache, caller: Caller, user: StoredUser): Promise<Fault | undefined> {
  if (!caller.actor) return undefined;
  return removalFault(caller.actor, viewUser(user, await names.of(caller.account.id, [user])));
}

function deletionPlan(caller: Caller, at: Date, user: StoredUser, known: string[]): UserPlan {
  const writes = [deletion(caller, at, user, known)];
  return {
    ok: true,
    changed: true,
    user,
    names: NO_NAMES,
    writes,
    changedKeys: [],
    activeDelta: activeDelta(user, undefined),
  };
}

function deletion(caller: Caller, at: Date, user: StoredUser, known: string[]): Write {
  const changes = [changeRecord({ caller, now: at }, user._id, 'delete', [])];
  const tombstone = {
    _id: user._id,
    account: user.account,
    resource: 'User' as const,
    deleted: at,
    pending: true,
    known,
    changes,
  };
  return { kind: 'deleteUser', id: user._id, ifRevision: user.revision, tombstone };
}
