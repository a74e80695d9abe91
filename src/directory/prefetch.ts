// Records for a run over many rows. The users that the next rows may mean are read ahead in a few queries and believed once; after
// that the store is asked. Its conditional writes and unique indexes decide in any case.

import { idsOf } from './groups/identities.ts';
import type { StoredGroup, StoredStore, StoredUser } from './model.ts';
import type { MembersWrite, Records, RecordsReader, RecordsWriter, UserKey, Write } from './records.ts';
import { foldText } from './schema/fold.ts';
import { createSharedLookups, type SharedLookups } from './shared-lookups.ts';

/** The port to reading many at once; src/mongo implements it. */
export interface ManyUsers {
  /**
   * Ids of the users that have one of these values, by value: login names and e-mails folded, External IDs as they are.
   * Undefined if they are too many to be read at once: shops share mailboxes.
   */
  idsBy(
    account: string,
    by: 'userName' | 'externalId' | 'email',
    values: string[],
  ): Promise<ReadonlyMap<string, string[]> | undefined>;
  /** Whole users, as `RecordsReader.userForChange` returns them. */
  forChange(account: string, ids: string[]): Promise<StoredUser[]>;
}

/** Login names, External IDs, e-mails and ids of users that the next rows name, and texts that name a manager. */
export interface Named {
  userNames?: string[];
  externalIds?: string[];
  emails?: string[];
  ids?: string[];
  managers?: string[];
}

/** Reads ahead for the next rows of an account, and forgets what was read for earlier ones. Tells who has what they name, as stored now. */
export type Prefetch = (account: string, named: Named) => Promise<WhoIsNamed>;

export interface WhoIsNamed {
  byUserName(userName: string): readonly string[];
  byExternalId(externalId: string): readonly string[];
  /** None if they were too many to be read. */
  byEmail(email: string): readonly string[];
}

/** The reading half of the port, reading ahead. Writers have to say what they write, so that it is not believed any longer. */
export interface PrefetchedReader {
  reader: RecordsReader;
  prefetch: Prefetch;
  /** Forgets what these writes make untrue. */
  outdate(writes: readonly Write[]): void;
  /** Forgets every user: something wrote users without saying which. */
  outdateUsers(): void;
  /** Forgets what was believed of groups and stores: another writer was faster. */
  outdateEntities(): void;
}

export interface PrefetchedRecords {
  records: Records;
  prefetch: Prefetch;
}

/** Wraps records for one run of one account. */
export function createPrefetchedRecords(records: Records, many: ManyUsers): PrefetchedRecords {
  const ahead = createPrefetchedReader(records, many);
  const writer: RecordsWriter = {
    async commit(account, writes, budget) {
      ahead.outdate(writes);
      const result = await records.commit(account, writes, budget);
      // What was read during the commit may be from before it; after a lost race the next plan reads anew.
      ahead.outdate(writes);
      if (!result.ok) ahead.outdateEntities();
      return result;
    },
    async clearManager(account, manager) {
      await records.clearManager(account, manager);
      ahead.outdateUsers();
    },
    async resolveManagers(account, manager, references) {
      await records.resolveManagers(account, manager, references);
      ahead.outdateUsers();
    },
    recountActive: (account) => records.recountActive(account),
  };
  return { records: { ...ahead.reader, ...writer }, prefetch: ahead.prefetch };
}

