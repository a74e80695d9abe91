// Reads ahead for a run over many rows: loads the users that the next rows may refer to in a few queries. Each answer is used once;
// after that the database is queried. Conditional writes and unique indexes detect an outdated answer.

import { idsOf } from './groups/identities.ts';
import type { StoredGroup, StoredStore, StoredUser } from './model.ts';
import type { MembersWrite, Records, RecordsReader, RecordsWriter, UserKey, Write } from './records.ts';
import { foldText } from './schema/fold.ts';
import { createSharedLookups, type SharedLookups } from './shared-lookups.ts';

/** The keys by which many users are read at once. */
type KeyRead = 'userName' | 'externalId' | 'email' | 'invitedEmail';

/** The port for reading many users at once; src/mongo implements it. */
export interface ManyUsers {
  /**
   * Ids of the users who have one of these values, by value: login names and e-mails folded, External IDs as they are.
   * Undefined if there are too many to read at once, since shops share mailboxes.
   */
  idsBy(account: string, by: KeyRead, values: string[]): Promise<ReadonlyMap<string, string[]> | undefined>;
  /** Whole users, as `RecordsReader.userForChange` returns them. */
  forChange(account: string, ids: string[]): Promise<StoredUser[]>;
}

/** Login names, External IDs, e-mails and ids of users in the next rows, and references to managers. */
export interface Named {
  userNames?: string[];
  externalIds?: string[];
  emails?: string[];
  /** E-mails under which somebody may be invited. */
  invitedEmails?: string[];
  ids?: string[];
  managers?: string[];
}

/** Reads ahead for the next rows of an account and discards what was read for earlier ones. Returns the users found now. */
export type Prefetch = (account: string, named: Named) => Promise<WhoIsNamed>;

/** The ids of the users who were found by each value. */
export interface WhoIsNamed {
  byUserName(userName: string): readonly string[];
  byExternalId(externalId: string): readonly string[];
  /** Empty if there were too many to read. */
  byEmail(email: string): readonly string[];
}

/** A reader of records that reads ahead. Every write must be announced with one of the `outdate` methods. */
export interface PrefetchedReader {
  reader: RecordsReader;
  prefetch: Prefetch;
  /** Discards what these writes make outdated. */
  outdate(writes: readonly Write[]): void;
  /** Discards all users, after a write to an unknown set of users. */
  outdateUsers(): void;
  /** Discards all groups and stores, after a conflict with another writer. */
  outdateEntities(): void;
}

interface PrefetchedRecords {
  records: Records;
  prefetch: Prefetch;
}

