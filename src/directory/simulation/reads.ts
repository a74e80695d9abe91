// Reads of a simulation: stored documents, replaced by those in the overlays.

import { LRUCache } from 'lru-cache';
import type { StoredUser } from '../model.ts';
import type { Prefetch, PrefetchedReader } from '../prefetch.ts';
import { readWhole, unread } from '../query/query.ts';
import type { RecordsReader, UserKey } from '../records.ts';
import type { SimulationContext } from './context.ts';
import { eitherNameKey, groupIdentityKey, refIdKey, typeNameKey, userKey } from './keys.ts';
import { mergedMembers } from './members.ts';
import type { Overlay } from './overlay.ts';

/** Maximum number of cached answers about users in the database. */
const ANSWERS_MAX = 5000;

/** Wraps `usersWith` with a cache; see SimulationContext. */
export function createStoredUsersWith(records: RecordsReader): RecordsReader['usersWith'] {
  const answers = new LRUCache<string, string[]>({ max: ANSWERS_MAX });
  return async (account, by, value, atMost) => {
    const key = `${userKey(by, value)} ${atMost}`;
    const known = answers.get(key);
    if (known) return known;
    const found = await records.usersWith(account, by, value, atMost);
    answers.set(key, found);
    return found;
  };
}

/**
 * Creates the reader of a simulation. Filters, searches, pages, counts of lists, `awaitedManagers` and `usersMissingStoreData` select
 * by the stored documents; the users and groups of a page are then replaced by those in the overlays.
 */
export function createSimulatedReader(context: SimulationContext): RecordsReader {
  const { stored, overlays } = context;
  const { group: groups, store: stores } = overlays;
  const userNow: RecordsReader['user'] = (account, id) => writtenOrStoredUser(context, account, id);
  const groupsById: RecordsReader['groupsById'] = (account, ids) =>
    byIds(groups, ids, (rest) => stored.groupsById(account, rest));
  return {
    user: userNow,
    userForChange: userNow,
    userByReference: (account, reference) => userByReference(context, account, reference),
    async usersByReferences(account, references) {
      const ids = await Promise.all(references.map((reference) => userByReference(context, account, reference)));
      return references.flatMap((reference, index) => {
        const id = ids[index];
        return id === undefined ? [] : [{ reference, id }];
      });
    },
    usersWith: (...question) => usersWith(context, ...question),
    async users(account, query) {
      const { resources, ...page } = readWhole(await stored.users(account, query));
      const all = await Promise.all(resources.map((user) => userNow(account, user._id)));
      return unread({ ...page, resources: all.filter((user) => user !== undefined) });
    },
    group: async (account, id) => (await groupsById(account, [id]))[0],
    async groups(account, query, connection) {
      const page = await stored.groups(account, query, connection);
      return { ...page, resources: await writtenInstead(groups, page.resources) };
    },
    groupsById,
    groupsByExternalId: (account, externalIds) =>
      byUnique(groups, externalIds, groupIdentityKey, (rest) => stored.groupsByExternalId(account, rest)),
    groupsByTypeAndName: (account, identities) =>
      byUnique(groups, identities, typeNameKey, (rest) => stored.groupsByTypeAndName(account, rest)),
    groupsByName: (account, nameFold, atMost) =>
      byName(groups, nameFold, atMost, (limit) => stored.groupsByName(account, nameFold, limit)),
    storesById: (account, ids) => byIds(stores, ids, (rest) => stored.storesById(account, rest)),
    storesByRefId: (account, refIds) =>
      byUnique(stores, refIds, refIdKey, (rest) => stored.storesByRefId(account, rest)),
    storesByName: (account, nameFold, atMost) =>
      byName(stores, nameFold, atMost, (limit) => stored.storesByName(account, nameFold, limit)),
    members: (account, group) => membersNow(context, account, group),
    async memberCount(account, group, atMost) {
      let count = 0;
      for await (const batch of membersNow(context, account, group)) {
        count += batch.length;
        if (count >= atMost) return atMost;
      }
      return count;
    },
    awaitedManagers: (account, folded) => stored.awaitedManagers(account, folded),
    usersMissingStoreData: (account, store, after, limit) => stored.usersMissingStoreData(account, store, after, limit),
  };
}

