// The background thread: its own connection to the database, a writer of events, and the change relay.

import { parentPort, workerData } from 'node:worker_threads';
import { createIdentityHash } from '../../directory/identity-hash.ts';
import { createEventWriter } from '../../http/events/writer.ts';
import { createRedactor } from '../../http/redaction.ts';
import { createLog } from '../../log.ts';
import { connectMongo } from '../../mongo/client/connection.ts';
import { sharedKey } from '../../mongo/client/shared-keys.ts';
import { createEventSink } from '../../mongo/events.ts';
import { createChangeRelay } from '../../mongo/relay/change-relay.ts';
import { loadCatalogue } from '../catalogue.ts';
import { reportJob } from '../jobs.ts';
import type { FromThread, ThreadData, ToThread } from './messages.ts';

/** Events, the two loops of the relay, and the pieces that it writes side by side. */
const POOL_SIZE_MAX = 6;

const port = parentPort;
if (!port) throw new Error('the background thread is started by a server');
const { uri, mongodbDatabase, mongoTimeoutMs, logLevel, pretty } = workerData as ThreadData;
const log = createLog({ level: logLevel, pretty });
process.on('unhandledRejection', (error) => log.error('A rejected promise was not handled', { error }));

const mongo = await connectMongo(uri, {
  database: mongodbDatabase,
  poolSizeMax: POOL_SIZE_MAX,
  timeoutMs: mongoTimeoutMs,
});
const redactor = createRedactor(loadCatalogue(), createIdentityHash(await sharedKey(mongo.db, 'identity')));
const writer = createEventWriter({ sink: createEventSink(mongo.db), redactor, log });
const relay = createChangeRelay(mongo.db, () => new Date(), reportJob(log)('change relay'));

const say = (message: FromThread): void => port.postMessage(message);

port.on('message', (message: ToThread) => {
  if (message.kind === 'write') void write(message);
  else if (message.kind === 'startRelay') relay.start();
  else if (message.kind === 'stopRelay') void relay.stop().then(() => say({ kind: 'relayStopped' }));
  else void end();
});
say({ kind: 'ready' });

async function write({ id, occurrences }: Extract<ToThread, { kind: 'write' }>): Promise<void> {
  const written = writer.write(occurrences).catch((error: unknown) => {
    log.error('Recording events failed', { error });
    return false;
  });
  say({ kind: 'written', id, ok: await written });
}

async function end(): Promise<void> {
  await relay.stop();
  await mongo.close();
  port?.close();
}
