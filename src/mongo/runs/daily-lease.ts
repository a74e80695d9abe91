// Daily turns in MongoDB: one document a task, with the last day on which it was done and whoever is at it.

import type { Db } from 'mongodb';
import type { DailyTurns } from '../../runs/daily-lease.ts';
import { guarded, isDuplicate } from '../client/mongo-errors.ts';
import { collectionsOf } from '../collections.ts';

/** The turns of a database. Every method throws StoreUnavailable where the database is away. */
export function createDailyTurns(db: Db, now: () => Date): DailyTurns {
  const { dailyTurns: turns } = collectionsOf(db);
  return {
    async take(name, day, owner, leaseMs) {
      const at = now();
      const open = {
        _id: name,
        $and: [
          { $or: [{ day: { $exists: false } }, { day: { $lt: day } }] },
          { $or: [{ until: { $exists: false } }, { until: { $lt: at } }, { owner }] },
        ],
      };
      try {
        await guarded(() =>
          turns.updateOne(open, { $set: { owner, until: new Date(at.getTime() + leaseMs) } }, { upsert: true }),
        );
        return true;
      } catch (error) {
        // It is there and not open: the upsert met its id.
        if (isDuplicate(error)) return false;
        throw error;
      }
    },
    async done(name, day, owner) {
      await guarded(() => turns.updateOne({ _id: name, owner }, { $set: { day }, $unset: { owner: '', until: '' } }));
    },
  };
}
