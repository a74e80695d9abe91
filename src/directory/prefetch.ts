// Records for a run over many rows: whom a batch of rows may mean is read ahead in a few queries. What was read ahead is believed once;
// after that the store is asked, and its conditional writes and unique indexes judge as ever.

import { LRUCache } from 'lru-cache';
import { idsOf } from './groups/identities.ts';
import type { StoredGroup, StoredStore, StoredUser } from './model.ts';
import type { Records, Write } from './records.ts';
import { foldText } from './schema/fold.ts';

/** The port to reading many at once; src/mongo implements it. */
export interface ManyUsers {
  /**
   * Ids of the users that have one of these values, by value: login names and e-mails folded, External IDs as they are.
   * Undefined where they are too many to be read at once: shops share mailboxes.
   */
  idsBy(
    account: string,
    by: 'userName' | 'externalId' | 'email',
    values: string[],
  ): Promise<ReadonlyMap<string, string[]> | undefined>;
  /** Whole users, as `Records.userForChange` gives them. */
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

export type PrefetchedRecords = Records & {
  prefetch: Prefetch;
};

/** Reads ahead for the next rows of an account, and forgets what earlier ones left. Tells who has what they name, as it is now. */
export type Prefetch = (account: string, named: Named) => Promise<WhoIsNamed>;

export interface WhoIsNamed {
  byUserName(userName: string): readonly string[];
  byExternalId(externalId: string): readonly string[];
  /** None where they were too many to be read. */
  byEmail(email: string): readonly string[];
}

/** Wraps records for one run of one account. */
export function createPrefetchedRecords(records: Records, many: ManyUsers): PrefetchedRecords {
  let ids = new Map<string, string[]>();
  let users = new Map<string, StoredUser>();
  /** Folded texts that named no manager when they were read ahead. */
  let nobodies = new Set<string>();
  const managers = createShared<string>();
  const groups = createShared<StoredGroup>();
  const stores = createShared<StoredStore>();

  const groupsById: Records['groupsById'] = (account, wanted) =>
    groups.list(
      wanted,
      idKey,
      (group) => idKey(group._id),
      (rest) => records.groupsById(account, rest),
    );
  const storesById: Records['storesById'] = (account, wanted) =>
    stores.list(
      wanted,
      idKey,
      (store) => idKey(store._id),
      (rest) => records.storesById(account, rest),
    );

  /** Gives what was read ahead, and forgets it. */
  function take<T>(from: Map<string, T>, key: string): T | undefined {
    const found = from.get(key);
    if (found !== undefined) from.delete(key);
    return found;
  }

  async function readManagers(account: string, references: string[]): Promise<void> {
    const wanted = [...new Set(references)].filter((reference) => managers.known(reference) === undefined);
    const found = wanted.length > 0 ? await records.usersByReferences(account, wanted) : [];
    nobodies = new Set(wanted.map(foldText));
    for (const { reference, id } of found) {
      managers.keep(reference, id);
      nobodies.delete(foldText(reference));
    }
  }

  /** The ids that have these values, by key; remembers that nobody has the others. */
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
    ids = new Map([...read, ...mailed]);
    users = new Map(documents.map((user) => [user._id, user]));
    // Whoever is there is named by the own id.
    for (const { _id } of documents) managers.keep(_id, _id);
    await Promise.all([
      groupsById(account, linked(documents, 'groups')),
      storesById(account, linked(documents, 'stores')),
    ]);
    return {
      byUserName: (userName) => read.get(keyOf('userName', foldText(userName))) ?? [],
      byExternalId: (externalId) => read.get(keyOf('externalId', externalId)) ?? [],
      byEmail: (email) => mailed.get(keyOf('email', foldText(email))) ?? [],
    };
  }

  /** A user who comes, or is called otherwise or mailed elsewhere, is asked for again by the names before and after. */
  function outdateNames(write: Write & { kind: 'insertUser' | 'updateUser' }): void {
    if (write.kind === 'insertUser') {
      const { data, fold } = write.user;
      forget({ 'data.externalId': data.externalId, 'fold.userName': fold.userName, 'fold.emails': fold.emails });
      return;
    }
    const { set, unset } = write.changes;
    if (!NAMES.some((path) => path in set || unset.includes(path))) return;
    forget(set);
    for (const [key, holders] of ids) if (holders.includes(write.id)) ids.delete(key);
  }

  /** Forgets who was read as having the values that now stand at these paths. */
  function forget(values: Record<string, unknown>): void {
    const [externalId, userName, emails] = NAMES.map((path) => values[path]);
    for (const name of [externalId, userName]) if (typeof name === 'string') nobodies.delete(foldText(name));
    if (typeof externalId === 'string') ids.delete(keyOf('externalId', externalId));
    if (typeof userName === 'string') ids.delete(keyOf('userName', userName));
    for (const { value } of Array.isArray(emails) ? (emails as { value?: unknown }[]) : []) {
      if (typeof value === 'string') ids.delete(keyOf('email', value));
    }
  }

