// Saves a user by identity: updates the user who has it, or creates one.

import { fault, type Outcome } from '../../faults.ts';
import type { Caller, UserRevision, UserView } from '../../model.ts';
import type { Provision, Revised, SavedUser } from '../../ports.ts';
import type { Records } from '../../records.ts';
import { createRetryBudget, type RetryBudget, retry } from '../../retry-budget.ts';
import { identify } from '../identity.ts';
import { allFaults, type UserChanges } from './changes.ts';

/** Maximum number of lookups, which are repeated if the user was created or deleted in the meantime. */
const LOOKUPS_MAX = 3;

/** The fault of a row that identifies a user on whom the administrator may not act. */
const OUTSIDE = fault('forbidden', 'userName', { rule: 'the row identifies a user outside of your scope' });

type Revise = (current: UserView | undefined) => Revised<UserRevision>;

/** Creates `saveUser`. */
export function createUserSave(records: Records, changes: UserChanges): Provision['saveUser'] {
  return async (caller, identity, revise) => {
    const budget = createRetryBudget();
    for (let lookup = 1; ; lookup += 1) {
      const found = await identify(records, caller.account.id, identity);
      if (!found.ok) return found;
      const { id } = found;
      const saved = await (id === undefined
        ? saveNew(changes, caller, revise, budget)
        : saveKnown(changes, caller, id, revise, budget));
      // Created or deleted in the meantime: look up the user again.
      const missed =
        !saved.ok && saved.faults.some(({ code }) => code === (id === undefined ? 'uniqueness' : 'notFound'));
      if (!missed || lookup === LOOKUPS_MAX || !(await retry(budget))) return saved;
    }
  };
}

async function saveNew(
  changes: UserChanges,
  caller: Caller,
  revise: Revise,
  budget: RetryBudget,
): Promise<Outcome<SavedUser>> {
  const revised = revise(undefined);
  if (!revised.ok) {
    if (!revised.revision) return revised;
    return allFaults(revised.faults, await changes.planNew(caller, revised.revision));
  }
  const made = await changes.create(caller, revised.revision, budget);
  return made.ok ? { ok: true, value: { after: made.value }, effect: 'created' } : made;
}

async function saveKnown(
  changes: UserChanges,
  caller: Caller,
  id: string,
  revise: Revise,
  budget: RetryBudget,
): Promise<Outcome<SavedUser>> {
  let before: UserView | undefined;
  const reviseKnown = (current: UserView) => {
    before = current;
    return revise(current);
  };
  const changed = await changes.update(caller, { id, revise: reviseKnown, outside: OUTSIDE }, budget);
  if (!changed.ok) return changed;
  return { ok: true, value: { ...(before ? { before } : {}), after: changed.value }, effect: changed.effect };
}
