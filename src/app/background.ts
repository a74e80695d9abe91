// Wires up what runs beside requests, in the order in which it is started and stopped.

import type { EventRecorder } from '../http/event-recorder.ts';
import type { Directory } from './directory.ts';
import type { Runs } from './runs.ts';

const EVENTS_GRACE_MS = 2_000;

export interface BackgroundParts {
  directory: Pick<Directory, 'start' | 'stop'>;
  runs: Runs;
  recorder: Pick<EventRecorder, 'stop'>;
}

export function composeBackground({ directory, runs, recorder }: BackgroundParts) {
  return {
    start(): void {
      directory.start();
      runs.worker.start();
      runs.xml.watch.start();
      runs.csv.start();
    },
    async stop(): Promise<void> {
      await runs.xml.watch.stop();
      await runs.csv.stop();
      await runs.worker.stop();
      await recorder.stop(EVENTS_GRACE_MS);
      await directory.stop();
    },
  };
}
