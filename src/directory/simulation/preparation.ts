// Prepares one write of a simulated commit: the resulting documents and the conditions for them. Only reads; commits.ts checks and
// stores.

import { withChanges } from '../field-changes.ts';
import { idsOf as groupIds } from '../groups/identities.ts';
import { decideMembers, isVisible, type MemberDelta, type Membership, namedBy } from '../groups/member-changes.ts';
import type { StoredGroup, StoredStore, StoredUser } from '../model.ts';
import type {
  CommitResult,
  FieldChanges,
  MembersWrite,
  RecordsReader,
  UniqueValue,
  Write,
  WrittenGroup,
} from '../records.ts';
import { textAt } from '../schema/attributes.ts';
import type { Overlays, SimulationContext } from './context.ts';
import { claimedNameKey, groupIdentityKey, refIdKey, typeNameKey, userKey } from './keys.ts';
import { memberAfter } from './members.ts';

/** Maximum number of groups with one name, of all types, that are compared. */
const SAME_NAME_MAX = 1000;

/** A value that only one document may have. */
interface Claim {
  value: UniqueValue;
  key: string;
  /** Ids of the documents that have it in the database. */
  stored: string[];
}

export type Kind = keyof Overlays;
export type Document = StoredUser | StoredGroup | StoredStore;

/** The new state of one document, and the conditions for it. */
export interface Step {
  kind: Kind;
  id: string;
  /** The revision or version of the document when it was read; undefined for a new document. */
  from: number | undefined;
  /** Undefined: deleted. */
  document: Document | undefined;
  claims: Claim[];
}

/** A prepared write: a failure, or steps and, for a group, the result. */
export type Prepared = Failure | { steps: Step[]; group?: WrittenGroup; count?: Write & { kind: 'countActive' } };

interface Failure {
  failure: CommitResult & { ok: false };
}

const STALE: Failure = { failure: { ok: false, reason: 'stale' } };

/** The documents after the earlier writes of the same commit, by `draftKey`. */
export type Drafts = Map<string, Document | undefined>;

export const draftKey = (kind: Kind, id: string): string => `${kind} ${id}`;

/** The state that the preparation needs: the simulation, its reads, and the account. */
interface PreparationContext extends SimulationContext {
  reader: RecordsReader;
  account: string;
}

/** Prepares a write. @param drafts the documents after the earlier writes of the same commit */
export async function prepareWrite(context: PreparationContext, write: Write, drafts: Drafts): Promise<Prepared> {
  switch (write.kind) {
    case 'insertUser':
      return { steps: [await userStep(context, write.user, undefined)] };
    case 'updateUser':
      return prepareUserUpdate(context, write, drafts);
    case 'deleteUser': {
      const current = await userNow(context, write.id, drafts);
      return current?.revision === write.ifRevision ? { steps: [deletion('user', current, current.revision)] } : STALE;
    }
    case 'insertGroup':
    case 'updateGroup':
      return prepareGroup(context, write, drafts);
    case 'deleteGroup': {
      const current = await groupNow(context, write.id, drafts);
      if (!current || !isVersion(current, write.ifVersion)) return STALE;
      return { steps: [deletion('group', current, current.version)] };
    }
    case 'insertStore':
      return { steps: [await storeStep(context, write.store, undefined)] };
    case 'updateStore': {
      const current = await storeNow(context, write.id, drafts);
      if (!current || !isVersion(current, write.ifVersion)) return STALE;
      const next = { ...withChanges(current, write.changes), version: current.version + 1 };
      return { steps: [await storeStep(context, next, current)] };
    }
    case 'deleteStore': {
      const current = await storeNow(context, write.id, drafts);
      if (!current || !isVersion(current, write.ifVersion)) return STALE;
      return { steps: [deletion('store', current, current.version)] };
    }
    case 'countActive':
      return { steps: [], count: write };
  }
}

async function userNow(context: PreparationContext, id: string, drafts: Drafts): Promise<StoredUser | undefined> {
  const key = draftKey('user', id);
  if (drafts.has(key)) return drafts.get(key) as StoredUser | undefined;
  return context.reader.userForChange(context.account, id);
}

async function groupNow(context: PreparationContext, id: string, drafts: Drafts): Promise<StoredGroup | undefined> {
  const key = draftKey('group', id);
  return drafts.has(key) ? (drafts.get(key) as StoredGroup | undefined) : context.reader.group(context.account, id);
}

async function storeNow(context: PreparationContext, id: string, drafts: Drafts): Promise<StoredStore | undefined> {
  const key = draftKey('store', id);
  if (drafts.has(key)) return drafts.get(key) as StoredStore | undefined;
  return (await context.reader.storesById(context.account, [id]))[0];
}

async function prepareUserUpdate(
  context: PreparationContext,
  { id, ifRevision, visible, changes, record }: Write & { kind: 'updateUser' },
  drafts: Drafts,
): Promise<Prepared> {
  const current = await userNow(context, id, drafts);
  if (current?.revision !== ifRevision) return STALE;
  const seen = visible ? { version: current.version + 1, modified: record.at } : {};
  const next = { ...withChanges(current, changes), revision: current.revision + 1, ...seen };
  return { steps: [await userStep(context, next, current)] };
}

