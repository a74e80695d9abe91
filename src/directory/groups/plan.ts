// What becomes of a group: the write that a request comes to, against the group as it is stored. Reads only; provision.ts commits.

import { changeRecord, originOf } from '../change-record.ts';
import { type Fault, type Faults, fault, refused } from '../faults.ts';
import type {
  Caller,
  ChangeRecord,
  GroupIdentity,
  GroupRevision,
  MemberChange,
  Precondition,
  StoredGroup,
} from '../model.ts';
import type { FieldChanges, GroupWrite, MembersWrite, RecordsReader } from '../records.ts';
import { textAt } from '../schema/attributes.ts';
import { foldText } from '../schema/fold.ts';
import type { Attributes } from '../schema/schema.ts';
import { lengthFault, sizeFaults } from '../users/rules.ts';
import { identityFields, withPushedId } from './identities.ts';

export interface GroupPlanContext {
  records: RecordsReader;
  caller: Caller;
  now: Date;
}

export type UpdateGroup = Extract<GroupWrite, { kind: 'updateGroup' }>;

/** What a request states of a group's own attributes; undefined: nothing, null: cleared. */
export interface GroupStatement {
  name: string | undefined;
  externalId: string | null | undefined;
  type: string | undefined;
  /** The administrators' name. */
  adminName?: string | null | undefined;
}

/** Groups of one name, over all types, that are looked at. */
const SAME_NAME_MAX = 1000;

/** The group that users named inline and that this push means: by any of its IDs, else the only one of this name without an ID. */
export async function findClaimable(
  { records, caller }: GroupPlanContext,
  stated: GroupStatement,
): Promise<StoredGroup | 'taken' | undefined> {
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
async function holdsName(
  { records, caller }: GroupPlanContext,
  id: string,
  type: string,
  name: string,
): Promise<boolean> {
  const identity = { typeFold: foldText(type), nameFold: foldText(name) };
  const [holder] = await records.groupsByTypeAndName(caller.account.id, [identity]);
  return holder === undefined || holder._id === id;
}

/**
 * Makes a group that users named inline the pushed one. It must not have changed since it was read: others may claim it too,
 * and an ID that a user states in the meantime must not be lost.
 */
export async function planClaim(
  context: GroupPlanContext,
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
      identities: withPushedId(group.identities, pushed, context.caller.connection.id),
      claimed: true,
      holdsName: await holdsName(context, group._id, type, name),
    },
  );
  return { kind: 'updateGroup', id: group._id, ifVersion: group.version, changes, record };
}

/** The write that a revision comes to; none if it changes nothing. */
export async function planUpdate(
  context: GroupPlanContext,
  current: StoredGroup,
  precondition: Precondition,
  revision: GroupRevision,
  mayClaim: boolean,
): Promise<{ ok: true; write?: UpdateGroup } | { ok: false; faults: Faults }> {
  const [first, ...others] = groupFaults(revision.attributes, revision.adminName);
  if (first) return refused(first, ...others);
  const members = membersOf(revision);
  if (current.derived && members.kind !== 'none') {
    return refused(fault('mutability', 'members', { rule: `the members of ${current.name} follow an attribute` }));
  }
  const keep = (key: string) => revision.mode === 'patch' || revision.stated.has(key);
  const stated = { ...statement(revision.attributes, keep), adminName: revision.adminName };
  const changes = await changesOf(context, current, stated, mayClaim);
  if (isEmpty(changes) && members.kind === 'none') return { ok: true };
  const record = changeRecord(context, current._id, 'update', changedKeys(changes));
  // IDs are written as a whole: one that a user states in the meantime must not be lost.
  const isConditional = precondition !== undefined || 'identities' in changes.set;
  const write: UpdateGroup = {
    kind: 'updateGroup',
    id: current._id,
    // Without a condition, changes of one group that come together all take effect, in the order in which they came.
    ...(isConditional ? { ifVersion: current.version } : {}),
    changes,
    record,
    ...membersWrite(context.caller, members, record),
  };
  return { ok: true, write };
}

/**
 * What a request changes of a group's own fields. A client that changes a group over SCIM claims it, with the ID that the group
 * shows if it pushes no other. The pushed ID is kept beside those that users stated.
 */
async function changesOf(
  context: GroupPlanContext,
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
    identities: isPushed
      ? withPushedId(current.identities, externalId, context.caller.connection.id)
      : current.identities,
    claimed,
    holdsName: isRenamed ? await holdsName(context, current._id, type, name) : current.holdsName,
  });
}

export async function newGroup(
  context: GroupPlanContext,
  id: string,
  stated: GroupStatement,
  record: ChangeRecord,
): Promise<StoredGroup> {
  const { caller, now } = context;
  const { name = '', type = '' } = stated;
  const pushed = typeof stated.externalId === 'string' ? stated.externalId : undefined;
  return {
    _id: id,
    account: caller.account.id,
    version: 1,
    created: now,
    modified: now,
    name,
    nameFold: foldText(name),
    ...identityFields(withPushedId([], pushed, caller.connection.id), true),
    type,
    typeFold: foldText(type),
    holdsName: await holdsName(context, id, type, name),
    ...adminNameFields(stated),
    claimed: true,
    derived: false,
    changes: [record],
  };
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

export function groupFaults(attributes: Attributes, adminName: string | null | undefined): Fault[] {
  const faults = sizeFaults(attributes);
  if (textAt(attributes, 'displayName') === undefined) faults.push(fault('required', 'displayName'));
  const tooLong = lengthFault('adminName', adminName);
  return tooLong ? [...faults, tooLong] : faults;
}

/** `cleared` says whether an attribute without a value was cleared; false: it was left out, and stays as it is. */
export function statement(attributes: Attributes, cleared: (key: string) => boolean): GroupStatement {
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
export function membersWrite(caller: Caller, change: MemberChange, record: ChangeRecord): { members?: MembersWrite } {
  return change.kind === 'none' ? {} : { members: { change, origin: originOf(caller, 'push'), record } };
}
