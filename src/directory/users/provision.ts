// Owns all writes of users: identifies, plans, validates and commits. Every door calls it.
// Unique indexes and conditional writes detect conflicts; after a conflict the plan is made again.

import { isOutside, removalFault } from '../administration/user-rights.ts';
import { changeRecord } from '../change-record.ts';
import { type Fault, type Faults, fault, type Outcome, refused } from '../faults.ts';
import { createGroupProvision } from '../groups/provision.ts';
import { newResourceId } from '../ids.ts';
import type { LinkChange } from '../links/changes.ts';
import type { NameCache } from '../links/name-cache.ts';
import { hasUnresolvedManager } from '../managers/resolver.ts';
import type { Caller, ExternalIdOrigin, Precondition, StoredUser, UserRevision, UserView } from '../model.ts';
import type { Provision, Revised, SavedUser, UserIdentity } from '../ports.ts';
import { meets } from '../precondition.ts';
import type { ProvisionDependencies } from '../provision-dependencies.ts';
import type { CommitResult, UniqueValue, Write } from '../records.ts';
import { createRetryBudget, type RetryBudget, retry } from '../retry-budget.ts';
import { textAt } from '../schema/attributes.ts';
import type { Attributes } from '../schema/schema.ts';
import type { PlanContext, UserChangeRequest } from './change-request.ts';
import { knownIdentities } from './former-identities.ts';
import { withUserHolder } from './holder.ts';
import { identify } from './identity.ts';
import { activeDelta, planUser, type UserPlan } from './plan.ts';
import { type Names, NO_NAMES, viewUser } from './views.ts';

/** Maximum number of lookups in `saveUser`, which repeats one if the user was created or deleted in the meantime. */
const LOOKUPS_MAX = 3;
/** Maximum number of plans that fail because a store or group has the same unique value. The next plan finds it. */
const TAKEN_PLANS_MAX = 4;
const NO_KEYS: ReadonlySet<string> = new Set();

/** The fault of a row that identifies a user on whom the administrator may not act. */
const OUTSIDE = fault('forbidden', 'userName', { rule: 'the row identifies a user outside of your scope' });

/** What earlier commits of a request found. */
interface KnownConflicts {
  isAddressTaken: boolean;
  /** The final faults of a request that is never refused. */
  conflicts: readonly Fault[];
}

/** Creates the write interface of the directory, for users and groups. */
export function createProvision(dependencies: ProvisionDependencies): Provision {
  return { ...createUserProvision(dependencies), ...createGroupProvision(dependencies) };
}