  /** What a write makes untrue of what was read ahead; a name that is given away is asked for by the next plan. */
  function outdate(write: Write): void {
    switch (write.kind) {
      case 'insertUser':
        outdateNames(write);
        return;
      case 'updateUser':
        users.delete(write.id);
        outdateNames(write);
        return;
      case 'deleteUser':
        users.delete(write.id);
        managers.clear();
        return;
      case 'insertGroup':
      case 'updateGroup':
        groups.clear();
        return;
      case 'insertStore':
      case 'updateStore':
        stores.clear();
        return;
      case 'countActive':
        return;
    }
  }

  return {
    ...records,
    async prefetch(account, named) {
      const [who] = await Promise.all([readUsers(account, named), readManagers(account, named.managers ?? [])]);
      return who;
    },
    async usersWith(account, by, value, atMost) {
      const key = keyOf(by, by === 'externalId' ? value : foldText(value));
      return take(ids, key)?.slice(0, atMost) ?? records.usersWith(account, by, value, atMost);
    },
    user: async (account, id) => users.get(id) ?? records.user(account, id),
    userForChange: async (account, id) => take(users, id) ?? records.userForChange(account, id),
    async commit(account, writes) {
      for (const write of writes) outdate(write);
      const result = await records.commit(account, writes);
      // What was read while it was written may be from before; what another writer was faster on is read anew by the next plan.
      for (const write of writes) outdate(write);
      if (!result.ok) {
        groups.clear();
        stores.clear();
      }
      return result;
    },
    async userByReference(account, reference) {
      const known = managers.known(reference);
      if (known !== undefined || nobodies.has(foldText(reference))) return known;
      return managers.one(reference, () => records.userByReference(account, reference));
    },
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
    storesById,
    storesByRefId: (account, refIds) =>
      stores.list(
        refIds,
        externalKey,
        (store) => externalKey(store.refId),
        (rest) => records.storesByRefId(account, rest),
      ),
  };
}

/** Stored paths that say what a user is called, and where mailed. */
const NAMES = ['data.externalId', 'fold.userName', 'fold.emails'] as const;

/** Links that are read ahead at once, at most. */
const LINKS_READ_MAX = 2000;

/** What users link to. */
function linked(users: readonly StoredUser[], kind: 'groups' | 'stores'): string[] {
  const ids = users.flatMap((user) => user[kind].flatMap(({ to }) => to ?? []));
  return [...new Set(ids)].slice(0, LINKS_READ_MAX);
}

const idKey = (id: string): string => `id:${id}`;
const externalKey = (externalId: string): string => `externalId:${externalId}`;
const keyOf = (by: Parameters<Records['usersWith']>[1], value: string): string => `${by}:${value}`;
const typeNameKey = ({ typeFold, nameFold }: { typeFold: string; nameFold: string }): string =>
  `named:${typeFold}\u0000${nameFold}`;

/** What many rows name is believed for so long; a write on it is conditional on its version all the same. */
const SHARED_MS = 2000;
const SHARED_MAX = 10_000;

/** Groups, stores and managers that row after row names, asked for once for all rows. What is not found is asked for again. */
function createShared<T extends object | string>() {
  const cache = new LRUCache<string, T>({ max: SHARED_MAX, ttl: SHARED_MS });
  let asking = new Map<string, Promise<T | undefined>>();

  /** Asks; whoever wants the same in the meantime waits for the same answer. One that `clear` overtook is not remembered. */
  function ask(keys: string[], found: Promise<Map<string, T>>): void {
    const mine = asking;
    for (const key of keys) {
      const one = found.then((all) => {
        const value = all.get(key);
        if (value !== undefined && mine === asking) cache.set(key, value);
        return value;
      });
      const forget = (): void => {
        mine.delete(key);
      };
      one.then(forget, forget);
      mine.set(key, one);
    }
  }

  return {
    known: (key: string): T | undefined => cache.get(key),
    keep: (key: string, value: T): void => void cache.set(key, value),
    clear(): void {
      cache.clear();
      asking = new Map();
    },
    async one(key: string, load: () => Promise<T | undefined>): Promise<T | undefined> {
      if (!asking.has(key)) {
        ask(
          [key],
          load().then((found) => new Map(found === undefined ? [] : [[key, found]])),
        );
      }
      return asking.get(key);
    },
    async list<K>(
      wanted: K[],
      keyOf: (wanted: K) => string,
      keysOfFound: (found: T) => string | string[],
      load: (rest: K[]) => Promise<T[]>,
    ): Promise<T[]> {
      const known: T[] = [];
      const rest = new Map<string, K>();
      const keys = new Map(wanted.map((each) => [keyOf(each), each]));
      for (const [key, each] of keys) {
        const found = cache.get(key);
        if (found !== undefined) {
          known.push(found);
          keys.delete(key);
        } else if (!asking.has(key)) rest.set(key, each);
      }
      if (rest.size > 0) {
        const found = load([...rest.values()]);
        ask(
          [...rest.keys()],
          found.then((all) => new Map(all.flatMap((each) => [keysOfFound(each)].flat().map((key) => [key, each])))),
        );
      }
      const asked = await Promise.all([...keys.keys()].flatMap((key) => asking.get(key) ?? []));
      return [...known, ...asked.filter((each) => each !== undefined)];
    },
  };
}
