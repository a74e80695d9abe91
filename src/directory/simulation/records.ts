// A store that remembers and never writes: reads see the real store and the earlier writes of the same simulation, commits are
// judged against both and kept aside. The same provision over it is a simulation; there is no second code path.

import { LRUCache } from 'lru-cache';
import type { StoredGroup, StoredStore, StoredUser } from '../model.ts';
import { meets } from '../precondition.ts';
import type { Prefetch, PrefetchedRecords } from '../prefetch.ts';
import { readWhole } from '../query/query.ts';
import type { CommitResult, GroupWrite, GroupWriteResult, Records, UniqueValue, Write } from '../records.ts';
import { textAt } from '../schema/attributes.ts';
import { applied } from './field-changes.ts';
import { claimedNameKey, groupKeys, identityKey, refIdKey, storeKeys, typeNameKey, userKey, userKeys } from './keys.ts';
import { createShelf, type Shelf, type SimulationShelves } from './overlay.ts';

/** Records of one simulation of one account; `close` forgets it. */
export type SimulatedRecords = PrefetchedRecords & {
  /** Documents in memory now: bounded, however much was written. */
  kept: () => number;
  close(): Promise<void>;
};

const ASKED_MAX = 5000;
/** Groups of one name, over all types, that are looked at. */
const SAME_NAME_MAX = 1000;

/** One value that only one document may have. */
interface Claim {
  value: UniqueValue;
  key: string;
  /** Who holds it in the real store. */
  base: string[];
}

/** What a write comes to, before it is judged against the other writes of the simulation. */
interface Prepared {
  kind: 'user' | 'group' | 'store';
  id: string;
  /** The revision or version that must still be there; undefined for an insert. */
  expected: number | undefined;
  /** The document afterwards; undefined for a deletion. */
  document: StoredUser | StoredGroup | StoredStore | undefined;
  claims: Claim[];
}

/**
 * Makes a simulation over a store. Lists, members and counts answer as the real store would; users of a list come as changed.
 * What is written is put away in `shelves`: memory does not grow with it.
 */