async function prepareGroup(
  context: PreparationContext,
  write: Write & { kind: 'insertGroup' | 'updateGroup' },
  drafts: Drafts,
): Promise<Prepared> {
  const id = write.kind === 'insertGroup' ? write.group._id : write.id;
  const members = await prepareMembers(context, id, write.members, drafts);
  if ('failure' in members) return members;
  if (write.kind === 'insertGroup') {
    const { group } = write;
    return { steps: [...members.steps, await groupStep(context, group, undefined)], group: { group, changed: true } };
  }
  const current = await groupNow(context, id, drafts);
  if (!current || !isVersion(current, write.ifVersion)) return STALE;
  const changed = !isEmpty(write.changes) || members.isVisible;
  if (!changed) return { steps: members.steps, group: { group: current, changed } };
  const seen = { version: current.version + 1, modified: write.record.at };
  const group = { ...withChanges(current, write.changes), ...seen };
  return { steps: [...members.steps, await groupStep(context, group, current)], group: { group, changed } };
}

async function prepareMembers(
  context: PreparationContext,
  group: string,
  write: MembersWrite | undefined,
  drafts: Drafts,
): Promise<{ steps: Step[]; isVisible: boolean } | Failure> {
  if (!write) return { steps: [], isVisible: false };
  const users = await usersConcerned(context, group, write, drafts);
  const memberships = new Map<string, Membership>();
  for (const [id, { groups }] of users) {
    memberships.set(id, { links: groups.length, origins: groups.find(({ to }) => to === group)?.origins });
  }
  const decision = decideMembers(write, memberships);
  if (!decision.ok) return { failure: decision };
  const steps: Step[] = [];
  for (const action of ['link', 'noteOrigin', 'unlink'] as const satisfies (keyof MemberDelta)[]) {
    for (const id of decision.delta[action]) {
      const current = users.get(id);
      if (current) steps.push(await userStep(context, memberAfter(current, group, action, write), current));
    }
  }
  return { steps, isVisible: isVisible(decision.delta) };
}

/** The users in a change of members, and the present members if it replaces all. */
async function usersConcerned(context: PreparationContext, group: string, write: MembersWrite, drafts: Drafts) {
  const ids = new Set(namedBy(write));
  if (write.change.kind === 'all') {
    for await (const batch of context.reader.members(context.account, group)) for (const { id } of batch) ids.add(id);
  }
  const users = new Map<string, StoredUser>();
  for (const id of ids) {
    const user = await userNow(context, id, drafts);
    if (user) users.set(id, user);
  }
  return users;
}

/** The step of a user, with claims for the values that differ from `current`. */
async function userStep(
  { account, storedUsersWith }: PreparationContext,
  user: StoredUser,
  current: StoredUser | undefined,
): Promise<Step> {
  const claims: Claim[] = [];
  for (const by of ['userName', 'externalId'] as const) {
    const value = textAt(user.data, by);
    if (value === undefined || (current && userKey(by, textAt(current.data, by) ?? '') === userKey(by, value)))
      continue;
    claims.push({ value: by, key: userKey(by, value), stored: await storedUsersWith(account, by, value, 2) });
  }
  return { kind: 'user', id: user._id, from: current?.revision, document: { ...user, changes: [] }, claims };
}

async function groupStep(
  { account, stored }: PreparationContext,
  group: StoredGroup,
  current: StoredGroup | undefined,
): Promise<Step> {
  const { typeFold, nameFold } = group;
  const [holders, identities] = await Promise.all([
    group.holdsName ? idsOf(stored.groupsByTypeAndName(account, [{ typeFold, nameFold }])) : [],
    Promise.all(groupIds(group).map((value) => identityClaim({ account, stored }, value))),
  ]);
  const claims: Claim[] = [...identities];
  if (group.holdsName) claims.push({ value: 'groupTypeName', key: typeNameKey(group), stored: holders });
  if (group.claimed) {
    const named = await stored.groupsByName(account, group.nameFold, SAME_NAME_MAX);
    const claimed = named.filter((one) => one.claimed && one.nameFold === group.nameFold).map(({ _id }) => _id);
    claims.push({ value: 'groupName', key: claimedNameKey(group.nameFold), stored: claimed });
  }
  return { kind: 'group', id: group._id, from: current?.version, document: { ...group, changes: [] }, claims };
}

async function identityClaim(
  { account, stored }: Pick<PreparationContext, 'account' | 'stored'>,
  value: string,
): Promise<Claim> {
  const holders = await idsOf(stored.groupsByExternalId(account, [value]));
  return { value: 'groupExternalId', key: groupIdentityKey(value), stored: holders };
}

async function storeStep(
  { account, stored }: PreparationContext,
  store: StoredStore,
  current: StoredStore | undefined,
): Promise<Step> {
  const holders = await idsOf(stored.storesByRefId(account, [store.refId]));
  const claims: Claim[] = [{ value: 'storeRefId', key: refIdKey(store.refId), stored: holders }];
  return { kind: 'store', id: store._id, from: current?.version, document: { ...store, changes: [] }, claims };
}

const deletion = (kind: Kind, { _id: id }: Document, from: number): Step => ({
  kind,
  id,
  from,
  document: undefined,
  claims: [],
});

function isVersion({ version }: { version: number }, ifVersion: number | undefined): boolean {
  return ifVersion === undefined || ifVersion === version;
}

function isEmpty({ set, unset }: FieldChanges): boolean {
  return Object.keys(set).length === 0 && unset.length === 0;
}

async function idsOf(found: Promise<{ _id: string }[]>): Promise<string[]> {
  return (await found).map(({ _id }) => _id);
}
