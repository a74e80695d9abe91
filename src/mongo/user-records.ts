// Users in MongoDB: reads by the account's indexes, and the writes of a plan.

import type { ClientSession } from 'mongodb';
import { comparedAt, foldText } from '../directory/fold.ts';
import type { MemberView, StoredUser } from '../directory/model.ts';
import { QueryNotSupported } from '../directory/ports.ts';
import type { Page, Query, Sort } from '../directory/query.ts';
import type { Write } from '../directory/records.ts';
import type { ResourceSchema } from '../directory/schema.ts';
import { type Collections, ownField } from './collections.ts';
import { type Condition, translateFilter } from './filter-translation.ts';
import { FOR_VIEWS, type PageSource, readPage } from './pages.ts';
import type { Totals } from './totals.ts';
import { userSpecials } from './user-filter.ts';

const MEMBERS_BATCH = 1000;

export function createUserRecords(collections: Collections, schema: ResourceSchema, totals: Totals) {
  const { users } = collections;
  const source: PageSource<StoredUser> = {
    collection: users,
    totals,
    indexedSort(sort) {
      if (sort.attribute.key === 'userName') return 'fold.userName';
      const own = ownField(sort.attribute);
      return own === 'created' ? '_id' : own;
    },
    sortPath,
  };

  return {
    async user(account: string, id: string): Promise<StoredUser | undefined> {
      return (await users.findOne({ _id: id, account }, { projection: FOR_VIEWS })) ?? undefined;
    },

    /** Everything of a user, mirror included, for a plan that compares it with what is wanted. */
    async userForChange(account: string, id: string): Promise<StoredUser | undefined> {
      return (await users.findOne({ _id: id, account }, { projection: { changes: 0 } })) ?? undefined;
    },

    async userByReference(account: string, reference: string): Promise<string | undefined> {
      const byId = await users.findOne({ _id: reference, account }, { projection: { _id: 1 } });
      if (byId) return byId._id;
      const either = [{ 'data.externalId': reference }, { 'fold.userName': foldText(reference) }];
      for (const condition of either) {
        const found = await users.findOne({ account, ...condition }, { projection: { _id: 1 } });
        if (found) return found._id;
      }
      return undefined;
    },

    async usersWith(
      account: string,
      by: 'userName' | 'externalId' | 'emailWithoutExternalId' | 'email',
      value: string,
      atMost: number,
    ): Promise<string[]> {
      const found = await users
        .find({ account, ...identityCondition(by, value) }, { projection: { _id: 1 }, limit: atMost })
        .toArray();
      return found.map((user) => user._id);
    },

    async users(account: string, query: Query): Promise<Page<StoredUser>> {
      const condition =
        query.filter && (await translateFilter(query.filter, userSpecials(account, collections, schema)));
      return readPage(source, account, condition, query.sort, query.page);
    },

    async *members(account: string, group: string): AsyncIterable<MemberView[]> {
      const cursor = users
        .find({ account, 'groups.to': group }, { timeoutMode: 'iteration' })
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

    async memberCount(account: string, group: string, atMost: number): Promise<number> {
      const query = { account, 'groups.to': group };
      const answer = await users.db.command({ count: 'users', query, limit: atMost, hint: 'account_groups' });
      return Number(answer.n);
    },

    async usersMissingStoreData(account: string, store: string, after: string, limit: number): Promise<string[]> {
      const found = await users
        .find({ account, 'stores.to': store, missing: /^stores\[/, _id: { $gt: after } }, { projection: { _id: 1 } })
        .sort({ _id: 1 })
        .limit(limit)
        .toArray();
      return found.map((user) => user._id);
    },

    async clearManager(account: string, manager: string): Promise<void> {
      await users.updateMany(
        { account, manager },
        {
          $unset: { manager: '', 'data.enterprise.manager': '', 'fold.enterprise.manager': '' },
          $inc: { version: 1, revision: 1 },
          $set: { modified: new Date() },
        },
      );
    },

    async awaitedManagers(references: { account: string; reference: string }[]) {
      const awaited: { account: string; reference: string }[] = [];
      for (const [account, named] of byAccount(references)) {
        const found = await users
          .find({ account, 'data.enterprise.manager.value': { $in: named }, manager: { $exists: false } })
          .project<{ data: { enterprise: { manager: { value: string } } } }>({ 'data.enterprise.manager.value': 1 })
          .toArray();
        const distinct = new Set(found.map((user) => user.data.enterprise.manager.value));
        for (const reference of distinct) awaited.push({ account, reference });
      }
      return awaited;
    },

    async resolveManagers(account: string, manager: string, references: string[]): Promise<void> {
      await users.updateMany(
        { account, 'data.enterprise.manager.value': { $in: references }, manager: { $exists: false } },
        {
          $set: { manager, modified: new Date() },
          $pull: { missing: 'manager' },
          $inc: { version: 1, revision: 1 },
        },
      );
    },
  };

  function sortPath({ attribute }: Sort): { path: string; multiValued: boolean } {
    if (attribute.key.startsWith('meta.') || attribute.type === 'complex') {
      throw new QueryNotSupported(attribute.path, 'can not be sorted by');
    }
    if (isView(attribute.key)) throw new QueryNotSupported(attribute.path, 'is a view and can not be sorted by');
    return { path: comparedAt(attribute), multiValued: attribute.parent?.multiValued === true };
  }
}

function identityCondition(
  by: 'userName' | 'externalId' | 'emailWithoutExternalId' | 'email',
  value: string,
): Condition {
  switch (by) {
    case 'userName':
      return { 'fold.userName': foldText(value) };
    case 'externalId':
      return { 'data.externalId': value };
    case 'email':
      return { 'fold.emails.value': foldText(value) };
    case 'emailWithoutExternalId':
      return { 'fold.emails.value': foldText(value), 'data.externalId': { $exists: false } };
  }
}

function byAccount(references: { account: string; reference: string }[]): Map<string, string[]> {
  const accounts = new Map<string, string[]>();
  for (const { account, reference } of references) {
    const named = accounts.get(account);
    if (named) named.push(reference);
    else accounts.set(account, [reference]);
  }
  return accounts;
}

/** Attributes that are made for the answer from links. */
function isView(key: string): boolean {
  return /^(groups|schemas$|mobietrain\.(store|stores|userGroup|userGroups|status|missing))/.test(key);
}

/** Applies one write on users; `stale` where its condition does not hold (any more). */
export async function writeUser(
  { users, tombstones }: Collections,
  account: string,
  write: Extract<Write, { kind: 'insertUser' | 'updateUser' | 'deleteUser' }>,
  session: ClientSession | undefined,
): Promise<'ok' | 'stale'> {
  const options = session ? { session } : {};
  if (write.kind === 'insertUser') {
    await users.insertOne(write.user, options);
    return 'ok';
  }
  if (write.kind === 'deleteUser') {
    const { deletedCount } = await users.deleteOne({ _id: write.id, account, revision: write.ifRevision }, options);
    if (deletedCount === 0) return 'stale';
    await tombstones.insertOne(write.tombstone, options);
    return 'ok';
  }
  const { changes, visible, record } = write;
  const set = visible ? { ...changes.set, modified: record.at } : changes.set;
  const { matchedCount } = await users.updateOne(
    { _id: write.id, account, revision: write.ifRevision },
    {
      ...(Object.keys(set).length > 0 ? { $set: set } : {}),
      ...(changes.unset.length > 0 ? { $unset: Object.fromEntries(changes.unset.map((path) => [path, ''])) } : {}),
      $inc: visible ? { revision: 1, version: 1 } : { revision: 1 },
      $push: { changes: record },
    },
    options,
  );
  return matchedCount === 0 ? 'stale' : 'ok';
}
