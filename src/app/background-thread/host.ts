// Starts the background thread and speaks to it. If the thread ends unexpectedly, another one is started; the relay goes on in it, and the
// events that were being written are dropped and counted.

import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { backOffMs } from '../../directory/back-off.ts';
import type { EventWriter } from '../../http/events/occurrence.ts';
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

/** Creates the thread. It starts when it is first needed, and is ready later; what is written meanwhile waits. */
export function createBackgroundThread(data: ThreadData, log: Log, entry = ENTRY): BackgroundThread {
  const written = new Map<number, (ok: boolean) => void>();
  let lastId = 0;
  let relayRuns = false;
  let relayStopped: (() => void) | undefined;
  let isEnding = false;
  let failures = 0;
  let current: Launched | undefined;

  function launch(): Launched {
    const worker = new Worker(entry, { workerData: data, resourceLimits: HEAP });
    worker.on('error', (error) => log.error('The background thread failed', { error }));
    const exited = new Promise<void>((resolve) => {
      worker.once('exit', () => {
        relayStopped?.();
        for (const drop of written.values()) drop(false);
        if (current?.worker === worker) current = { ...current, ready: Promise.resolve(false) };
        if (!isEnding) void relaunch();
        resolve();
      });
    });
    const ready = new Promise<boolean>((resolve) => {
      worker.on('message', (message: FromThread) => {
        if (message.kind === 'written') written.get(message.id)?.(message.ok);
        else if (message.kind === 'relayStopped') relayStopped?.();
        else {
          failures = 0;
          if (relayRuns) say(worker, { kind: 'startRelay' });
          resolve(true);
        }
      });
      void exited.then(() => resolve(false));
    });
    return { worker, ready, exited };
  }

  async function relaunch(): Promise<void> {
    failures += 1;
    await sleep(backOffMs(failures, RESTART), undefined, { ref: false });
    if (!isEnding) current = launch();
  }

  return {
    writer: {
      async write(occurrences) {
        current ??= launch();
        const { worker, ready } = current;
        if (!(await ready)) return false;
        lastId += 1;
        const id = lastId;
        const answer = new Promise<boolean>((resolve) => written.set(id, resolve));
        say(worker, { kind: 'write', id, occurrences });
        return answer.finally(() => written.delete(id));
      },
    },
    relay: {
      start() {
        relayRuns = true;
        // The loop of a relay is started once, however often it is asked to.
        current ??= launch();
        say(current.worker, { kind: 'startRelay' });
      },
      async stop() {
        relayRuns = false;
        if (!current || !(await current.ready)) return;
        const { worker } = current;
        await new Promise<void>((resolve) => {
          relayStopped = resolve;
          say(worker, { kind: 'stopRelay' });
        });
      },
    },
    async end() {
      isEnding = true;
      if (!current) return;
      const { worker, exited } = current;
      say(worker, { kind: 'end' });
      await Promise.race([exited, sleep(END_MS_MAX, undefined, { ref: false })]);
      await worker.terminate();
    },
  };
}

function say(worker: Worker, message: ToThread): void {
  worker.postMessage(message);
}
