// Provisioning of groups: they are created, claimed, changed and deleted. Members are changes to links, never a list in the group.

import { changeRecord, originOf } from '../change-record.ts';
import { type Fault, fault, type Outcome, refused } from '../faults.ts';
import { newResourceId } from '../ids.ts';
import type {
  Caller,
  ChangeRecord,
  GroupIdentity,
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
import { identityFields, withPushedId } from './identities.ts';

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
      ? { ...(await claim(caller, claimable, stated, record)), ...members }
      : { kind: 'insertGroup', group: await newGroup(caller, id, stated, at, record), ...members };
    const result = await records.commit(caller.account.id, [write], budget);
    names.forgetGroup(id);
    if (result.ok) return written(result, claimable ? 'claimed' : 'created');
    if (result.reason === 'stale') return 'moved';
    if (result.reason === 'noUser') return refused(await memberFault(caller, result.id));
    if (isTaken(result, 'groupTypeName') || isTaken(result, 'groupExternalId')) return 'moved';
    const isNamed = result.reason === 'taken' && !claimable && (await findClaimable(caller, stated));
    return isNamed ? 'moved' : refused(faultOf(result, id, draft));
  }

  /** The group that users named inline and that this push means: by any of its IDs, else the only one of this name without an ID. */
  async function findClaimable(caller: Caller, stated: GroupStatement): Promise<StoredGroup | 'taken' | undefined> {
    const account = caller.account.id;
    if (typeof stated.externalId === 'string') {
      const [group] = await records.groupsByExternalId(account, [stated.externalId]);
      if (group) return group.claimed ? 'taken' : group;
    }
    const nameFold = foldText(stated.name ?? '');
    const named = (await records.groupsByName(account, nameFold, SAME_NAME_MAX)).filter(
      (group) => group.nameFold === nameFold && !group.claimed && !group.derived && group.identities.length === 0,
    );
    // Several of one name differ in their types; type and name together identify one (systems.md §1).
    return named.length > 1 ? named.find(({ typeFold }) => typeFold === foldText(stated.type ?? '')) : named[0];
  }

  /** Whether this group is the one that its type and name lead to: of several that share them, one is. */
  async function holdsName(account: string, id: string, type: string, name: string): Promise<boolean> {
    const identity = { typeFold: foldText(type), nameFold: foldText(name) };
    const [holder] = await records.groupsByTypeAndName(account, [identity]);
    return holder === undefined || holder._id === id;
  }

  /**
   * Makes a group that users named inline the pushed one. It must not have changed since it was read: others may claim it too,
   * and an ID that a user states in the meantime must not be lost.
   */
  async function claim(
    caller: Caller,
    group: StoredGroup,
    stated: GroupStatement,
    record: ChangeRecord,
  ): Promise<UpdateGroup> {
    const fields = groupFields(stated);
    const pushed = typeof stated.externalId === 'string' ? stated.externalId : undefined;
    const { name = group.name, type = group.type } = fields;
    const changes = withIdentities(
      { set: { ...fields, claimed: true }, unset: [] },
      {
        identities: withPushedId(group.identities, pushed, caller.connection.id),
        claimed: true,
        holdsName: await holdsName(caller.account.id, group._id, type, name),
      },
    );
    return { kind: 'updateGroup', id: group._id, ifVersion: group.version, changes, record };
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
      const revised = revise(viewGroup(current));
      if (!revised.ok) return revised;
      const planned = await planUpdate(caller, current, precondition, revised.revision, mayClaim);
      if (!planned.ok) return planned;
      const { write } = planned;
      if (!write) return { ok: true, value: viewGroup(current), effect: 'unchanged' };
      const result = await records.commit(caller.account.id, [write], budget);
      names.forgetGroup(id);
      if (result.ok) return written(result, 'updated');
      if (result.reason === 'noUser') return refused(await memberFault(caller, result.id));
      // If the name belongs to another claimed group, a change of something else leaves this one unclaimed.
      if (mayClaim && isClaimOnly(write) && isTaken(result, 'groupName')) mayClaim = false;
      else if (result.reason !== 'stale' && !isTaken(result, 'groupTypeName'))
        return refused(faultOf(result, id, revised.revision.attributes));
      // Changed or deleted since it was read, or its type and name were.
    } while (await retry(budget));
    return refused(fault('busy'));
  }

  /** The write that a revision comes to; none if it changes nothing. */
  async function planUpdate(
    caller: Caller,
    current: StoredGroup,
    precondition: Precondition,
    revision: GroupRevision,
    mayClaim: boolean,
  ): Promise<{ ok: true; write?: UpdateGroup } | { ok: false; faults: [Fault, ...Fault[]] }> {
    const [first, ...others] = groupFaults(revision.attributes, revision.adminName);
    if (first) return refused(first, ...others);
    const members = membersOf(revision);
    if (current.derived && members.kind !== 'none') {
      return refused(fault('mutability', 'members', { rule: `the members of ${current.name} follow an attribute` }));
    }
    const keep = (key: string) => revision.mode === 'patch' || revision.stated.has(key);
    const stated = { ...statement(revision.attributes, keep), adminName: revision.adminName };
    const changes = await changesOf(caller, current, stated, mayClaim);
    if (isEmpty(changes) && members.kind === 'none') return { ok: true };
    const record = changeRecord({ caller, now: now() }, current._id, 'update', changedKeys(changes));
    // IDs are written as a whole: one that a user states in the meantime must not be lost.
    const isConditional = precondition !== undefined || 'identities' in changes.set;
    const write: UpdateGroup = {
      kind: 'updateGroup',
      id: current._id,
      // Without a condition, changes of one group that come together all take effect, in the order in which they came.
      ...(isConditional ? { ifVersion: current.version } : {}),
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

  /**
   * What a request changes of a group's own fields. A client that changes a group over SCIM claims it, with the ID that the group
   * shows if it pushes no other. The pushed ID is kept beside those that users stated.
   */
  async function changesOf(
    caller: Caller,
    current: StoredGroup,
    stated: GroupStatement,
    mayClaim: boolean,
  ): Promise<FieldChanges> {
    const changes = fieldChanges(current, stated);
    const claims = mayClaim && !current.claimed && !current.derived;
    const externalId = stated.externalId === undefined ? current.externalId : (stated.externalId ?? undefined);
    const isPushed = claims || externalId !== current.externalId;
    const isRenamed = 'nameFold' in changes.set || 'typeFold' in changes.set;
    if (!claims && !isPushed && !isRenamed) return changes;
    const claimed = current.claimed || claims;
    if (claims) changes.set.claimed = true;
    const { name = current.name, type = current.type } = stated;
    return withIdentities(changes, {
      identities: isPushed ? withPushedId(current.identities, externalId, caller.connection.id) : current.identities,
      claimed,
      holdsName: isRenamed ? await holdsName(caller.account.id, current._id, type, name) : current.holdsName,
    });
  }

  async function newGroup(
    caller: Caller,
    id: string,
    stated: GroupStatement,
    at: Date,
    record: ChangeRecord,
  ): Promise<StoredGroup> {
    const { name = '', type = '' } = stated;
    const pushed = typeof stated.externalId === 'string' ? stated.externalId : undefined;
    return {
      _id: id,
      account: caller.account.id,
      version: 1,
      created: at,
      modified: at,
      name,
      nameFold: foldText(name),
      ...identityFields(withPushedId([], pushed, caller.connection.id), true),
      type,
      typeFold: foldText(type),
      holdsName: await holdsName(caller.account.id, id, type, name),
      ...adminNameFields(stated),
      claimed: true,
      derived: false,
      changes: [record],
    };
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

/** Groups of one name, over all types, that are looked at. */
const SAME_NAME_MAX = 1000;

function isTaken(result: CommitResult & { ok: false }, value: UniqueValue): boolean {
  return result.reason === 'taken' && result.value === value;
}

/** Whether a write claims a group under the name that it has. */
function isClaimOnly({ changes: { set } }: UpdateGroup): boolean {
  return set.claimed === true && !('nameFold' in set);
}

/** Field changes with the IDs of a group, and what follows from them. */
function withIdentities(
  { set, unset }: FieldChanges,
  { identities, claimed, holdsName }: { identities: GroupIdentity[]; claimed: boolean; holdsName: boolean },
): FieldChanges {
  const fields = identityFields(identities, claimed);
  const isUnset = fields.externalId === undefined;
  return { set: { ...set, ...fields, holdsName }, unset: isUnset ? [...unset, 'externalId'] : unset };
}

function isEmpty(changes: FieldChanges): boolean {
  return Object.keys(changes.set).length === 0 && changes.unset.length === 0;
}

/** What changed, for the audit trail: without the folded mirrors. */
function changedKeys({ set, unset }: FieldChanges): string[] {
  return [...Object.keys(set), ...unset].filter(
    (key) => !key.endsWith('Fold') && key !== 'identities' && key !== 'holdsName',
  );
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
    // A push without a type keeps the one that users named.
    ...(stated.type === undefined || stated.type === '' ? {} : { type: stated.type, typeFold: foldText(stated.type) }),
    ...adminNameFields(stated),
  };
}

function adminNameFields({ adminName }: GroupStatement) {
  return adminName ? { adminName, adminNameFold: foldText(adminName) } : {};
}

/** The fields that differ, without the IDs. */
function fieldChanges(current: StoredGroup, stated: GroupStatement): FieldChanges {
  const changes: FieldChanges = { set: {}, unset: [] };
  if (stated.name !== undefined && stated.name !== current.name) {
    changes.set.name = stated.name;
    changes.set.nameFold = foldText(stated.name);
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
