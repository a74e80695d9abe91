// Runs work with the same key one after the other within this process, so that, for example, writers of one group do not abort each
// other's transactions.

const WAITING_MAX = 500;

/** A queue for each key. */
export interface KeyedQueue {
  /** Runs `work` after all earlier work with the same key; returns 'busy' if too many are waiting. */
  run<T>(key: string, work: () => Promise<T>): Promise<T | 'busy'>;
}

/**
 * Creates a queue. An error for which `concernsAll` returns true also fails all work that waits behind it, so that the waiting
 * requests do not each have to wait for the same outage.
 */
export function createKeyedQueue(concernsAll: (error: unknown) => boolean): KeyedQueue {
  const tails = new Map<string, { last: Promise<unknown>; waiting: number }>();
  return {
    async run(key, work) {
      const entry = tails.get(key) ?? { last: Promise.resolve(), waiting: 0 };
      if (entry.waiting >= WAITING_MAX) return 'busy';
      entry.waiting += 1;
      tails.set(key, entry);
      const before = entry.last;
      const mine = before.then(work, (error: unknown) => {
        if (concernsAll(error)) throw error;
        return work();
      });
      entry.last = mine;
      try {
        return await mine;
      } finally {
        entry.waiting -= 1;
        if (entry.waiting === 0) tails.delete(key);
      }
    },
  };
}
