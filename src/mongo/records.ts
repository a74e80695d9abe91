// Implements the directory's records port over MongoDB. Commits a plan: all of its writes or none.

import type { ClientSession, Db, MongoClient } from 'mongodb';
import type { CommitResult, Records, Write } from '../directory/records.ts';
import type { RetryBudget } from '../directory/retry-budget.ts';
import type { SchemaCatalogue } from '../directory/schema/catalogue.ts';
import { answersPing, createDeadline } from './client/deadline.ts';
import { createKeyedQueue } from './client/keyed-queue.ts';
import { guarded, isOutage } from './client/mongo-errors.ts';
import { Abort, inTransaction } from './client/transaction.ts';
import { takenValue } from './client/unique-indexes.ts';
import { type Collections, collectionsOf, indexedPathsOf } from './collections.ts';
import { createNamedRecords } from './groups/named-records.ts';
import { createGroupRecords } from './groups/records.ts';
import { applyStoreWrite, createStoreRecords } from './groups/store-records.ts';
import { createGroupWrites } from './groups/writes.ts';
import { createQueryCosts } from './query/cost.ts';
import { createPageEnds } from './query/page-ends.ts';
import { createTotals, type Totals } from './query/totals.ts';
import { applyUserWrite, createUserRecords } from './users/records.ts';
import { createUserWrites } from './users/writes.ts';

/** Creates the records of a database. Every method throws StoreUnavailable if the database is unreachable. */
export function createRecords(client: MongoClient, db: Db, catalogue: SchemaCatalogue, now: () => Date): Records {
  const collections = collectionsOf(db);
  const userTotals = createTotals(collections.users, now);
  const costs = createQueryCosts(client.options.socketTimeoutMS);
  const pages = (name: 'users' | 'groups') => ({ costs, indexed: indexedPathsOf(name, catalogue) });
  const ends = createPageEnds(now);
  const users = createUserRecords(collections, catalogue.user, { totals: userTotals, ends, ...pages('users') });
  const groups = createGroupRecords(collections, catalogue.group, {
    totals: createTotals(collections.groups, now),
    ...pages('groups'),
  });
  const named = createNamedRecords(collections);
  const stores = createStoreRecords(collections);
  const writer = createWriter(client, collections, userTotals);
  const withDeadline = createDeadline(() => answersPing(db));
  /** Sets the deadline, and throws StoreUnavailable for an outage. */
  const guard =
    <A extends unknown[], R>(method: (...args: A) => Promise<R>) =>
    (...args: A): Promise<R> =>
      guarded(() => withDeadline(() => method(...args)));
  /** Tells the memory of pages about a write, also about one whose outcome is unknown. */
  async function noticed<R>(account: string, writes: readonly Write[], write: () => Promise<R>): Promise<R> {
    try {
      return await write();
    } finally {
      ends.changed(
        account,
        writes.some(({ kind }) => kind === 'deleteUser'),
      );
    }
  }
  return {
    user: guard(users.user),
    userForChange: guard(users.userForChange),
    userByReference: guard((...args) => users.userByReference(...args)),
    usersByReferences: guard((...args) => users.usersByReferences(...args)),
    usersWith: guard((...args) => users.usersWith(...args)),
    users: guard((...args) => users.users(...args)),
    group: guard(groups.group),
    groups: guard((...args) => groups.groups(...args)),
    groupsById: guard((...args) => groups.groupsById(...args)),
    groupsByExternalId: guard(groups.groupsByExternalId),
    groupsByTypeAndName: guard(groups.groupsByTypeAndName),
    groupsByName: guard(named.groupsByName),
    storesById: guard(stores.storesById),
    storesByRefId: guard(stores.storesByRefId),
    storesByName: guard(named.storesByName),
    async *members(account, group) {
      const batches = users.members(account, group)[Symbol.asyncIterator]();
      const nextBatch = guard(() => batches.next());
      for (let next = await nextBatch(); !next.done; next = await nextBatch()) yield next.value;
    },
    memberCount: guard(users.memberCount),
    awaitedManagers: guard((...args) => users.awaitedManagers(...args)),
    usersMissingStoreData: guard((...args) => users.usersMissingStoreData(...args)),
    commit: guard((account, writes, budget) => noticed(account, writes, () => writer.commit(account, writes, budget))),
    clearManager: guard((account, ...args) => noticed(account, [], () => users.clearManager(account, ...args))),
    resolveManagers: guard((account, ...args) => noticed(account, [], () => users.resolveManagers(account, ...args))),
    recountActive: guard(({ id }) => writer.recountActive(id)),
  };
}