function createUserProvision(dependencies: ProvisionDependencies) {
  const { records, names, schemas, now, identityHash, onUserNamed, onStoreChanged } = dependencies;
  const contextOf = (caller: Caller): PlanContext => ({
    records,
    schema: schemas.user,
    caller,
    now: now(),
    identityHash,
  });

  function createRequest(
    attributes: Attributes,
    links: readonly LinkChange[] = [],
    externalIdFrom?: ExternalIdOrigin,
  ): UserChangeRequest {
    const request = {
      id: newResourceId(),
      names: NO_NAMES,
      mode: 'create' as const,
      attributes,
      stated: NO_KEYS,
      links,
    };
    return externalIdFrom === undefined ? request : { ...request, externalIdFrom };
  }

  async function createUser(
    caller: Caller,
    draft: Attributes,
    links: readonly LinkChange[] = [],
  ): Promise<Outcome<UserView>> {
    return commitNew(caller, createRequest(draft, links), createRetryBudget());
  }

  async function commitNew(
    caller: Caller,
    request: UserChangeRequest,
    budget: RetryBudget,
  ): Promise<Outcome<UserView>> {
    const outcome = await commitPlan(caller, budget, ({ isAddressTaken }) =>
      planUser(contextOf(caller), { ...request, isAddressTaken }),
    );
    if (outcome.ok) onUserNamed(outcome.user);
    return outcome.ok ? { ok: true, value: viewUser(outcome.user, outcome.names), effect: 'created' } : outcome;
  }

  async function updateUser(
    caller: Caller,
    id: string,
    precondition: Precondition,
    revise: (current: UserView) => Revised<UserRevision>,
    budget = createRetryBudget(),
    outside = fault('notFound', 'User', { id }),
  ): Promise<Outcome<UserView>> {
    let before: UserView | undefined;
    const outcome = await commitPlan(caller, budget, async ({ isAddressTaken, conflicts }) => {
      const current = await records.userForChange(caller.account.id, id);
      if (!current) return refused(fault('notFound', 'User', { id }));
      const known = await names.of(caller.account.id, [current]);
      before = lazyView(current, known);
      if (isOutside(caller.actor, before)) return refused(outside);
      if (!meets(precondition, current.version)) return refused(fault('preconditionFailed'));
      const revised = revise(before);
      const planOf = (revision: UserRevision) =>
        planUser(contextOf(caller), { ...changeRequest(current, known, revision), isAddressTaken }, conflicts);
      if (revised.ok) return planOf(revised.revision);
      return revised.revision ? allFaults(revised.faults, await planOf(revised.revision)) : revised;
    });
    if (!outcome.ok) return outcome;
    const isRenamed = outcome.changedKeys.includes('userName') || outcome.changedKeys.includes('externalId');
    if (outcome.writes.length > 0 && (isRenamed || hasUnresolvedManager(outcome.user))) onUserNamed(outcome.user);
    const left = outcome.left?.length ? { left: outcome.left } : {};
    if (before && outcome.writes.length === 0) return { ok: true, value: before, effect: 'unchanged', ...left };
    const effect = outcome.changed ? 'updated' : 'unchanged';
    return { ok: true, value: viewUser(outcome.user, outcome.names), effect, ...left };
  }

  async function saveUser(
    caller: Caller,
    identity: UserIdentity,
    revise: (current: UserView | undefined) => Revised<UserRevision>,
  ): Promise<Outcome<SavedUser>> {
    const budget = createRetryBudget();
    for (let lookup = 1; ; lookup += 1) {
      const found = await identify(records, caller.account.id, identity);
      if (!found.ok) return found;
      const { id } = found;
      const saved = await (id === undefined ? saveNew(caller, revise, budget) : saveKnown(caller, id, revise, budget));
      // Created or deleted in the meantime: look up the user again.
      const missed =
        !saved.ok && saved.faults.some(({ code }) => code === (id === undefined ? 'uniqueness' : 'notFound'));
      if (!missed || lookup === LOOKUPS_MAX || !(await retry(budget))) return saved;
    }
  }

  async function saveNew(
    caller: Caller,
    revise: (current: UserView | undefined) => Revised<UserRevision>,
    budget: RetryBudget,
  ): Promise<Outcome<SavedUser>> {
    const revised = revise(undefined);
    const requestOf = ({ attributes, links, externalIdFrom }: UserRevision) =>
      createRequest(attributes, links, externalIdFrom);
    if (!revised.ok) {
      if (!revised.revision) return revised;
      return allFaults(revised.faults, await planUser(contextOf(caller), requestOf(revised.revision)));
    }
    const made = await commitNew(caller, requestOf(revised.revision), budget);
    return made.ok ? { ok: true, value: { after: made.value }, effect: 'created' } : made;
  }

  async function saveKnown(
    caller: Caller,
    id: string,
    revise: (current: UserView | undefined) => Revised<UserRevision>,
    budget: RetryBudget,
  ): Promise<Outcome<SavedUser>> {
    let before: UserView | undefined;
    const reviseKnown = (current: UserView) => {
      before = current;
      return revise(current);
    };
    const changed = await updateUser(caller, id, undefined, reviseKnown, budget, OUTSIDE);
    if (!changed.ok) return changed;
    return { ok: true, value: { ...(before ? { before } : {}), after: changed.value }, effect: changed.effect };
  }

  async function deleteUser(caller: Caller, id: string, precondition: Precondition): Promise<Outcome<undefined>> {
    const outcome = await commitPlan(caller, createRetryBudget(), async () => {
      const current = await records.user(caller.account.id, id);
      if (!current) return refused(fault('notFound', 'User', { id }));
      const removal = await removalRefusal(names, caller, current);
      if (removal) return refused(removal);
      if (!meets(precondition, current.version)) return refused(fault('preconditionFailed'));
      return deletionPlan(caller, now(), current, await knownIdentities(records, current, await identityHash()));
    });
    if (!outcome.ok) return outcome;
    await records.clearManager(caller.account.id, id);
    return { ok: true, value: undefined, effect: 'deleted' };
  }

  /** Plans and commits until a commit succeeds, a fault is final, or the retry budget is used up. */
  async function commitPlan(caller: Caller, budget: RetryBudget, plan: (known: KnownConflicts) => Promise<UserPlan>) {
    let plansTaken = 0;
    let isAddressTaken = false;
    const conflicts: Fault[] = [];
    do {
      const planned = await plan({ isAddressTaken, conflicts });
      if (!planned.ok || planned.writes.length === 0) return planned;
      const result = await records.commit(caller.account.id, withActiveCount(caller, planned), budget);
      if (result.ok) {
        announce(caller, planned.writes);
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
  }

  function announce(caller: Caller, writes: Write[]): void {
    for (const write of writes) {
      if (write.kind === 'updateStore') {
        names.forgetStore(write.id);
        onStoreChanged(caller, write.id);
      } else if (write.kind === 'updateGroup') {
        names.forgetGroup(write.id);
      }
    }
  }

  return { createUser, updateUser, saveUser, deleteUser };
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

/** The faults of the door followed by those of the plan, which is not committed. */
function allFaults(doorFaults: Faults, plan: UserPlan): { ok: false; faults: Faults } {
  return { ok: false, faults: [...doorFaults, ...(plan.ok ? [] : plan.faults)] };
}

function changeRequest(current: StoredUser, names: Names, revision: UserRevision): UserChangeRequest {
  return { id: current._id, current, names, ...revision, links: revision.links ?? [] };
}

/** A user's view that is created when its attributes are first read, which a replace never does. */
function lazyView(user: StoredUser, names: Names): UserView {
  let view: UserView | undefined;
  const { _id: id, version, created, modified, externalIdFrom } = user;
  return {
    id,
    version,
    created,
    modified,
    ...(user.privacyPolicyConfirmed ? { privacyPolicyConfirmed: user.privacyPolicyConfirmed } : {}),
    ...(externalIdFrom === undefined ? {} : { externalIdFrom }),
    get attributes() {
      view ??= viewUser(user, names);
      return view.attributes;
    },
    ...(user.manager === undefined ? {} : { manager: user.manager }),
  };
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
