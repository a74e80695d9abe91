// Provisioning of groups: made, claimed, changed and deleted, with members as changes to links, never as a list in the group.

import { setTimeout as sleep } from 'node:timers/promises';
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
import type { FieldChanges, GroupWrite, GroupWriteResult, UniqueValue } from '../records.ts';
import { textAt } from '../schema/attributes.ts';
import { foldText } from '../schema/fold.ts';
import type { Attributes } from '../schema/schema.ts';
import { lengthFault, sizeFaults } from '../users/rules.ts';
import { viewGroup } from '../users/views.ts';
import { identityFields, withPushedId } from './identities.ts';

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
      // What was looked at is what is claimed: an ID that a user states meanwhile is kept.
      precondition: claimable ? { versions: [claimable.version] } : undefined,
      changes: claimable ? await claimChanges(caller, claimable, said, at) : NO_CHANGES,
      ...(claimable ? { claim: true } : { insert: await newGroup(caller, id, said, at, record) }),
      add: [...new Set(members)],
      origin: originOf(caller, 'push'),
      remove: [],
      assert: true,
      record,
    };
    const result = await records.writeGroup(caller.account.id, write);
    names.forgetGroup(id);
    if (!result.ok && (result.reason === 'notFound' || result.reason === 'precondition') && claimable) return 'moved';
    if (isTaken(result, 'groupTypeName') || isTaken(result, 'groupExternalId')) return 'moved';
    const isNamed = !result.ok && result.reason === 'taken' && !claimable && (await findClaimable(caller, said));
    return isNamed ? 'moved' : outcomeOf(result, id, draft, claimable ? 'claimed' : 'created');
  }

  /** The group that users named inline and that this push means: by any of its IDs, else the only one of this name without an ID. */
  async function findClaimable(caller: Caller, said: GroupStatement): Promise<StoredGroup | 'taken' | undefined> {
    const account = caller.account.id;
    if (typeof said.externalId === 'string') {
      const [group] = await records.groupsByExternalId(account, [said.externalId]);
      if (group) return group.claimed ? 'taken' : group;
    }
    const nameFold = foldText(said.name ?? '');
    const named = (await records.groupsByName(account, nameFold, SAME_NAME_MAX)).filter(
      (group) => group.nameFold === nameFold && !group.claimed && !group.derived && group.identities.length === 0,
    );
    // Several of them are told apart by the type; it identifies them (systems.md §1).
    return named.length > 1 ? named.find(({ typeFold }) => typeFold === foldText(said.type ?? '')) : named[0];
  }

  /** Whether a group of this type and name is found by them: one of them is. */
  async function holdsName(account: string, id: string, type: string, name: string): Promise<boolean> {
    const identity = { typeFold: foldText(type), nameFold: foldText(name) };
    const [holder] = await records.groupsByTypeAndName(account, [identity]);
    return holder === undefined || holder._id === id;
  }

  async function claimChanges(
    caller: Caller,
    group: StoredGroup,
    said: GroupStatement,
    at: Date,
  ): Promise<FieldChanges> {
    const fields = groupFields(said);
    const pushed = typeof said.externalId === 'string' ? said.externalId : undefined;
    const identities = withPushedId(group.identities, pushed, caller.connection.id);
    const { name = group.name, type = group.type } = fields;
    return withIdentities(
      { set: { ...fields, claimed: true, modified: at }, unset: [] },
      { identities, claimed: true, holdsName: await holdsName(caller.account.id, group._id, type, name) },
    );
  }

  async function updateGroup(
    caller: Caller,
    id: string,
    precondition: Precondition,
    revise: (current: GroupView) => Revised<GroupRevision>,
  ): Promise<Outcome<GroupView>> {
    let mayClaim = caller.door === 'scim';
    for (let attempt = 0; attempt < UPDATE_ATTEMPTS_MAX; attempt += 1) {
      if (attempt > 0) await sleep(Math.random() * Math.min(2 ** attempt, 64));
      const current = await records.group(caller.account.id, id);
      if (!current) return refused(fault('notFound', 'Group', { id }));
      if (!meets(precondition, current.version)) return refused(fault('preconditionFailed'));
      const revised = revise(viewGroup(current));
      if (!revised.ok) return revised;
      const changed = await changeGroup(caller, current, precondition, revised.revision, mayClaim);
      // Who changes only the members of a group whose name is another claimed one's leaves it unclaimed.
      if (changed === 'nameTaken') mayClaim = false;
      else if (changed !== 'moved') return changed;
    }
    return refused(fault('busy'));
  }

  /** `moved`: the group changed since it was read. `nameTaken`: it can't be claimed under the name that it has. */
  async function changeGroup(
    caller: Caller,
    current: StoredGroup,
    precondition: Precondition,
    revision: GroupRevision,
    mayClaim: boolean,
  ): Promise<Outcome<GroupView> | 'moved' | 'nameTaken'> {
    const id = current._id;
    const faults = groupFaults(revision.attributes, revision.adminName);
    if (faults.length > 0) return refused(faults[0] as Fault, ...faults.slice(1));
    const members = membersOf(revision);
    if (current.derived && members.kind !== 'none') {
      return refused(fault('mutability', 'members', { rule: `the members of ${current.name} follow an attribute` }));
    }
    const keep = (key: string) => revision.mode === 'patch' || revision.stated.has(key);
    const said = { ...statement(revision.attributes, keep), adminName: revision.adminName };
    const changes = await changesOf(caller, current, said, mayClaim);
    // IDs are written as a whole: one that a user states meanwhile must not be lost.
    const isGuarded = 'identities' in changes.set;
    if (isEmpty(changes) && members.kind === 'none')
      return { ok: true, value: viewGroup(current), effect: 'unchanged' };
    const record = changeRecord({ caller, now: now() }, id, 'update', changedKeys(changes));
    const result = await records.writeGroup(caller.account.id, {
      id,
      precondition: isGuarded ? { versions: [current.version] } : precondition,
      changes,
      add: members.kind === 'delta' ? members.add : members.kind === 'all' ? members.members : [],
      remove: members.kind === 'delta' ? members.remove : members.kind === 'all' ? { except: members.members } : [],
      origin: originOf(caller, 'push'),
      assert: members.kind === 'delta',
      record,
    });
    names.forgetGroup(id);
    if (isTaken(result, 'groupTypeName')) return 'moved';
    if (isGuarded && !result.ok && result.reason === 'precondition') return 'moved';
    const isClaim = changes.set.claimed === true;
    if (isClaim && !('nameFold' in changes.set) && isTaken(result, 'groupName')) return 'nameTaken';
    const effect = result.ok && !result.changed ? 'unchanged' : 'updated';
    return outcomeOf(result, id, revision.attributes, effect);
  }

  /**
   * What a request changes of a group's own fields. A client that changes a group over SCIM claims it, with the ID that the group
   * shows if it pushes no other. The pushed ID is kept beside those that users stated.
   */
  async function changesOf(
    caller: Caller,
    current: StoredGroup,
    said: GroupStatement,
    mayClaim: boolean,
  ): Promise<FieldChanges> {
    const changes = fieldChanges(current, said);
    const claims = mayClaim && !current.claimed && !current.derived;
    const externalId = said.externalId === undefined ? current.externalId : (said.externalId ?? undefined);
    const isPushed = claims || externalId !== current.externalId;
    const isRenamed = 'nameFold' in changes.set || 'typeFold' in changes.set;
    if (!claims && !isPushed && !isRenamed) return changes;
    const claimed = current.claimed || claims;
    if (claims) changes.set.claimed = true;
    const { name = current.name, type = current.type } = said;
    return withIdentities(changes, {
      identities: isPushed ? withPushedId(current.identities, externalId, caller.connection.id) : current.identities,
      claimed,
      holdsName: isRenamed ? await holdsName(caller.account.id, current._id, type, name) : current.holdsName,
    });
  }

  async function newGroup(
    caller: Caller,
    id: string,
    said: GroupStatement,
    at: Date,
    record: ChangeRecord,
  ): Promise<StoredGroup> {
    const { name = '', type = '' } = said;
    const pushed = typeof said.externalId === 'string' ? said.externalId : undefined;
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
      ...adminNameFields(said),
      claimed: true,
      derived: false,
      changes: [record],
    };
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
const CLAIM_ATTEMPTS_MAX = 8;
/** Times that a change is planned again after the group changed in between. */
const UPDATE_ATTEMPTS_MAX = 24;
const NO_CHANGES: FieldChanges = { set: {}, unset: [] };
/** Groups of one name, over all types, that are looked at. */
const SAME_NAME_MAX = 1000;

