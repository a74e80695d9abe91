// The queue of events that wait to be written. Events are written in batches; if that fails for too long, they are dropped and counted.

import type { Log } from '../../log.ts';
import type { EventWriter, Occurrence } from './occurrence.ts';

export interface EventQueue {
  /** Adds what becomes an event; never blocks. If the queue is full, the oldest one is dropped. @param bytes the memory of its bodies */
  add(occurrence: Occurrence, bytes: number): void;
  /** The bytes of everything that waits. */
  heldBytes(): number;
  /** Starts to write what waits, except soon after a failure, and reports dropped events in the log. */
  flushIfDue(): void;
  /** Writes what waits until the queue is empty or the time `end`, in milliseconds since 1970, is over. */
  drain(end: number): Promise<void>;
}

const EVENTS_MAX = 10_000;
/** How many events at most are written by one flush, and how many of them at once: requests wait while events are made. */
const BATCH_MAX = 500;
const PIECE_MAX = 100;
const FAILED_PAUSE_MS = 1_000;

/** Creates an empty queue in front of a writer. */
export function createEventQueue(writer: EventWriter, log: Log): EventQueue {
  const waiting: { occurrence: Occurrence; bytes: number }[] = [];
  let heldBytes = 0;
  let droppedEvents = 0;
  let reportedDrops = 0;
  let running: Promise<void> | undefined;
  let pausedUntil = 0;

  const written = (occurrences: readonly Occurrence[]): Promise<boolean> =>
    writer.write(occurrences).catch((error: unknown) => {
      log.error('Recording events failed', { error });
      return false;
    });

  const flush = async (): Promise<void> => {
    for (let left = Math.min(waiting.length, BATCH_MAX); left > 0; left -= PIECE_MAX) {
      const piece = waiting.splice(0, Math.min(left, PIECE_MAX));
      for (const { bytes } of piece) heldBytes -= bytes;
      if (await written(piece.map(({ occurrence }) => occurrence))) continue;
      droppedEvents += piece.length;
      pausedUntil = Date.now() + FAILED_PAUSE_MS;
      return;
    }
  };

  const flushNow = (): Promise<void> => {
    running ??= flush().finally(() => {
      running = undefined;
    });
    return running;
  };

  return {
    add(occurrence, bytes) {
      heldBytes += bytes;
      waiting.push({ occurrence, bytes });
      if (waiting.length > EVENTS_MAX) {
        heldBytes -= waiting.shift()?.bytes ?? 0;
        droppedEvents += 1;
      }
      if (waiting.length >= BATCH_MAX && !running && Date.now() >= pausedUntil) void flushNow();
    },
    heldBytes: () => heldBytes,
    flushIfDue() {
      if (waiting.length > 0 && Date.now() >= pausedUntil) void flushNow();
      if (droppedEvents > reportedDrops) log.warn('Events were dropped', { dropped: droppedEvents - reportedDrops });
      reportedDrops = droppedEvents;
    },
    async drain(end) {
      while ((waiting.length > 0 || running) && Date.now() < end) {
        await Promise.race([flushNow(), new Promise((resolve) => setTimeout(resolve, end - Date.now()).unref())]);
      }
    },
  };
}
