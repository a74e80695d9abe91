// The directory's port to the store, over MongoDB: one place that commits a plan, whole or not at all.

import type { ClientSession, Db, MongoClient } from 'mongodb';
import type { Account } from '../directory/model.ts';
import type { CommitResult, Records, Write } from '../directory/records.ts';
import type { SchemaCatalogue } from '../directory/schema/catalogue.ts';
import { answersPing, createPatience, type Patiently } from './client/deadline.ts';
import { createKeyedQueue } from './client/keyed-queue.ts';
import { guarded, isOutage } from './client/mongo-errors.ts';
import { Abort, inTransaction } from './client/transaction.ts';
import { takenValue } from './client/unique-indexes.ts';
import { collectionsOf } from './collections.ts';
import { createNamedRecords } from './groups/named-records.ts';
import { createGroupRecords } from './groups/records.ts';
import { createTotals } from './query/totals.ts';
import { createUserRecords, writeUser } from './users/records.ts';
import { createUserWrites } from './users/writes.ts';

/** Every method throws StoreUnavailable where the database is away. */
export function createRecords(client: MongoClient, db: Db, catalogue: SchemaCatalogue, now: () => Date): Records {
  const collections = collectionsOf(db);
  const { stores, groups, users, activeCounts } = collections;
  const userTotals = createTotals(users, now);
  const groupTotals = createTotals(groups, now);
  const userRecords = createUserRecords(collections, catalogue.user, userTotals);
  const userWrites = createUserWrites(collections);
  const counting = createKeyedQueue(isOutage);
  const groupRecords = createGroupRecords(client, collections, catalogue.group, groupTotals);

  async function apply(account: string, write: Write, session?: ClientSession): Promise<'ok' | 'stale' | 'userLimit'> {
    const options = session ? { session } : {};
    switch (write.kind) {
      case 'insertUser':
      case 'updateUser':
      case 'deleteUser':
        return writeUser(collections, account, write, session);
      case 'insertGroup':
        await groups.insertOne(write.group, options);
        return 'ok';
      case 'insertStore':
        await stores.insertOne(write.store, options);
        return 'ok';
      case 'updateGroup':
      case 'updateStore': {
        const filter = { _id: write.id, account, version: write.ifVersion };
        const { set, unset } = write.changes;
        const update = {
          $set: set,
          ...(unset.length > 0 ? { $unset: Object.fromEntries(unset.map((path): [string, ''] => [path, ''])) } : {}),
          $inc: { version: 1 },
          $push: { changes: write.record },
        };
        const { matchedCount } =
          write.kind === 'updateGroup'
            ? await groups.updateOne(filter, update, options)
            : await stores.updateOne(filter, update, options);
        return matchedCount === 0 ? 'stale' : 'ok';
      }
      case 'countActive':
        return countActive(account, write, session);
    }
  }

  async function countActive(
    account: string,
    { delta, limit }: Write & { kind: 'countActive' },
    session?: ClientSession,
  ): Promise<'ok' | 'stale' | 'userLimit'> {
    const room = delta > 0 ? { active: { $lt: limit } } : {};
    const options = session ? { session } : {};
    const counted = await activeCounts.updateOne({ _id: account, ...room }, { $inc: { active: delta } }, options);
    if (counted.matchedCount > 0) return 'ok';
    const there = await activeCounts.findOne({ _id: account }, options);
    return there ? 'userLimit' : 'stale';
  }

  async function recountActive(account: string): Promise<void> {
    const active = await users.countDocuments({ account, 'data.active': true });
    // Whoever comes first begins the count; a slower one must not set it back over users who were counted meanwhile.
    await activeCounts.updateOne({ _id: account }, { $setOnInsert: { active } }, { upsert: true });
  }

  async function commit(account: string, writes: Write[]): Promise<CommitResult> {
    const [first] = writes;
    const single = writes.length === 1 && first?.kind !== 'deleteUser';
    if (single && first?.kind === 'insertUser') return userWrites.insert(first.user);
    if (single && first?.kind === 'updateUser') return userWrites.update(account, first);
    const together = () =>
      inTransaction(client, async (session) => {
        for (const write of writes) {
          const result = await apply(account, write, session);
          if (result !== 'ok') throw new Abort(result);
        }
        return 'ok' as const;
      });
    // All who count up in an account write one document: here they take turns instead of undoing each other there.
    const counts = writes.some((write) => write.kind === 'countActive');
    const outcome = single
      ? await apply(account, first as Write)
      : await (counts ? counting.run(account, together) : together());
    if (outcome === 'ok') {
      for (const write of writes) if (write.kind === 'deleteUser') userTotals.removed(account, write.id);
      return { ok: true };
    }
    if (outcome === 'stale' && writes.some((write) => write.kind === 'countActive')) {
      if (!(await activeCounts.findOne({ _id: account }))) await recountActive(account);
    }
    return { ok: false, reason: outcome };
  }

  const records: Records = {
    ...userRecords,
    ...groupRecords,
    ...createNamedRecords(collections),
    user: userRecords.user,
    storesById: (account, ids) => stores.find({ account, _id: { $in: ids } }, { projection: { changes: 0 } }).toArray(),
    storesByRefId: (account, refIds) =>
      stores.find({ account, refId: { $in: refIds } }, { projection: { changes: 0 } }).toArray(),
    async commit(account, writes) {
      try {
        return await commit(account, writes);
      } catch (error) {
        const value = takenValue(error);
        if (value === undefined) throw error;
        return { ok: false, reason: 'taken', value };
      }
    },
    recountActive: (account: Account) => recountActive(account.id),
  };
  return guardedRecords(
    records,
    createPatience(() => answersPing(db)),
  );
}

