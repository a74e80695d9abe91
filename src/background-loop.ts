// The loop of all background work (runs, mails, the change relay, watched folders, daily tasks): rounds with a pause if there is nothing
// to do, and growing pauses after consecutive failures.

import { setTimeout as sleep } from 'node:timers/promises';
import { backOffMs } from './directory/back-off.ts';

/** The options of a loop. */
export interface BackgroundLoopOptions {
  /**
   * Does one round of work. Returns true if there may be more, and the next round follows at once. `signal` is aborted when the loop
   * stops; the round must then return as soon as it can.
   */
  round: (signal: AbortSignal) => Promise<boolean>;
  /** The pause after a round that left nothing to do, in milliseconds. */
  pauseMs: number;
  /** Receives the error of a failed round; the loop continues. */
  onError: (error: unknown) => void;
}

/** A loop that can be started once. */
export interface BackgroundLoop {
  /** Starts the first round at once. Does nothing if the loop is running. */
  start: () => void;
  /** Ends the current pause, because there is new work. */
  wake: () => void;
  /**
   * Runs rounds until one leaves nothing to do: for commands and tests.
   * @throws what a round throws
   */
  drain: () => Promise<void>;
  /** Aborts the signal of the rounds, and resolves when the current one has returned. */
  stop: () => Promise<void>;
}

/** The maximum pause after consecutive failures, unless `pauseMs` is longer. */
const FAILURE_PAUSE_MS_MAX = 10_000;

/** Creates a loop; nothing happens until `start()` or `drain()`. */
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

/** The pause after the first failure is `pauseMs`; it doubles with each consecutive failure. */
function pauseAfter(failures: number, pauseMs: number): number {
  if (failures === 0) return pauseMs;
  return backOffMs(failures, { firstMs: pauseMs, maxMs: Math.max(pauseMs, FAILURE_PAUSE_MS_MAX) });
}
