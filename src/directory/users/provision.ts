// The one write entry: identify, plan, judge and commit, for users and groups. Every door comes through here.
// Races are decided by the store's unique indexes and conditional writes; a plan that lost one is made again.

import { changeRecord } from '../change-record.ts';
import { type Fault, type Faults, fault, type Outcome, refused } from '../faults.ts';
import { createGroupProvision } from '../groups/provision.ts';
import { newResourceId } from '../ids.ts';
import type { LinkChange } from '../links/changes.ts';
import { hasUnresolvedManager } from '../managers/resolver.ts';
import type { Caller, Precondition, StoredUser, UserRevision, UserView } from '../model.ts';
import type { Provision, Revised, SavedUser, UserIdentity } from '../ports.ts';
import { meets } from '../precondition.ts';
import type { ProvisionDependencies } from '../provision-dependencies.ts';
import type { CommitResult, UniqueValue, Write } from '../records.ts';
import { createRetryBudget, type RetryBudget, retry } from '../retry-budget.ts';
import { textAt } from '../schema/attributes.ts';
import type { Attributes } from '../schema/schema.ts';
import type { PlanContext, UserChangeRequest } from './change-request.ts';
import { identify } from './identity.ts';
import { activeDelta, planUser, type UserPlan } from './plan.ts';
import { type Names, NO_NAMES, viewUser } from './views.ts';

/** Times that `saveUser` looks for its user: one who was created or deleted in the meantime is looked for again. */
const LOOKUPS_MAX = 3;
/** Plans in which a store's or group's unique value may be taken: whoever took it is found by the next plan. */
const TAKEN_PLANS_MAX = 4;

export function createProvision(dependencies: ProvisionDependencies): Provision {
  return { ...createUserProvision(dependencies), ...createGroupProvision(dependencies) };
}

