// Starts the background thread and speaks to it. If the thread ends unexpectedly, another one is started; the relay goes on in it, and the
// events that were being written are dropped and counted.

import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { backOffMs } from '../../directory/back-off.ts';
import type { EventWriter, Occurrence } from '../../http/events/occurrence.ts';
import type { Log } from '../../log.ts';
import type { ChangeRelay } from '../../mongo/relay/change-relay.ts';
import type { FromThread, ThreadData, ToThread } from './messages.ts';

/** The background thread of a server. */
export interface BackgroundThread {
  writer: EventWriter;
  relay: Pick<ChangeRelay, 'start' | 'stop'>;
  /** Ends the thread; after a few seconds, by force. */
  end(): Promise<void>;
}

/** What the thread runs. */
const ENTRY = new URL('./thread.js', import.meta.url);
const END_MS_MAX = 3_000;
const RESTART = { firstMs: 200, maxMs: 10_000 };
/** Far more than the largest pieces need; a thread that exceeds it ends, and not the server. */
const HEAP = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 16 };

/** One thread, from its start to its end. */
interface Launched {
  worker: Worker;
  /** Resolves to false if the thread ends before it is ready; false from its end on. */
  ready: Promise<boolean>;
  exited: Promise<void>;
}

/** Starts a thread. @param onExit called before `ready` resolves to false */
function launch(
  entry: URL,
  data: ThreadData,
  log: Log,
  { onMessage, onExit }: { onMessage: (message: FromThread, worker: Worker) => void; onExit: (worker: Worker) => void },
): Launched {
  const worker = new Worker(entry, { workerData: data, resourceLimits: HEAP });
  worker.on('error', (error) => log.error('The background thread failed', { error }));
  const exited = new Promise<void>((resolve) => {
    worker.once('exit', () => {
      onExit(worker);
      resolve();
    });
  });
  const ready = new Promise<boolean>((resolve) => {
    worker.on('message', (message: FromThread) => {
      onMessage(message, worker);
      if (message.kind === 'ready') resolve(true);
    });
    void exited.then(() => resolve(false));
  });
  return { worker, ready, exited };
}

/** The writes that a thread has not answered. */
function createPendingWrites() {
  const pending = new Map<number, (ok: boolean) => void>();
  let lastId = 0;
  return {
    /** Sends a write with a new id; resolves when it is answered or dropped. */
    async send(write: (id: number) => void): Promise<boolean> {
      lastId += 1;
      const id = lastId;
      const answer = new Promise<boolean>((resolve) => pending.set(id, resolve));
      try {
        write(id);
      } catch (error) {
        // Only plain data can be copied.
        pending.delete(id);
        throw error;
      }
      return answer.finally(() => pending.delete(id));
    },
    answer: (id: number, ok: boolean) => pending.get(id)?.(ok),
    dropAll() {
      for (const drop of pending.values()) drop(false);
    },
  };
}

/** Creates the thread. It starts when it is first needed, and is ready later; what is written meanwhile waits. */
export function createBackgroundThread(data: ThreadData, log: Log, entry = ENTRY): BackgroundThread {
  const writes = createPendingWrites();
  let relayRuns = false;
  let relayStopped: (() => void) | undefined;
  let isEnding = false;
  let failures = 0;
  let current: Launched | undefined;

  const started = (): Launched => {
    current ??= launch(entry, data, log, { onMessage, onExit });
    return current;
  };

  function onMessage(message: FromThread, worker: Worker): void {
    if (message.kind === 'written') writes.answer(message.id, message.ok);
    else if (message.kind === 'relayStopped') relayStopped?.();
    else {
      failures = 0;
      if (relayRuns) say(worker, { kind: 'startRelay' });
    }
  }

  function onExit(worker: Worker): void {
    relayStopped?.();
    writes.dropAll();
    if (current?.worker === worker) current = { ...current, ready: Promise.resolve(false) };
    if (!isEnding) void relaunch();
  }

  async function relaunch(): Promise<void> {
    failures += 1;
    await sleep(backOffMs(failures, RESTART), undefined, { ref: false });
    if (isEnding) return;
    current = undefined;
    started();
  }

  async function write(occurrences: readonly Occurrence[]): Promise<boolean> {
    const { worker, ready } = started();
    return (await ready) && writes.send((id) => say(worker, { kind: 'write', id, occurrences }));
  }

  return {
    writer: { write },
    relay: {
      start() {
        relayRuns = true;
        // The loop of a relay is started once, however often it is asked to.
        say(started().worker, { kind: 'startRelay' });
      },
      async stop() {
        relayRuns = false;
        // A thread that does not answer is ended by force later; every step of the relay can be repeated.
        if (current) await Promise.race([stopRelay(current), sleep(END_MS_MAX, undefined, { ref: false })]);
      },
    },
    async end() {
      isEnding = true;
      if (current) await endOf(current);
    },
  };

  async function stopRelay({ worker, ready }: Launched): Promise<void> {
    if (!(await ready)) return;
    await new Promise<void>((resolve) => {
      relayStopped = resolve;
      say(worker, { kind: 'stopRelay' });
    });
  }
}

async function endOf({ worker, exited }: Launched): Promise<void> {
  say(worker, { kind: 'end' });
  await Promise.race([exited, sleep(END_MS_MAX, undefined, { ref: false })]);
  await worker.terminate();
}

function say(worker: Worker, message: ToThread): void {
  worker.postMessage(message);
}
