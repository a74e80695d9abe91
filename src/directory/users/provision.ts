// THE write entry: identify, judge, plan, commit, for users and groups. Every door comes through here.
// Races are decided by the store's unique indexes and conditional writes; a plan that lost one is made again.

import { setTimeout as sleep } from 'node:timers/promises';
import { changeRecord } from '../change-record.ts';
import { type Fault, type Faults, fault, type Outcome, refused } from '../faults.ts';
import { createGroupProvision } from '../groups/provision.ts';
import { newResourceId } from '../ids.ts';
import { isWaiting } from '../managers/resolver.ts';
import type { Caller, Precondition, StoredUser, UserRevision, UserView } from '../model.ts';
import type { Provision, Revised, SavedUser, UserIdentity } from '../ports.ts';
import { meets } from '../precondition.ts';
import type { ProvisionDependencies } from '../provision-dependencies.ts';
import type { CommitResult, UniqueValue, Write } from '../records.ts';
import { textAt } from '../schema/attributes.ts';
import { isObject } from '../schema/fold.ts';
import type { Attributes, ResourceSchema } from '../schema/schema.ts';
import type { PlanContext, UserWish } from './change-request.ts';
import { identify } from './identity.ts';
import { activeDelta, planUser, type UserPlan } from './plan.ts';
import { NO_NAMES, viewUser } from './views.ts';

/** Times a plan is made again after another writer was faster. */
const ATTEMPTS_MAX = 24;

export function createProvision(dependencies: ProvisionDependencies): Provision {
  return { ...createUserProvision(dependencies), ...createGroupProvision(dependencies) };
}

/** Waits a little before the next attempt; longer, and less predictably, each time. */
export function backOff(attempt: number): Promise<void> {
  return sleep(Math.random() * Math.min(2 ** attempt, 64));
}

