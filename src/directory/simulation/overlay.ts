// What a simulation would have written, kept over the real store: a few recent documents in memory, the rest behind a port, each
// with the keys by which it is found. Memory does not grow with the file.

export type OverlayKind = 'user' | 'group' | 'store';

/** What a simulation wrote of one document. */
export interface OverlayEntry<T extends { _id: string } = { _id: string }> {
  _id: string;
  /** The keys by which the document is found now. */
  keys: string[];
  /** The revision (or version) of the document; -1 if it was deleted. */
  revision: number;
  /** Absent: it was deleted. */
  document?: T;
}

/** Ids of documents, and keys by which documents are found. */
export interface Wanted {
  ids?: readonly string[];
  keys?: readonly string[];
}

/** The port to where one simulation keeps documents; src/mongo implements it. They expire if never closed. */
export interface SimulationStore {
  /** Replaces entries with the same ids. */
  put(kind: OverlayKind, entries: OverlayEntry[]): Promise<void>;
  /** Entries that have one of these ids or one of these keys. */
  find(kind: OverlayKind, wanted: Required<Wanted>): Promise<OverlayEntry[]>;
  /** All entries of a kind. */
  all(kind: OverlayKind): AsyncIterable<OverlayEntry>;
  /** Active users of the account in the real store now. */
  activeUsers(account: string): Promise<number>;
  close(): Promise<void>;
}

/** The documents of one kind that a simulation wrote. The synchronous methods only know what is cached. */
export interface Overlay<T extends { _id: string }> {
  /** Whether all of this is cached: what was written of it, or that nothing was. */
  isCached(wanted: Wanted): boolean;
  /** Caches it, in one query. Other loads may evict it again; `read` takes care of that. */
  load(wanted: Wanted): Promise<void>;
  /** Runs `look` once all of this is cached; nothing changes while it runs. */
  read<R>(wanted: Wanted, look: () => R): Promise<R>;
  /** Whether the simulation wrote (or deleted) it. */
  has(id: string): boolean;
  /** The document as it was written; undefined if it was not, or was deleted. */
  get(id: string): T | undefined;
  /** Ids of the documents that have this key now. */
  holders(key: string): string[];
  /** The revision (or version) that was written last; undefined if nothing was, -1 if it was deleted. */
  revision(id: string): number | undefined;
  /** Writes a document; undefined deletes it. */
  put(id: string, document: T | undefined): void;
  /** Moves what was written out of memory if there is much of it. */
  flush(): Promise<void>;
  /** Every document that the simulation wrote, as written when the iteration reaches it; without those it deleted. */
  all(): AsyncIterable<T>;
  /** Documents in memory now. */
  size(): number;
}

/** Written documents in memory; then they are flushed together. */
const UNFLUSHED_MAX = 500;
/** Flushed documents, and keys, that stay cached, beside whatever one reader wants at a time. */
const CACHED_MAX = 1500;
const CACHED_KEYS_MAX = 10_000;

/** @param describe the keys by which a document is found, and its revision */
export function createOverlay<T extends { _id: string }>(
  store: Pick<SimulationStore, 'put' | 'find' | 'all'>,
  kind: OverlayKind,
  describe: (document: T) => { keys: string[]; revision: number },
): Overlay<T> {
  type Entry = OverlayEntry<T>;
  /** Written and not flushed yet: newer than a flushed entry with the same id. */
  const unflushed = createIndexed<T>();
  /** Flushed entries that were asked for; undefined: there is none. A flush updates them. */
  const cached = new Map<string, Entry | undefined>();
  const cachedHolders = new Map<string, string[]>();
  const lookups = new Set<Promise<void>>();
  let isAnyFlushed = false;
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
    const lookup = isAnyFlushed
      ? lookUp(uncachedIds, uncachedKeys)
      : Promise.resolve(cacheFound(uncachedIds, uncachedKeys, []));
    lookups.add(lookup);
    try {
      await lookup;
    } finally {
      lookups.delete(lookup);
    }
  }

  async function lookUp(ids: string[], keys: string[]): Promise<void> {
    cacheFound(ids, keys, (await store.find(kind, { ids, keys })) as Entry[]);
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
      isAnyFlushed = true;
      await store.put(kind, leaving);
      // Lookups that began before the flush have not seen it; what they cached is corrected below.
      await Promise.allSettled(lookups);
      completeFlush(leaving.filter((entry) => unflushed.get(entry._id) === entry));
    }
  }

  /** From now on the flushed entries count; what was written again in the meantime stays unflushed. */
  function completeFlush(entries: Entry[]): void {
    for (const entry of entries) {
      unflushed.remove(entry._id);
      if (cached.has(entry._id)) cached.set(entry._id, entry);
    }
    const left = new Set(entries.map(({ _id }) => _id));
    for (const [key, ids] of cachedHolders) {
      if (ids.some((id) => left.has(id))) {
        cachedHolders.set(
          key,
          ids.filter((id) => !left.has(id)),
        );
      }
    }
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
      if (!isAnyFlushed) return;
      for await (const entry of store.all(kind)) {
        if (seen.has(entry._id)) continue;
        const { document } = unflushed.get(entry._id) ?? (entry as Entry);
        if (document) yield document;
      }
    },
    size: () => unflushed.size() + cached.size,
  };
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

/** Whether a key is there; if so, it becomes the newest. */
function touch<V>(map: Map<string, V>, key: string): boolean {
  if (!map.has(key)) return false;
  const value = map.get(key) as V;
  map.delete(key);
  map.set(key, value);
  return true;
}

/** Forgets the oldest. */
function trim(map: Map<string, unknown>, max: number): void {
  let over = map.size - max;
  for (const key of map.keys()) {
    if (over <= 0) return;
    map.delete(key);
    over -= 1;
  }
}