/** Wraps the reading half for one run of one account. */
export function createPrefetchedReader(records: RecordsReader, many: ManyUsers): PrefetchedReader {
  const believed: Believed = {
    ids: new Map(),
    users: new Map(),
    unknownManagers: new Set(),
    managers: createSharedLookups<string>(),
    groups: createSharedLookups<StoredGroup>(),
    stores: createSharedLookups<StoredStore>(),
  };
  const { managers, groups, stores } = believed;

  const groupsById: RecordsReader['groupsById'] = (account, wanted) =>
    groups.list(
      wanted,
      idKey,
      (group) => idKey(group._id),
      (rest) => records.groupsById(account, rest),
    );
  const storesById: RecordsReader['storesById'] = (account, wanted) =>
    stores.list(
      wanted,
      idKey,
      (store) => idKey(store._id),
      (rest) => records.storesById(account, rest),
    );

  async function readManagers(account: string, references: string[]): Promise<void> {
    const wanted = [...new Set(references)].filter((reference) => managers.known(reference) === undefined);
    const found = wanted.length > 0 ? await records.usersByReferences(account, wanted) : [];
    believed.unknownManagers = new Set(wanted.map(foldText));
    for (const { reference, id } of found) {
      managers.keep(reference, id);
      believed.unknownManagers.delete(foldText(reference));
    }
  }

  /** The ids that have these values, by key; also remembers that nobody has the others. */
  async function readIds(account: string, by: 'userName' | 'externalId' | 'email', values: string[]) {
    const found = values.length > 0 ? await many.idsBy(account, by, values) : undefined;
    return found ? values.map((value): [string, string[]] => [keyOf(by, value), found.get(value) ?? []]) : [];
  }

  async function readUsers(account: string, named: Named): Promise<WhoIsNamed> {
    const [names, externals, emails] = await Promise.all([
      readIds(account, 'userName', [...new Set((named.userNames ?? []).map(foldText))]),
      readIds(account, 'externalId', [...new Set(named.externalIds ?? [])]),
      readIds(account, 'email', [...new Set((named.emails ?? []).map(foldText))]),
    ]);
    const read = new Map([...names, ...externals]);
    const found = [...new Set([...(named.ids ?? []), ...[...read.values()].flat()])];
    const documents = found.length > 0 ? await many.forChange(account, found) : [];
    const mailed = new Map(emails);
    believed.ids = new Map([...read, ...mailed]);
    believed.users = new Map(documents.map((user) => [user._id, user]));
    // Everyone is a manager reference by id.
    for (const { _id } of documents) managers.keep(_id, _id);
    await Promise.all([
      groupsById(account, linkedIds(documents, 'groups')),
      storesById(account, linkedIds(documents, 'stores')),
    ]);
    return {
      byUserName: (userName) => read.get(keyOf('userName', foldText(userName))) ?? [],
      byExternalId: (externalId) => read.get(keyOf('externalId', externalId)) ?? [],
      byEmail: (email) => mailed.get(keyOf('email', foldText(email))) ?? [],
    };
  }

  const reader: RecordsReader = {
    user: async (account, id) => believed.users.get(id) ?? records.user(account, id),
    userForChange: async (account, id) => take(believed.users, id) ?? records.userForChange(account, id),
    async userByReference(account, reference) {
      const known = managers.known(reference);
      if (known !== undefined || believed.unknownManagers.has(foldText(reference))) return known;
      return managers.one(reference, () => records.userByReference(account, reference));
    },
    usersByReferences: (account, references) => records.usersByReferences(account, references),
    async usersWith(account, by, value, atMost) {
      const key = keyOf(by, by === 'externalId' ? value : foldText(value));
      return take(believed.ids, key)?.slice(0, atMost) ?? records.usersWith(account, by, value, atMost);
    },
    users: (account, query) => records.users(account, query),
    group: (account, id) => records.group(account, id),
    groups: (account, query) => records.groups(account, query),
    groupsById,
    groupsByExternalId: (account, externalIds) =>
      groups.list(
        externalIds,
        externalKey,
        (group) => idsOf(group).map(externalKey),
        (rest) => records.groupsByExternalId(account, rest),
      ),
    groupsByTypeAndName: (account, identities) =>
      groups.list(identities, typeNameKey, typeNameKey, (rest) => records.groupsByTypeAndName(account, rest)),
    groupsByName: (account, nameFold, atMost) => records.groupsByName(account, nameFold, atMost),
    storesById,
    storesByRefId: (account, refIds) =>
      stores.list(
        refIds,
        externalKey,
        (store) => externalKey(store.refId),
        (rest) => records.storesByRefId(account, rest),
      ),
    storesByName: (account, nameFold, atMost) => records.storesByName(account, nameFold, atMost),
    members: (account, group) => records.members(account, group),
    memberCount: (account, group, atMost) => records.memberCount(account, group, atMost),
    awaitedManagers: (account, folded) => records.awaitedManagers(account, folded),
    usersMissingStoreData: (account, store, after, limit) =>
      records.usersMissingStoreData(account, store, after, limit),
  };

  return {
    reader,
    async prefetch(account, named) {
      const [who] = await Promise.all([readUsers(account, named), readManagers(account, named.managers ?? [])]);
      return who;
    },
    outdate(writes) {
      for (const write of writes) outdate(believed, write);
    },
    outdateUsers: () => believed.users.clear(),
    outdateEntities() {
      groups.clear();
      stores.clear();
    },
  };
}

