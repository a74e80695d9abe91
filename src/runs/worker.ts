// Processes runs, one at a time per process: claims the oldest, renews its lease while its handler works on it, and ends it. Each kind of
// run has its own handler.

import { randomUUID } from 'node:crypto';
import { type BackgroundLoop, createBackgroundLoop } from '../background-loop.ts';
import { StoreUnavailable } from '../directory/faults.ts';
import type { Run, RunKind, RunProgress, RunStore } from './store.ts';

const LEASE_MS = 30_000;
const RENEW_MS = 10_000;
const PAUSE_MS = 1000;

/** The context in which a handler processes its run. */
export interface RunWork {
  run: Run;
  /** Aborted if the run is cancelled, the lease is lost, or this process stops. The handler must then stop at the next row. */
  signal: AbortSignal;
  /** Stores progress. @throws RunLost if this process has lost the lease */
  checkpoint(progress: RunProgress): Promise<void>;
}

/** The end of a run; undefined if it was aborted and will be continued later. */
export type RunEnd = { state: 'done' | 'failed'; reason?: string } | undefined;

/** Processes one run. @throws RunDelayed if it can be continued later */
export type RunHandler = (work: RunWork) => Promise<RunEnd>;

/** The run was cancelled, or another process works on it. */
class RunLost extends Error {
  constructor() {
    super('The run is no longer worked on by this process');
    this.name = 'RunLost';
  }
}

/** The run cannot continue now, for example because a disk is full. It is retried when its lease has expired. */
export class RunDelayed extends Error {
  constructor(cause: unknown) {
    super('The run is retried later', { cause });
    this.name = 'RunDelayed';
  }
}

/** Processes waiting runs in the background; `wake()` claims a new one at once, `stop()` stops at the next row. */
export type RunWorker = BackgroundLoop;

/** The options of a worker. */
export interface RunWorkerOptions {
  store: RunStore;
  handlers: Partial<Record<RunKind, RunHandler>>;
  onError: (error: unknown) => void;
  /** Receives the rows of runs after they were stored, for their events; a row may come again after a crash. */
  onRows?: (run: Run, progress: Pick<RunProgress, 'rows' | 'identities'>) => void;
  leaseMs?: number;
}

/** Creates a worker; nothing happens until `start()` or `drain()`. */
export function createRunWorker({ store, handlers, onError, onRows, leaseMs = LEASE_MS }: RunWorkerOptions): RunWorker {
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
          if (await store.checkpoint(run.id, leaseHolder, progress)) {
            onRows?.(run, progress);
            return;
          }
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

  /** After an outage, the run continues. Any other error is a bug and ends the run, which would otherwise fail repeatedly. */
  async function afterFailure(run: Run, error: unknown): Promise<void> {
    if (error instanceof RunLost) return;
    onError(error);
    if (error instanceof StoreUnavailable || error instanceof RunDelayed) return;
    const reason = 'The run stopped because of a server error; see the server log.';
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
