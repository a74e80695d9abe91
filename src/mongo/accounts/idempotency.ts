// Idempotency keys in MongoDB. A key is claimed by an insert, so that only one of two concurrent requests is processed. Keys are deleted
// after a day.

import type { Db } from 'mongodb';
import { guarded, isDuplicate } from '../client/mongo-errors.ts';
import { collectionsOf } from '../collections.ts';
import type { KeptAnswer } from '../schemas/accounts/idempotency-keys.ts';

/** How long after its claim a key can be used again if its request never ended, for example because the server was killed. */
const ABANDONED_MS = 60_000;

/** Creates the store of idempotency keys. Every method throws StoreUnavailable if the database is unavailable. */
export function createIdempotencyStore(db: Db, now: () => Date) {
  const { idempotencyKeys: keys } = collectionsOf(db);
  return {
    async begin(
      key: string,
      fingerprint: string,
      account: string,
    ): Promise<{ state: 'new' } | { state: 'running' } | { state: 'other' } | { state: 'done'; answer: KeptAnswer }> {
      const taken = now();
      try {
        await guarded(() => keys.insertOne({ _id: key, account, fingerprint, taken }));
        return { state: 'new' };
      } catch (error) {
        if (!isDuplicate(error)) throw error;
      }
      const found = await guarded(() => keys.findOne({ _id: key }));
      if (!found) return { state: 'running' };
      if (found.fingerprint !== fingerprint) return { state: 'other' };
      if (found.answer) return { state: 'done', answer: found.answer };
      const abandoned = new Date(taken.getTime() - ABANDONED_MS);
      const again = await guarded(() =>
        keys.updateOne({ _id: key, taken: { $lt: abandoned }, answer: { $exists: false } }, { $set: { taken } }),
      );
      return { state: again.matchedCount > 0 ? 'new' : 'running' };
    },
    async finish(key: string, answer: KeptAnswer): Promise<void> {
      await guarded(() => keys.updateOne({ _id: key }, { $set: { answer } }));
    },
    async forget(key: string): Promise<void> {
      await guarded(() => keys.deleteOne({ _id: key }));
    },
  };
}
