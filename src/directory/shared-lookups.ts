// Lookups that the rows of a file share: what many rows name is asked for once, and believed for a short time.

import { LRUCache } from 'lru-cache';

/** How long an answer is believed. A write that relies on it is conditional on its version all the same. */
const BELIEVED_MS = 2000;
const KEPT_MAX = 10_000;

export interface SharedLookups<T> {
  /** What is known under a key, without asking. */
  known(key: string): T | undefined;
  keep(key: string, value: T): void;
  clear(): void;
  one(key: string, load: () => Promise<T | undefined>): Promise<T | undefined>;
  /** What is wanted and exists, in any order; `load` is asked for the rest. */
  list<K>(
    wanted: K[],
    keyOf: (wanted: K) => string,
    keysOfFound: (found: T) => string | string[],
    load: (rest: K[]) => Promise<T[]>,
  ): Promise<T[]>;
}

/** Lookups of groups, stores or managers. What is not found is asked for again. */
export function createSharedLookups<T extends object | string>(): SharedLookups<T> {
  const cache = new LRUCache<string, T>({ max: KEPT_MAX, ttl: BELIEVED_MS });
  let pending = new Map<string, Promise<T | undefined>>();

  /** Shares an answer with all who ask meanwhile. One that `clear` overtook is not kept. */
  function share(keys: string[], found: Promise<Map<string, T>>): void {
    const current = pending;
    for (const key of keys) {
      const one = found.then((all) => {
        const value = all.get(key);
        if (value !== undefined && current === pending) cache.set(key, value);
        return value;
      });
      const forget = (): void => {
        current.delete(key);
      };
      one.then(forget, forget);
      current.set(key, one);
    }
  }

  return {
    known: (key) => cache.get(key),
    keep: (key, value) => void cache.set(key, value),
    clear() {
      cache.clear();
      pending = new Map();
    },
    async one(key, load) {
      if (!pending.has(key)) {
        share(
          [key],
          load().then((found) => new Map(found === undefined ? [] : [[key, found]])),
        );
      }
      return pending.get(key);
    },
    async list(wanted, keyOf, keysOfFound, load) {
      const known: T[] = [];
      const rest = new Map<string, (typeof wanted)[number]>();
      const keys = new Map(wanted.map((each) => [keyOf(each), each]));
      for (const [key, each] of keys) {
        const found = cache.get(key);
        if (found !== undefined) {
          known.push(found);
          keys.delete(key);
        } else if (!pending.has(key)) rest.set(key, each);
      }
      if (rest.size > 0) {
        const found = load([...rest.values()]);
        share(
          [...rest.keys()],
          found.then((all) => new Map(all.flatMap((each) => [keysOfFound(each)].flat().map((key) => [key, each])))),
        );
      }
      const answers = await Promise.all([...keys.keys()].flatMap((key) => pending.get(key) ?? []));
      return [...known, ...answers.filter((each) => each !== undefined)];
    },
  };
}
