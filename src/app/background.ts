// Wires up the background work, in the order in which it is started and stopped.

import type { BackgroundLoop } from '../background-loop.ts';
import type { EventRecorder } from '../http/events/recorder.ts';
import type { BackgroundThread } from './background-thread/host.ts';
import type { Directory } from './directory.ts';
import type { Runs } from './runs.ts';

const EVENTS_GRACE_MS = 2_000;

/** What runs in the background. */
export interface BackgroundParts {
  directory: Pick<Directory, 'stop'>;
  thread: Pick<BackgroundThread, 'relay' | 'end'>;
  runs: Runs;
  loops: readonly BackgroundLoop[];
  recorder: Pick<EventRecorder, 'stop'>;
}

/** Combines the background work; nothing runs before `start()`. */
export function composeBackground({ directory, thread, runs, loops, recorder }: BackgroundParts) {
  return {
    start(): void {
      thread.relay.start();
      runs.worker.start();
      runs.xml.watch.start();
      runs.csv.start();
      for (const loop of loops) loop.start();
    },
    async stop(): Promise<void> {
      for (const loop of loops) await loop.stop();
      await runs.xml.watch.stop();
      await runs.csv.stop();
      await runs.worker.stop();
      await recorder.stop(EVENTS_GRACE_MS);
      await directory.stop();
      await thread.relay.stop();
      await thread.end();
    },
  };
}
