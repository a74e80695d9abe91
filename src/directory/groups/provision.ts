// Owns all writes of groups: create, claim, update and delete. Members are stored as links on users, not as a list in the group.

import { groupRecord } from '../change-record.ts';
import { type Fault, fault, type Outcome, refused } from '../faults.ts';
import { newResourceId } from '../ids.ts';
import type { Caller, GroupRevision, GroupView, Precondition, StoredGroup } from '../model.ts';
import type { Revised } from '../ports.ts';
import { meets } from '../precondition.ts';
import type { ProvisionDependencies } from '../provision-dependencies.ts';
import type { CommitResult, GroupWrite, UniqueValue } from '../records.ts';
import { createRetryBudget, type RetryBudget, retry } from '../retry-budget.ts';
import { textAt } from '../schema/attributes.ts';
import type { Attributes } from '../schema/schema.ts';
import { LINKS_MAX } from '../users/rules.ts';
import { viewGroup } from '../users/views.ts';
import { withGroupHolder } from './holder.ts';
import {
  type Claimable,
  findClaimable,
  type GroupPlanContext,
  type GroupStatement,
  groupFaults,
  membersWrite,
  newGroup,
  planClaim,
  planUpdate,
  pushRecord,
  statement,
  type UpdateGroup,
} from './plan.ts';

const PATHS: Record<UniqueValue, string> = {
  userName: '',
  externalId: 'externalId',
  storeRefId: '',
  groupExternalId: 'externalId',
  groupName: 'displayName',
  groupTypeName: 'displayName',
  id: 'id',
};

/** A group that a client pushes, and what was found of it. */
interface GroupPush extends Claimable {
  stated: GroupStatement;
  draft: Attributes;
  /** The ids of its members. */
  add: string[];
  group: StoredGroup | undefined;
}

