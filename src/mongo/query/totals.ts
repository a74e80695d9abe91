// The number of users or groups of an account, without counting them all for every page. Exact for accounts of up to `EXACT_MAX`.
// For larger ones, the count of older resources is kept and only the newest are counted; it is never too low, but may be too high for
// a minute after deletions by another process.

import type { Collection } from 'mongodb';
import { firstIdAt } from '../../directory/ids.ts';
import { createBatcher } from '../client/batcher.ts';

const EXACT_MAX = 2000;
/** The maximum age of an id whose insert has not completed. */
const INSERT_MS_MAX = 15_000;
const RECOUNT_AFTER_MS = 60_000;

interface Kept {
  /** Resources with ids below `upTo`. */
  count: number;
  upTo: string;
  counted: number;
}

/** The totals of one collection. */
export interface Totals {
  /** The number of resources of an account. */
  of(account: string): Promise<number>;
  /** Must be called after a deletion in this process. */
  removed(account: string, id: string): void;
}

/** Creates the totals of a collection; nothing is counted yet. */
export function createTotals<T extends { _id: string; account: string }>(
  collection: Collection<T>,
  now: () => Date,
): Totals {
  const kept = new Map<string, Kept>();

  /** Counts index keys only. */
  async function count(account: string, range: Record<string, string>): Promise<number> {
    const query = Object.keys(range).length > 0 ? { account, _id: range } : { account };
    const answer = await collection.db.command({ count: collection.collectionName, query, hint: 'account_id' });
    return Number(answer.n);
  }

  async function recount(account: string, at: Date): Promise<Kept> {
    const upTo = firstIdAt(new Date(at.getTime() - INSERT_MS_MAX));
    const entry = { count: await count(account, { $lt: upTo }), upTo, counted: at.getTime() };
    kept.set(account, entry);
    return entry;
  }

  // Calls that arrive during a count share the next one, so that the result is never older than the call.
  const ask = createBatcher<string, number>({
    batchesMax: 1,
    itemsMax: 256,
    async run(accounts) {
      const totals = new Map<string, number>();
      await Promise.all([...new Set(accounts)].map(async (account) => totals.set(account, await total(account))));
      return accounts.map((account) => ({ ok: true, value: totals.get(account) ?? 0 }));
    },
  });

  async function total(account: string): Promise<number> {
    const at = now();
    let entry = kept.get(account);
    if (!entry || at.getTime() - entry.counted > RECOUNT_AFTER_MS) entry = await recount(account, at);
    if (entry.count <= EXACT_MAX) return count(account, {});
    const newest = await count(account, { $gte: entry.upTo });
    return entry.count + newest;
  }

  return {
    of: ask,
    removed(account, id) {
      const entry = kept.get(account);
      if (entry && id < entry.upTo) entry.count -= 1;
    },
  };
}