async function writtenOrStoredUser(
  { stored, overlays: { user: users } }: SimulationContext,
  account: string,
  id: string,
): Promise<StoredUser | undefined> {
  const written = await users.read({ ids: [id] }, () => (users.has(id) ? { user: users.get(id) } : undefined));
  return written ? written.user : stored.userForChange(account, id);
}

async function usersWith(
  { storedUsersWith, overlays: { user: users } }: SimulationContext,
  ...[account, by, value, atMost]: Parameters<RecordsReader['usersWith']>
): Promise<string[]> {
  const key = userKey(by, value);
  const written = await users.read({ keys: [key] }, () => users.holders(key));
  if (written.length >= atMost) return written.slice(0, atMost);
  for (let limit = atMost; ; limit *= 8) {
    const found = await storedUsersWith(account, by, value, limit);
    // Looked up together: a user who is written between two lookups would be in neither.
    const ids = await users.read({ ids: found, keys: [key] }, () => [
      ...users.holders(key),
      ...found.filter((id) => !users.has(id)),
    ]);
    if (ids.length >= atMost || found.length < limit) return ids.slice(0, atMost);
  }
}

/** By id, then External ID, then login name, like the database. */
async function userByReference(
  context: SimulationContext,
  account: string,
  reference: string,
): Promise<string | undefined> {
  const { user: users } = context.overlays;
  const byId = await users.read({ ids: [reference] }, () => ({
    isWritten: users.has(reference),
    id: users.get(reference)?._id,
  }));
  if (byId.id !== undefined) return byId.id;
  const keys = [userKey('externalId', reference), userKey('userName', reference)] as const;
  const [identified, named] = await users.read({ keys }, () => keys.map((key) => users.holders(key)[0]));
  const found = await context.stored.userByReference(account, reference);
  if (found === undefined) return identified ?? named;
  if (found === reference && !byId.isWritten) return found;
  if (identified !== undefined) return identified;
  const [unchanged] = await unwrittenIds(users, [found]);
  if (unchanged !== undefined) return unchanged;
  // The stored match was renamed in this simulation; another stored user may match now.
  const [another] = await usersWith(context, account, 'externalId', reference, 1);
  return another ?? (await usersWith(context, account, 'userName', reference, 1))[0];
}

function membersNow({ stored, overlays: { user: users } }: SimulationContext, account: string, group: string) {
  return mergedMembers(stored.members(account, group), (ids) => unwrittenIds(users, ids), users.all(), group);
}

/** Reads ahead in the database and in the overlay of users. */
export function createSimulatedPrefetch(
  ahead: Pick<PrefetchedReader, 'prefetch'>,
  users: Overlay<StoredUser>,
): Prefetch {
  return async (account, named) => {
    const { userNames = [], externalIds = [], emails = [], invitedEmails = [], ids = [], managers = [] } = named;
    const stored = await ahead.prefetch(account, { ...named, ids: await unwrittenIds(users, ids) });
    const found = [
      ...userNames.flatMap((name) => stored.byUserName(name)),
      ...externalIds.flatMap((id) => stored.byExternalId(id)),
    ];
    const keys = [
      ...[...userNames, ...managers].map((name) => userKey('userName', name)),
      ...[...externalIds, ...managers].map((id) => userKey('externalId', id)),
      ...emails.flatMap((email) => [userKey('email', email), userKey('emailWithoutExternalId', email)]),
      ...invitedEmails.map((email) => userKey('invitedEmail', email)),
    ];
    const wanted = { ids: [...new Set([...managers, ...found])], keys: [...new Set(keys)] };
    const written = await users.read(wanted, () => new Map(wanted.keys.map((key) => [key, users.holders(key)])));
    const both = (holders: readonly string[], by: UserKey, value: string) => [
      ...new Set([...holders, ...(written.get(userKey(by, value)) ?? [])]),
    ];
    return {
      byUserName: (userName) => both(stored.byUserName(userName), 'userName', userName),
      byExternalId: (externalId) => both(stored.byExternalId(externalId), 'externalId', externalId),
      byEmail: (email) => both(stored.byEmail(email), 'email', email),
    };
  };
}

