// Batches requests to the database that arrive together, because a round trip costs several times as much as the query in it.
// A lone call is sent at once; calls that arrive in the next turns of the event loop, or while all slots are busy, join the batch.

import { StoreUnavailable } from '../../directory/faults.ts';

/** The outcome of one item of a batch. */
export type BatchOutcome<O> = { ok: true; value: O } | { ok: false; error: unknown };

/** The options of a batcher. */
export interface BatchOptions<I, O> {
  /** Sends all items in one round trip; returns the outcomes in the order of the items. A rejection rejects every item. */
  run(items: readonly I[]): Promise<readonly BatchOutcome<O>[]>;
  /** The maximum number of batches in progress. */
  batchesMax: number;
  /** The maximum number of items in a batch. */
  itemsMax: number;
  /** How long a batch may take, in milliseconds; 9,000 by default. */
  batchMsMax?: number;
}

/** Longer than the driver's own time-outs. A batch that never receives a response must not hold its slot permanently. */
const BATCH_MS_MAX = 9_000;

/** Turns of the event loop without a new item after which a batch is sent, and how long it is gathered at most. */
const QUIET_TURNS = 2;
const GATHER_MS_MAX = 5;

interface Waiting<I, O> {
  item: I;
  resolve: (value: O) => void;
  reject: (error: unknown) => void;
}

/** Makes a function that sends one item, batched with others that arrive at the same time. Callers limit how many wait. */
export function createBatcher<I, O>(options: BatchOptions<I, O>): (item: I) => Promise<O> {
  let waiting: Waiting<I, O>[] = [];
  let batches = 0;
  let scheduled = false;

  const schedule = (): void => {
    if (scheduled || waiting.length === 0 || batches >= options.batchesMax) return;
    scheduled = true;
    const begun = performance.now();
    let [known, quietTurns] = [0, 0];
    // Runs after all requests that arrive in this turn of the event loop, and waits while each turn brings more.
    const look = (): void => {
      quietTurns = waiting.length > known ? 0 : quietTurns + 1;
      known = waiting.length;
      if (known < options.itemsMax && quietTurns < QUIET_TURNS && performance.now() - begun < GATHER_MS_MAX) {
        setImmediate(look);
        return;
      }
      scheduled = false;
      sendNext();
    };
    setImmediate(look);
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
          () => reject(new StoreUnavailable(new Error('no response in time'))),
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

/** The maximum number of keys in a batch. */
const LOOKUPS_MAX = 256;

/** A lookup by a key, such as an id or a name, within an account. */
interface KeyedItem {
  account: string;
  key: string;
}

/**
 * Makes a function that looks up one document by a key that is unique within its account. Lookups that arrive together are one
 * query per account. Concurrent callers of the same key share the document and must not modify it.
 * @param keyOf returns the key of a document
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