const DONE: CommitResult = { ok: true, groups: [] };
const STALE: CommitResult = { ok: false, reason: 'stale' };

/** Writes plans; both methods throw what the driver throws. */
function createWriter(client: MongoClient, collections: Collections, userTotals: Totals) {
  const { users, activeCounts } = collections;
  const userWrites = createUserWrites(collections);
  const groupWrites = createGroupWrites(client, collections);
  const counting = createKeyedQueue(isOutage);

  async function commit(account: string, writes: Write[], budget: RetryBudget): Promise<CommitResult> {
    try {
      const [only] = writes;
      if (only && writes.length === 1) {
        if (only.kind === 'insertUser') return await userWrites.insert(only.user);
        if (only.kind === 'updateUser') return await userWrites.update(account, only);
        if (only.kind === 'insertGroup' || only.kind === 'updateGroup' || only.kind === 'deleteGroup') {
          return await groupWrites.commit(account, only, budget);
        }
        if (only.kind === 'insertStore' || only.kind === 'updateStore')
          return await applyStoreWrite(collections, account, only);
      }
      return await commitTogether(account, writes, budget);
    } catch (error) {
      const value = takenValue(error);
      if (value === undefined) throw error;
      return { ok: false, reason: 'taken', value };
    }
  }

  /** Commits writes in one transaction. */
  async function commitTogether(account: string, writes: Write[], budget: RetryBudget): Promise<CommitResult> {
    const isCounted = writes.some((write) => write.kind === 'countActive');
    const transaction = () => inTransaction(client, budget, (session) => applyAll(account, writes, session));
    // Every change of the count writes the same document of the account; queueing them here avoids write conflicts.
    const outcome = isCounted ? await counting.run(account, transaction) : await transaction();
    const result: CommitResult = outcome === 'busy' ? { ok: false, reason: 'busy' } : outcome;
    if (result.ok) {
      for (const write of writes) if (write.kind === 'deleteUser') userTotals.removed(account, write.id);
    } else if (result.reason === 'stale' && isCounted && !(await activeCounts.findOne({ _id: account }))) {
      await recountActive(account);
    }
    return result;
  }

  async function applyAll(account: string, writes: Write[], session: ClientSession): Promise<CommitResult> {
    const written: (CommitResult & { ok: true })['groups'] = [];
    for (const write of writes) {
      const result = await apply(account, write, session);
      if (!result.ok) throw new Abort(result);
      written.push(...result.groups);
    }
    return { ok: true, groups: written };
  }

  async function apply(account: string, write: Write, session: ClientSession): Promise<CommitResult> {
    switch (write.kind) {
      case 'insertUser':
      case 'updateUser':
      case 'deleteUser':
        return applyUserWrite(collections, account, write, session);
      case 'insertGroup':
      case 'updateGroup':
      case 'deleteGroup':
        return groupWrites.apply(account, write, session);
      case 'insertStore':
      case 'updateStore':
      case 'deleteStore':
        return applyStoreWrite(collections, account, write, session);
      case 'countActive':
        return countActive(account, write, session);
    }
  }

  async function countActive(
    account: string,
    { delta, limit }: Write & { kind: 'countActive' },
    session: ClientSession,
  ): Promise<CommitResult> {
    const room = delta > 0 ? { active: { $lt: limit } } : {};
    const counted = await activeCounts.updateOne({ _id: account, ...room }, { $inc: { active: delta } }, { session });
    if (counted.matchedCount > 0) return DONE;
    const exists = await activeCounts.findOne({ _id: account }, { session });
    return exists ? { ok: false, reason: 'userLimit' } : STALE;
  }

  async function recountActive(account: string): Promise<void> {
    const active = await users.countDocuments({ account, 'data.active': true });
    // The first recount creates the count; a slower one must not overwrite changes made since.
    await activeCounts.updateOne({ _id: account }, { $setOnInsert: { active } }, { upsert: true });
  }

  return { commit, recountActive };
}