/** Creates the group methods of Provision. */
export function createGroupProvision({ records, names, now }: ProvisionDependencies) {
  const contextOf = (caller: Caller): GroupPlanContext => ({ records, caller, now: now() });

  async function createGroup(
    caller: Caller,
    draft: Attributes,
    members: string[],
    adminName?: string,
  ): Promise<Outcome<GroupView>> {
    const [first, ...others] = groupFaults(draft, adminName);
    if (first) return refused(first, ...others);
    const stated = { ...statement(draft, true), adminName };
    const budget = createRetryBudget();
    do {
      const { group: claimable, named } = await findClaimable(contextOf(caller), stated);
      if (claimable === 'taken') return refused(await withGroupHolder(records, caller, idTaken(stated)));
      const made = await insertOrClaim(caller, { stated, draft, add: members, group: claimable, named }, budget);
      if (made === 'moved') continue;
      const isEmpty = made.ok && made.effect === 'created' && members.length === 0;
      return isEmpty ? { ...made, value: { ...made.value, isEmpty } } : made;
    } while (await retry(budget));
    return refused(fault('busy'));
  }

  /** `moved`: the group was created, changed, claimed or deleted after it was looked up. */
  async function insertOrClaim(
    caller: Caller,
    { stated, draft, add, group: claimable, named }: GroupPush,
    budget: RetryBudget,
  ): Promise<Outcome<GroupView> | 'moved'> {
    const context = contextOf(caller);
    const id = claimable?._id ?? newResourceId();
    const record = pushRecord(context, id, claimable, stated);
    const members = membersWrite(caller, { kind: 'delta', add, remove: [] }, record);
    const write: GroupWrite = claimable
      ? { ...(await planClaim(context, claimable, stated, record)), ...members }
      : { kind: 'insertGroup', group: await newGroup(context, id, stated, record, named), ...members };
    const result = await records.commit(caller.account.id, [write], budget);
    names.forgetGroup(id);
    if (result.ok) return written(caller, result, claimable ? 'claimed' : 'created');
    if (result.reason === 'stale') return 'moved';
    if (result.reason === 'noUser') return refused(await memberFault(caller, result.id));
    if (isTaken(result, 'groupTypeName') || isTaken(result, 'groupExternalId')) return 'moved';
    const isNamed = result.reason === 'taken' && !claimable && (await findClaimable(contextOf(caller), stated)).group;
    return isNamed ? 'moved' : refused(await withGroupHolder(records, caller, faultOf(result, id, draft)));
  }

  async function updateGroup(
    caller: Caller,
    id: string,
    precondition: Precondition,
    revise: (current: GroupView) => Revised<GroupRevision>,
  ): Promise<Outcome<GroupView>> {
    const budget = createRetryBudget();
    let mayClaim = caller.door === 'scim';
    do {
      const current = await records.group(caller.account.id, id);
      if (!current) return refused(fault('notFound', 'Group', { id }));
      if (!meets(precondition, current.version)) return refused(fault('preconditionFailed'));
      const revised = revise(viewGroup(current, caller.connection.id));
      if (!revised.ok) return revised;
      const planned = await planUpdate(contextOf(caller), current, precondition, revised.revision, mayClaim);
      if (!planned.ok) return planned;
      const { write } = planned;
      if (!write) return { ok: true, value: viewGroup(current, caller.connection.id), effect: 'unchanged' };
      const result = await records.commit(caller.account.id, [write], budget);
      names.forgetGroup(id);
      if (result.ok) return written(caller, result, 'updated');
      if (result.reason === 'noUser') return refused(await memberFault(caller, result.id));
      // If another claimed group has the name, a change of other fields leaves this group unclaimed.
      if (mayClaim && isClaimOnly(write) && isTaken(result, 'groupName')) mayClaim = false;
      else if (result.reason !== 'stale' && !isTaken(result, 'groupTypeName'))
        return refused(await withGroupHolder(records, caller, faultOf(result, id, revised.revision.attributes)));
      // The group was changed or deleted in the meantime, or its type and name were taken.
    } while (await retry(budget));
    return refused(fault('busy'));
  }

  /** Finds out whether a member that is not a user is a group, since groups have no hierarchy. */
  async function memberFault(caller: Caller, id: string): Promise<Fault> {
    const [group] = await records.groupsById(caller.account.id, [id]);
    return fault(group ? 'nestedGroup' : 'memberNotFound', 'members', { id });
  }

  async function deleteGroup(caller: Caller, id: string, precondition: Precondition): Promise<Outcome<undefined>> {
    const account = caller.account.id;
    const budget = createRetryBudget();
    do {
      const current = await records.group(account, id);
      if (!current) return refused(fault('notFound', 'Group', { id }));
      if (!meets(precondition, current.version)) return refused(fault('preconditionFailed'));
      const at = now();
      const changes = [groupRecord({ caller, now: at }, { id, action: 'delete' }, current, undefined)];
      const tombstone = { _id: id, account, resource: 'Group' as const, deleted: at, pending: true, changes };
      const condition = precondition ? { ifVersion: current.version } : {};
      const result = await records.commit(account, [{ kind: 'deleteGroup', id, ...condition, tombstone }], budget);
      names.forgetGroup(id);
      if (result.ok) return { ok: true, value: undefined, effect: 'deleted' };
      if (result.reason !== 'stale') break;
    } while (await retry(budget));
    return refused(fault('busy'));
  }

  return { createGroup, updateGroup, deleteGroup };
}

function idTaken({ externalId }: GroupStatement): Fault {
  return fault('uniqueness', 'externalId', { value: externalId ?? '' });
}

function isTaken(result: CommitResult & { ok: false }, value: UniqueValue): boolean {
  return result.reason === 'taken' && result.value === value;
}

/** Whether a write claims a group without renaming it. */
function isClaimOnly({ changes: { set } }: UpdateGroup): boolean {
  return set.claimed === true && !('nameFold' in set);
}

function written(
  caller: Caller,
  { groups: [one] }: CommitResult & { ok: true },
  effect: 'created' | 'claimed' | 'updated',
): Outcome<GroupView> {
  if (!one) throw new Error('a commit of a group returned none');
  return { ok: true, value: viewGroup(one.group, caller.connection.id), effect: one.changed ? effect : 'unchanged' };
}

function faultOf(
  result: Exclude<CommitResult, { ok: true } | { reason: 'noUser' }>,
  id: string,
  attributes: Attributes,
): Fault {
  switch (result.reason) {
    case 'stale':
      return fault('notFound', 'Group', { id });
    case 'busy':
    case 'userLimit':
      return fault('busy');
    case 'tooManyLinks':
      return fault('tooMany', 'members', { max: LINKS_MAX, id: result.id });
    case 'taken': {
      const path = PATHS[result.value];
      const holder = path === 'displayName' ? { holder: 'group' } : {};
      return fault('uniqueness', path, { value: textAt(attributes, path) ?? '', ...holder });
    }
  }
}
