// A process that watches a batch root and works on what comes in until it is killed. Arguments: URI and name of the database, root.

import { createDirectory } from '../../src/app/directory.ts';
import { composeXml } from '../../src/app/xml.ts';
import { loadSchemaCatalogue } from '../../src/directory/schema/catalogue.ts';
import { createAccounts } from '../../src/mongo/accounts/accounts.ts';
import { connectMongo } from '../../src/mongo/client/connection.ts';
import { createFileStore } from '../../src/mongo/runs/files.ts';
import { createRunStore } from '../../src/mongo/runs/runs.ts';
import { createRunWorker } from '../../src/runs/worker.ts';
import { packageFolder } from './package-folder.ts';

const [uri = '', database = '', batchDir = ''] = process.argv.slice(2);
const { connection, client, db } = await connectMongo(uri, { database, poolSizeMax: 20, timeoutMs: 10_000 });
const now = () => new Date();
const onError = (error: unknown): void => console.error(error);
const catalogue = loadSchemaCatalogue(packageFolder('scim-schemas'));
const directory = createDirectory({ connection, client, db, catalogue, now, onError: () => onError });
const runs = createRunStore(db, now);
const config = { batchDir, batchFileBytesMax: 256 * 1024 * 1024, batchSettleMs: 0, batchPollMs: 20 };
const kept = createFileStore(db, now);
const parts = { db, accounts: createAccounts(connection), directory, runs, kept };
const door = composeXml(config, { ...parts, onError: () => onError, onRun: () => worker.wake() });
const worker = createRunWorker({ store: runs, handlers: door.handlers, onError, leaseMs: 400 });
directory.start();
door.watch.start();
worker.start();
console.log('ready');
