// Provisioning of groups: they are created, claimed, changed and deleted. Members are changes to links, never a list in the group.

import { changeRecord, originOf } from '../change-record.ts';
import { type Fault, fault, type Outcome, refused } from '../faults.ts';
import { newResourceId } from '../ids.ts';
import type {
  Caller,
  ChangeRecord,
  GroupRevision,
  GroupView,
  MemberChange,
  Precondition,
  StoredGroup,
} from '../model.ts';
import type { Revised } from '../ports.ts';
import { meets } from '../precondition.ts';
import type { ProvisionDependencies } from '../provision-dependencies.ts';
import type { CommitResult, FieldChanges, GroupWrite, MembersWrite, UniqueValue } from '../records.ts';
import { createRetryBudget, type RetryBudget, retry } from '../retry-budget.ts';
import { textAt } from '../schema/attributes.ts';
import { foldText } from '../schema/fold.ts';
import type { Attributes } from '../schema/schema.ts';
import { LINKS_MAX, lengthFault, sizeFaults } from '../users/rules.ts';
import { viewGroup } from '../users/views.ts';

/** What a request states of a group's own attributes; undefined: nothing, null: cleared. */
interface GroupStatement {
  name: string | undefined;
  externalId: string | null | undefined;
  type: string | undefined;
  /** The administrators' name. */
  adminName?: string | null | undefined;
}

const PATHS: Record<UniqueValue, string> = {
  userName: '',
  externalId: 'externalId',
  storeRefId: '',
  groupExternalId: 'externalId',
  groupName: 'displayName',
  groupTypeName: 'displayName',
  id: 'id',
};

type UpdateGroup = Extract<GroupWrite, { kind: 'updateGroup' }>;

