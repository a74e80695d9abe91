// Where a simulation keeps what it would have written: keys in memory, documents put away through a port, a few close at hand.

import { LRUCache } from 'lru-cache';

export type ShelfKind = 'user' | 'group' | 'store';

/** The port to where documents of one simulation are put away; src/mongo implements it. They go by themselves if never closed. */
export interface SimulationShelves {
  put(kind: ShelfKind, documents: { _id: string }[]): Promise<void>;
  get(kind: ShelfKind, ids: string[]): Promise<{ _id: string }[]>;
  /** Active users of the account as they are stored now. */
  activeUsers(account: string): Promise<number>;
  close(): Promise<void>;
}

/** The documents of one kind that a simulation wrote. */
export interface Shelf<T extends { _id: string }> {
  /** Whether the simulation wrote (or deleted) it. */
  has(id: string): boolean;
  get(id: string): Promise<T | undefined>;
  /** Brings documents close at hand in one go, so many as stay there. */
  bring(ids: readonly string[]): Promise<void>;
  /** Keeps a document; undefined: it is deleted. */
  put(id: string, document: T | undefined): void;
  /** Ids of the documents that have this key now. */
  holders(key: string): string[];
  /** The revision (or version) of what was written last; undefined where nothing was, -1 for what was deleted. */
  revision(id: string): number | undefined;
  /** Puts away what waits where it has become much. */
  settle(): Promise<void>;
}

const WAITING_MAX = 1000;
const CLOSE_AT_HAND_MAX = 2000;

interface Entry {
  keys: string[];
  revision: number;
}

/** @param describe the keys by which a document is found, and its revision */
export function createShelf<T extends { _id: string }>(
  shelves: SimulationShelves,
  kind: ShelfKind,
  describe: (document: T) => Entry,
): Shelf<T> {
  const entries = new Map<string, Entry>();
  const byKey = new Map<string, string | string[]>();
  const recent = new LRUCache<string, T>({ max: CLOSE_AT_HAND_MAX });
  let waiting = new Map<string, T>();
  let leaving = new Map<string, T>();
  let puttingAway: Promise<void> | undefined;

  function holders(key: string): string[] {
    const found = byKey.get(key);
    return found === undefined ? [] : typeof found === 'string' ? [found] : found;
  }

  function setHolders(key: string, ids: string[]): void {
    const [first] = ids;
    if (first === undefined) byKey.delete(key);
    else byKey.set(key, ids.length === 1 ? first : ids);
  }

  async function putAway(): Promise<void> {
    while (waiting.size >= WAITING_MAX) {
      leaving = waiting;
      waiting = new Map();
      await shelves.put(kind, [...leaving.values()]);
      leaving = new Map();
    }
  }

  return {
    has: (id) => entries.has(id),
    async get(id) {
      if ((entries.get(id)?.revision ?? -1) < 0) return undefined;
      const near = waiting.get(id) ?? leaving.get(id) ?? recent.get(id);
      if (near) return near;
      const [found] = await shelves.get(kind, [id]);
      return found as T | undefined;
    },
    async bring(ids) {
      const far = ids.filter((id) => entries.has(id) && !waiting.has(id) && !leaving.has(id) && !recent.has(id));
      if (far.length === 0) return;
      const seen = new Map(far.map((id) => [id, entries.get(id)?.revision]));
      for (const document of await shelves.get(kind, far.slice(0, CLOSE_AT_HAND_MAX))) {
        // What was written meanwhile is newer than what was put away.
        const { _id } = document;
        if (seen.get(_id) === entries.get(_id)?.revision && !recent.has(_id)) recent.set(_id, document as T);
      }
    },
    put(id, document) {
      for (const key of entries.get(id)?.keys ?? []) {
        setHolders(
          key,
          holders(key).filter((other) => other !== id),
        );
      }
      const entry = document ? describe(document) : { keys: [], revision: -1 };
      entries.set(id, entry);
      for (const key of entry.keys) setHolders(key, [...holders(key), id]);
      if (document) {
        waiting.set(id, document);
        recent.set(id, document);
      } else {
        waiting.delete(id);
        recent.delete(id);
      }
    },
    holders,
    revision: (id) => entries.get(id)?.revision,
    async settle() {
      if (waiting.size < WAITING_MAX) return;
      puttingAway ??= putAway().finally(() => {
        puttingAway = undefined;
      });
      await puttingAway;
    },
  };
}
