// Daily leases in MongoDB: one document per task, with the last day on which it was completed and the lease of the current holder.

import type { Db } from 'mongodb';
import type { DailyLease } from '../../runs/daily-lease.ts';
import { createLease } from '../client/lease.ts';
import { guarded } from '../client/mongo-errors.ts';
import { collectionsOf } from '../collections.ts';

/** Creates the daily leases of a database. Every method throws StoreUnavailable if the database is unavailable. */
export function createDailyLease(db: Db): DailyLease {
  const { dailyTurns: tasks } = collectionsOf(db);
  const lease = createLease(tasks, { holder: 'owner', until: 'until' });
  return {
    claim(task, day, leaseHolder, leaseMs) {
      const isDue = { $or: [{ day: { $exists: false } }, { day: { $lt: day } }] };
      return guarded(() => lease.claim(task, leaseHolder, leaseMs, isDue));
    },
    async complete(task, day, leaseHolder) {
      await guarded(() => lease.release(task, leaseHolder, { $set: { day } }));
    },
  };
}