function createUserProvision(dependencies: ProvisionDependencies) {
  const { records, names, schemas, now, onUserNamed, onStoreChanged } = dependencies;
  const contextOf = (caller: Caller): PlanContext => ({ records, schema: schemas.user, caller, now: now() });

  function createRequest(attributes: Attributes, links: readonly LinkChange[] = []): UserChangeRequest {
    return { id: newResourceId(), names: NO_NAMES, mode: 'create', attributes, stated: new Set(), links };
  }

  async function createUser(
    caller: Caller,
    draft: Attributes,
    links: readonly LinkChange[] = [],
    budget = createRetryBudget(),
  ): Promise<Outcome<UserView>> {
    const request = createRequest(draft, links);
    const outcome = await commitPlan(caller, budget, () => planUser(contextOf(caller), request));
    if (outcome.ok) onUserNamed(outcome.user);
    return outcome.ok ? { ok: true, value: viewUser(outcome.user, outcome.names), effect: 'created' } : outcome;
  }

  async function updateUser(
    caller: Caller,
    id: string,
    precondition: Precondition,
    revise: (current: UserView) => Revised<UserRevision>,
    budget = createRetryBudget(),
  ): Promise<Outcome<UserView>> {
    let before: UserView | undefined;
    const outcome = await commitPlan(caller, budget, async () => {
      const current = await records.userForChange(caller.account.id, id);
      if (!current) return refused(fault('notFound', 'User', { id }));
      if (!meets(precondition, current.version)) return refused(fault('preconditionFailed'));
      const known = await names.of(caller.account.id, [current]);
      before = lazyView(current, known);
      const revised = revise(before);
      const planOf = (revision: UserRevision) => planUser(contextOf(caller), changeRequest(current, known, revision));
      if (revised.ok) return planOf(revised.revision);
      return revised.revision ? allFaults(revised.faults, await planOf(revised.revision)) : revised;
    });
    if (!outcome.ok) return outcome;
    const isRenamed = outcome.changedKeys.includes('userName') || outcome.changedKeys.includes('externalId');
    if (outcome.writes.length > 0 && (isRenamed || hasUnresolvedManager(outcome.user))) onUserNamed(outcome.user);
    if (before && outcome.writes.length === 0) return { ok: true, value: before, effect: 'unchanged' };
    const effect = outcome.changed ? 'updated' : 'unchanged';
    return { ok: true, value: viewUser(outcome.user, outcome.names), effect };
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
      // Created or deleted by somebody else in the meantime: look again.
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
    if (!revised.ok) {
      if (!revised.revision) return revised;
      const { attributes, links } = revised.revision;
      return allFaults(revised.faults, await planUser(contextOf(caller), createRequest(attributes, links)));
    }
    const made = await createUser(caller, revised.revision.attributes, revised.revision.links, budget);
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
    const changed = await updateUser(caller, id, undefined, reviseKnown, budget);
    if (!changed.ok) return changed;
    return { ok: true, value: { ...(before ? { before } : {}), after: changed.value }, effect: changed.effect };
  }

  async function deleteUser(caller: Caller, id: string, precondition: Precondition): Promise<Outcome<undefined>> {
    const outcome = await commitPlan(caller, createRetryBudget(), async () => {
      const current = await records.user(caller.account.id, id);
      if (!current) return refused(fault('notFound', 'User', { id }));
      if (!meets(precondition, current.version)) return refused(fault('preconditionFailed'));
      return {
        ok: true,
        changed: true,
        user: current,
        names: NO_NAMES,
        writes: [deletion(caller, now(), current)],
        changedKeys: [],
        activeDelta: activeDelta(current, undefined),
      };
    });
    if (!outcome.ok) return outcome;
    await records.clearManager(caller.account.id, id);
    return { ok: true, value: undefined, effect: 'deleted' };
  }

  /** Plans and commits until a commit succeeds, a fault is final, or the retry budget is used up. */
  async function commitPlan(caller: Caller, budget: RetryBudget, plan: () => Promise<UserPlan>) {
    let plansTaken = 0;
    do {
      const planned = await plan();
      if (!planned.ok || planned.writes.length === 0) return planned;
      const result = await records.commit(caller.account.id, withActiveCount(caller, planned), budget);
      if (result.ok) {
        announce(caller, planned.writes);
        return planned;
      }
      if (result.reason === 'taken') plansTaken += 1;
      const final = finalFault(caller, planned, result, plansTaken);
      if (final) return refused(final);
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

function deletion(caller: Caller, at: Date, user: StoredUser): Write {
  const changes = [changeRecord({ caller, now: at }, user._id, 'delete', [])];
  const tombstone = {
    _id: user._id,
    account: user.account,
    resource: 'User' as const,
    deleted: at,
    pending: true,
    changes,
  };
  return { kind: 'deleteUser', id: user._id, ifRevision: user.revision, tombstone };
}

/** What the door found, then what the directory finds: never a commit. */
function allFaults(found: Faults, plan: UserPlan): { ok: false; faults: Faults } {
  return { ok: false, faults: [...found, ...(plan.ok ? [] : plan.faults)] };
}

function changeRequest(current: StoredUser, names: Names, revision: UserRevision): UserChangeRequest {
  return { id: current._id, current, names, ...revision, links: revision.links ?? [] };
}

/** A user's view, made when its attributes are first read: a whole resource that replaces the user never reads them. */
function lazyView(user: StoredUser, names: Names): UserView {
  let view: UserView | undefined;
  const { _id: id, version, created, modified } = user;
  return {
    id,
    version,
    created,
    modified,
    get attributes() {
      view ??= viewUser(user, names);
      return view.attributes;
    },
  };
}

/** Adds the count of active users to the writes if the account's contract has a limit. */
function withActiveCount(caller: Caller, plan: UserPlan & { ok: true }): Write[] {
  const limit = caller.account.userLimit;
  const delta = plan.activeDelta;
  if (limit === undefined || delta === 0) return plan.writes;
  return [{ kind: 'countActive', delta, limit }, ...plan.writes];
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
  // No user is refused because of a group's name: the next plan keeps another name, or does not hold it.
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