/** Every method of the port behind one translation of outages, and one patience. */
function guardedRecords(records: Records, patiently: Patiently): Records {
  const guard =
    <A extends unknown[], R>(method: (...args: A) => Promise<R>) =>
    (...args: A): Promise<R> =>
      guarded(() => patiently(() => method(...args)));
  return {
    user: guard((...args) => records.user(...args)),
    userForChange: guard((...args) => records.userForChange(...args)),
    userByReference: guard((...args) => records.userByReference(...args)),
    usersByReferences: guard((...args) => records.usersByReferences(...args)),
    usersWith: guard((...args) => records.usersWith(...args)),
    users: guard((...args) => records.users(...args)),
    group: guard((...args) => records.group(...args)),
    groups: guard((...args) => records.groups(...args)),
    groupsById: guard((...args) => records.groupsById(...args)),
    groupsByExternalId: guard((...args) => records.groupsByExternalId(...args)),
    groupsByTypeAndName: guard((...args) => records.groupsByTypeAndName(...args)),
    groupsByName: guard((...args) => records.groupsByName(...args)),
    storesById: guard((...args) => records.storesById(...args)),
    storesByName: guard((...args) => records.storesByName(...args)),
    storesByRefId: guard((...args) => records.storesByRefId(...args)),
    async *members(account, group) {
      const batches = records.members(account, group)[Symbol.asyncIterator]();
      for (;;) {
        const next = await guarded(() => patiently(() => batches.next()));
        if (next.done) return;
        yield next.value;
      }
    },
    memberCount: guard((...args) => records.memberCount(...args)),
    commit: guard((...args) => records.commit(...args)),
    writeGroup: guard((...args) => records.writeGroup(...args)),
    deleteGroup: guard((...args) => records.deleteGroup(...args)),
    clearManager: guard((...args) => records.clearManager(...args)),
    resolveManagers: guard((...args) => records.resolveManagers(...args)),
    awaitedManagers: guard((...args) => records.awaitedManagers(...args)),
    usersMissingStoreData: guard((...args) => records.usersMissingStoreData(...args)),
    recountActive: guard((...args) => records.recountActive(...args)),
  };
}