function isTaken(result: GroupWriteResult, value: UniqueValue): boolean {
  return !result.ok && result.reason === 'taken' && result.value === value;
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

/** What changed, for the trail: without the folded mirrors. */
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
    // A push that says no type leaves the one that users named.
    ...(said.type === undefined || said.type === '' ? {} : { type: said.type, typeFold: foldText(said.type) }),
    ...adminNameFields(said),
  };
}

function adminNameFields({ adminName }: GroupStatement) {
  return adminName ? { adminName, adminNameFold: foldText(adminName) } : {};
}

/** The fields that differ, without the IDs. */
function fieldChanges(current: StoredGroup, said: GroupStatement): FieldChanges {
  const changes: FieldChanges = { set: {}, unset: [] };
  if (said.name !== undefined && said.name !== current.name) {
    changes.set.name = said.name;
    changes.set.nameFold = foldText(said.name);
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
  result: GroupWriteResult,
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
    case 'noUser':
      return refused(fault('memberNotFound', 'members', { id: result.id }));
    case 'tooManyLinks':
      return refused(fault('tooMany', 'members', { max: 1000, id: result.id }));
    case 'taken': {
      const path = PATHS[result.value];
      return refused(fault('uniqueness', path, { value: textAt(attributes, path) ?? '' }));
    }
  }
}
