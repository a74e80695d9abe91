// Counts requests whose credential was never valid, by address and minute. They leave no event: anybody can send any number of them.

import type { EventSink, RefusedRequests } from '../../directory/event.ts';
import type { Door } from '../../directory/model.ts';
import type { Log } from '../../log.ts';

/** Counts refused requests in memory; `flush` writes the counts. */
export interface RefusedCounter {
  add(request: { at: Date; door: Door; address: string; reason: string; hint?: string | undefined }): void;
  /** Writes the counts so far. Never rejects: counts that cannot be written are dropped. */
  flush(): Promise<void>;
}

const MINUTE_MS = 60_000;
/** Different addresses and tokens between two flushes; more are counted under one key. */
const KEYS_MAX = 500;
const OTHERS = 'others';

/** Creates a counter. The log gets a line for each new address, door and reason in a minute. */
export function createRefusedCounter(sink: Pick<EventSink, 'count'>, log: Log): RefusedCounter {
  let counts = new Map<string, RefusedRequests>();
  let logged = { minute: 0, keys: new Set<string>() };

  function tell({ minute, door, address, reason, hint }: RefusedRequests): void {
    const at = minute.getTime();
    if (logged.minute !== at) logged = { minute: at, keys: new Set() };
    const key = `${door} ${address} ${reason}`;
    if (logged.keys.size >= KEYS_MAX || logged.keys.has(key)) return;
    logged.keys.add(key);
    log.info('Requests without a valid credential are refused', {
      door,
      address,
      reason,
      ...(hint === undefined ? {} : { begins: hint }),
    });
  }

  return {
    add({ at, door, address, reason, hint }) {
      const minute = new Date(at.getTime() - (at.getTime() % MINUTE_MS));
      const isNew = (key: string) => !counts.has(key) && counts.size >= KEYS_MAX;
      const whole = [minute.getTime(), door, address, reason, hint ?? ''].join(' ');
      const key = isNew(whole) ? [minute.getTime(), door, OTHERS, reason, ''].join(' ') : whole;
      const known = counts.get(key);
      if (known) {
        known.count += 1;
        return;
      }
      const isOther = key !== whole;
      const refused: RefusedRequests = {
        minute,
        door,
        address: isOther ? OTHERS : address.slice(0, 64),
        reason,
        ...(hint === undefined || isOther ? {} : { hint }),
        count: 1,
      };
      counts.set(key, refused);
      tell(refused);
    },
    async flush() {
      if (counts.size === 0) return;
      const written = [...counts.values()];
      counts = new Map();
      await sink.count(written).catch((error: unknown) => {
        log.debug('Counts of refused requests could not be written', { error });
      });
    },
  };
}
