// Removes audit records and tombstones at the end of their retention time: once a day, account by account, in batches. A TTL index would
// cost each record an index entry, and would remove a tombstone whose change records or links still wait.

import { randomUUID } from 'node:crypto';
import type { Collection, Db, Document, Filter } from 'mongodb';
import { type BackgroundLoop, createBackgroundLoop } from '../background-loop.ts';
import { guarded } from './client/mongo-errors.ts';
import { collectionsOf } from './collections.ts';
import { createDailyLease } from './runs/daily-lease.ts';

/** How many days are kept, by the database's clock. Tombstones are kept at least as long as what an erasure finds through them. */
export interface RetentionDays {
  audit: number;
  tombstones: number;
}

const TASK = 'retention';
const BATCH = 1_000;
const DAY_MS = 86_400_000;
const LEASE_MS = 60_000;
const PAUSE_MS = 600_000;

/** Creates the daily removal; nothing runs until `start()` or `drain()`. Rounds throw StoreUnavailable. */
export function createRetention(
  db: Db,
  days: RetentionDays,
  now: () => Date,
  onError: (error: unknown) => void,
): BackgroundLoop {
  const lease = createDailyLease(db);
  const leaseHolder = randomUUID();
  const removals = removalsOf(db, days);

  return createBackgroundLoop({
    async round(signal) {
      const day = now().toISOString().slice(0, 10);
      const isMine = () => lease.claim(TASK, day, leaseHolder, LEASE_MS);
      if (!(await isMine())) return false;
      for (const account of await accountsOf(db)) {
        for (const removeBatch of removals) {
          while (await removeBatch(account)) if (signal.aborted || !(await isMine())) return false;
        }
      }
      await lease.complete(TASK, day, leaseHolder);
      return false;
    },
    pauseMs: PAUSE_MS,
    onError,
  });
}

/** Functions that remove one batch of an account, and return whether there may be more. */
function removalsOf(db: Db, days: RetentionDays): ((account: string) => Promise<boolean>)[] {
  const { audit, tombstones } = collectionsOf(db);
  // Its change records are not in the audit trail yet, or links to it not removed.
  const isDone = { pending: false, 'changes.at': { $exists: false } };
  return [
    (account) => removeOlder(audit, { account, ...olderThan('at', days.audit) }, 'account_at'),
    (account) =>
      removeOlder(tombstones, { account, ...olderThan('deleted', days.tombstones), ...isDone }, 'account_deleted'),
  ];
}

function olderThan(field: string, days: number): Document {
  return { $expr: { $lt: [`$${field}`, { $subtract: ['$$NOW', days * DAY_MS] }] } };
}

async function removeOlder<T extends { _id: string }>(
  collection: Collection<T>,
  query: Document & { account: string },
  index: string,
): Promise<boolean> {
  return await guarded(async () => {
    const old = await collection
      .find(query as Filter<T>, { projection: { _id: 1 }, hint: index, limit: BATCH, batchSize: BATCH + 1 })
      .toArray();
    if (old.length === 0) return false;
    const ids = old.map(({ _id }) => _id);
    await collection.deleteMany({ account: query.account, _id: { $in: ids } } as unknown as Filter<T>);
    return old.length === BATCH;
  });
}

async function accountsOf(db: Db): Promise<string[]> {
  const { accounts } = collectionsOf(db);
  const found = await guarded(() => accounts.find({}, { projection: { _id: 1 } }).toArray());
  return found.map(({ _id }) => _id);
}
