// The connection to MongoDB: how durable a write is, and how long anybody waits for an answer.

import { type Db, MongoClient } from 'mongodb';
import type { SchemaCatalogue } from '../../directory/schema/catalogue.ts';
import { ensureIndexes } from '../collections.ts';
import { migrate, migrationsOf } from '../migrations.ts';
import { answersPing } from './deadline.ts';

export interface MongoOptions {
  database: string;
  /** Connections per process at most. */
  poolSizeMax: number;
  /** Milliseconds without an answer after which an operation is given up; with the driver's one retry, twice that at most. */
  timeoutMs: number;
}

export interface Mongo {
  client: MongoClient;
  db: Db;
  /** Whether a primary answers within a second. */
  ping(): Promise<boolean>;
  close(): Promise<void>;
}

/**
 * Connects; every write is acknowledged by a majority and journaled.
 * @throws MongoServerSelectionError where no primary answers in time.
 */
export async function connectMongo(uri: string, options: MongoOptions): Promise<Mongo> {
  const patience = Math.min(options.timeoutMs, 3000);
  const client = new MongoClient(uri, {
    appName: 'mobietrain-provisioning',
    maxPoolSize: options.poolSizeMax,
    minPoolSize: 2,
    serverSelectionTimeoutMS: patience,
    connectTimeoutMS: patience,
    waitQueueTimeoutMS: patience,
    socketTimeoutMS: options.timeoutMs,
    heartbeatFrequencyMS: 1000,
    minHeartbeatFrequencyMS: 250,
    writeConcern: { w: 'majority', journal: true },
    retryWrites: true,
    ignoreUndefined: true,
  });
  await client.connect();
  const db = client.db(options.database);
  return {
    client,
    db,
    ping: () => answersPing(db),
    close: () => client.close(),
  };
}

/**
 * Prepares a database once per start: its indexes, and what earlier versions stored; over a connection that waits as long as
 * that takes.
 * @throws MongoServerSelectionError where no primary answers within 30 seconds.
 */
export async function prepareDatabase(
  uri: string,
  database: string,
  catalogue: SchemaCatalogue,
  onProgress: (line: string) => void = () => undefined,
): Promise<void> {
  const client = await MongoClient.connect(uri, { appName: 'mobietrain-provisioning', maxPoolSize: 1 });
  try {
    const db = client.db(database);
    await ensureIndexes(db, catalogue);
    await migrate(db, migrationsOf(catalogue), { now: () => new Date(), onProgress });
  } finally {
    await client.close();
  }
}
