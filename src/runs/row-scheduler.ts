// Runs the rows of a file concurrently with the result of running them in order: rows that share a key wait for each other, and a row
// that changes what all rows may use runs alone. So a run comes to the same end however often it is repeated.

import type { Account } from '../directory/model.ts';

/** Rows that run at the same time: enough to share the waits for the journal, without using the whole pool of connections. */
export const ROWS_AT_ONCE = 64;

/** How many rows of an account may run at the same time. With a user limit it is one: the first rows of the file get the places. */
export function rowsAtOnce({ userLimit }: Pick<Account, 'userLimit'>): number {
  return userLimit === undefined ? ROWS_AT_ONCE : 1;
}

/** What a row has in common with others. */
export interface RowKeys {
  /** Rows that have one of these keys, exclusive or shared, run one at a time, in their order. */
  exclusive: readonly string[];
  /** Rows that share only these run at the same time, but not with rows that have them among their exclusive keys. */
  shared: readonly string[];
  /** Runs after every row before it and before every row after it. */
  isBarrier: boolean;
}

export interface RowScheduler {
  /** Runs `work` after the rows that it must wait for; resolves with its result. Rows must come in their order. */
  run<T>(keys: RowKeys, work: () => Promise<T>): Promise<T>;
  /** Forgets the keys of rows that have ended: only for a moment at which all have. */
  clear(): void;
}

/** Makes a scheduler. @param widthMax rows that run at the same time at most */
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
      // A failure is for the caller of this row; the rows that wait for it go on.
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

/** Makes a function that runs work as soon as fewer than `widthMax` calls are running. */
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

/** All results, in order. @throws the first failure, after all the others have ended */
export async function allOf<T>(work: Promise<T>[]): Promise<T[]> {
  const results = await Promise.allSettled(work);
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}
