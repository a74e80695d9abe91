// Owns overlays: the documents that a simulation changed, with the keys by which they are found. Recent ones are in memory, the rest is
// behind a port, so that memory does not grow with the file.

export type OverlayKind = 'user' | 'group' | 'store';

/** The changed state of one document. */
export interface OverlayEntry<T extends { _id: string } = { _id: string }> {
  _id: string;
  /** The current keys of the document. */
  keys: string[];
  /** The revision (or version) of the document; -1 if it was deleted. */
  revision: number;
  /** Absent if the document was deleted. */
  document?: T;
}

/** Ids and keys of the documents to load. */
interface Wanted {
  ids?: readonly string[];
  keys?: readonly string[];
}

/** The port to the stored documents of one simulation; src/mongo implements it. They expire if the simulation is never closed. */
export interface SimulationStore {
  /** Replaces entries with the same ids. */
  put(kind: OverlayKind, entries: OverlayEntry[]): Promise<void>;
  /** Entries with one of these ids or keys. */
  find(kind: OverlayKind, wanted: Required<Wanted>): Promise<OverlayEntry[]>;
  /** All entries of a kind. */
  all(kind: OverlayKind): AsyncIterable<OverlayEntry>;
  /** The number of active users of the account in the database. */
  activeUsers(account: string): Promise<number>;
  close(): Promise<void>;
}

/** The changed documents of one kind. Synchronous methods only see cached entries. */
export interface Overlay<T extends { _id: string }> {
  /** Whether all of these are cached, changed or not. */
  isCached(wanted: Wanted): boolean;
  /** Caches these in one query. Other loads may evict them; `read` handles that. */
  load(wanted: Wanted): Promise<void>;
  /** Calls the synchronous `look` once all of these are cached. */
  read<R>(wanted: Wanted, look: () => R): Promise<R>;
  /** Whether the simulation changed or deleted the document. */
  has(id: string): boolean;
  /** The changed document; undefined if it was not changed or was deleted. */
  get(id: string): T | undefined;
  /** Ids of the changed documents that now have this key. */
  holders(key: string): string[];
  /** The last written revision (or version); undefined if not changed, -1 if deleted. */
  revision(id: string): number | undefined;
  /** Stores a changed document; undefined deletes it. */
  put(id: string, document: T | undefined): void;
  /** Writes documents from memory to the port if there are many. */
  flush(): Promise<void>;
  /** All changed documents except deleted ones. Each is current when the iteration reaches it. */
  all(): AsyncIterable<T>;
  /** Number of documents in memory. */
  size(): number;
}

/** Maximum number of unflushed documents in memory; then all of them are flushed. */
const UNFLUSHED_MAX = 500;
/** Maximum number of cached flushed documents, and of cached keys, in addition to those of a single `read`. */
const CACHED_MAX = 1500;
const CACHED_KEYS_MAX = 10_000;

