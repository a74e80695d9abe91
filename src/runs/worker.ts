// Works on runs, one at a time per process: claims the oldest, keeps its lease while its door works on it, ends it. What a run
// does is handed in by kind.

import { randomUUID } from 'node:crypto';
import { StoreUnavailable } from '../directory/faults.ts';
import type { Run, RunKind, RunProgress, RunStore } from './store.ts';

const LEASE_MS = 30_000;
const RENEW_MS = 10_000;
const PAUSE_MS = 1000;

/** What a door is given to work on its run. */
export interface RunWork {
  run: Run;
  /** Aborted where the run is cancelled, another owner has it, or the process stops: stop at the next row and return. */
  signal: AbortSignal;
  /** Notes progress. @throws RunLost where the run is no longer this process's. */
  checkpoint(progress: RunProgress): Promise<void>;
}

/** How a run ended, as its door sees it. `undefined`: it was aborted, and somebody goes on later. */
export type RunEnd = { state: 'done' | 'failed'; reason?: string } | undefined;

export type RunHandler = (work: RunWork) => Promise<RunEnd>;

/** The run was cancelled or another process has it. */
export class RunLost extends Error {
  constructor() {
    super('The run is no longer worked on by this process');
    this.name = 'RunLost';
  }
}

/** The run can't go on now, and may later: a disk is full. It is tried again when its lease has run out. */
export class RunDelayed extends Error {
  constructor(cause: unknown) {
    super('The run is tried again later', { cause });
    this.name = 'RunDelayed';
  }
}

/** Progress that is noted beside the work that follows it, one note after the other. */
export interface TrailingNotes {
  /** Begins a note when the one before is through. @throws what the one before threw */
  add(note: () => Promise<void>): Promise<void>;
  /** Waits for the last one. @throws what it threw */
  end(): Promise<void>;
}

/** Makes the notes of one run. After a kill, the work of up to two notes may have been done without a note of it. */
export function createTrailingNotes(): TrailingNotes {
  let last: Promise<void> = Promise.resolve();
  return {
    async add(note) {
      await last;
      last = note();
      // A failure is told by the next call.
      last.catch(() => undefined);
    },
    end: () => last,
  };
}

export interface RunWorker {
  start(): void;
  /** Looks for work at once instead of at the end of its pause. */
  wake(): void;
  /** Works on all that waits now, then returns: for commands and tests. */
  drain(): Promise<void>;
  /** Stops at the next row; the run goes on elsewhere or after the next start. */
  stop(): Promise<void>;
}

export interface RunWorkerOptions {
  store: RunStore;
  handlers: Partial<Record<RunKind, RunHandler>>;
  onError: (error: unknown) => void;
  leaseMs?: number;
}

/** Makes a worker; nothing happens until `start()` or `drain()`. */
export function createRunWorker({ store, handlers, onError, leaseMs = LEASE_MS }: RunWorkerOptions): RunWorker {
  const owner = randomUUID();
  const kinds = Object.keys(handlers) as RunKind[];
  const stopping = new AbortController();
  let running: Promise<void> | undefined;
  let wakeUp: (() => void) | undefined;

  async function workOn(run: Run): Promise<void> {
    const lost = new AbortController();
    const signal = AbortSignal.any([lost.signal, stopping.signal]);
    const renewal = setInterval(
      () => {
        store.renew(run.id, owner, leaseMs).then((kept) => {
          if (!kept) lost.abort();
        }, onError);
      },
      Math.min(RENEW_MS, leaseMs / 3),
    );
    try {
      const end = await handlers[run.kind]?.({
        run,
        signal,
        async checkpoint(progress) {
          if (await store.checkpoint(run.id, owner, progress)) return;
          lost.abort();
          throw new RunLost();
        },
      });
      if (!end) await store.release(run.id, owner);
      else await store.finish(run.id, owner, end);
    } catch (error) {
      await afterFailure(run, error);
    } finally {
      clearInterval(renewal);
    }
  }

  /** An outage passes, and the run goes on after it; anything else is a bug, and ends the run instead of repeating it for ever. */
  async function afterFailure(run: Run, error: unknown): Promise<void> {
    if (error instanceof RunLost) return;
    onError(error);
    if (error instanceof StoreUnavailable || error instanceof RunDelayed) return;
    const reason = 'The run stopped at an error of the server; its log says more.';
    await store.finish(run.id, owner, { state: 'failed', reason });
  }

  async function next(): Promise<boolean> {
    if (stopping.signal.aborted) return false;
    const run = await store.claim(kinds, owner, leaseMs);
    if (!run) return false;
    await workOn(run);
    return true;
  }

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        if (await next()) continue;
      } catch (error) {
        onError(error);
      }
      await pause();
    }
  }

  function pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(done, PAUSE_MS);
      function done(): void {
        clearTimeout(timer);
        wakeUp = undefined;
        stopping.signal.removeEventListener('abort', done);
        resolve();
      }
      wakeUp = done;
      stopping.signal.addEventListener('abort', done);
    });
  }

  return {
    start() {
      running ??= loop();
    },
    wake() {
      wakeUp?.();
    },
    async drain() {
      while (await next());
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
