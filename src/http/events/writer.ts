// Makes events and stores them in this thread.

import type { EventSink, RecordedEvent } from '../../directory/event.ts';
import type { Log } from '../../log.ts';
import type { Redactor } from '../redaction.ts';
import { eventOf } from './documents.ts';
import type { EventWriter } from './occurrence.ts';

const ATTEMPTS_MAX = 3;
const FAILED_PAUSE_MS = 1_000;

/** Creates the writer of events into a sink. */
export function createEventWriter(options: {
  sink: Pick<EventSink, 'append'>;
  redactor: Redactor;
  log: Log;
}): EventWriter {
  const { sink, redactor, log } = options;

  /** Events keep their ids in retries, so that what was written in part is not stored twice. */
  async function store(events: readonly RecordedEvent[]): Promise<boolean> {
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      try {
        await sink.append(events);
        return true;
      } catch (error) {
        log.debug('Events could not be written', { error, events: events.length });
        await new Promise((resolve) => setTimeout(resolve, FAILED_PAUSE_MS).unref());
      }
    }
    return false;
  }

  return {
    async write(occurrences) {
      return store(occurrences.map((occurrence) => eventOf(occurrence, redactor)));
    },
  };
}
