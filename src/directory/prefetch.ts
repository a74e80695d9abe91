// Records for a run over many rows: whom a batch of rows may mean is read ahead in a few queries. What was read ahead is believed once;
// after that the store is asked, and its conditional writes and unique indexes judge as ever.

import { LRUCache } from 'lru-cache';
import { foldText } from './fold.ts';
import type { StoredUser } from './model.ts';
import type { Records } from './records.ts';

/** The port to reading many at once; src/mongo implements it. */
export interface ManyUsers {
  /** Ids of the users that have one of these values, by value: login names folded, External IDs as they are. */
  idsBy(account: string, by: 'userName' | 'externalId', values: string[]): Promise<ReadonlyMap<string, string[]>>;
  /** Whole users, as `Records.userForChange` gives them. */
  forChange(account: string, ids: string[]): Promise<StoredUser[]>;
}

/** Login names, External IDs and ids of users that the next rows name. */
export interface Named {
  userNames?: string[];
  externalIds?: string[];
  ids?: string[];
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
  const shared = createShared();

  /** Gives what was read ahead, and forgets it. */
  function take<T>(from: Map<string, T>, key: string): T | undefined {
    const found = from.get(key);
    if (found !== undefined) from.delete(key);
    return found;
  }

  return {
    ...records,
    async prefetch(account, named) {
      const byName = [...new Set((named.userNames ?? []).map(foldText))];
      const byId = [...new Set(named.externalIds ?? [])];
      const [names, externals] = await Promise.all([
        byName.length > 0 ? many.idsBy(account, 'userName', byName) : new Map<string, string[]>(),
        byId.length > 0 ? many.idsBy(account, 'externalId', byId) : new Map<string, string[]>(),
      ]);
      const found = [...new Set([...(named.ids ?? []), ...[...names.values(), ...externals.values()].flat()])];
      const documents = found.length > 0 ? await many.forChange(account, found) : [];
      ids = new Map([
        ...byName.map((name): [string, string[]] => [`userName:${name}`, names.get(name) ?? []]),
        ...byId.map((id): [string, string[]] => [`externalId:${id}`, externals.get(id) ?? []]),
      ]);
      users = new Map(documents.map((user) => [user._id, user]));
      return {
        byUserName: (userName) => names.get(foldText(userName)) ?? [],
        byExternalId: (externalId) => externals.get(externalId) ?? [],
      };
    },
    async usersWith(account, by, value, atMost) {
      const key = `${by}:${by === 'userName' ? foldText(value) : value}`;
      return take(ids, key)?.slice(0, atMost) ?? records.usersWith(account, by, value, atMost);
    },
    async userForChange(account, id) {
      return take(users, id) ?? records.userForChange(account, id);
    },
    async commit(account, writes) {
      const result = await records.commit(account, writes);
      // What another writer was faster on is read anew by the next plan.
      if (!result.ok) shared.clear();
      for (const write of writes) {
        if (write.kind === 'updateUser' || write.kind === 'deleteUser') users.delete(write.id);
        else if (write.kind !== 'insertUser' && write.kind !== 'countActive') shared.clear();
      }
      return result;
    },
    userByReference: (account, reference) =>
      shared.one(`user:${reference}`, () => records.userByReference(account, reference)),
    groupsByExternalId: (account, externalIds) =>
      shared.list(
        externalIds,
        groupKey,
        (group) => group.externalId ?? '',
        (rest) => records.groupsByExternalId(account, rest),
      ),
    groupsByTypeAndName: (account, identities) =>
      shared.list(
        identities,
        typeNameKey,
        ({ typeFold, nameFold }) => ({ typeFold, nameFold }),
        (rest) => records.groupsByTypeAndName(account, rest),
      ),
    storesByRefId: (account, refIds) =>
      shared.list(
        refIds,
        storeKey,
        (store) => store.refId,
        (rest) => records.storesByRefId(account, rest),
      ),
  };
}

const groupKey = (externalId: string): string => `group:${externalId}`;
const storeKey = (refId: string): string => `store:${refId}`;
const typeNameKey = ({ typeFold, nameFold }: { typeFold: string; nameFold: string }): string =>
  `named:${typeFold}\u0000${nameFold}`;

/** What many rows name is believed for so long; a write on it is conditional on its version all the same. */
const SHARED_MS = 2000;
const SHARED_MAX = 10_000;

/** Groups, stores and superiors that row after row names. What is not found is asked for again. */
function createShared() {
  const cache = new LRUCache<string, object | string>({ max: SHARED_MAX, ttl: SHARED_MS });
  return {
    clear: () => cache.clear(),
    async one(key: string, ask: () => Promise<string | undefined>): Promise<string | undefined> {
      const known = cache.get(key) as string | undefined;
      if (known !== undefined) return known;
      const found = await ask();
      if (found !== undefined) cache.set(key, found);
      return found;
    },
    async list<K, T extends object>(
      wanted: K[],
      keyOf: (wanted: K) => string,
      wantedOf: (found: T) => K,
      ask: (rest: K[]) => Promise<T[]>,
    ): Promise<T[]> {
      const known: T[] = [];
      const rest: K[] = [];
      for (const each of wanted) {
        const found = cache.get(keyOf(each)) as T | undefined;
        if (found) known.push(found);
        else rest.push(each);
      }
      if (rest.length === 0) return known;
      const found = await ask(rest);
      for (const each of found) cache.set(keyOf(wantedOf(each)), each);
      return [...known, ...found];
    },
  };
}
