// Provisioning of groups: made, claimed, changed and deleted, with members as changes to links, never as a list in the group.

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
import type { FieldChanges, GroupWrite, GroupWriteResult, UniqueValue } from '../records.ts';
import { textAt } from '../schema/attributes.ts';
import { foldText } from '../schema/fold.ts';
import type { Attributes } from '../schema/schema.ts';
import { lengthFault, sizeFaults } from '../users/rules.ts';
import { viewGroup } from '../users/views.ts';

/** What a request says of a group's own attributes; undefined: nothing, null: cleared. */
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

export function createGroupProvision({ records, names, now }: ProvisionDependencies) {
  async function createGroup(
    caller: Caller,
    draft: Attributes,
    members: string[],
    adminName?: string,
  ): Promise<Outcome<GroupView>> {
    const faults = groupFaults(draft, adminName);
    if (faults.length > 0) return refused(faults[0] as Fault, ...faults.slice(1));
    const said = { ...statement(draft, () => true), adminName };
    for (let attempt = 0; attempt < CLAIM_ATTEMPTS_MAX; attempt += 1) {
      const claimable = await findClaimable(caller, said);
      if (claimable === 'taken') return refused(fault('uniqueness', 'externalId', { value: said.externalId ?? '' }));
      const made = await makeOrClaim(caller, said, draft, members, claimable);
      if (made !== 'moved') return made;
    }
    return refused(fault('busy'));
  }

  /** `moved`: users named the group, or somebody claimed or deleted it, since it was looked for. */
  async function makeOrClaim(
    caller: Caller,
    said: GroupStatement,
    draft: Attributes,
    members: string[],
    claimable: StoredGroup | undefined,
  ): Promise<Outcome<GroupView> | 'moved'> {
    const at = now();
    const id = claimable?._id ?? newResourceId();
    const record = changeRecord({ caller, now: at }, id, claimable ? 'claim' : 'create', []);
    const write: GroupWrite = {
      id,
      precondition: undefined,
      changes: claimable ? { set: { ...groupFields(said), claimed: true, modified: at }, unset: [] } : NO_CHANGES,
      ...(claimable ? { claim: true } : { insert: newGroup(caller, id, said, at, record) }),
      add: [...new Set(members)],
      origin: originOf(caller, 'push'),
      remove: [],
      assert: true,
      record,
    };
    const result = await records.writeGroup(caller.account.id, write);
    names.forgetGroup(id);
    if (!result.ok && result.reason === 'noUser') return refused(await memberFault(caller, result.id));
    if (!result.ok && result.reason === 'notFound' && claimable) return 'moved';
    const isNamed = !result.ok && result.reason === 'taken' && !claimable && (await findClaimable(caller, said));
    return isNamed ? 'moved' : outcomeOf(result, id, draft, claimable ? 'claimed' : 'created');
  }

  /** The group that users named inline and that this push means: by external ID, else by type and name. */
  async function findClaimable(caller: Caller, said: GroupStatement): Promise<StoredGroup | 'taken' | undefined> {
    const account = caller.account.id;
    if (typeof said.externalId === 'string') {
      const [group] = await records.groupsByExternalId(account, [said.externalId]);
      if (group) return group.claimed ? 'taken' : group;
    }
    const identity = { typeFold: foldText(said.type ?? ''), nameFold: foldText(said.name ?? '') };
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
    const current = await records.group(caller.account.id, id);
    if (!current) return refused(fault('notFound', 'Group', { id }));
    if (!meets(precondition, current.version)) return refused(fault('preconditionFailed'));
    const revised = revise(viewGroup(current));
    if (!revised.ok) return revised;
    const { revision } = revised;
    const faults = groupFaults(revision.attributes, revision.adminName);
    if (faults.length > 0) return refused(faults[0] as Fault, ...faults.slice(1));
    const members = membersOf(revision);
    if (current.derived && members.kind !== 'none') {
      return refused(fault('mutability', 'members', { rule: `the members of ${current.name} follow an attribute` }));
    }
    const keep = (key: string) => revision.mode === 'patch' || revision.stated.has(key);
    const changes = changesOf(current, { ...statement(revision.attributes, keep), adminName: revision.adminName });
    if (isEmpty(changes) && members.kind === 'none')
      return { ok: true, value: viewGroup(current), effect: 'unchanged' };
    const record = changeRecord({ caller, now: now() }, id, 'update', changedKeys(changes));
    const result = await records.writeGroup(caller.account.id, {
      id,
      precondition,
      changes,
      add: members.kind === 'delta' ? members.add : members.kind === 'all' ? members.members : [],
      remove: members.kind === 'delta' ? members.remove : members.kind === 'all' ? { except: members.members } : [],
      origin: originOf(caller, 'push'),
      assert: members.kind === 'delta',
      record,
    });
    names.forgetGroup(id);
    if (!result.ok && result.reason === 'noUser') return refused(await memberFault(caller, result.id));
    const effect = result.ok && !result.changed ? 'unchanged' : 'updated';
    return outcomeOf(result, id, revision.attributes, effect);
  }

  /** A member who is not a user of the account may be a group: user groups have no hierarchy. */
  async function memberFault(caller: Caller, id: string): Promise<Fault> {
    const [group] = await records.groupsById(caller.account.id, [id]);
    return fault(group ? 'nestedGroup' : 'memberNotFound', 'members', { id });
  }

  async function deleteGroup(caller: Caller, id: string, precondition: Precondition): Promise<Outcome<undefined>> {
    const at = now();
    const changes = [changeRecord({ caller, now: at }, id, 'delete', [])];
    const account = caller.account.id;
    const tombstone = { _id: id, account, resource: 'Group' as const, deleted: at, pending: true, changes };
    const result = await records.deleteGroup(account, id, precondition, tombstone);
    names.forgetGroup(id);
    if (result === 'notFound') return refused(fault('notFound', 'Group', { id }));
    if (result === 'precondition') return refused(fault('preconditionFailed'));
    return { ok: true, value: undefined, effect: 'deleted' };
  }

  return { createGroup, updateGroup, deleteGroup };
}

