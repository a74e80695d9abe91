// Runs the rows of a file side by side and yet as if one after the other: rows that share a key wait for each other, and a row that
// changes what all may share runs alone. So a run comes to the same end however often it is made.

import type { Account } from '../directory/model.ts';

/** Rows at the same time: enough to share waits for the journal, and not the whole pool of connections. */
export const ROWS_AT_ONCE = 64;

/** How many rows of an account may run at the same time: where a limit counts, who comes first counts. */
export function rowsAtOnce({ userLimit }: Pick<Account, 'userLimit'>): number {
  return userLimit === undefined ? ROWS_AT_ONCE : 1;
}

/** What a row has in common with others. */
export interface LaneKeys {
  /** One at a time for each of these. */
  keys: string[];
  /** Side by side with others that share it, but not with those that have it among their `keys`. */
  shared: string[];
  /** Waits for every row before it, and lets every row after it wait. */
  alone: boolean;
}

export interface Lanes {
  /** Runs `work` when those it must wait for are through; resolves with its result. */
  run<T>(keys: LaneKeys, work: () => Promise<T>): Promise<T>;
  /** Forgets keys of rows that are through: call it when all are. */
  clear(): void;
}

/** @param width rows that run at the same time at most */
export function createLanes(width: number): Lanes {
  const lastOfKey = new Map<string, Promise<unknown>>();
  const sharersOfKey = new Map<string, Promise<unknown>[]>();
  let sinceGate: Promise<unknown>[] = [];
  let gate: Promise<unknown> = Promise.resolve();
  let free = width;
  const queue: (() => void)[] = [];

  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => queue.push(resolve));
    try {
      return await work();
    } finally {
      const next = queue.shift();
      if (next) next();
      else free += 1;
    }
  }

  return {
    run({ keys, shared, alone }, work) {
      const before: Promise<unknown>[] = alone ? [gate, ...sinceGate] : [gate];
      if (!alone) {
        for (const key of [...keys, ...shared]) before.push(lastOfKey.get(key) ?? gate);
        for (const key of keys) before.push(...(sharersOfKey.get(key) ?? []));
      }
      const mine = Promise.allSettled(before).then(() => inTurn(work));
      // A failure is its own caller's to see; whoever waits goes on.
      const through = mine.catch(() => undefined);
      if (alone) {
        gate = through;
        sinceGate = [];
      } else sinceGate.push(through);
      for (const key of keys) {
        lastOfKey.set(key, through);
        sharersOfKey.delete(key);
      }
      for (const key of shared) {
        const sharers = sharersOfKey.get(key);
        if (sharers) sharers.push(through);
        else sharersOfKey.set(key, [through]);
      }
      return mine;
    },
    clear() {
      lastOfKey.clear();
      sharersOfKey.clear();
      sinceGate = [];
      gate = Promise.resolve();
    },
  };
}

/** All results; where one fails, the others come to their end before the failure is told. */
export async function allOf<T>(work: Promise<T>[]): Promise<T[]> {
  const settled = await Promise.allSettled(work);
  return settled.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
}
