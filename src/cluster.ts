// Several server processes on one port (WEB_CONCURRENCY). The first process serves no requests: it owns the embedded mongod, starts the
// workers, replaces those that end unexpectedly, and forwards shutdown signals. Singleton work is guarded by leases in the database.

import cluster, { type Worker } from 'node:cluster';
import type { RunningServer } from './app/server.ts';
import type { Log } from './log.ts';

/** The message that a worker sends to the first process once it serves requests. */
type Served = Pick<RunningServer, 'scimBaseUrl' | 'consoleUrl' | 'firstToken' | 'firstAdministrator' | 'demo'>;

/** The options of `startWorkers`. */
export interface ClusterOptions {
  /** The number of worker processes. */
  workers: number;
  /** The database that all of them use. */
  mongodbUri: string;
  log: Log;
  /** Ends the start, which otherwise waits for the database. */
  starting: AbortSignal;
}

/** Workers that serve requests. */
export interface RunningCluster extends Served {
  /** Drains every worker; resolves when all have ended. */
  stop(): Promise<void>;
}

/** A worker that ends earlier than this delays its replacement. */
const STABLE_MS = 10_000;
const PAUSE_MS_MIN = 100;
const PAUSE_MS_MAX = 10_000;

/** Whether this process is a worker. */
export function isWorker(): boolean {
  return cluster.isWorker;
}

/** Notifies the first process that this worker serves requests, and what its start created. */
export function reportServed({ scimBaseUrl, consoleUrl, firstToken, firstAdministrator, demo }: RunningServer): void {
  const served: Served = { scimBaseUrl, consoleUrl, firstToken, firstAdministrator, demo };
  process.send?.(served);
}

/**
 * Starts the workers: the first one alone, since it prepares the database, then the others.
 * @throws WorkerFailed if the first one ends before it serves; it has printed why
 */
export async function startWorkers({ workers, mongodbUri, log, starting }: ClusterOptions): Promise<RunningCluster> {
  const living = new Set<Worker>();
  let stopping = false;
  let pauseMs = PAUSE_MS_MIN;

  const start = (): Promise<Served> => {
    const startedAt = Date.now();
    const worker = cluster.fork({ MONGODB_URI: mongodbUri });
    living.add(worker);
    return new Promise((resolve, reject) => {
      worker.once('message', (served: Served) => {
        log.info('A worker serves', { worker: worker.process.pid });
        resolve(served);
      });
      worker.once('exit', (code, signal) => {
        living.delete(worker);
        reject(new WorkerFailed(code));
        if (!stopping) replace(worker, Date.now() - startedAt, code, signal);
      });
    });
  };

  const replace = (dead: Worker, livedMs: number, code: number | null, signal: string | null): void => {
    // Before the first worker serves requests, a failure ends the start instead.
    if (!hasServed) return;
    pauseMs = livedMs > STABLE_MS ? PAUSE_MS_MIN : Math.min(PAUSE_MS_MAX, pauseMs * 2);
    log.error('A worker ended unexpectedly; another one is started', {
      worker: dead.process.pid,
      code,
      signal,
      pauseMs,
    });
    setTimeout(() => {
      if (!stopping) start().catch(() => undefined);
    }, pauseMs);
  };

  const stop = async (): Promise<void> => {
    stopping = true;
    const ended = [...living].map((worker) => new Promise<void>((resolve) => worker.once('exit', () => resolve())));
    for (const worker of living) worker.process.kill('SIGTERM');
    await Promise.all(ended);
  };

  let hasServed = false;
  starting.addEventListener('abort', () => {
    stopping = true;
    for (const worker of living) worker.process.kill('SIGTERM');
  });
  const served = await start();
  hasServed = true;
  // A worker that fails during its start is replaced like one that fails later.
  await Promise.allSettled(Array.from({ length: workers - 1 }, start));
  return { ...served, stop };
}

/** A worker ended before it served requests. */
export class WorkerFailed extends Error {
  readonly code: number;
  constructor(code: number | null) {
    super('A worker ended before it served');
    this.name = 'WorkerFailed';
    this.code = code ?? 1;
  }
}
