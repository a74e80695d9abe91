// Records for a run over many rows: whom a batch of rows may mean is read ahead in a few queries. What was read ahead is believed once;
// after that the store is asked, and its conditional writes and unique indexes judge as ever.

import { LRUCache } from 'lru-cache';
import { textAt } from './attributes.ts';
import { foldText } from './fold.ts';
import type { StoredGroup, StoredStore, StoredUser } from './model.ts';
import type { Records, Write } from './records.ts';

/** The port to reading many at once; src/mongo implements it. */
export interface ManyUsers {
  /** Ids of the users that have one of these values, by value: login names folded, External IDs as they are. */
  idsBy(account: string, by: 'userName' | 'externalId', values: string[]): Promise<ReadonlyMap<string, string[]>>;
  /** Whole users, as `Records.userForChange` gives them. */
  forChange(account: string, ids: string[]): Promise<StoredUser[]>;
}

/** Login names, External IDs and ids of users that the next rows name, and texts that name a manager. */
export interface Named {
  userNames?: string[];
  externalIds?: string[];
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

  async function readUsers(account: string, byName: string[], byId: string[], wanted: string[]) {
    const [names, externals] = await Promise.all([
      byName.length > 0 ? many.idsBy(account, 'userName', byName) : new Map<string, string[]>(),
      byId.length > 0 ? many.idsBy(account, 'externalId', byId) : new Map<string, string[]>(),
    ]);
    const found = [...new Set([...wanted, ...[...names.values(), ...externals.values()].flat()])];
    const documents = found.length > 0 ? await many.forChange(account, found) : [];
    ids = new Map([
      ...byName.map((name): [string, string[]] => [nameKey(name), names.get(name) ?? []]),
      ...byId.map((id): [string, string[]] => [externalKey(id), externals.get(id) ?? []]),
    ]);
    users = new Map(documents.map((user) => [user._id, user]));
    // Whoever is there is named by the own id.
    for (const { _id } of documents) managers.keep(_id, _id);
    await Promise.all([
      groupsById(account, linked(documents, 'groups')),
      storesById(account, linked(documents, 'stores')),
    ]);
    return { names, externals };
  }

  /** What a write makes untrue of what was read ahead; a name that is given away is asked for by the next plan. */
  function outdate(write: Write): void {
    switch (write.kind) {
      case 'insertUser':
        for (const key of ['userName', 'externalId']) nobodies.delete(foldText(textAt(write.user.data, key) ?? ''));
        return;
      case 'updateUser':
        users.delete(write.id);
        if (NAMES.some((path) => path in write.changes.set)) nobodies.clear();
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
      const [{ names, externals }] = await Promise.all([
        readUsers(
          account,
          [...new Set((named.userNames ?? []).map(foldText))],
          [...new Set(named.externalIds ?? [])],
          named.ids ?? [],
        ),
        readManagers(account, named.managers ?? []),
      ]);
      return {
        byUserName: (userName) => names.get(foldText(userName)) ?? [],
        byExternalId: (externalId) => externals.get(externalId) ?? [],
      };
    },
    async usersWith(account, by, value, atMost) {
      const key = by === 'userName' ? nameKey(foldText(value)) : by === 'externalId' ? externalKey(value) : '';
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
        (group) => externalKey(group.externalId ?? ''),
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

/** Stored paths that say what a user is called. */
const NAMES = ['data.externalId', 'fold.userName'];

/** Links that are read ahead at once, at most. */
const LINKS_READ_MAX = 2000;

/** What users link to. */
function linked(users: readonly StoredUser[], kind: 'groups' | 'stores'): string[] {
  const ids = users.flatMap((user) => user[kind].flatMap(({ to }) => to ?? []));
  return [...new Set(ids)].slice(0, LINKS_READ_MAX);
}

const idKey = (id: string): string => `id:${id}`;
const externalKey = (externalId: string): string => `externalId:${externalId}`;
const nameKey = (userNameFold: string): string => `userName:${userNameFold}`;
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
      keyOfFound: (found: T) => string,
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
          found.then((all) => new Map(all.map((each) => [keyOfFound(each), each]))),
        );
      }
      const asked = await Promise.all([...keys.keys()].flatMap((key) => asking.get(key) ?? []));
      return [...known, ...asked.filter((each) => each !== undefined)];
    },
  };
}
