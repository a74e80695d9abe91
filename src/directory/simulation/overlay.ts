// Where a simulation keeps what it would have written: put away through a port, with the keys by which it is found. In memory is only
// what was written last and what the next rows name, however long the file is.

export type ShelfKind = 'user' | 'group' | 'store';

/** What a simulation wrote of one document. */
export interface ShelfEntry<T extends { _id: string } = { _id: string }> {
  _id: string;
  /** By what the document is found now. */
  keys: string[];
  /** The revision (or version) of the document; -1 where it was deleted. */
  revision: number;
  /** Absent: it was deleted. */
  document?: T;
}

/** Ids of documents, and keys by which documents are found. */
export interface Wanted {
  ids?: readonly string[];
  keys?: readonly string[];
}

/** The port to where documents of one simulation are put away; src/mongo implements it. They go by themselves if never closed. */
export interface SimulationShelves {
  /** Puts entries in the place of those with the same ids. */
  put(kind: ShelfKind, entries: ShelfEntry[]): Promise<void>;
  /** What was put away under one of these ids or has one of these keys. */
  find(kind: ShelfKind, wanted: Required<Wanted>): Promise<ShelfEntry[]>;
  /** Active users of the account as they are stored now. */
  activeUsers(account: string): Promise<number>;
  close(): Promise<void>;
}

/** The documents of one kind that a simulation wrote. What is told at once is told only of what is close at hand. */
export interface Shelf<T extends { _id: string }> {
  /** Whether all of this is close at hand: what was written of it, or that nothing was. */
  isNear(wanted: Wanted): boolean;
  /** Brings it close at hand, in one go. It may be far again when others bring much; `look` sees to it. */
  bring(wanted: Wanted): Promise<void>;
  /** Runs `read` when all of this is close at hand: in it, nothing changes. */
  look<R>(wanted: Wanted, read: () => R): Promise<R>;
  /** Whether the simulation wrote (or deleted) it. */
  has(id: string): boolean;
  /** The document as it was written; undefined where it was not, or was deleted. */
  get(id: string): T | undefined;
  /** Ids of the documents that have this key now. */
  holders(key: string): string[];
  /** The revision (or version) of what was written last; undefined where nothing was, -1 for what was deleted. */
  revision(id: string): number | undefined;
  /** Keeps a document; undefined: it is deleted. */
  put(id: string, document: T | undefined): void;
  /** Puts away what was written where it has become much. */
  settle(): Promise<void>;
  /** Documents in memory now. */
  size(): number;
}

/** Documents that wait to be put away together. */
const WAITING_MAX = 500;
/** Documents, and keys, that stay close at hand; what one reader wants at a time stays whatever there is of it. */
const NEAR_MAX = 1500;
const NEAR_KEYS_MAX = 10_000;

/** @param describe the keys by which a document is found, and its revision */
export function createShelf<T extends { _id: string }>(
  shelves: Pick<SimulationShelves, 'put' | 'find'>,
  kind: ShelfKind,
  describe: (document: T) => { keys: string[]; revision: number },
): Shelf<T> {
  type Entry = ShelfEntry<T>;
  /** Written, and not yet put away: it counts for more than what is put away under the same id. */
  const fresh = new Map<string, Entry>();
  const freshHolders = new Map<string, string[]>();
  /** What is put away of what was asked for; undefined: nothing. Kept true when more is put away. */
  const near = new Map<string, Entry | undefined>();
  const nearHolders = new Map<string, string[]>();
  const lookups = new Set<Promise<void>>();
  let isAnyAway = false;
  let puttingAway: Promise<void> | undefined;

  const entryOf = (id: string): Entry | undefined => fresh.get(id) ?? near.get(id);

  function setFreshHolders(key: string, ids: string[]): void {
    if (ids.length === 0) freshHolders.delete(key);
    else freshHolders.set(key, ids);
  }

  function takeOff({ _id, keys }: Entry): void {
    fresh.delete(_id);
    for (const key of keys) {
      setFreshHolders(
        key,
        (freshHolders.get(key) ?? []).filter((other) => other !== _id),
      );
    }
  }

  const isNear = ({ ids = [], keys = [] }: Wanted): boolean =>
    ids.every((id) => fresh.has(id) || near.has(id)) && keys.every((key) => nearHolders.has(key));

  async function bring({ ids = [], keys = [] }: Wanted): Promise<void> {
    const farIds = ids.filter((id) => !fresh.has(id) && !touch(near, id));
    const farKeys = keys.filter((key) => !touch(nearHolders, key));
    if (farIds.length === 0 && farKeys.length === 0) return;
    trim(near, NEAR_MAX);
    trim(nearHolders, NEAR_KEYS_MAX);
    const lookup = isAnyAway ? lookUp(farIds, farKeys) : Promise.resolve(note(farIds, farKeys, []));
    lookups.add(lookup);
    try {
      await lookup;
    } finally {
      lookups.delete(lookup);
    }
  }

  async function lookUp(ids: string[], keys: string[]): Promise<void> {
    note(ids, keys, (await shelves.find(kind, { ids, keys })) as Entry[]);
  }

  function note(ids: string[], keys: string[], found: Entry[]): void {
    for (const id of ids) near.set(id, undefined);
    for (const key of keys) nearHolders.set(key, []);
    const asked = new Set(keys);
    for (const entry of found) {
      near.set(entry._id, entry);
      for (const key of entry.keys) if (asked.has(key)) nearHolders.get(key)?.push(entry._id);
    }
  }

  async function putAway(): Promise<void> {
    while (fresh.size >= WAITING_MAX) {
      const leaving = [...fresh.values()];
      isAnyAway = true;
      await shelves.put(kind, leaving);
      // Who asked before has not seen it; what they found is corrected with the rest.
      await Promise.allSettled(lookups);
      leave(leaving.filter((entry) => fresh.get(entry._id) === entry));
    }
  }

  /** From now on what was put away counts; what was written again in the meantime stays. */
  function leave(entries: Entry[]): void {
    for (const entry of entries) {
      takeOff(entry);
      if (near.has(entry._id)) near.set(entry._id, entry);
    }
    const left = new Set(entries.map(({ _id }) => _id));
    for (const [key, ids] of nearHolders) {
      if (ids.some((id) => left.has(id))) {
        nearHolders.set(
          key,
          ids.filter((id) => !left.has(id)),
        );
      }
    }
    for (const { _id, keys } of entries) for (const key of keys) nearHolders.get(key)?.push(_id);
  }

  return {
    isNear,
    bring,
    async look(wanted, read) {
      do await bring(wanted);
      while (!isNear(wanted));
      return read();
    },
    has: (id) => entryOf(id) !== undefined,
    get: (id) => entryOf(id)?.document,
    holders(key) {
      const away = (nearHolders.get(key) ?? []).filter((id) => !fresh.has(id));
      return [...(freshHolders.get(key) ?? []), ...away];
    },
    revision: (id) => entryOf(id)?.revision,
    put(id, document) {
      const before = fresh.get(id);
      if (before) takeOff(before);
      const entry: Entry = document
        ? { _id: id, ...describe(document), document }
        : { _id: id, keys: [], revision: -1 };
      fresh.set(id, entry);
      for (const key of entry.keys) setFreshHolders(key, [...(freshHolders.get(key) ?? []), id]);
    },
    async settle() {
      if (fresh.size < WAITING_MAX) return;
      puttingAway ??= putAway().finally(() => {
        puttingAway = undefined;
      });
      await puttingAway;
    },
    size: () => fresh.size + near.size,
  };
}

/** Whether it is there; it is the newest then. */
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
