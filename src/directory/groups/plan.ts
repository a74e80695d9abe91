// Plans changes of groups: returns the write that a request results in. Only reads; provision.ts commits.

import { groupRecord, originOf } from '../change-record.ts';
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
import { GROUP_LENGTHS, nameFault, sizeFaults } from '../users/rules.ts';
import { viewGroup } from '../users/views.ts';
import { identityFields, idShownTo, pushedBy, withPushedId } from './identities.ts';

/** What all parts of a plan need. */
export interface GroupPlanContext {
  records: RecordsReader;
  caller: Caller;
  now: Date;
}

/** The write of an existing group. */
export type UpdateGroup = Extract<GroupWrite, { kind: 'updateGroup' }>;

/** The attributes of a group in a request. Undefined: not in the request; null: cleared. */
export interface GroupStatement {
  name: string | undefined;
  externalId: string | null | undefined;
  type: string | undefined;
  /** The administrators' name. */
  adminName?: string | null | undefined;
}

/** Maximum number of groups with one name, of all types, that are compared. */
export const SAME_NAME_MAX = 1000;

/** What a push finds. */
export interface Claimable {
  /** The group that it claims; `taken` if a claimed group has the ID, undefined if there is none. */
  group: StoredGroup | 'taken' | undefined;
  /** The groups with the name, of all types; undefined if there may be more than were read. */
  named: readonly StoredGroup[] | undefined;
}

/** Finds the group that users named inline and that a push claims: by any of its IDs, else the only one with this name and no ID. */
export async function findClaimable({ records, caller }: GroupPlanContext, stated: GroupStatement): Promise<Claimable> {
  const account = caller.account.id;
  const nameFold = foldText(stated.name ?? '');
  const [identified, found] = await Promise.all([
    typeof stated.externalId === 'string' ? records.groupsByExternalId(account, [stated.externalId]) : [],
    records.groupsByName(account, nameFold, SAME_NAME_MAX),
  ]);
  const same = found.filter((group) => group.nameFold === nameFold);
  const named = found.length < SAME_NAME_MAX ? same : undefined;
  const [holder] = identified;
  if (holder) return { group: holder.claimed ? 'taken' : holder, named };
  const free = same.filter((group) => !group.claimed && !group.derived && group.identities.length === 0);
  // Groups with the same name differ in their types; type and name together identify a group.
  const isMeant = ({ typeFold }: StoredGroup) => free.length === 1 || typeFold === foldText(stated.type ?? '');
  return { group: free.find(isMeant), named };
}

/**
 * Whether the group may hold its type and name: true if no other group does.
 * @param named the groups with this name, if they have been read
 */
async function holdsName(
  { records, caller }: GroupPlanContext,
  id: string,
  type: string,
  name: string,
  named?: readonly StoredGroup[],
): Promise<boolean> {
  const identity = { typeFold: foldText(type), nameFold: foldText(name) };
  const [holder] = named
    ? named.filter((group) => group.holdsName && group.typeFold === identity.typeFold)
    : await records.groupsByTypeAndName(caller.account.id, [identity]);
  return holder === undefined || holder._id === id;
}

/**
 * Plans the claim of a group that users named inline. The write is conditional, since another request may claim the group too and an
 * ID that is sent with a user in the meantime must not be lost.
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

/**
 * Plans the update of a group; `write` is absent if nothing changes.
 * Faults: required, tooLong, tooMany, invalidValue, mutability (the members of a derived group).
 */
export async function planUpdate(
  context: GroupPlanContext,
  current: StoredGroup,
  precondition: Precondition,
  revision: GroupRevision,
  mayClaim: boolean,
): Promise<{ ok: true; write?: UpdateGroup } | { ok: false; faults: Faults }> {
  const [first, ...others] = groupFaults(revision.attributes, revision.adminName, current);
  if (first) return refused(first, ...others);
  const members = membersOf(revision);
  if (current.derived && members.kind !== 'none') {
    return refused(fault('mutability', 'members', { rule: `the members of ${current.name} follow an attribute` }));
  }
  // A PUT without a value for an attribute keeps it.
  const stated = { ...statement(revision.attributes, revision.mode === 'patch'), adminName: revision.adminName };
  const changes = await changesOf(context, current, stated, mayClaim);
  if (isEmpty(changes) && members.kind === 'none') return { ok: true };
  const record = groupRecord(context, { id: current._id, action: 'update' }, current, changed(current, changes));
  // IDs are written as a whole; one that is sent with a user in the meantime must not be lost.
  const isConditional = precondition !== undefined || 'identities' in changes.set;
  const write: UpdateGroup = {
    kind: 'updateGroup',
    id: current._id,
    // Without a condition, concurrent changes of one group all take effect, in the order of arrival.
    ...(isConditional ? { ifVersion: current.version } : {}),
    changes,
    record,
    ...membersWrite(context.caller, members, record),
  };
  return { ok: true, write };
}

/**
 * The changed fields of a group. A client that changes a group over SCIM claims it, with the served ID if it sends no other. The pushed
 * ID is stored in addition to those that were sent with users or pushed by other connections.
 */
