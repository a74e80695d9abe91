// Counts the calls of connections in memory, and adds the counts to the stored ones once a second.

import {
  type Call,
  type CallSink,
  countCall,
  emptyHour,
  type HourCounts,
  hourOf,
} from '../../directory/health/calls.ts';
import { newResourceId } from '../../directory/ids.ts';
import type { Log } from '../../log.ts';

export interface CallCounter {
  /** Counts a call; never blocks. */
  add(call: Call): void;
  /** Writes the counts so far. Never rejects: counts that cannot be written are written with a later flush. */
  flush(): Promise<void>;
  /** Whether there are counts to write. */
  isWaiting(): boolean;
}

/** Connections and hours that wait at once; the calls of more are not counted. */
const KEYS_MAX = 5_000;

/** Creates a counter. A count is lost only if the process is killed, within a second of its call. */
export function createCallCounter(sink: CallSink, log: Log): CallCounter {
  let counts = new Map<string, HourCounts>();
  /** What is being written. It keeps its id in retries, so that it is added once. */
  let batch: { id: string; hours: HourCounts[] } | undefined;
  let running: Promise<void> | undefined;

  async function write(): Promise<void> {
    if (!batch && counts.size > 0) {
      batch = { id: newResourceId(), hours: [...counts.values()] };
      counts = new Map();
    }
    if (!batch) return;
    const { id, hours } = batch;
    try {
      await sink.addCalls(id, hours);
      batch = undefined;
    } catch (error) {
      log.debug('Counts of calls could not be written', { error, hours: hours.length });
    }
  }

  return {
    add(call) {
      const key = `${call.account} ${call.connection} ${hourOf(call.at).getTime()}`;
      const known = counts.get(key);
      if (!known && counts.size >= KEYS_MAX) return;
      const hour = known ?? emptyHour(call);
      if (!known) counts.set(key, hour);
      countCall(hour, call);
    },
    flush() {
      running ??= write().finally(() => {
        running = undefined;
      });
      return running;
    },
    isWaiting: () => batch !== undefined || counts.size > 0,
  };
}