/** Creates the overlay of one kind. @param describe returns the keys and the revision of a document */
export function createOverlay<T extends { _id: string }>(
  store: Pick<SimulationStore, 'put' | 'find' | 'all'>,
  kind: OverlayKind,
  describe: (document: T) => { keys: string[]; revision: number },
): Overlay<T> {
  type Entry = OverlayEntry<T>;
  /** Not flushed yet; newer than a flushed entry with the same id. */
  const unflushed = createIndexed<T>();
  /** Cached flushed entries; undefined: there is none. A flush updates them. */
  const cached = new Map<string, Entry | undefined>();
  const cachedHolders = new Map<string, string[]>();
  const lookups = new Set<Promise<void>>();
  /** Ids sort by time: a document with a higher id was never flushed, so new documents need no lookup. */
  let highestFlushedId = '';
  let flushing: Promise<void> | undefined;

  const entryOf = (id: string): Entry | undefined => unflushed.get(id) ?? cached.get(id);

  const isCached = ({ ids = [], keys = [] }: Wanted): boolean =>
    ids.every((id) => unflushed.has(id) || cached.has(id)) && keys.every((key) => cachedHolders.has(key));

  async function load({ ids = [], keys = [] }: Wanted): Promise<void> {
    const uncachedIds = ids.filter((id) => !unflushed.has(id) && !touch(cached, id));
    const uncachedKeys = keys.filter((key) => !touch(cachedHolders, key));
    if (uncachedIds.length === 0 && uncachedKeys.length === 0) return;
    trim(cached, CACHED_MAX);
    trim(cachedHolders, CACHED_KEYS_MAX);
    const lookup = lookUp(uncachedIds, uncachedKeys);
    lookups.add(lookup);
    try {
      await lookup;
    } finally {
      lookups.delete(lookup);
    }
  }

  async function lookUp(ids: string[], keys: string[]): Promise<void> {
    const wanted = { ids: ids.filter((id) => id <= highestFlushedId), keys: highestFlushedId === '' ? [] : keys };
    const isNeeded = wanted.ids.length + wanted.keys.length > 0;
    cacheFound(ids, keys, isNeeded ? ((await store.find(kind, wanted)) as Entry[]) : []);
  }

  function cacheFound(ids: string[], keys: string[], found: Entry[]): void {
    for (const id of ids) cached.set(id, undefined);
    for (const key of keys) cachedHolders.set(key, []);
    const asked = new Set(keys);
    for (const entry of found) {
      cached.set(entry._id, entry);
      for (const key of entry.keys) if (asked.has(key)) cachedHolders.get(key)?.push(entry._id);
    }
  }

  async function flushAll(): Promise<void> {
    while (unflushed.size() >= UNFLUSHED_MAX) {
      const leaving = unflushed.all();
      for (const { _id } of leaving) if (_id > highestFlushedId) highestFlushedId = _id;
      await store.put(kind, leaving);
      // Lookups that started before the flush do not include it; their cached results are corrected below.
      await Promise.allSettled(lookups);
      completeFlush(leaving.filter((entry) => unflushed.get(entry._id) === entry));
    }
  }

  /** Removes flushed entries from memory, except those that were written again in the meantime. */
  function completeFlush(entries: Entry[]): void {
    for (const entry of entries) {
      unflushed.remove(entry._id);
      if (cached.has(entry._id)) cached.set(entry._id, entry);
    }
    removeHolders(cachedHolders, new Set(entries.map(({ _id }) => _id)));
    for (const { _id, keys } of entries) for (const key of keys) cachedHolders.get(key)?.push(_id);
  }

  return {
    isCached,
    load,
    async read(wanted, look) {
      do await load(wanted);
      while (!isCached(wanted));
      return look();
    },
    has: (id) => entryOf(id) !== undefined,
    get: (id) => entryOf(id)?.document,
    holders(key) {
      const flushed = (cachedHolders.get(key) ?? []).filter((id) => !unflushed.has(id));
      return [...unflushed.holders(key), ...flushed];
    },
    revision: (id) => entryOf(id)?.revision,
    put(id, document) {
      unflushed.put(document ? { _id: id, ...describe(document), document } : { _id: id, keys: [], revision: -1 });
    },
    async flush() {
      if (unflushed.size() < UNFLUSHED_MAX) return;
      flushing ??= flushAll().finally(() => {
        flushing = undefined;
      });
      await flushing;
    },
    async *all() {
      const first = unflushed.all();
      const seen = new Set(first.map(({ _id }) => _id));
      for (const { document } of first) if (document) yield document;
      if (highestFlushedId === '') return;
      for await (const entry of store.all(kind)) {
        if (seen.has(entry._id)) continue;
        const { document } = unflushed.get(entry._id) ?? (entry as Entry);
        if (document) yield document;
      }
    },
    size: () => unflushed.size() + cached.size,
  };
}

/** Removes these ids from the lists of all keys. */
function removeHolders(holders: Map<string, string[]>, left: ReadonlySet<string>): void {
  for (const [key, ids] of holders) {
    if (ids.some((id) => left.has(id))) {
      holders.set(
        key,
        ids.filter((id) => !left.has(id)),
      );
    }
  }
}

/** Entries in memory, by id and by key. */
function createIndexed<T extends { _id: string }>() {
  type Entry = OverlayEntry<T>;
  const entries = new Map<string, Entry>();
  const holders = new Map<string, string[]>();

  function remove(id: string): void {
    const entry = entries.get(id);
    if (!entry) return;
    entries.delete(id);
    for (const key of entry.keys) {
      const others = (holders.get(key) ?? []).filter((other) => other !== id);
      if (others.length === 0) holders.delete(key);
      else holders.set(key, others);
    }
  }

  return {
    has: (id: string): boolean => entries.has(id),
    get: (id: string): Entry | undefined => entries.get(id),
    all: (): Entry[] => [...entries.values()],
    /** Ids of the entries that have this key. */
    holders: (key: string): readonly string[] => holders.get(key) ?? [],
    size: (): number => entries.size,
    remove,
    put(entry: Entry): void {
      remove(entry._id);
      entries.set(entry._id, entry);
      for (const key of entry.keys) holders.set(key, [...(holders.get(key) ?? []), entry._id]);
    },
  };
}

/** Whether the map has a key, which then becomes the newest. */
function touch<V>(map: Map<string, V>, key: string): boolean {
  if (!map.has(key)) return false;
  const value = map.get(key) as V;
  map.delete(key);
  map.set(key, value);
  return true;
}

/** Removes the oldest entries. */
function trim(map: Map<string, unknown>, max: number): void {
  let over = map.size - max;
  for (const key of map.keys()) {
    if (over <= 0) return;
    map.delete(key);
    over -= 1;
  }
}
