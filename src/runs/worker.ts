// Works on runs, one at a time per process: claims the oldest, keeps its lease while its handler works on it, ends it. What a run
// does is handed in by kind.

import { randomUUID } from 'node:crypto';
import { type BackgroundLoop, createBackgroundLoop } from '../background-loop.ts';
import { StoreUnavailable } from '../directory/faults.ts';
import type { Run, RunKind, RunProgress, RunStore } from './store.ts';

const LEASE_MS = 30_000;
const RENEW_MS = 10_000;
const PAUSE_MS = 1000;

/** What a handler is given to work on its run. */
export interface RunWork {
  run: Run;
  /** Aborted if the run is cancelled, another process has it, or this process stops: stop at the next row and return. */
  signal: AbortSignal;
  /** Stores progress. @throws RunLost if the run is no longer this process's */
  checkpoint(progress: RunProgress): Promise<void>;
}

/** How a run ended, as its handler sees it. `undefined`: it was aborted, and is continued later. */
export type RunEnd = { state: 'done' | 'failed'; reason?: string } | undefined;

export type RunHandler = (work: RunWork) => Promise<RunEnd>;

/** The run was cancelled or another process has it. */
export class RunLost extends Error {
  constructor() {
    super('The run is no longer worked on by this process');
    this.name = 'RunLost';
  }
}

/** The run cannot continue now, but may later: a disk is full. It is tried again when its lease has run out. */
export class RunDelayed extends Error {
  constructor(cause: unknown) {
    super('The run is tried again later', { cause });
    this.name = 'RunDelayed';
  }
}

/** Works on waiting runs in the background; `wake()` looks for a new one at once, `stop()` stops at the next row. */
export type RunWorker = BackgroundLoop;

export interface RunWorkerOptions {
  store: RunStore;
  handlers: Partial<Record<RunKind, RunHandler>>;
  onError: (error: unknown) => void;
  leaseMs?: number;
}

/** Makes a worker; nothing happens until `start()` or `drain()`. */
export function createRunWorker({ store, handlers, onError, leaseMs = LEASE_MS }: RunWorkerOptions): RunWorker {
  const leaseHolder = randomUUID();
  const kinds = Object.keys(handlers) as RunKind[];

  async function workOn(run: Run, stopping: AbortSignal): Promise<void> {
    const lost = new AbortController();
    const renew = async () => {
      if (!(await store.renew(run.id, leaseHolder, leaseMs))) lost.abort();
    };
    const renewal = setInterval(() => void renew().catch(onError), Math.min(RENEW_MS, leaseMs / 3));
    try {
      const end = await handlers[run.kind]?.({
        run,
        signal: AbortSignal.any([lost.signal, stopping]),
        async checkpoint(progress) {
          if (await store.checkpoint(run.id, leaseHolder, progress)) return;
          lost.abort();
          throw new RunLost();
        },
      });
      if (!end) await store.release(run.id, leaseHolder);
      else await store.finish(run.id, leaseHolder, end);
    } catch (error) {
      await afterFailure(run, error);
    } finally {
      clearInterval(renewal);
    }
  }

  /** An outage passes, and the run continues after it. Anything else is a bug, and ends the run instead of repeating it for ever. */
  async function afterFailure(run: Run, error: unknown): Promise<void> {
    if (error instanceof RunLost) return;
    onError(error);
    if (error instanceof StoreUnavailable || error instanceof RunDelayed) return;
    const reason = 'The run stopped at an error of the server; its log says more.';
    await store.finish(run.id, leaseHolder, { state: 'failed', reason });
  }

  return createBackgroundLoop({
    async round(stopping) {
      const run = await store.claim(kinds, leaseHolder, leaseMs);
      if (!run) return false;
      await workOn(run, stopping);
      return true;
    },
    pauseMs: PAUSE_MS,
    onError,
  });
}
