// Counts failed sign-ins in MongoDB over all instances: per pair of e-mail and address, per e-mail, and per address.

import type { MongoClient } from 'mongodb';
import { RateLimiterMongo } from 'rate-limiter-flexible';
import type { SignInAttempt, SignInLimits } from '../../auth/administrator-store.ts';
import { foldText } from '../../directory/schema/fold.ts';
import { guarded } from '../client/mongo-errors.ts';

/** The number of failures (`points`) within `duration` seconds that block sign-in for `blockDuration` seconds. */
const LIMITS = {
  pair: { points: 10, duration: 900, blockDuration: 900 },
  // Higher than for a pair, so that a stranger cannot lock an administrator out with a few requests.
  email: { points: 100, duration: 3600, blockDuration: 900 },
  address: { points: 200, duration: 900, blockDuration: 900 },
} as const;

const KINDS = ['pair', 'email', 'address'] as const;
type Kind = (typeof KINDS)[number];

/** Creates the limits of a database. Every method throws StoreUnavailable if the database is unavailable. */
export function createSignInLimits(client: MongoClient, database: string): SignInLimits {
  const limiterOf = (kind: Kind) =>
    new RateLimiterMongo({
      storeClient: client,
      dbName: database,
      tableName: 'signInFailures',
      keyPrefix: kind,
      disableIndexesCreation: true,
      ...LIMITS[kind],
    });
  const failures = client.db(database).collection('signInFailures');
  const limiters: Record<Kind, RateLimiterMongo> = {
    pair: limiterOf('pair'),
    email: limiterOf('email'),
    address: limiterOf('address'),
  };
  return {
    async waitSeconds(attempt) {
      const keys = keysOf(attempt);
      const found = await guarded(() => Promise.all(KINDS.map((kind) => limiters[kind].get(keys[kind]))));
      const waits = found.flatMap((result, index) => {
        const kind = KINDS[index];
        if (!result || !kind || result.consumedPoints < LIMITS[kind].points) return [];
        return [Math.ceil(result.msBeforeNext / 1000)];
      });
      return waits.length === 0 ? undefined : Math.max(1, ...waits);
    },
    async failed(attempt) {
      const keys = keysOf(attempt);
      await guarded(() => Promise.all(KINDS.map((kind) => limiters[kind].penalty(keys[kind], 1))));
    },
    async succeeded(attempt) {
      await guarded(() => limiters.pair.delete(keysOf(attempt).pair));
    },
    async forget(emails) {
      for (const email of emails) {
        const { email: key } = keysOf({ email, address: '' });
        await guarded(() => limiters.email.delete(key));
        // Every key of a pair begins with the e-mail and ends with an address.
        const [from, to] = [`pair:${key}|`, `pair:${key}}`];
        await guarded(() => failures.deleteMany({ key: { $gte: from, $lt: to } }));
      }
    },
  };
}

function keysOf({ email, address }: SignInAttempt): Record<Kind, string> {
  const folded = foldText(email.trim()).slice(0, 255);
  return { pair: `${folded}|${address}`, email: folded, address };
}
