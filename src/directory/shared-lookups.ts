// A cache of lookups for the rows of a file: a value that many rows refer to is loaded once and reused for a short time.

import { LRUCache } from 'lru-cache';

/** How long an answer is reused. A write that relies on it is still conditional on the version. */
const AGE_MS_MAX = 2000;
const ENTRIES_MAX = 10_000;

export interface SharedLookups<T> {
  /** The cached value of a key, if there is one. */
  known(key: string): T | undefined;
  keep(key: string, value: T): void;
  clear(): void;
  one(key: string, load: () => Promise<T | undefined>): Promise<T | undefined>;
  /** The values that exist, in any order; `load` gets those that are not cached. */
  list<K>(
    wanted: K[],
    keyOf: (wanted: K) => string,
    keysOfFound: (found: T) => string | string[],
    load: (rest: K[]) => Promise<T[]>,
  ): Promise<T[]>;
}

/** Creates a cache of groups, stores or managers. A value that does not exist is not cached. */
export function createSharedLookups<T extends object | string>(): SharedLookups<T> {
  const cache = new LRUCache<string, T>({ max: ENTRIES_MAX, ttl: AGE_MS_MAX });
  let pending = new Map<string, Promise<T | undefined>>();

  /** Shares a pending answer with concurrent callers. It is not cached if `clear` is called in the meantime. */
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
