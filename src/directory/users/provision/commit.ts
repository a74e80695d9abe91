// Commits the plans of users, and plans again after a conflict.

import { type Fault, fault, refused } from '../../faults.ts';
import type { Caller } from '../../model.ts';
import type { ProvisionDependencies } from '../../provision-dependencies.ts';
import type { CommitResult, UniqueValue, Write } from '../../records.ts';
import { type RetryBudget, retry } from '../../retry-budget.ts';
import { textAt } from '../../schema/attributes.ts';
import { withUserHolder } from '../holder.ts';
import type { UserPlan } from '../plan.ts';

/** Maximum number of plans that fail because a store or group has the same unique value. The next plan finds it. */
const TAKEN_PLANS_MAX = 4;

/** What earlier commits of a request found. */
interface KnownConflicts {
  isAddressTaken: boolean;
  /** The final faults of a request that is never refused. */
  conflicts: readonly Fault[];
}

/** Plans and commits until a commit succeeds, a fault is final, or the retry budget is used up (fault busy). */
export type CommitPlan = (
  caller: Caller,
  budget: RetryBudget,
  plan: (known: KnownConflicts) => Promise<UserPlan>,
) => Promise<UserPlan>;

/** Creates the function that commits plans. */
export function createPlanCommit(dependencies: ProvisionDependencies): CommitPlan {
  const { records } = dependencies;
  return async (caller, budget, plan) => {
    let plansTaken = 0;
    let isAddressTaken = false;
    const conflicts: Fault[] = [];
    do {
      const planned = await plan({ isAddressTaken, conflicts });
      if (!planned.ok || planned.writes.length === 0) return planned;
      const result = await records.commit(caller.account.id, withActiveCount(caller, planned), budget);
      if (result.ok) {
        announce(dependencies, caller, planned.writes);
        return planned;
      }
      if (result.reason === 'taken') plansTaken += 1;
      if (!isAddressTaken && canBeDerivedAnew(planned, result)) {
        isAddressTaken = true;
        continue;
      }
      const final = finalFault(caller, planned, result, plansTaken);
      if (final && planned.isNeverRefused) conflicts.push(final);
      else if (final) return refused(await withUserHolder(records, caller, final));
    } while (await retry(budget));
    return refused(fault('busy'));
  };
}

function announce({ names, onStoreChanged }: ProvisionDependencies, caller: Caller, writes: Write[]): void {
  for (const write of writes) {
    if (write.kind === 'updateStore') {
      names.forgetStore(write.id);
      onStoreChanged(caller, write.id);
    } else if (write.kind === 'updateGroup') {
      names.forgetGroup(write.id);
    }
  }
}

/** Adds the change of the number of active users to the writes if the account has a limit. */
function withActiveCount(caller: Caller, plan: UserPlan & { ok: true }): Write[] {
  const limit = caller.account.userLimit;
  const delta = plan.activeDelta;
  if (limit === undefined || delta === 0) return plan.writes;
  return [{ kind: 'countActive', delta, limit }, ...plan.writes];
}

/** Whether a derived external ID is taken: the next plan derives it from the login name. */
function canBeDerivedAnew({ user }: UserPlan & { ok: true }, result: CommitResult & { ok: false }): boolean {
  return result.reason === 'taken' && result.value === 'externalId' && user.externalIdFrom === 'emails';
}

/** The fault of a failed commit, or undefined if another plan may succeed. */
function finalFault(
  caller: Caller,
  plan: UserPlan & { ok: true },
  result: CommitResult & { ok: false },
  plansTaken: number,
): Fault | undefined {
  if (result.reason === 'userLimit') return fault('userLimit', 'active', { limit: caller.account.userLimit ?? 0 });
  if (result.reason !== 'taken') return undefined;
  if (result.value === 'userName' || result.value === 'externalId') {
    return fault('uniqueness', result.value, { value: textAt(plan.user.data, result.value) ?? '' });
  }
  // A group's name is never a reason to refuse a user: the next plan keeps another name or does not hold the name.
  if (result.value === 'groupName' || result.value === 'groupTypeName') return undefined;
  // A store or group that another request created is found by the next plan; an ID that stays taken is a conflict.
  return plansTaken < TAKEN_PLANS_MAX ? undefined : fault('uniqueness', TAKEN_PATH[result.value]);
}

const TAKEN_PATH: Record<UniqueValue, string> = {
  userName: 'userName',
  externalId: 'externalId',
  storeRefId: 'stores.value',
  groupExternalId: 'userGroups.value',
  groupName: 'userGroups.display',
  groupTypeName: 'userGroups.display',
  id: 'id',
};