export function createSimulatedRecords(records: PrefetchedRecords, shelves: SimulationShelves): SimulatedRecords {
  const users: Shelf<StoredUser> = createShelf(shelves, 'user', userKeys);
  const groups: Shelf<StoredGroup> = createShelf(shelves, 'group', groupKeys);
  const stores: Shelf<StoredStore> = createShelf(shelves, 'store', storeKeys);
  const shelfOf = { user: users, group: groups, store: stores } as const;
  const asked = new LRUCache<string, string[]>({ max: ASKED_MAX });
  let active: number | undefined;

  const userForChange = async (account: string, id: string): Promise<StoredUser | undefined> => {
    const own = await users.look({ ids: [id] }, () => (users.has(id) ? { user: users.get(id) } : undefined));
    return own ? own.user : records.userForChange(account, id);
  };

  /** Of what the real store has, what was not written here. */
  const untouched = (shelf: Shelf<{ _id: string }>, ids: string[]): Promise<string[]> =>
    shelf.look({ ids }, () => ids.filter((id) => !shelf.has(id)));

  /** Ids that hold a key: those written here, and those of the real store that were not written here. */
  async function holders(
    shelf: Shelf<{ _id: string }>,
    key: string,
    atMost: number,
    base: (limit: number) => Promise<string[]>,
  ): Promise<string[]> {
    const own = await shelf.look({ keys: [key] }, () => shelf.holders(key));
    if (own.length >= atMost) return own.slice(0, atMost);
    for (let limit = atMost; ; limit *= 8) {
      const found = await base(limit);
      const others = await untouched(shelf, found);
      if (own.length + others.length >= atMost || found.length < limit) {
        return [...own, ...others].slice(0, atMost);
      }
    }
  }

  /** Who has a value in the real store, asked once: what others write meanwhile is not part of the simulation. */
  async function storedUsersWith(...[account, by, value, atMost]: Parameters<Records['usersWith']>): Promise<string[]> {
    const key = `${userKey(by, value)} ${atMost}`;
    const known = asked.get(key);
    if (known) return known;
    const found = await records.usersWith(account, by, value, atMost);
    asked.set(key, found);
    return found;
  }

  const usersWith: Records['usersWith'] = (account, by, value, atMost) =>
    holders(users, userKey(by, value), atMost, (limit) => storedUsersWith(account, by, value, limit));

  const writtenOf = <T extends { _id: string }>(shelf: Shelf<T>, ids: string[]): Promise<T[]> =>
    shelf.look({ ids }, () => ids.flatMap((id) => shelf.get(id) ?? []));

  /** The documents that were written here and have one of these keys. */
  async function written<T extends { _id: string }>(shelf: Shelf<T>, keys: string[]): Promise<T[]> {
    const ids = await shelf.look({ keys }, () => new Set(keys.flatMap((key) => shelf.holders(key))));
    return writtenOf(shelf, [...ids]);
  }

  /** The documents of the real store that were not written here. */
  async function others<T extends { _id: string }>(shelf: Shelf<T>, found: Promise<T[]>): Promise<T[]> {
    const documents = await found;
    const ids = new Set(
      await untouched(
        shelf,
        documents.map(({ _id }) => _id),
      ),
    );
    return documents.filter(({ _id }) => ids.has(_id));
  }

  /** Documents by a key that only one of them has: one that was written here is not asked for in the real store. */
  async function byUnique<T extends { _id: string }, W>(
    shelf: Shelf<T>,
    wanted: W[],
    keyOf: (one: W) => string,
    base: (rest: W[]) => Promise<T[]>,
  ): Promise<T[]> {
    const keys = wanted.map(keyOf);
    const elsewhere = await shelf.look({ keys }, () => wanted.filter((one) => shelf.holders(keyOf(one)).length === 0));
    const [own, found] = await Promise.all([
      written(shelf, keys),
      elsewhere.length > 0 ? others(shelf, base(elsewhere)) : [],
    ]);
    return [...own, ...found];
  }

  /** Documents by a name that several may have. */
  async function byName<T extends { _id: string }>(
    shelf: Shelf<T>,
    nameFold: string,
    base: Promise<T[]>,
  ): Promise<T[]> {
    const [own, found] = await Promise.all([written(shelf, [`n:${nameFold}`]), others(shelf, base)]);
    return [...own, ...found];
  }

  async function byIds<T extends { _id: string }>(
    shelf: Shelf<T>,
    ids: string[],
    base: (ids: string[]) => Promise<T[]>,
  ): Promise<T[]> {
    const elsewhere = await untouched(shelf, ids);
    const [own, found] = await Promise.all([writtenOf(shelf, ids), elsewhere.length > 0 ? base(elsewhere) : []]);
    return [...own, ...found];
  }

  const groupsById: Records['groupsById'] = (account, ids) =>
    byIds(groups, ids, (rest) => records.groupsById(account, rest));
  const storesById: Records['storesById'] = (account, ids) =>
    byIds(stores, ids, (rest) => records.storesById(account, rest));
  const groupsByExternalId: Records['groupsByExternalId'] = (account, externalIds) =>
    byUnique(groups, externalIds, identityKey, (rest) => records.groupsByExternalId(account, rest));
  const groupsByTypeAndName: Records['groupsByTypeAndName'] = (account, identities) =>
    byUnique(groups, identities, typeNameKey, (rest) => records.groupsByTypeAndName(account, rest));
  const groupsByName: Records['groupsByName'] = (account, nameFold, atMost) =>
    byName(groups, nameFold, records.groupsByName(account, nameFold, atMost));
  const storesByName: Records['storesByName'] = (account, nameFold, atMost) =>
    byName(stores, nameFold, records.storesByName(account, nameFold, atMost));
  const storesByRefId: Records['storesByRefId'] = (account, refIds) =>
    byUnique(stores, refIds, refIdKey, (rest) => records.storesByRefId(account, rest));

  /** By id, then External ID, then login name, as the store does: of what was written here, and of the rest. */
  async function userByReference(account: string, reference: string): Promise<string | undefined> {
    const own = await users.look({ ids: [reference] }, () => ({
      isWritten: users.has(reference),
      id: users.get(reference)?._id,
    }));
    if (own.id !== undefined) return own.id;
    const keys = [userKey('externalId', reference), userKey('userName', reference)] as const;
    const [identified, named] = await users.look({ keys }, () => keys.map((key) => users.holders(key)[0]));
    const found = await records.userByReference(account, reference);
    if (found === undefined) return identified ?? named;
    if (found === reference && !own.isWritten) return found;
    if (identified !== undefined) return identified;
    const [stays] = await untouched(users, [found]);
    if (stays !== undefined) return stays;
    // Who is called so in the store is called otherwise here: somebody else may be called so there, too.
    const [another] = await usersWith(account, 'externalId', reference, 1);
    return another ?? (await usersWith(account, 'userName', reference, 1))[0];
  }

  /** Reads ahead in the real store, and what was written here of those that are named. */
  const prefetch: Prefetch = async (account, named) => {
    const { userNames = [], externalIds = [], emails = [], ids = [], managers = [] } = named;
    const real = await records.prefetch(account, { ...named, ids: await untouched(users, ids) });
    const found = [
      ...userNames.flatMap((name) => real.byUserName(name)),
      ...externalIds.flatMap((id) => real.byExternalId(id)),
    ];
    const nameKeys = [...userNames, ...managers].map((name) => userKey('userName', name));
    const keys = [
      ...nameKeys,
      ...[...externalIds, ...managers].map((id) => userKey('externalId', id)),
      ...emails.flatMap((email) => [userKey('email', email), userKey('emailWithoutExternalId', email)]),
    ];
    const wanted = { ids: [...new Set([...managers, ...found])], keys: [...new Set(keys)] };
    const own = await users.look(wanted, () => new Map(wanted.keys.map((key) => [key, users.holders(key)])));
    const withOwn = (of: readonly string[], key: string) => [...new Set([...of, ...(own.get(key) ?? [])])];
    return {
      byUserName: (userName) => withOwn(real.byUserName(userName), userKey('userName', userName)),
      byExternalId: (externalId) => withOwn(real.byExternalId(externalId), userKey('externalId', externalId)),
      byEmail: (email) => withOwn(real.byEmail(email), userKey('email', email)),
    };
  };

  async function prepare(account: string, write: Write): Promise<Prepared | undefined> {
    switch (write.kind) {
      case 'insertUser':
        return preparedUser(account, write.user, undefined);
      case 'updateUser': {
        const current = await userForChange(account, write.id);
        const at = write.visible ? { version: 1, modified: write.record.at } : undefined;
        const next = current && { ...applied(current, write.changes), revision: current.revision + 1 };
        if (next && at) Object.assign(next, { version: next.version + at.version, modified: at.modified });
        return next ? preparedUser(account, next, write.ifRevision, current) : gone('user', write.id);
      }
      case 'deleteUser':
        return { kind: 'user', id: write.id, expected: write.ifRevision, document: undefined, claims: [] };
      case 'insertGroup':
        return preparedGroup(account, write.group, undefined);
      case 'updateGroup': {
        const [current] = await groupsById(account, [write.id]);
        if (!current) return gone('group', write.id);
        return preparedGroup(
          account,
          { ...applied(current, write.changes), version: current.version + 1 },
          write.ifVersion,
        );
      }
      case 'insertStore':
        return preparedStore(account, write.store, undefined);
      case 'updateStore': {
        const [current] = await storesById(account, [write.id]);
        if (!current) return gone('store', write.id);
        return preparedStore(
          account,
          { ...applied(current, write.changes), version: current.version + 1 },
          write.ifVersion,
        );
      }
      case 'countActive':
        active ??= await shelves.activeUsers(account);
        return undefined;
    }
  }

  /** What stays as it is in `current` needs no claim. */
  async function preparedUser(
    account: string,
    user: StoredUser,
    expected: number | undefined,
    current?: StoredUser,
  ): Promise<Prepared> {
    const claims: Claim[] = [];
    for (const by of ['userName', 'externalId'] as const) {
      const value = textAt(user.data, by);
      if (value === undefined || (current && userKey(by, textAt(current.data, by) ?? '') === userKey(by, value)))
        continue;
      claims.push({ value: by, key: userKey(by, value), base: await storedUsersWith(account, by, value, 2) });
    }
    return { kind: 'user', id: user._id, expected, document: { ...user, changes: [] }, claims };
  }

  async function preparedGroup(account: string, group: StoredGroup, expected: number | undefined): Promise<Prepared> {
    const ids = async (found: Promise<StoredGroup[]>) => (await found).map((one) => one._id);
    const [typed, identified] = await Promise.all([
      ids(records.groupsByTypeAndName(account, [group])),
      group.externalId === undefined ? [] : ids(records.groupsByExternalId(account, [group.externalId])),
    ]);
    const claims: Claim[] = [{ value: 'groupTypeName', key: typeNameKey(group), base: typed }];
    if (group.externalId !== undefined) {
      claims.push({ value: 'groupExternalId', key: identityKey(group.externalId), base: identified });
    }
    if (group.claimed) {
      const named = await records.groupsByName(account, group.nameFold, SAME_NAME_MAX);
      const base = named.filter((one) => one.claimed && one.nameFold === group.nameFold).map((one) => one._id);
      claims.push({ value: 'groupName', key: claimedNameKey(group.nameFold), base });
    }
    return { kind: 'group', id: group._id, expected, document: { ...group, changes: [] }, claims };
  }

  async function preparedStore(account: string, store: StoredStore, expected: number | undefined): Promise<Prepared> {
    const base = (await records.storesByRefId(account, [store.refId])).map((one) => one._id);
    const claims: Claim[] = [{ value: 'storeRefId', key: refIdKey(store.refId), base }];
    return { kind: 'store', id: store._id, expected, document: { ...store, changes: [] }, claims };
  }

  /** What a judgement looks at, by kind. */
  function wantedBy(prepared: Prepared[]) {
    return (['user', 'group', 'store'] as const).map((kind) => {
      const own = prepared.filter((one) => one.kind === kind);
      const claims = own.flatMap((one) => one.claims);
      const changed = own.flatMap(({ id, expected }) => (expected === undefined ? [] : [id]));
      const wanted = { ids: [...changed, ...claims.flatMap(({ base }) => base)], keys: claims.map(({ key }) => key) };
      return { shelf: shelfOf[kind], wanted };
    });
  }

  async function judgeAndKeep(prepared: Prepared[], writes: Write[]): Promise<CommitResult> {
    const looks = wantedBy(prepared);
    do await Promise.all(looks.map(({ shelf, wanted }) => shelf.bring(wanted)));
    while (!looks.every(({ shelf, wanted }) => shelf.isNear(wanted)));
    const result = judgeAtOnce(prepared, writes);
    await Promise.all([users.settle(), groups.settle(), stores.settle()]);
    return result;
  }

  /** Judges and keeps in one go, without giving way to other writers of the simulation in between. */
  function judgeAtOnce(prepared: Prepared[], writes: Write[]): CommitResult {
    for (const { kind, id, expected, claims } of prepared) {
      const shelf = shelfOf[kind];
      const seen = shelf.revision(id);
      if (expected !== undefined && seen !== undefined && seen !== expected) return { ok: false, reason: 'stale' };
      for (const { value, key, base } of claims) {
        const taken = [...shelf.holders(key), ...base.filter((other) => !shelf.has(other))];
        if (taken.some((other) => other !== id)) return { ok: false, reason: 'taken', value };
      }
    }
    for (const write of writes) {
      if (write.kind !== 'countActive') continue;
      if (write.delta > 0 && (active ?? 0) >= write.limit) return { ok: false, reason: 'userLimit' };
      active = (active ?? 0) + write.delta;
    }
    for (const { kind, id, document } of prepared) {
      if (kind === 'user') users.put(id, document as StoredUser | undefined);
      else if (kind === 'group') groups.put(id, document as StoredGroup | undefined);
      else stores.put(id, document as StoredStore | undefined);
    }
    return { ok: true };
  }

  async function commit(account: string, writes: Write[]): Promise<CommitResult> {
    const prepared: Prepared[] = [];
    for (const write of writes) {
      const one = await prepare(account, write);
      if (one) prepared.push(one);
    }
    return judgeAndKeep(prepared, writes);
  }

  async function writeGroup(account: string, write: GroupWrite): Promise<GroupWriteResult> {
    const [current] = await groupsById(account, [write.id]);
    const from = current ?? write.insert;
    if (!from || (write.claim && from.claimed)) return { ok: false, reason: 'notFound' };
    if (!meets(write.precondition, from.version)) return { ok: false, reason: 'precondition' };
    const group = write.insert ?? {
      ...applied(from, write.changes),
      version: from.version + 1,
      modified: write.record.at,
    };
    const linked = await membersAfter(account, write);
    if (typeof linked === 'string') return { ok: false, reason: 'noUser', id: linked };
    const prepared = [await preparedGroup(account, group, write.insert ? undefined : from.version)];
    for (const user of linked) prepared.push(await preparedUser(account, user, user.revision - 1, user));
    const result = await judgeAndKeep(prepared, []);
    if (result.ok) return { ok: true, group, changed: true };
    return result.reason === 'taken' ? result : { ok: false, reason: 'busy' };
  }

  /** The users that a change of members changes, as they would be; or the id of one that does not exist. */
  async function membersAfter(account: string, write: GroupWrite): Promise<StoredUser[] | string> {
    const changed: StoredUser[] = [];
    for (const id of write.add) {
      const user = await userForChange(account, id);
      if (!user) return id;
      if (user.groups.some((link) => link.to === write.id)) continue;
      changed.push(seenLater({ ...user, groups: [...user.groups, { to: write.id, origins: [write.origin] }] }));
    }
    for (const id of Array.isArray(write.remove) ? write.remove : []) {
      const user = await userForChange(account, id);
      if (!user?.groups.some((link) => link.to === write.id)) continue;
      changed.push(seenLater({ ...user, groups: user.groups.filter((link) => link.to !== write.id) }));
    }
    return changed;
  }

  return {
    ...records,
    user: userForChange,
    userForChange,
    usersWith,
    userByReference,
    async users(account, query) {
      const { resources, ...page } = readWhole(await records.users(account, query));
      const all = await Promise.all(resources.map((user) => userForChange(account, user._id)));
      const seen = all.filter((user) => user !== undefined);
      return { ...page, length: seen.length, at: (index) => seen[index] as StoredUser };
    },
    group: async (account, id) => (await groupsById(account, [id]))[0],
    groupsById,
    groupsByExternalId,
    groupsByTypeAndName,
    groupsByName,
    storesById,
    storesByRefId,
    storesByName,
    commit,
    writeGroup,
    async deleteGroup(account, id, precondition) {
      const [group] = await groupsById(account, [id]);
      if (!group) return 'notFound';
      if (!meets(precondition, group.version)) return 'precondition';
      groups.put(id, undefined);
      return 'deleted';
    },
    // What follows a change off the request path is not part of what a row comes to.
    clearManager: async () => undefined,
    resolveManagers: async () => undefined,
    awaitedManagers: async () => [],
    usersByReferences: async () => [],
    recountActive: async () => undefined,
    prefetch,
    kept: () => users.size() + groups.size() + stores.size(),
    close: () => shelves.close(),
  };
}

const gone = (kind: 'user' | 'group' | 'store', id: string): Prepared => ({
  kind,
  id,
  // No revision is negative: whoever wrote it meanwhile, the plan is made again.
  expected: -1,
  document: undefined,
  claims: [],
});

function seenLater(user: StoredUser): StoredUser {
  return { ...user, version: user.version + 1, revision: user.revision + 1 };
}
