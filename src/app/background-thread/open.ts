// Decides which thread of the server makes events and moves change records.

import { availableParallelism } from 'node:os';
import type { Config } from '../../config.ts';
import type { SchemaCatalogue } from '../../directory/schema/catalogue.ts';
import { eventOf } from '../../http/events/documents.ts';
import type { EventWriter, Occurrence } from '../../http/events/occurrence.ts';
import { createEventWriter } from '../../http/events/writer.ts';
import { createRedactor, type Redactor } from '../../http/redaction.ts';
import type { Log } from '../../log.ts';
import { createEventSink } from '../../mongo/events.ts';
import type { Store } from '../database.ts';
import type { Directory } from '../directory.ts';
import { type BackgroundThread, createBackgroundThread } from './host.ts';

/** The settings that decide it. */
type ThreadSettings = Pick<
  Config,
  'backgroundThread' | 'processes' | 'mongodbDatabase' | 'mongoTimeoutMs' | 'logLevel'
>;

/** A thread is of use if a core is left for it. */
function isOfUse({ backgroundThread, processes }: ThreadSettings): boolean {
  return backgroundThread === 'auto' ? availableParallelism() > processes : backgroundThread === 'on';
}

/** Copying a larger body would take longer than making its event, which reads no more of it than it keeps. In bytes. */
const COPIED_BODY_MAX = 32 * 1024;

/** Opens the writer of events and the change relay, in a thread of their own if that is of use. @throws StoreUnavailable */
export async function openBackgroundThread(
  config: ThreadSettings,
  { uri, mongo }: Pick<Store, 'uri' | 'mongo'>,
  directory: Pick<Directory, 'relay' | 'identityHash'>,
  { catalogue, log }: { catalogue: SchemaCatalogue; log: Log },
): Promise<BackgroundThread> {
  const redactor = createRedactor(catalogue, await directory.identityHash());
  if (!isOfUse(config)) {
    const writer = createEventWriter({ sink: createEventSink(mongo.db), redactor, log });
    return { writer, relay: directory.relay, end: async () => undefined };
  }
  const { mongodbDatabase, mongoTimeoutMs, logLevel } = config;
  const pretty = process.stderr.isTTY === true;
  const thread = createBackgroundThread({ uri, mongodbDatabase, mongoTimeoutMs, logLevel, pretty }, log);
  return { ...thread, writer: withoutLargeBodies(thread.writer, redactor) };
}

/** Hands over the events of requests with large bodies instead of the bodies. */
function withoutLargeBodies(writer: EventWriter, redactor: Redactor): EventWriter {
  const toHandOver = (occurrence: Occurrence): Occurrence =>
    occurrence.kind === 'request' && occurrence.request.requestBytes > COPIED_BODY_MAX
      ? { kind: 'event', event: eventOf(occurrence, redactor) }
      : occurrence;
  return { write: async (occurrences) => writer.write(occurrences.map(toHandOver)) };
}