export function createGroupProvision({ records, names, now }: ProvisionDependencies) {
  async function createGroup(
    caller: Caller,
    draft: Attributes,
    members: string[],
    adminName?: string,
  ): Promise<Outcome<GroupView>> {
    const [first, ...others] = groupFaults(draft, adminName);
    if (first) return refused(first, ...others);
    const stated = { ...statement(draft, () => true), adminName };
    const budget = createRetryBudget();
    do {
      const claimable = await findClaimable(caller, stated);
      if (claimable === 'taken') return refused(fault('uniqueness', 'externalId', { value: stated.externalId ?? '' }));
      const made = await insertOrClaim(caller, stated, draft, members, claimable, budget);
      if (made !== 'moved') return made;
    } while (await retry(budget));
    return refused(fault('busy'));
  }

  /** `moved`: users named the group, or somebody changed, claimed or deleted it, since it was looked for. */
  async function insertOrClaim(
    caller: Caller,
    stated: GroupStatement,
    draft: Attributes,
    add: string[],
    claimable: StoredGroup | undefined,
    budget: RetryBudget,
  ): Promise<Outcome<GroupView> | 'moved'> {
    const at = now();
    const id = claimable?._id ?? newResourceId();
    const record = changeRecord({ caller, now: at }, id, claimable ? 'claim' : 'create', []);
    const members = membersWrite(caller, { kind: 'delta', add, remove: [] }, record);
    const write: GroupWrite = claimable
      ? { ...claim(claimable, stated, record), ...members }
      : { kind: 'insertGroup', group: newGroup(caller, id, stated, at, record), ...members };
    const result = await records.commit(caller.account.id, [write], budget);
    names.forgetGroup(id);
    if (result.ok) return written(result, claimable ? 'claimed' : 'created');
    if (result.reason === 'stale') return 'moved';
    if (result.reason === 'noUser') return refused(await memberFault(caller, result.id));
    const isNamed = result.reason === 'taken' && !claimable && (await findClaimable(caller, stated));
    return isNamed ? 'moved' : refused(faultOf(result, id, draft));
  }

  /** The group that users named inline and that this push means: by external ID, else by type and name. */
  async function findClaimable(caller: Caller, stated: GroupStatement): Promise<StoredGroup | 'taken' | undefined> {
    const account = caller.account.id;
    if (typeof stated.externalId === 'string') {
      const [group] = await records.groupsByExternalId(account, [stated.externalId]);
      if (group) return group.claimed ? 'taken' : group;
    }
    const identity = { typeFold: foldText(stated.type ?? ''), nameFold: foldText(stated.name ?? '') };
    const [named] = await records.groupsByTypeAndName(account, [identity]);
    if (!named || named.claimed || named.derived) return undefined;
    return named.externalId === undefined ? named : undefined;
  }

  async function updateGroup(
    caller: Caller,
    id: string,
    precondition: Precondition,
    revise: (current: GroupView) => Revised<GroupRevision>,
  ): Promise<Outcome<GroupView>> {
    const budget = createRetryBudget();
    do {
      const current = await records.group(caller.account.id, id);
      if (!current) return refused(fault('notFound', 'Group', { id }));
      if (!meets(precondition, current.version)) return refused(fault('preconditionFailed'));
      const revised = revise(viewGroup(current));
      if (!revised.ok) return revised;
      const planned = planUpdate(caller, current, precondition, revised.revision);
      if (!planned.ok) return planned;
      if (!planned.write) return { ok: true, value: viewGroup(current), effect: 'unchanged' };
      const result = await records.commit(caller.account.id, [planned.write], budget);
      names.forgetGroup(id);
      if (result.ok) return written(result, 'updated');
      if (result.reason === 'noUser') return refused(await memberFault(caller, result.id));
      if (result.reason !== 'stale') return refused(faultOf(result, id, revised.revision.attributes));
      // Changed or deleted since it was read.
    } while (await retry(budget));
    return refused(fault('busy'));
  }

  /** The write that a revision comes to; none if it changes nothing. */
  function planUpdate(
    caller: Caller,
    current: StoredGroup,
    precondition: Precondition,
    revision: GroupRevision,
  ): { ok: true; write?: UpdateGroup } | { ok: false; faults: [Fault, ...Fault[]] } {
    const [first, ...others] = groupFaults(revision.attributes, revision.adminName);
    if (first) return refused(first, ...others);
    const members = membersOf(revision);
    if (current.derived && members.kind !== 'none') {
      return refused(fault('mutability', 'members', { rule: `the members of ${current.name} follow an attribute` }));
    }
    const keep = (key: string) => revision.mode === 'patch' || revision.stated.has(key);
    const changes = changesOf(current, { ...statement(revision.attributes, keep), adminName: revision.adminName });
    if (isEmpty(changes) && members.kind === 'none') return { ok: true };
    const record = changeRecord({ caller, now: now() }, current._id, 'update', changedKeys(changes));
    const write: UpdateGroup = {
      kind: 'updateGroup',
      id: current._id,
      // Without a precondition, changes of one group that come together all take effect, in the order in which they came.
      ...(precondition ? { ifVersion: current.version } : {}),
      changes,
      record,
      ...membersWrite(caller, members, record),
    };
    return { ok: true, write };
  }

  /** A member who is not a user of the account may be a group: user groups have no hierarchy. */
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
      const changes = [changeRecord({ caller, now: at }, id, 'delete', [])];
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

function isEmpty(changes: FieldChanges): boolean {
  return Object.keys(changes.set).length === 0 && changes.unset.length === 0;
}

/** What changed, for the audit trail: without the folded mirrors. */
function changedKeys({ set, unset }: FieldChanges): string[] {
  return [...Object.keys(set), ...unset].filter((key) => !key.endsWith('Fold'));
}

function groupFaults(attributes: Attributes, adminName: string | null | undefined): Fault[] {
  const faults = sizeFaults(attributes);
  if (textAt(attributes, 'displayName') === undefined) faults.push(fault('required', 'displayName'));
  const tooLong = lengthFault('adminName', adminName);
  return tooLong ? [...faults, tooLong] : faults;
}

/** `cleared` says whether an attribute without a value was cleared; false: it was left out, and stays as it is. */
function statement(attributes: Attributes, cleared: (key: string) => boolean): GroupStatement {
  const externalId = textAt(attributes, 'externalId');
  const type = textAt(attributes, 'mobietrain.groupType');
  return {
    name: textAt(attributes, 'displayName'),
    externalId: externalId ?? (cleared('externalId') ? null : undefined),
    type: type ?? (cleared('mobietrain.groupType') ? '' : undefined),
  };
}

function groupFields(stated: GroupStatement) {
  return {
    ...(stated.name === undefined ? {} : { name: stated.name, nameFold: foldText(stated.name) }),
    ...(typeof stated.externalId === 'string' ? { externalId: stated.externalId } : {}),
    // A push without a type keeps the one that users named.
    ...(stated.type === undefined || stated.type === '' ? {} : { type: stated.type, typeFold: foldText(stated.type) }),
    ...adminNameFields(stated),
  };
}

function adminNameFields({ adminName }: GroupStatement) {
  return adminName ? { adminName, adminNameFold: foldText(adminName) } : {};
}

function newGroup(caller: Caller, id: string, stated: GroupStatement, at: Date, record: ChangeRecord): StoredGroup {
  return {
    _id: id,
    account: caller.account.id,
    version: 1,
    created: at,
    modified: at,
    name: stated.name ?? '',
    nameFold: foldText(stated.name ?? ''),
    ...(typeof stated.externalId === 'string' ? { externalId: stated.externalId } : {}),
    type: stated.type ?? '',
    typeFold: foldText(stated.type ?? ''),
    ...adminNameFields(stated),
    claimed: true,
    derived: false,
    changes: [record],
  };
}

function changesOf(current: StoredGroup, stated: GroupStatement): FieldChanges {
  const changes: FieldChanges = { set: {}, unset: [] };
  if (stated.name !== undefined && stated.name !== current.name) {
    changes.set.name = stated.name;
    changes.set.nameFold = foldText(stated.name);
  }
  if (stated.externalId === null) {
    if (current.externalId !== undefined) changes.unset.push('externalId');
  } else if (stated.externalId !== undefined && stated.externalId !== current.externalId) {
    changes.set.externalId = stated.externalId;
  }
  if (stated.type !== undefined && stated.type !== current.type) {
    changes.set.type = stated.type;
    changes.set.typeFold = foldText(stated.type);
  }
  if (stated.adminName !== undefined && (stated.adminName || undefined) !== current.adminName) {
    if (stated.adminName) Object.assign(changes.set, adminNameFields(stated));
    else changes.unset.push('adminName', 'adminNameFold');
  }
  return changes;
}

/** A PUT is the whole group: one without members has none. */
function membersOf(revision: GroupRevision): MemberChange {
  if (revision.members.kind === 'none' && revision.mode === 'replace') return { kind: 'all', members: [] };
  return revision.members;
}

/** What a commit writes of members; nothing if the request says nothing of them. */
function membersWrite(caller: Caller, change: MemberChange, record: ChangeRecord): { members?: MembersWrite } {
  return change.kind === 'none' ? {} : { members: { change, origin: originOf(caller, 'push'), record } };
}

/** Makes a group that users named inline the pushed one. It must not have changed since: others may claim it too. */
function claim(group: StoredGroup, stated: GroupStatement, record: ChangeRecord): UpdateGroup {
  const changes = { set: { ...groupFields(stated), claimed: true }, unset: [] };
  return { kind: 'updateGroup', id: group._id, ifVersion: group.version, changes, record };
}

function written(
  { groups: [one] }: CommitResult & { ok: true },
  effect: 'created' | 'claimed' | 'updated',
): Outcome<GroupView> {
  if (!one) throw new Error('a commit of a group returned none');
  return { ok: true, value: viewGroup(one.group), effect: one.changed ? effect : 'unchanged' };
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
      return fault('uniqueness', path, { value: textAt(attributes, path) ?? '' });
    }
  }
}
