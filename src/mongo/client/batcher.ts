// Requests to the database that arrive together are sent together: a round trip costs several times what is asked in it.
// A lone call is sent at once; calls that arrive while all slots are busy join the next batch.

import { StoreUnavailable } from '../../directory/faults.ts';

/** The outcome of one item of a batch. */
export type BatchOutcome<O> = { ok: true; value: O } | { ok: false; error: unknown };

export interface BatchOptions<I, O> {
  /** Sends all items in one round trip; returns the outcomes in the order of the items. A rejection rejects every item. */
  run(items: readonly I[]): Promise<readonly BatchOutcome<O>[]>;
  /** Batches under way at the same time. */
  batchesMax: number;
  /** Items in one batch. */
  itemsMax: number;
  /** How long a batch may take, in milliseconds; 9,000 by default. */
  batchMsMax?: number;
}

/** Longer than the driver tries. A batch whose answer never comes must not hold its slot for ever. */
const BATCH_MS_MAX = 9_000;

interface Waiting<I, O> {
  item: I;
  resolve: (value: O) => void;
  reject: (error: unknown) => void;
}

/** Makes a function that sends one item, in a batch with others that arrive at the same time. Its callers bound how many wait. */
export function createBatcher<I, O>(options: BatchOptions<I, O>): (item: I) => Promise<O> {
  let waiting: Waiting<I, O>[] = [];
  let batches = 0;
  let scheduled = false;

  const schedule = (): void => {
    if (scheduled || waiting.length === 0 || batches >= options.batchesMax) return;
    scheduled = true;
    // After everything that the sockets bring in this turn of the event loop.
    setImmediate(() => {
      scheduled = false;
      sendNext();
    });
  };

  const sendNext = (): void => {
    const batch = waiting.slice(0, options.itemsMax);
    waiting = waiting.slice(options.itemsMax);
    batches += 1;
    void send(batch).finally(() => {
      batches -= 1;
      schedule();
    });
    schedule();
  };

  const send = async (batch: readonly Waiting<I, O>[]): Promise<void> => {
    let timer: NodeJS.Timeout | undefined;
    try {
      const late = new Promise<never>((_resolve, reject) => {
        timer = setTimeout(
          () => reject(new StoreUnavailable(new Error('no answer in time'))),
          options.batchMsMax ?? BATCH_MS_MAX,
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

/** Keys in one batch. */
const LOOKUPS_MAX = 256;

/** A question of one account for one thing by its key: an id, a name. */
export interface KeyedItem {
  account: string;
  key: string;
}

/**
 * Makes a function that looks up one document by a key that is unique within its account. Lookups that arrive together are one
 * query for each account. Callers that ask for the same document at the same time share it: nobody may change it.
 * @param keyOf the key by which a document was asked for
 */
export function createLookupBatcher<T>(
  find: (account: string, keys: string[]) => Promise<T[]>,
  keyOf: (document: T) => string,
): (account: string, key: string) => Promise<T | undefined> {
  const ask = createBatcher<KeyedItem, T | undefined>({
    batchesMax: 2,
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