function createUserProvision(dependencies: ProvisionDependencies) {
  const { records, names, schemas, now, onUserNamed, onStoreChanged } = dependencies;
  const contextOf = (caller: Caller): PlanContext => ({ records, schema: schemas.user, caller, now: now() });

  function draftWish(draft: Attributes, groups: readonly string[] = []): UserWish {
    return {
      id: newResourceId(),
      names: NO_NAMES,
      mode: 'create',
      attributes: draft,
      stated: statedKeys(draft, schemas.user),
      ...NOTHING_NAMED,
      ...(groups.length > 0 ? { memberships: { add: groups, remove: [] } } : {}),
    };
  }

  async function createUser(
    caller: Caller,
    draft: Attributes,
    groups: readonly string[] = [],
  ): Promise<Outcome<UserView>> {
    const wish = draftWish(draft, groups);
    const outcome = await commitPlan(caller, () => planUser(contextOf(caller), wish));
    if (outcome.ok) onUserNamed(outcome.user);
    return outcome.ok ? { ok: true, value: viewUser(outcome.user, outcome.names), effect: 'created' } : outcome;
  }

  async function updateUser(
    caller: Caller,
    id: string,
    precondition: Precondition,
    revise: (current: UserView) => Revised<UserRevision>,
  ): Promise<Outcome<UserView>> {
    const outcome = await commitPlan(caller, async () => {
      const current = await records.userForChange(caller.account.id, id);
      if (!current) return refused(fault('notFound', 'User', { id }));
      if (!meets(precondition, current.version)) return refused(fault('preconditionFailed'));
      const known = await names.of(caller.account.id, [current]);
      const before = viewUser(current, known);
      const revised = revise(before);
      const planOf = (revision: UserRevision) => planUser(contextOf(caller), wishOf(current, before, known, revision));
      if (revised.ok) return planOf(revised.revision);
      return revised.revision ? allFaults(revised.faults, await planOf(revised.revision)) : revised;
    });
    if (!outcome.ok) return outcome;
    const isCalledOtherwise = outcome.touched.includes('userName') || outcome.touched.includes('externalId');
    if (outcome.writes.length > 0 && (isCalledOtherwise || isWaiting(outcome.user))) onUserNamed(outcome.user);
    const effect = outcome.changed ? 'updated' : 'unchanged';
    return { ok: true, value: viewUser(outcome.user, outcome.names), effect };
  }

  async function saveUser(
    caller: Caller,
    identity: UserIdentity,
    revise: (current: UserView | undefined) => Revised<UserRevision>,
  ): Promise<Outcome<SavedUser>> {
    let last: Outcome<SavedUser> = refused(fault('busy'));
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const found = await identify(records, caller.account.id, identity);
      if (!found.ok) return found;
      last = found.id === undefined ? await saveNew(caller, revise) : await saveKnown(caller, found.id, revise);
      // Made or deleted by somebody else since it was looked for: look again.
      const missed =
        !last.ok && last.faults.some(({ code }) => code === (found.id === undefined ? 'uniqueness' : 'notFound'));
      if (!missed) return last;
    }
    return last;
  }

  async function saveNew(
    caller: Caller,
    revise: (current: UserView | undefined) => Revised<UserRevision>,
  ): Promise<Outcome<SavedUser>> {
    const revised = revise(undefined);
    if (!revised.ok) {
      if (!revised.revision) return revised;
      return allFaults(revised.faults, await planUser(contextOf(caller), draftWish(revised.revision.attributes)));
    }
    const made = await createUser(caller, revised.revision.attributes);
    return made.ok ? { ok: true, value: { after: made.value }, effect: 'created' } : made;
  }

  async function saveKnown(
    caller: Caller,
    id: string,
    revise: (current: UserView | undefined) => Revised<UserRevision>,
  ): Promise<Outcome<SavedUser>> {
    let before: UserView | undefined;
    const changed = await updateUser(caller, id, undefined, (current) => {
      before = current;
      return revise(current);
    });
    if (!changed.ok) return changed;
    return { ok: true, value: { ...(before ? { before } : {}), after: changed.value }, effect: changed.effect };
  }

  async function deleteUser(caller: Caller, id: string, precondition: Precondition): Promise<Outcome<undefined>> {
    const outcome = await commitPlan(caller, async () => {
      const current = await records.user(caller.account.id, id);
      if (!current) return refused(fault('notFound', 'User', { id }));
      if (!meets(precondition, current.version)) return refused(fault('preconditionFailed'));
      return {
        ok: true,
        changed: true,
        user: current,
        names: NO_NAMES,
        writes: [deletion(caller, current)],
        touched: [],
        activeDelta: activeDelta(current, undefined),
      };
    });
    if (!outcome.ok) return outcome;
    await records.clearManager(caller.account.id, id);
    return { ok: true, value: undefined, effect: 'deleted' };
  }

  function deletion(caller: Caller, user: StoredUser): Write {
    const at = now();
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

  /** Plans and commits until a plan holds, a fault stands, or the attempts are used up. */
  async function commitPlan(caller: Caller, plan: () => Promise<UserPlan>) {
    let last: Fault = fault('busy');
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      if (attempt > 0) await backOff(attempt);
      const planned = await plan();
      if (!planned.ok || planned.writes.length === 0) return planned;
      const result = await records.commit(caller.account.id, withActiveCount(caller, planned));
      if (result.ok) {
        announce(caller, planned.writes);
        return planned;
      }
      const final = finalFault(caller, planned, result, attempt);
      if (final) return refused(final);
      last = fault('busy');
    }
    return refused(last);
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

/** What the door found, then what the directory finds: never a commit. */
function allFaults(found: Faults, plan: UserPlan): { ok: false; faults: Faults } {
  return { ok: false, faults: [...found, ...(plan.ok ? [] : plan.faults)] };
}

const NOTHING_NAMED = { removed: { stores: [], userGroups: [] }, asserted: { stores: [], userGroups: [] } };

function wishOf(current: StoredUser, before: UserView, names: UserWish['names'], revision: UserRevision): UserWish {
  return {
    id: current._id,
    current,
    before,
    names,
    mode: revision.mode,
    attributes: revision.attributes,
    stated: revision.stated,
    removed: revision.removed ?? NOTHING_NAMED.removed,
    asserted: revision.asserted ?? NOTHING_NAMED.asserted,
    ...(revision.memberships ? { memberships: revision.memberships } : {}),
  };
}

function statedKeys(draft: Attributes, schema: ResourceSchema): Set<string> {
  const stated = new Set(Object.keys(draft));
  for (const { key } of schema.extensions) {
    const values = draft[key];
    if (isObject(values)) for (const name of Object.keys(values)) stated.add(`${key}.${name}`);
  }
  return stated;
}

/** Adds the count of active users to the writes where the account's contract has a limit. */
function withActiveCount(caller: Caller, plan: UserPlan & { ok: true }): Write[] {
  const limit = caller.account.userLimit;
  const delta = plan.activeDelta;
  if (limit === undefined || delta === 0) return plan.writes;
  return [{ kind: 'countActive', delta, limit }, ...plan.writes];
}

/** The fault that a failed commit comes to, or undefined where another attempt may do. */
function finalFault(
  caller: Caller,
  plan: UserPlan & { ok: true },
  result: CommitResult & { ok: false },
  attempt: number,
): Fault | undefined {
  if (result.reason === 'userLimit') return fault('userLimit', 'active', { limit: caller.account.userLimit ?? 0 });
  if (result.reason !== 'taken') return undefined;
  if (result.value === 'userName' || result.value === 'externalId') {
    return fault('uniqueness', result.value, { value: textAt(plan.user.data, result.value) ?? '' });
  }
  // A store or group that another request made meanwhile is found by the next plan; a name that stays taken is a conflict.
  return attempt < 3 ? undefined : fault('uniqueness', TAKEN_PATH[result.value]);
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
