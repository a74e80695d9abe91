// The queue of events that wait to be written. Events are written in batches; if that fails for too long, they are dropped and counted.

import type { EventSink, RecordedEvent } from '../directory/event.ts';
import type { Log } from '../log.ts';

/** An event that waits to be written; it is redacted only then. */
interface WaitingEvent {
  /** The memory that its bodies need, in bytes. */
  bytes: number;
  event: () => RecordedEvent;
}

export interface EventQueue {
  /** Adds an event; never blocks. If the queue is full, the oldest event is dropped. */
  add(entry: WaitingEvent): void;
  /** The bytes of all waiting events. */
  heldBytes(): number;
  /** Starts to write waiting events, except soon after a failure, and reports dropped events in the log. */
  flushIfDue(): void;
  /** Writes the waiting events until the queue is empty or the time `end`, in milliseconds since 1970, is over. */
  drain(end: number): Promise<void>;
}

const EVENTS_MAX = 10_000;
/** How many events at most are written by one flush, and how many of them at once: requests wait while events are redacted. */
const BATCH_MAX = 500;
const PIECE_MAX = 100;
const FAILED_PAUSE_MS = 1_000;

/** Creates an empty queue in front of a sink. */
export function createEventQueue(sink: Pick<EventSink, 'append'>, log: Log): EventQueue {
  const waiting: WaitingEvent[] = [];
  let heldBytes = 0;
  let droppedEvents = 0;
  let reportedDrops = 0;
  let running: Promise<void> | undefined;
  let pausedUntil = 0;

  const add = (entry: WaitingEvent): void => {
    heldBytes += entry.bytes;
    waiting.push(entry);
    if (waiting.length > EVENTS_MAX) {
      heldBytes -= waiting.shift()?.bytes ?? 0;
      droppedEvents += 1;
    }
    if (waiting.length >= BATCH_MAX && !running && Date.now() >= pausedUntil) void flushNow();
  };

  const flush = async (): Promise<void> => {
    for (let left = Math.min(waiting.length, BATCH_MAX); left > 0; left -= PIECE_MAX) {
      if (!(await write(waiting.splice(0, Math.min(left, PIECE_MAX))))) return;
    }
  };

  /** Redacts and writes events; returns whether that succeeded. */
  const write = async (piece: readonly WaitingEvent[]): Promise<boolean> => {
    for (const { bytes } of piece) heldBytes -= bytes;
    const events = piece.map((entry) => entry.event());
    // Events keep their ids in retries, so that a partly written piece is not stored twice.
    for (let attempt = 0; attempt < 3; attempt += 1) {
      try {
        await sink.append(events);
        return true;
      } catch (error) {
        log.debug('Events could not be written', { error, events: events.length });
        await new Promise((resolve) => setTimeout(resolve, FAILED_PAUSE_MS).unref());
      }
    }
    droppedEvents += events.length;
    pausedUntil = Date.now() + FAILED_PAUSE_MS;
    return false;
  };

  const flushNow = (): Promise<void> => {
    running ??= flush()
      .catch((error: unknown) => log.error('Recording events failed', { error }))
      .finally(() => {
        running = undefined;
      });
    return running;
  };

  return {
    add,
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
