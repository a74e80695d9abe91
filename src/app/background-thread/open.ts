// Decides which thread of the server makes events and moves change records.

import { availableParallelism } from 'node:os';
import type { Config } from '../../config.ts';
import type { SchemaCatalogue } from '../../directory/schema/catalogue.ts';
import { createEventWriter } from '../../http/events/writer.ts';
import { createRedactor } from '../../http/redaction.ts';
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

/** Opens the writer of events and the change relay, in a thread of their own if that is of use. @throws StoreUnavailable */
export async function openBackgroundThread(
  config: ThreadSettings,
  { uri, mongo }: Pick<Store, 'uri' | 'mongo'>,
  directory: Pick<Directory, 'relay' | 'identityHash'>,
  { catalogue, log }: { catalogue: SchemaCatalogue; log: Log },
): Promise<BackgroundThread> {
  if (isOfUse(config)) {
    const { mongodbDatabase, mongoTimeoutMs, logLevel } = config;
    return createBackgroundThread({ uri, mongodbDatabase, mongoTimeoutMs, logLevel }, log);
  }
  const redactor = createRedactor(catalogue, await directory.identityHash());
  const writer = createEventWriter({ sink: createEventSink(mongo.db), redactor, log });
  return { writer, relay: directory.relay, end: async () => undefined };
}