/** Wraps records with reading ahead, for one run of one account. */
export function createPrefetchedRecords(records: Records, many: ManyUsers): PrefetchedRecords {
  const ahead = createPrefetchedReader(records, many);
  const writer: RecordsWriter = {
    async commit(account, writes, budget) {
      ahead.outdate(writes);
      const result = await records.commit(account, writes, budget);
      // Answers that were read during the commit may be older than it; after a conflict the next plan reads again.
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

/** Wraps a reader of records with reading ahead, for one run of one account. */
export function createPrefetchedReader(records: RecordsReader, many: ManyUsers): PrefetchedReader {
  const answers: Answers = {
    ids: new Map(),
    users: new Map(),
    unknownManagers: new Set(),
    managers: createSharedLookups<string>(),
    groups: createSharedLookups<StoredGroup>(),
    stores: createSharedLookups<StoredStore>(),
  };
  const { managers, groups, stores } = answers;

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
    answers.unknownManagers = new Set(wanted.map(foldText));
    for (const { reference, id } of found) {
      managers.keep(reference, id);
      answers.unknownManagers.delete(foldText(reference));
    }
  }

  async function readUsers(account: string, named: Named): Promise<WhoIsNamed> {
    const [names, externals, emails, invited] = await Promise.all([
      readIds(many, account, 'userName', [...new Set((named.userNames ?? []).map(foldText))]),
      readIds(many, account, 'externalId', [...new Set(named.externalIds ?? [])]),
      readIds(many, account, 'email', [...new Set((named.emails ?? []).map(foldText))]),
      readIds(many, account, 'invitedEmail', [...new Set((named.invitedEmails ?? []).map(foldText))]),
    ]);
    const read = new Map([...names, ...externals]);
    const found = [...new Set([...(named.ids ?? []), ...[...read.values()].flat()])];
    const documents = found.length > 0 ? await many.forChange(account, found) : [];
    const mailed = new Map(emails);
    answers.ids = new Map([...read, ...mailed, ...invited]);
    answers.users = new Map(documents.map((user) => [user._id, user]));
    // A manager can be referenced by id.
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
    user: async (account, id) => answers.users.get(id) ?? records.user(account, id),
    userForChange: async (account, id) => take(answers.users, id) ?? records.userForChange(account, id),
    async userByReference(account, reference) {
      const known = managers.known(reference);
      if (known !== undefined || answers.unknownManagers.has(foldText(reference))) return known;
      return managers.one(reference, () => records.userByReference(account, reference));
    },
    usersByReferences: (account, references) => records.usersByReferences(account, references),
    async usersWith(account, by, value, atMost) {
      const key = keyOf(by, by === 'externalId' ? value : foldText(value));
      return take(answers.ids, key)?.slice(0, atMost) ?? records.usersWith(account, by, value, atMost);
    },
    users: (account, query) => records.users(account, query),
    group: (account, id) => records.group(account, id),
    groups: (account, query, connection) => records.groups(account, query, connection),
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
      for (const write of writes) outdate(answers, write);
    },
    outdateUsers: () => answers.users.clear(),
    outdateEntities() {
      groups.clear();
      stores.clear();
    },
  };
}

/** The ids of users with these values, by key; a value that nobody has gets an empty list. */
async function readIds(many: ManyUsers, account: string, by: KeyRead, values: string[]) {
  const found = values.length > 0 ? await many.idsBy(account, by, values) : undefined;
  return found ? values.map((value): [string, string[]] => [keyOf(by, value), found.get(value) ?? []]) : [];
}

/** Answers that were read ahead and are not outdated. */
interface Answers {
  /** Ids of the users who have a value, by `keyOf`. */
  ids: Map<string, string[]>;
  users: Map<string, StoredUser>;
  /** Folded references that no user matched when they were read ahead. */
  unknownManagers: Set<string>;
  managers: SharedLookups<string>;
  groups: SharedLookups<StoredGroup>;
  stores: SharedLookups<StoredStore>;
}

/** Discards what a write makes outdated. */
function outdate(answers: Answers, write: Write): void {
  switch (write.kind) {
    case 'insertUser': {
      const { data, fold } = write.user;
      const { externalId } = data;
      forget(answers, { 'data.externalId': externalId, 'fold.userName': fold.userName, 'fold.emails': fold.emails });
      return;
    }
    case 'updateUser':
      answers.users.delete(write.id);
      outdateNames(answers, write);
      return;
    case 'deleteUser':
      answers.users.delete(write.id);
      forgetHolder(answers, write.id);
      answers.managers.clear();
      return;
    case 'insertGroup':
    case 'updateGroup':
      outdateMembers(answers, write.members);
      answers.groups.clear();
      return;
    case 'deleteGroup':
      answers.groups.clear();
      return;
    case 'insertStore':
    case 'updateStore':
    case 'deleteStore':
      answers.stores.clear();
      return;
    case 'countActive':
      return;
  }
}

/** Discards the answers for the old and new values of a user who is renamed or gets another e-mail. */
function outdateNames(answers: Answers, { id, changes: { set, unset } }: Write & { kind: 'updateUser' }): void {
  const isChanged = (path: string): boolean => path in set || unset.includes(path);
  if (!NAME_PATHS.some(isChanged)) return;
  // The old name may have been read as a manager reference.
  if (REFERENCE_PATHS.some(isChanged)) answers.managers.clear();
  forget(answers, set);
  forgetHolder(answers, id);
}

/** Discards the answers for these values, by stored path. */
function forget({ ids, unknownManagers }: Answers, values: Record<string, unknown>): void {
  const [externalId, userName, emails] = NAME_PATHS.map((path) => values[path]);
  for (const name of [externalId, userName]) if (typeof name === 'string') unknownManagers.delete(foldText(name));
  if (typeof externalId === 'string') ids.delete(keyOf('externalId', externalId));
  if (typeof userName === 'string') ids.delete(keyOf('userName', userName));
  for (const { value } of Array.isArray(emails) ? (emails as { value?: unknown }[]) : []) {
    if (typeof value !== 'string') continue;
    for (const by of ['email', 'invitedEmail'] as const) ids.delete(keyOf(by, value));
  }
}

/** Discards the answers that include a user. */
function forgetHolder({ ids }: Answers, id: string): void {
  for (const [key, holders] of ids) if (holders.includes(id)) ids.delete(key);
}

function outdateMembers({ users }: Answers, members: MembersWrite | undefined): void {
  if (!members) return;
  if (members.change.kind === 'all') users.clear();
  else for (const id of [...members.change.add, ...members.change.remove]) users.delete(id);
}

/** Returns an answer and discards it. */
function take<T>(from: Map<string, T>, key: string): T | undefined {
  const found = from.get(key);
  if (found !== undefined) from.delete(key);
  return found;
}

/** Stored paths of the values that a manager reference can match. */
const REFERENCE_PATHS = ['data.externalId', 'fold.userName'] as const;
/** Stored paths of all values by which users are read ahead. */
const NAME_PATHS = [...REFERENCE_PATHS, 'fold.emails'] as const;

/** Maximum number of linked groups or stores to read ahead at once. */
const LINKS_READ_MAX = 2000;

/** Ids of the groups or stores that users link to. */
function linkedIds(users: readonly StoredUser[], kind: 'groups' | 'stores'): string[] {
  const ids = users.flatMap((user) => user[kind].flatMap(({ to }) => to ?? []));
  return [...new Set(ids)].slice(0, LINKS_READ_MAX);
}

const idKey = (id: string): string => `id:${id}`;
const externalKey = (externalId: string): string => `externalId:${externalId}`;
const keyOf = (by: UserKey, value: string): string => `${by}:${value}`;
const typeNameKey = ({ typeFold, nameFold }: { typeFold: string; nameFold: string }): string =>
  `named:${typeFold}\u0000${nameFold}`;