/** Times that a group is looked for again which others make, claim or delete at the same moment. */
const CLAIM_ATTEMPTS_MAX = 4;
const NO_CHANGES: FieldChanges = { set: {}, unset: [] };

function isEmpty(changes: FieldChanges): boolean {
  return Object.keys(changes.set).length === 0 && changes.unset.length === 0;
}

/** What changed, for the trail: without the folded mirrors. */
function changedKeys({ set, unset }: FieldChanges): string[] {
  return [...Object.keys(set), ...unset].filter((key) => !key.endsWith('Fold'));
}

function groupFaults(attributes: Attributes, adminName: string | null | undefined): Fault[] {
  const faults = sizeFaults(attributes);
  if (textAt(attributes, 'displayName') === undefined) faults.push(fault('required', 'displayName'));
  const tooLong = lengthFault('adminName', adminName);
  return tooLong ? [...faults, tooLong] : faults;
}

/** `keep` says whether an attribute that has no value was cleared (false: it was left out, and stays as it is). */
function statement(attributes: Attributes, cleared: (key: string) => boolean): GroupStatement {
  const externalId = textAt(attributes, 'externalId');
  const type = textAt(attributes, 'mobietrain.groupType');
  return {
    name: textAt(attributes, 'displayName'),
    externalId: externalId ?? (cleared('externalId') ? null : undefined),
    type: type ?? (cleared('mobietrain.groupType') ? '' : undefined),
  };
}

function groupFields(said: GroupStatement) {
  return {
    ...(said.name === undefined ? {} : { name: said.name, nameFold: foldText(said.name) }),
    ...(typeof said.externalId === 'string' ? { externalId: said.externalId } : {}),
    // A push that says no type leaves the one that users named.
    ...(said.type === undefined || said.type === '' ? {} : { type: said.type, typeFold: foldText(said.type) }),
    ...adminNameFields(said),
  };
}

function adminNameFields({ adminName }: GroupStatement) {
  return adminName ? { adminName, adminNameFold: foldText(adminName) } : {};
}

function newGroup(caller: Caller, id: string, said: GroupStatement, at: Date, record: ChangeRecord): StoredGroup {
  return {
    _id: id,
    account: caller.account.id,
    version: 1,
    created: at,
    modified: at,
    name: said.name ?? '',
    nameFold: foldText(said.name ?? ''),
    ...(typeof said.externalId === 'string' ? { externalId: said.externalId } : {}),
    type: said.type ?? '',
    typeFold: foldText(said.type ?? ''),
    ...adminNameFields(said),
    claimed: true,
    derived: false,
    changes: [record],
  };
}

function changesOf(current: StoredGroup, said: GroupStatement): FieldChanges {
  const changes: FieldChanges = { set: {}, unset: [] };
  if (said.name !== undefined && said.name !== current.name) {
    changes.set.name = said.name;
    changes.set.nameFold = foldText(said.name);
  }
  if (said.externalId === null) {
    if (current.externalId !== undefined) changes.unset.push('externalId');
  } else if (said.externalId !== undefined && said.externalId !== current.externalId) {
    changes.set.externalId = said.externalId;
  }
  if (said.type !== undefined && said.type !== current.type) {
    changes.set.type = said.type;
    changes.set.typeFold = foldText(said.type);
  }
  if (said.adminName !== undefined && (said.adminName || undefined) !== current.adminName) {
    if (said.adminName) Object.assign(changes.set, adminNameFields(said));
    else changes.unset.push('adminName', 'adminNameFold');
  }
  return changes;
}

/** A PUT is the whole group: one without members has none. */
function membersOf(revision: GroupRevision): MemberChange {
  if (revision.members.kind === 'none' && revision.mode === 'replace') return { kind: 'all', members: [] };
  return revision.members;
}

function outcomeOf(
  result: Exclude<GroupWriteResult, { reason: 'noUser' }>,
  id: string,
  attributes: Attributes,
  effect: 'created' | 'claimed' | 'updated' | 'unchanged',
): Outcome<GroupView> {
  if (result.ok) return { ok: true, value: viewGroup(result.group), effect };
  switch (result.reason) {
    case 'notFound':
      return refused(fault('notFound', 'Group', { id }));
    case 'precondition':
      return refused(fault('preconditionFailed'));
    case 'busy':
      return refused(fault('busy'));
    case 'tooManyLinks':
      return refused(fault('tooMany', 'members', { max: 1000, id: result.id }));
    case 'taken': {
      const path = PATHS[result.value];
      return refused(fault('uniqueness', path, { value: textAt(attributes, path) ?? '' }));
    }
  }
}
