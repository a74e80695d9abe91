// Counts sign-ins in MongoDB over all instances: per pair of e-mail and network, per e-mail, and per network. Each is counted before the
// password is checked, and taken back if it was right.

import type { MongoClient } from 'mongodb';
import { RateLimiterMongo } from 'rate-limiter-flexible';
import type { CountedAttempt, SignInLimits } from '../../auth/administrator-store.ts';
import type { ResetLimits } from '../../auth/learners/learner-store.ts';
import { foldText } from '../../directory/schema/fold.ts';
import { guarded } from '../client/mongo-errors.ts';

/**
 * How many wrong passwords within `duration` seconds have no effect. A pair beyond that has one attempt per `pause`; beyond the others,
 * an attempt is delayed, because somebody else may have caused it.
 */
const LIMITS = {
  pair: { points: 10, duration: 900 },
  pause: { points: 1, duration: 15 },
  email: { points: 30, duration: 3600 },
  network: { points: 100, duration: 900 },
  /** Wrong current passwords of one who is signed in. */
  own: { points: 10, duration: 900 },
} as const;
type Kind = keyof typeof LIMITS;

const DELAY_STEP_MS = 100;
const DELAY_MS_MAX = 2_000;

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
  const [pair, pause, email, network, own] = [
    limiterOf('pair'),
    limiterOf('pause'),
    limiterOf('email'),
    limiterOf('network'),
    limiterOf('own'),
  ];
  /** Counts one more; returns how many there are now, and the seconds until they are forgotten. */
  const count = async (limiter: RateLimiterMongo, key: string) => {
    const { consumedPoints, msBeforeNext } = await guarded(() => limiter.penalty(key, 1));
    return { count: consumedPoints, waitSeconds: Math.max(1, Math.ceil(msBeforeNext / 1000)) };
  };
  return {
    async take(attempt) {
      const keys = keysOf(attempt);
      const ofPair = await count(pair, keys.pair);
      if (ofPair.count >= LIMITS.pair.points) {
        const paused = await count(pause, keys.pair);
        if (ofPair.count > LIMITS.pair.points && paused.count > LIMITS.pause.points)
          return { ok: false, waitSeconds: paused.waitSeconds };
      }
      const [ofEmail, ofNetwork] = await Promise.all([count(email, keys.email), count(network, keys.network)]);
      const excess = Math.max(ofEmail.count - LIMITS.email.points, ofNetwork.count - LIMITS.network.points, 0);
      return { ok: true, delayMs: Math.min(DELAY_MS_MAX, excess * DELAY_STEP_MS) };
    },
    async succeeded(attempt) {
      const keys = keysOf(attempt);
      await guarded(() =>
        Promise.all([pair.delete(keys.pair), email.reward(keys.email, 1), network.reward(keys.network, 1)]),
      );
    },
    async takeOwn(administrator) {
      const { count: tried, waitSeconds } = await count(own, administrator);
      return tried > LIMITS.own.points ? { ok: false, waitSeconds } : { ok: true };
    },
    async succeededOwn(administrator) {
      await guarded(() => own.delete(administrator));
    },
    async forget(emails) {
      for (const address of emails) {
        const { email: key } = keysOf({ email: address, network: '' });
        await guarded(() => email.delete(key));
        // Every key of a pair begins with the e-mail and ends with a network.
        for (const kind of ['pair', 'pause']) {
          const [from, to] = [`${kind}:${key}|`, `${kind}:${key}}`];
          await guarded(() => failures.deleteMany({ key: { $gte: from, $lt: to } }));
        }
      }
    },
  };
}

/** How many links to set a password a network may ask for, and how many are sent to a user. */
const RESET_LIMITS = {
  resetNetwork: { points: 20, duration: 900 },
  resetUser: { points: 3, duration: 3600 },
} as const;

/** Creates the limits of links to set a password, likewise. */
export function createResetLimits(client: MongoClient, database: string): ResetLimits {
  const takeOf = (kind: keyof typeof RESET_LIMITS) => {
    const limiter = new RateLimiterMongo({
      storeClient: client,
      dbName: database,
      tableName: 'signInFailures',
      keyPrefix: kind,
      disableIndexesCreation: true,
      ...RESET_LIMITS[kind],
    });
    return async (key: string) => {
      const { consumedPoints } = await guarded(() => limiter.penalty(key, 1));
      return consumedPoints <= RESET_LIMITS[kind].points;
    };
  };
  return { takeOfNetwork: takeOf('resetNetwork'), takeOfUser: takeOf('resetUser') };
}

function keysOf({ email, network }: CountedAttempt): Record<'pair' | 'email' | 'network', string> {
  const folded = foldText(email.trim()).slice(0, 255);
  return { pair: `${folded}|${network}`, email: folded, network };
}
