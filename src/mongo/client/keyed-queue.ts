// Runs work for one key at a time, within this process: writers of one group wait here instead of aborting each other's transactions.

const WAITING_MAX = 500;

export interface KeyedQueue {
  /** Runs `work` after everything that came before it under the same key; 'busy' if too many wait already. */
  run<T>(key: string, work: () => Promise<T>): Promise<T | 'busy'>;
}

/**
 * Makes a queue. An error for which `concernsAll` is true also fails everything that waits behind it, at once, so that not
 * every request has to run into the same outage by itself.
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
