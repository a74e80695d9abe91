// Requests to the database that arrive together go out together: a round trip costs several times what is asked in it.
// Whoever is alone waits for nobody; while trips are under way, what arrives waits for the next one.

import { StoreUnavailable } from '../../directory/faults.ts';

/** What one item of a trip came to. */
export type BatchOutcome<O> = { ok: true; value: O } | { ok: false; error: unknown };

export interface BatchOptions<I, O> {
  /** Asks for all items in one trip; the outcomes in the order of the items. A rejection is that of every item. */
  run(items: readonly I[]): Promise<readonly BatchOutcome<O>[]>;
  /** Trips under way at the same time. */
  tripsMax: number;
  /** Items in one trip. */
  itemsMax: number;
  /** How long a trip may take, in milliseconds; 9,000 where nothing is said. */
  tripMsMax?: number;
}

/** Longer than the driver tries. A trip that it forgets must not hold its place for ever. */
const TRIP_MS_MAX = 9_000;

interface Waiting<I, O> {
  item: I;
  resolve: (value: O) => void;
  reject: (error: unknown) => void;
}

/** Makes a function that asks for one item, in company where there is any. How many wait is bounded by who calls it. */
export function createBatcher<I, O>(options: BatchOptions<I, O>): (item: I) => Promise<O> {
  let waiting: Waiting<I, O>[] = [];
  let trips = 0;
  let scheduled = false;

  const schedule = (): void => {
    if (scheduled || waiting.length === 0 || trips >= options.tripsMax) return;
    scheduled = true;
    // Behind everything that the sockets bring in this turn of the event loop.
    setImmediate(() => {
      scheduled = false;
      depart();
    });
  };

  const depart = (): void => {
    const batch = waiting.slice(0, options.itemsMax);
    waiting = waiting.slice(options.itemsMax);
    trips += 1;
    void travel(batch).finally(() => {
      trips -= 1;
      schedule();
    });
    schedule();
  };

  const travel = async (batch: readonly Waiting<I, O>[]): Promise<void> => {
    let timer: NodeJS.Timeout | undefined;
    try {
      const late = new Promise<never>((_resolve, reject) => {
        timer = setTimeout(
          () => reject(new StoreUnavailable(new Error('no answer in time'))),
          options.tripMsMax ?? TRIP_MS_MAX,
        );
      });
      const outcomes = await Promise.race([options.run(batch.map(({ item }) => item)), late]);
      for (const [index, { resolve, reject }] of batch.entries()) {
        const outcome = outcomes[index];
        if (outcome?.ok) resolve(outcome.value);
        else reject(outcome?.error ?? new Error('a batch has no outcome for one of its items'));
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      clearTimeout(timer);
    }
  };

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      schedule();
    });
}

/** Keys in one trip. */
const LOOKUPS_MAX = 256;

/** A question of one account for one thing by its key: an id, a name. */
export interface KeyedItem {
  account: string;
  key: string;
}

/**
 * Makes a function that looks one document up by a key, unique within its account, in company where there is any: one query for
 * each account in the trip. Documents are shared by all who ask for them at the same time: nobody may change one.
 * @param keyOf the key by which a document was asked for
 */
export function createLookupBatcher<T>(
  find: (account: string, keys: string[]) => Promise<T[]>,
  keyOf: (document: T) => string,
): (account: string, key: string) => Promise<T | undefined> {
  const ask = createBatcher<KeyedItem, T | undefined>({
    tripsMax: 2,
    itemsMax: LOOKUPS_MAX,
    async run(items) {
      const wanted = new Map<string, Set<string>>();
      for (const { account, key } of items) {
        const keys = wanted.get(account);
        if (keys) keys.add(key);
        else wanted.set(account, new Set([key]));
      }
      const found = new Map<string, Map<string, T>>();
      await Promise.all(
        [...wanted].map(async ([account, keys]) => {
          const documents = await find(account, [...keys]);
          found.set(account, new Map(documents.map((document) => [keyOf(document), document])));
        }),
      );
      return items.map(({ account, key }) => ({ ok: true, value: found.get(account)?.get(key) }));
    },
  });
  return (account, key) => ask({ account, key });
}
