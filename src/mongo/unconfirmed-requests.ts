// Requests that were answered 503 although they may have taken effect. They are stored beside the idempotency keys, for a day, so that
// every instance recognizes the repeated request. During the outage itself they wait in memory.

import type { Db } from 'mongodb';
import { guarded, isDuplicate } from './client/mongo-errors.ts';
import { collectionsOf } from './collections.ts';

const WAITING_MAX = 10_000;
const RETRY_MS = 1_000;
const REQUESTS_MAX = 20;

/** A request that may have taken effect. */
interface Unconfirmed {
  key: string;
  account: string;
  request: string;
}

/** Creates the store of unconfirmed requests. */
export function createUnconfirmedRequests(db: Db, now: () => Date) {
  const { idempotencyKeys, users, groups, audit } = collectionsOf(db);
  const waiting = new Map<string, Unconfirmed>();
  let isScheduled = false;

  async function store(): Promise<void> {
    for (const [_id, { account, request }] of waiting) {
      try {
        await idempotencyKeys.insertOne({ _id, account, fingerprint: request, taken: now() });
      } catch (error) {
        // The database is still unavailable: the others can wait, too.
        if (!isDuplicate(error)) break;
      }
      waiting.delete(_id);
    }
    isScheduled = false;
    if (waiting.size > 0) schedule();
  }

  function schedule(): void {
    if (!isScheduled) setTimeout(() => void store(), RETRY_MS).unref();
    isScheduled = true;
  }

  return {
    /** Remembers a request, now in this process and as soon as possible in the database. */
    add(unconfirmed: Unconfirmed): void {
      if (waiting.size >= WAITING_MAX) return;
      waiting.set(idOf(unconfirmed.key, unconfirmed.request), unconfirmed);
      schedule();
    },

    /** The ids of the requests with this key. @throws StoreUnavailable */
    async requestsOf(key: string): Promise<string[]> {
      const here = [...waiting.values()].filter((unconfirmed) => unconfirmed.key === key);
      const stored = await guarded(() =>
        idempotencyKeys
          .find({ _id: rangeOf(key) })
          .limit(REQUESTS_MAX)
          .toArray(),
      );
      return [...new Set([...here.map(({ request }) => request), ...stored.map(({ fingerprint }) => fingerprint)])];
    },

    /** Forgets the requests with this key, because their outcome is about to be returned. @throws StoreUnavailable */
    async forget(key: string): Promise<void> {
      for (const [_id, unconfirmed] of waiting) if (unconfirmed.key === key) waiting.delete(_id);
      await guarded(() => idempotencyKeys.deleteMany({ _id: rangeOf(key) }));
    },

    /** Whether a request created a resource, or claimed a group. @throws StoreUnavailable */
    async created(type: 'User' | 'Group', id: string, request: string): Promise<boolean> {
      const isCreation = { 'changes.request': request, 'changes.action': { $in: ['create', 'claim'] as const } };
      const options = { projection: { _id: 1 } } as const;
      const found = await guarded(async () =>
        type === 'User'
          ? users.findOne({ _id: id, ...isCreation }, options)
          : groups.findOne({ _id: id, ...isCreation }, options),
      );
      if (found) return true;
      const ids = ['create', 'claim'].map((action) => `${request}:${id}:${action}:${id}`);
      return (await guarded(() => audit.findOne({ _id: { $in: ids } }, options))) !== null;
    },
  };
}

function rangeOf(key: string): { $gte: string; $lt: string } {
  return { $gte: idOf(key, ''), $lt: idOf(key, '\u{10ffff}') };
}

function idOf(key: string, request: string): string {
  return `unconfirmed ${key} ${request}`;
}
