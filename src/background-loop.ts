// The one loop of background work: rounds, one after the other, with a pause whenever there is nothing to do and a longer one after
// each failure in a row. Runs, mails, the change relay, watched folders and daily work all run in it.

import { setTimeout as sleep } from 'node:timers/promises';
import { backOffMs } from './directory/back-off.ts';

export interface BackgroundLoopOptions {
  /**
   * Does one round of work. True: there may be more, and the next round follows at once. `signal` is aborted when the loop stops:
   * finish what cannot be interrupted, and return.
   */
  round: (signal: AbortSignal) => Promise<boolean>;
  /** The pause after a round that left nothing to do. */
  pauseMs: number;
  /** Gets what a round threw; the loop goes on. */
  onError: (error: unknown) => void;
}

export interface BackgroundLoop {
  /** Begins with a round at once. Starting twice is the same as once. */
  start: () => void;
  /** Ends the current pause: there is new work. */
  wake: () => void;
  /**
   * Runs rounds until one finds nothing more to do: for commands and tests.
   * @throws what a round throws
   */
  drain: () => Promise<void>;
  /** Aborts the signal of the rounds, and waits until the current one has returned. */
  stop: () => Promise<void>;
}

/** The longest that failures in a row add to the pause, unless the pause itself is longer. */
const FAILURE_PAUSE_MS_MAX = 10_000;

/** Makes a loop; nothing happens until `start()` or `drain()`. */
export function createBackgroundLoop({ round, pauseMs, onError }: BackgroundLoopOptions): BackgroundLoop {
  const stopping = new AbortController();
  let running: Promise<void> | undefined;
  let pause: AbortController | undefined;

  async function wait(ms: number): Promise<void> {
    pause = new AbortController();
    const signal = AbortSignal.any([pause.signal, stopping.signal]);
    await sleep(ms, undefined, { signal }).catch(() => undefined);
    pause = undefined;
  }

  async function run(): Promise<void> {
    for (let failures = 0; !stopping.signal.aborted; ) {
      try {
        const hasMore = await round(stopping.signal);
        failures = 0;
        if (hasMore) continue;
      } catch (error) {
        failures += 1;
        onError(error);
      }
      await wait(pauseAfter(failures, pauseMs));
    }
  }

  return {
    start() {
      running ??= run();
    },
    wake() {
      pause?.abort();
    },
    async drain() {
      while (!stopping.signal.aborted && (await round(stopping.signal)));
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

/** The first failure waits as long as an idle round does; each one after it twice as long as the one before. */
function pauseAfter(failures: number, pauseMs: number): number {
  if (failures === 0) return pauseMs;
  return backOffMs(failures, { firstMs: pauseMs, maxMs: Math.max(pauseMs, FAILURE_PAUSE_MS_MAX) });
}