async function changesOf(
  context: GroupPlanContext,
  current: StoredGroup,
  stated: GroupStatement,
  mayClaim: boolean,
): Promise<FieldChanges> {
  const changes = fieldChanges(current, stated);
  const claims = mayClaim && !current.claimed && !current.derived;
  const { id: connection } = context.caller.connection;
  const shown = idShownTo(current, connection);
  const externalId = stated.externalId === undefined ? shown : (stated.externalId ?? undefined);
  // An ID that only another connection pushed can't be removed, and an echo of it adds nothing.
  const isPushed = claims || (externalId === undefined ? hasPushed(current, connection) : externalId !== shown);
  const isRenamed = 'nameFold' in changes.set || 'typeFold' in changes.set;
  if (!claims && !isPushed && !isRenamed) return changes;
  const claimed = current.claimed || claims;
  if (claims) changes.set.claimed = true;
  const { name = current.name, type = current.type } = stated;
  return withIdentities(changes, {
    identities: isPushed ? withPushedId(current.identities, externalId, connection) : current.identities,
    claimed,
    holdsName: isRenamed ? await holdsName(context, current._id, type, name) : current.holdsName,
  });
}

/** Whether a connection pushed an ID of a group, or one is stored whose connection is not known. */
function hasPushed({ identities }: StoredGroup, connection: string): boolean {
  return (pushedBy(identities, connection) ?? pushedBy(identities, undefined)) !== undefined;
}

/** Returns a new claimed group. @param named the groups with its name, if they have been read */
export async function newGroup(
  context: GroupPlanContext,
  id: string,
  stated: GroupStatement,
  record: ChangeRecord,
  named: readonly StoredGroup[] | undefined,
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
    holdsName: await holdsName(context, id, type, name, named),
    ...adminNameFields(stated),
    claimed: true,
    derived: false,
    changes: [record],
  };
}

/** Adds the IDs of a group and the fields that depend on them. */
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

/** The changed fields for the change record, without internal ones. */
function changed(group: StoredGroup, { set, unset }: FieldChanges): Partial<StoredGroup> {
  return { ...group, ...set, ...Object.fromEntries(unset.map((key) => [key, undefined])) };
}

/** The change record of a group that a client pushes: a new one, or one that users named and that it claims. */
export function pushRecord(
  context: GroupPlanContext,
  id: string,
  claimable: StoredGroup | undefined,
  stated: GroupStatement,
): ChangeRecord {
  const action = claimable ? 'claim' : 'create';
  return groupRecord(context, { id, action }, claimable, { ...claimable, ...statedFields(stated), claimed: true });
}

/** What a request states of a group, under the names that are stored. */
function statedFields({ name, type, externalId, adminName }: GroupStatement): Partial<StoredGroup> {
  return {
    ...(name === undefined ? {} : { name }),
    ...(type ? { type } : {}),
    ...(externalId ? { externalId } : {}),
    ...(adminName ? { adminName } : {}),
  };
}

/**
 * Validates the attributes of a group. What `current` has already is not checked again.
 * Faults: required, tooLong, tooMany, invalidValue.
 */
export function groupFaults(
  attributes: Attributes,
  adminName: string | null | undefined,
  current?: StoredGroup,
): Fault[] {
  const stored = current && viewGroup(current).attributes;
  const faults = sizeFaults(attributes, { stored, lengths: GROUP_LENGTHS });
  if (textAt(attributes, 'displayName') === undefined) faults.push(fault('required', 'displayName'));
  const invalid = adminName === current?.adminName ? undefined : nameFault('adminName', adminName);
  return invalid ? [...faults, invalid] : faults;
}

/** Reads the attributes of a group. @param clears whether a request clears attributes without a value; else it keeps the value */
export function statement(attributes: Attributes, clears: boolean): GroupStatement {
  const externalId = textAt(attributes, 'externalId');
  const type = textAt(attributes, 'mobietrain.groupType');
  return {
    name: textAt(attributes, 'displayName'),
    externalId: externalId ?? (clears ? null : undefined),
    type: type ?? (clears ? '' : undefined),
  };
}

function groupFields(stated: GroupStatement) {
  return {
    ...(stated.name === undefined ? {} : { name: stated.name, nameFold: foldText(stated.name) }),
    // A claim without a type keeps the type that users sent.
    ...(stated.type === undefined || stated.type === '' ? {} : { type: stated.type, typeFold: foldText(stated.type) }),
    ...adminNameFields(stated),
  };
}

function adminNameFields({ adminName }: GroupStatement) {
  return adminName ? { adminName, adminNameFold: foldText(adminName) } : {};
}

/** The changed fields, without the IDs. */
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

/** A PUT without members removes all members. */
function membersOf(revision: GroupRevision): MemberChange {
  if (revision.members.kind === 'none' && revision.mode === 'replace') return { kind: 'all', members: [] };
  return revision.members;
}

/** The change of members for a write; empty if the request does not change members. */
export function membersWrite(caller: Caller, change: MemberChange, record: ChangeRecord): { members?: MembersWrite } {
  return change.kind === 'none' ? {} : { members: { change, origin: originOf(caller, 'push'), record } };
}
