// Users in MongoDB: reads, and writes within a transaction. Writes outside of a transaction are in writes.ts.

import type { ClientSession } from 'mongodb';
import type { EncodedUser, MemberView, StoredUser } from '../../directory/model.ts';
import { QueryNotSupported } from '../../directory/ports.ts';
import type { Query, Sort, UnreadPage } from '../../directory/query/query.ts';
import { INVITED_EMAIL, searchKey } from '../../directory/query/search-keys.ts';
import { wordsOfSearch } from '../../directory/query/text-search.ts';
import type { CommitResult, UserKey, UserWrite } from '../../directory/records.ts';
import { textAt } from '../../directory/schema/attributes.ts';
import { comparedAt, foldText } from '../../directory/schema/fold.ts';
import type { ResourceSchema } from '../../directory/schema/schema.ts';
import { createBatcher, createLookupBatcher } from '../client/batcher.ts';
import { decodeAround } from '../client/encoded-attributes.ts';
import { UNIQUE } from '../client/unique-indexes.ts';
import type { Collections } from '../collections.ts';
import { type Condition, foldedLiteral, translateFilter } from '../query/filter.ts';
import {
  beginsWith,
  decodedDocuments,
  FOR_VIEWS,
  type PageParts,
  type PageSource,
  type RawDocument,
  readPage,
} from '../query/pages.ts';
import { withWaiting } from '../relay/waiting-changes.ts';
import { serverField } from '../schemas/directory/users.ts';
import { userAttributeOverrides } from './filter.ts';
import { reportsOf, resolveManagers, unsetManagers, usersAwaiting } from './manager-links.ts';
import { createInvitedLookup, createManyUsers } from './many-users.ts';
import { createReferenceLookup } from './reference-lookup.ts';
import { userUpdate } from './writes.ts';

const MEMBERS_BATCH = 1000;
const NOT_VIEWED: ReadonlySet<string> = new Set(Object.keys(FOR_VIEWS));

/** A request for the number of members of a group, counted up to `atMost`. */
interface MemberCount {
  account: string;
  group: string;
  atMost: number;
}

/** The stored path of an order that an index has. */
function indexedSort({ attribute }: Sort): string | undefined {
  if (attribute.key === 'userName') return 'fold.userName';
  const field = serverField(attribute);
  return field === 'created' ? '_id' : field;
}