/** What was read ahead and not yet outdated. */
interface Believed {
  /** Ids of the users that have a value, by `keyOf`. */
  ids: Map<string, string[]>;
  users: Map<string, StoredUser>;
  /** Folded texts that named no manager when they were read ahead. */
  unknownManagers: Set<string>;
  managers: SharedLookups<string>;
  groups: SharedLookups<StoredGroup>;
  stores: SharedLookups<StoredStore>;
}

/** Forgets what a write makes untrue. */
function outdate(believed: Believed, write: Write): void {
  switch (write.kind) {
    case 'insertUser': {
      const { data, fold } = write.user;
      const { externalId } = data;
      forget(believed, { 'data.externalId': externalId, 'fold.userName': fold.userName, 'fold.emails': fold.emails });
      return;
    }
    case 'updateUser':
      believed.users.delete(write.id);
      outdateNames(believed, write);
      return;
    case 'deleteUser':
      believed.users.delete(write.id);
      forgetHolder(believed, write.id);
      believed.managers.clear();
      return;
    case 'insertGroup':
    case 'updateGroup':
      outdateMembers(believed, write.members);
      believed.groups.clear();
      return;
    case 'deleteGroup':
      believed.groups.clear();
      return;
    case 'insertStore':
    case 'updateStore':
      believed.stores.clear();
      return;
    case 'countActive':
      return;
  }
}

/** A user who is renamed or gets another e-mail is looked up again by the values before and after. */
function outdateNames(believed: Believed, { id, changes: { set, unset } }: Write & { kind: 'updateUser' }): void {
  const isChanged = (path: string): boolean => path in set || unset.includes(path);
  if (!NAME_PATHS.some(isChanged)) return;
  // The old name may have been read as a manager's.
  if (REFERENCE_PATHS.some(isChanged)) believed.managers.clear();
  forget(believed, set);
  forgetHolder(believed, id);
}

/** Forgets who was read as having the values at these paths. */
function forget({ ids, unknownManagers }: Believed, values: Record<string, unknown>): void {
  const [externalId, userName, emails] = NAME_PATHS.map((path) => values[path]);
  for (const name of [externalId, userName]) if (typeof name === 'string') unknownManagers.delete(foldText(name));
  if (typeof externalId === 'string') ids.delete(keyOf('externalId', externalId));
  if (typeof userName === 'string') ids.delete(keyOf('userName', userName));
  for (const { value } of Array.isArray(emails) ? (emails as { value?: unknown }[]) : []) {
    if (typeof value === 'string') ids.delete(keyOf('email', value));
  }
}

/** Forgets every value of which a user was read as one of the holders. */
function forgetHolder({ ids }: Believed, id: string): void {
  for (const [key, holders] of ids) if (holders.includes(id)) ids.delete(key);
}

function outdateMembers({ users }: Believed, members: MembersWrite | undefined): void {
  if (!members) return;
  if (members.change.kind === 'all') users.clear();
  else for (const id of [...members.change.add, ...members.change.remove]) users.delete(id);
}

/** Returns what was read ahead, and forgets it. */
function take<T>(from: Map<string, T>, key: string): T | undefined {
  const found = from.get(key);
  if (found !== undefined) from.delete(key);
  return found;
}

/** Stored paths of the values by which a manager reference names a user. */
const REFERENCE_PATHS = ['data.externalId', 'fold.userName'] as const;
/** Stored paths of all values that users are found by. */
const NAME_PATHS = [...REFERENCE_PATHS, 'fold.emails'] as const;

/** Links that are read ahead at once, at most. */
const LINKS_READ_MAX = 2000;

/** Ids of what users link to. */
function linkedIds(users: readonly StoredUser[], kind: 'groups' | 'stores'): string[] {
  const ids = users.flatMap((user) => user[kind].flatMap(({ to }) => to ?? []));
  return [...new Set(ids)].slice(0, LINKS_READ_MAX);
}

const idKey = (id: string): string => `id:${id}`;
const externalKey = (externalId: string): string => `externalId:${externalId}`;
const keyOf = (by: UserKey, value: string): string => `${by}:${value}`;
const typeNameKey = ({ typeFold, nameFold }: { typeFold: string; nameFold: string }): string =>
  `named:${typeFold}\u0000${nameFold}`;
