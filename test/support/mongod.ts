// Gives each test file a database of its own on the one mongod of the test run (MONGODB_TEST_URI, started by `npm test`).
// A file that is run by itself gets a mongod of its own.

import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Db, MongoClient } from 'mongodb';
import { type Connection, Mongoose } from 'mongoose';
import { loadConfig } from '../../src/config.ts';
import { startEmbedded } from '../../src/embedded-mongod/embedded.ts';

export interface TestDatabase {
  uri: string;
  name: string;
  connection: Connection;
  client: MongoClient;
  db: Db;
  /** Drops the database and closes the client; call it in `afterAll`. */
  close(): Promise<void>;
}

/** Opens an empty database with a name that no other test has. */
export async function openTestDatabase(): Promise<TestDatabase> {
  const server = await testServer();
  const name = `test_${randomBytes(8).toString('hex')}`;
  // Not the server's own connection: its name tells the profiler whose statements are whose.
  const connection = await new Mongoose().createConnection(server.uri, { dbName: name }).asPromise();
  const client = connection.getClient();
  const db = client.db(name);
  const close = async (): Promise<void> => {
    await db.dropDatabase();
    await connection.destroy();
    await server.stop();
  };
  return { uri: server.uri, name, connection, client, db, close };
}

async function testServer(): Promise<{ uri: string; stop(): Promise<void> }> {
  const uri = process.env.MONGODB_TEST_URI;
  if (uri !== undefined && uri !== '') return { uri, stop: async () => undefined };
  const dataDir = await mkdtemp(join(tmpdir(), 'mobietrain-test-'));
  const { mongodBinary, mongodCacheDir } = loadConfig();
  const mongod = await startEmbedded({
    dataDir,
    binary: mongodBinary,
    cacheDir: mongodCacheDir,
    cacheGb: 0.25,
    onProgress: (line) => console.error(line),
  });
  const stop = async (): Promise<void> => {
    await mongod.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  return { uri: mongod.uri, stop };
}