/** Those of these ids that are not in the overlay. */
function unwrittenIds(overlay: Overlay<{ _id: string }>, ids: string[]): Promise<string[]> {
  return overlay.read({ ids }, () => ids.filter((id) => !overlay.has(id)));
}

function writtenById<T extends { _id: string }>(overlay: Overlay<T>, ids: string[]): Promise<T[]> {
  return overlay.read({ ids }, () => ids.flatMap((id) => overlay.get(id) ?? []));
}

/** The changed documents with one of these keys. */
async function writtenByKeys<T extends { _id: string }>(overlay: Overlay<T>, keys: string[]): Promise<T[]> {
  const ids = await overlay.read({ keys }, () => new Set(keys.flatMap((key) => overlay.holders(key))));
  return writtenById(overlay, [...ids]);
}

/** Those of these stored documents that are not in the overlay. */
async function unwritten<T extends { _id: string }>(overlay: Overlay<T>, documents: T[]): Promise<T[]> {
  const ids = new Set(
    await unwrittenIds(
      overlay,
      documents.map(({ _id }) => _id),
    ),
  );
  return documents.filter(({ _id }) => ids.has(_id));
}

/** Replaces stored documents by those in the overlay and omits deleted ones. */
async function writtenInstead<T extends { _id: string }>(overlay: Overlay<T>, documents: T[]): Promise<T[]> {
  const ids = documents.map(({ _id }) => _id);
  return overlay.read({ ids }, () =>
    documents.flatMap((document) => (overlay.has(document._id) ? (overlay.get(document._id) ?? []) : document)),
  );
}

async function byIds<T extends { _id: string }>(
  overlay: Overlay<T>,
  ids: string[],
  stored: (ids: string[]) => Promise<T[]>,
): Promise<T[]> {
  const rest = await unwrittenIds(overlay, ids);
  const [written, found] = await Promise.all([writtenById(overlay, ids), rest.length > 0 ? stored(rest) : []]);
  return [...written, ...found];
}

/** Documents by a unique key. One that is in the overlay is not looked up in the database. */
async function byUnique<T extends { _id: string }, W>(
  overlay: Overlay<T>,
  wanted: W[],
  keyOf: (one: W) => string,
  stored: (rest: W[]) => Promise<T[]>,
): Promise<T[]> {
  const keys = wanted.map(keyOf);
  const rest = await overlay.read({ keys }, () => wanted.filter((one) => overlay.holders(keyOf(one)).length === 0));
  const [written, found] = await Promise.all([
    writtenByKeys(overlay, keys),
    rest.length > 0 ? stored(rest).then((documents) => unwritten(overlay, documents)) : [],
  ]);
  return [...written, ...found];
}

/** Documents by a name, which need not be unique. */
async function byName<T extends { _id: string }>(
  overlay: Overlay<T>,
  nameFold: string,
  atMost: number,
  stored: (limit: number) => Promise<T[]>,
): Promise<T[]> {
  const written = await writtenByKeys(overlay, [eitherNameKey(nameFold)]);
  for (let limit = atMost; ; limit *= 8) {
    const found = await stored(limit);
    const others = await unwritten(overlay, found);
    if (written.length + others.length >= atMost || found.length < limit) {
      return [...written, ...others].slice(0, atMost);
    }
  }
}
