// Runs the rows of a file concurrently, with the same result as in order: rows that share a key wait for each other, and a row that may
// affect all others runs alone. A repeated run therefore has the same result.

import type { Account } from '../directory/model.ts';

/** The default number of concurrent rows: enough to share journal writes, without using the whole connection pool. */
export const ROWS_AT_ONCE = 64;

/** The number of concurrent rows of an account. With a user limit it is one, so that the first rows of the file are accepted. */
export function rowsAtOnce({ userLimit }: Pick<Account, 'userLimit'>): number {
  return userLimit === undefined ? ROWS_AT_ONCE : 1;
}

/** The keys that a row shares with others. */
export interface RowKeys {
  /** This row and other rows with one of these keys, exclusive or shared, run one at a time, in order. */
  exclusive: readonly string[];
  /** Rows with the same shared key run concurrently, but not with rows for which the key is exclusive. */
  shared: readonly string[];
  /** Runs after every row before it and before every row after it. */
  isBarrier: boolean;
}

/** Schedules the rows of one file. */
export interface RowScheduler {
  /** Runs `work` after the rows that it must wait for; resolves with its result. Must be called in the order of the rows. */
  run<T>(keys: RowKeys, work: () => Promise<T>): Promise<T>;
  /** Forgets all keys. Call it only when all rows have ended. */
  clear(): void;
}

/** Creates a scheduler. @param widthMax the maximum number of concurrent rows */
export function createRowScheduler(widthMax: number): RowScheduler {
  const limit = createConcurrencyLimit(widthMax);
  const lastOfKey = new Map<string, Promise<unknown>>();
  const sharersOfKey = new Map<string, Promise<unknown>[]>();
  let sinceBarrier: Promise<unknown>[] = [];
  let barrier: Promise<unknown> = Promise.resolve();

  function predecessors({ exclusive, shared, isBarrier }: RowKeys): Promise<unknown>[] {
    if (isBarrier) return [barrier, ...sinceBarrier];
    const before: Promise<unknown>[] = [barrier];
    for (const key of [...exclusive, ...shared]) before.push(lastOfKey.get(key) ?? barrier);
    for (const key of exclusive) before.push(...(sharersOfKey.get(key) ?? []));
    return before;
  }

  function remember({ exclusive, shared, isBarrier }: RowKeys, ended: Promise<unknown>): void {
    if (isBarrier) {
      barrier = ended;
      sinceBarrier = [];
    } else sinceBarrier.push(ended);
    for (const key of exclusive) {
      lastOfKey.set(key, ended);
      sharersOfKey.delete(key);
    }
    for (const key of shared) {
      const sharers = sharersOfKey.get(key);
      if (sharers) sharers.push(ended);
      else sharersOfKey.set(key, [ended]);
    }
  }

  return {
    run(keys, work) {
      const result = Promise.allSettled(predecessors(keys)).then(() => limit(work));
      // A failure is returned to the caller of this row; the rows that wait for it continue.
      const ended = result.catch(() => undefined);
      remember(keys, ended);
      return result;
    },
    clear() {
      lastOfKey.clear();
      sharersOfKey.clear();
      sinceBarrier = [];
      barrier = Promise.resolve();
    },
  };
}

/** Creates a function that runs work once fewer than `widthMax` calls are running. */
function createConcurrencyLimit(widthMax: number): <T>(work: () => Promise<T>) => Promise<T> {
  let free = widthMax;
  const queue: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => queue.push(resolve));
    try {
      return await work();
    } finally {
      const next = queue.shift();
      if (next) next();
      else free += 1;
    }
  };
}

/** Waits for all results and returns them in order. @throws the first failure, after all work has ended */
export async function allOf<T>(work: Promise<T>[]): Promise<T[]> {
  const results = await Promise.allSettled(work);
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}