/** Creates the user methods of the directory's records port. They throw what the driver throws. */
export function createUserRecords(collections: Collections, schema: ResourceSchema, pages: PageParts) {
  const { users } = collections;
  const source: PageSource<StoredUser> = {
    collection: users,
    ...pages,
    uniqueSort: 'fold.userName',
    indexedSort,
    sortPath,
  };

  const lookup = (path: string, hint: string, projection: Record<string, 0>, keyOf: (user: StoredUser) => string) =>
    createLookupBatcher<StoredUser>(
      (account, keys) => users.find({ account, [path]: { $in: keys } }, { projection, hint }).toArray(),
      keyOf,
    );
  const countMembers = createBatcher<MemberCount, number>({
    batchesMax: 2,
    itemsMax: 64,
    async run(items) {
      const counts = new Map<string, Promise<number>>();
      const outcomes = items.map(({ account, group, atMost }) => {
        const key = `${account} ${group} ${atMost}`;
        const count = counts.get(key) ?? countOnce(account, group, atMost);
        counts.set(key, count);
        return count;
      });
      return (await Promise.all(outcomes)).map((value) => ({ ok: true, value }));
    },
  });

  /** Counts index keys up to `limit`. */
  async function countOnce(account: string, group: string, limit: number): Promise<number> {
    const query = { account, 'groups.to': group };
    const answer = await users.db.command({ count: 'users', query, limit, hint: 'account_groups' });
    return Number(answer.n);
  }

  const referenced = createReferenceLookup(users);
  const invitedUnder = createInvitedLookup(createManyUsers(collections));
  const idOf = (user: StoredUser): string => user._id;
  const unique = new Map([
    [
      'fold.userName',
      lookup('fold.userName', UNIQUE.userName, FOR_VIEWS, ({ data }) => foldText(textAt(data, 'userName') ?? '')),
    ],
    [
      'data.externalId',
      lookup('data.externalId', UNIQUE.userExternalId, FOR_VIEWS, ({ data }) => textAt(data, 'externalId') ?? ''),
    ],
  ]);

  /** Recognizes the query with which clients match users, `userName eq "x"`, which is batched with other lookups. */
  function matching({ filter, search, sort, page }: Query) {
    if (search !== undefined) return undefined;
    if (filter?.kind !== 'compare' || filter.operator !== 'eq' || sort) return undefined;
    if (page.kind !== 'index' || page.startIndex > 1 || page.count < 1) return undefined;
    const value = foldedLiteral(filter);
    const find = unique.get(comparedAt(filter.attribute));
    return find && typeof value === 'string' ? { find, value } : undefined;
  }

  return {
    user: lookup('_id', 'account_id', FOR_VIEWS, idOf),

    /** A whole user, including the folded mirror, for planning a change. */
    userForChange: lookup('_id', 'account_id', { changes: 0 }, idOf),

    userByReference: (account: string, reference: string): Promise<string | undefined> =>
      referenced({ account, reference }),

    async usersByReferences(account: string, references: string[]) {
      const found = await users
        // `$or` is at the root and every branch repeats the account; otherwise MongoDB can't use one index per branch.
        .find({
          $or: [
            { account, _id: { $in: references } },
            { account, 'data.externalId': { $in: references } },
            { account, 'fold.userName': { $in: references.map(foldText) } },
          ],
        })
        .project<Pick<StoredUser, '_id' | 'data' | 'fold'>>({ 'data.externalId': 1, 'fold.userName': 1 })
        .toArray();
      const idOfUserBy = (key: (user: (typeof found)[number]) => unknown) =>
        new Map(found.map((user) => [key(user), user._id]));
      const byId = idOfUserBy((user) => user._id);
      const byExternalId = idOfUserBy(({ data }) => data.externalId);
      const byUserName = idOfUserBy(({ fold }) => fold.userName);
      return references.flatMap((reference) => {
        const id = byId.get(reference) ?? byExternalId.get(reference) ?? byUserName.get(foldText(reference));
        return id === undefined ? [] : [{ reference, id }];
      });
    },

    async usersWith(account: string, by: UserKey, value: string, atMost: number): Promise<string[]> {
      // Every user whom a client creates is asked for.
      if (by === 'invitedEmail') return (await invitedUnder({ account, email: foldText(value) })).slice(0, atMost);
      const found = await users
        .find({ account, ...identityCondition(by, value) }, { projection: { _id: 1 }, limit: atMost })
        .toArray();
      return found.map((user) => user._id);
    },

    async users(account: string, query: Query): Promise<UnreadPage<StoredUser, EncodedUser>> {
      const match = matching(query);
      if (match) {
        const user = await match.find(account, match.value);
        const found = decodedDocuments(user ? [user] : []);
        return { total: found.length, length: found.length, at: found.at };
      }
      const filter =
        query.filter && (await translateFilter(query.filter, userAttributeOverrides(account, collections, schema)));
      const search = query.search === undefined ? undefined : searchCondition(query.search);
      const condition = filter && search ? { $and: [search, filter] } : (filter ?? search);
      return encodedUsers(await readPage(source, account, condition, query.sort, query.page));
    },

    async *members(account: string, group: string): AsyncIterable<MemberView[]> {
      const cursor = users
        // Without the hint, the planner scans all users for a group that most users are in, and reuses that plan for small groups.
        .find({ account, 'groups.to': group }, { timeoutMode: 'iteration', hint: 'account_groups' })
        .project<{ _id: string; data: { displayName?: string; userName: string } }>({
          'data.displayName': 1,
          'data.userName': 1,
        })
        .sort({ _id: 1 })
        .batchSize(MEMBERS_BATCH);
      let batch: MemberView[] = [];
      for await (const { _id, data } of cursor) {
        batch.push({ id: _id, display: data.displayName ?? data.userName });
        if (batch.length === MEMBERS_BATCH) {
          yield batch;
          batch = [];
        }
      }
      if (batch.length > 0) yield batch;
    },

    memberCount: (account: string, group: string, atMost: number): Promise<number> =>
      countMembers({ account, group, atMost }),

    async usersMissingStoreData(account: string, store: string, after: string, limit: number): Promise<string[]> {
      const found = await users
        .find(
          { account, terms: searchKey('store', store), 'stores.to': store, missing: /^stores\[/, _id: { $gt: after } },
          { projection: { _id: 1 } },
        )
        .sort({ _id: 1 })
        .limit(limit)
        .toArray();
      return found.map((user) => user._id);
    },

    async clearManager(account: string, manager: string): Promise<void> {
      await unsetManagers(users, reportsOf(account, manager), new Date());
    },

    async awaitedManagers(account: string, folded: string[]): Promise<string[]> {
      const found = await users
        .find(usersAwaiting(account, folded))
        .project<{ data: { enterprise: { manager: { value: string } } } }>({ 'data.enterprise.manager.value': 1 })
        .toArray();
      return [...new Set(found.map((user) => user.data.enterprise.manager.value))];
    },

    resolveManagers: (account: string, manager: string, references: string[]): Promise<void> =>
      resolveManagers(users, account, manager, references, new Date()),
  };

  function sortPath({ attribute }: Sort): { path: string; multiValued: boolean } {
    if (attribute.key.startsWith('meta.') || attribute.type === 'complex') {
      throw new QueryNotSupported(attribute.path, 'can not be sorted by');
    }
    if (isView(attribute.key)) throw new QueryNotSupported(attribute.path, 'is a view and can not be sorted by');
    return { path: comparedAt(attribute), multiValued: attribute.parent?.multiValued === true };
  }
}

/** A page whose users can also be read with their attributes encoded. */
function encodedUsers({ encodedAt: rawAt, ...page }: UnreadPage<StoredUser, RawDocument>) {
  const encodedAt = (index: number): EncodedUser | undefined => {
    const raw = rawAt?.(index);
    return raw && decodeAround<StoredUser>(raw, NOT_VIEWED);
  };
  return { ...page, encodedAt };
}

/** Each word of the search is a prefix of one of the user's words, or the whole text is the external ID. */
function searchCondition(search: string): Condition | undefined {
  const words = wordsOfSearch(search).map((word) => ({ terms: { $elemMatch: beginsWith(word) } }));
  return words.length === 0 ? undefined : { $or: [{ $and: words }, { 'data.externalId': search.trim() }] };
}

function identityCondition(by: UserKey, value: string): Condition {
  switch (by) {
    case 'userName':
      return { 'fold.userName': foldText(value) };
    case 'externalId':
      return { 'data.externalId': value };
    case 'email':
      return withEmail(value);
    case 'invitedEmail':
      return { ...withEmail(value, INVITED_EMAIL), lifecycle: 'invited' };
    case 'emailWithoutExternalId':
      // Without `$or`, which the planner would give an index of its own for each branch.
      return {
        ...withEmail(value),
        $nor: [{ 'data.externalId': { $exists: true }, externalIdFrom: { $ne: 'emails' } }],
      };
  }
}

function withEmail(address: string, kind = 'emails.value'): Condition {
  const folded = foldText(address);
  return { terms: searchKey(kind, folded), 'fold.emails.value': folded };
}

/** Whether an attribute is computed for the response. */
function isView(key: string): boolean {
  return /^(groups|schemas$|mobietrain\.(store|stores|userGroup|userGroups|status|missing))/.test(key);
}

/** Applies one write of a user within a transaction. */
export async function applyUserWrite(
  { users, tombstones }: Collections,
  account: string,
  write: UserWrite,
  session: ClientSession,
): Promise<CommitResult> {
  const options = { session };
  if (write.kind === 'insertUser') {
    await users.insertOne(write.user, options);
    return DONE;
  }
  if (write.kind === 'deleteUser') {
    const filter = { _id: write.id, account, revision: write.ifRevision };
    const deleted = await users.findOneAndDelete(filter, { ...options, projection: { changes: 1 } });
    if (!deleted) return STALE;
    const waiting = deleted.changes.map(({ values: _values, ...change }) => change);
    await tombstones.insertOne(withWaiting(write.tombstone, waiting), options);
    return DONE;
  }
  const { filter, update } = userUpdate(account, write);
  const { matchedCount } = await users.updateOne(filter, update, options);
  return matchedCount === 0 ? STALE : DONE;
}

const DONE: CommitResult = { ok: true, groups: [] };
const STALE: CommitResult = { ok: false, reason: 'stale' };
