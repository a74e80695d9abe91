// The connection to MongoDB: how durable a write is, and how long an operation waits for an answer. Mongoose holds it; an instance
// of our own, so that nothing is shared with another user of mongoose in the same process.

import { type Db, type MongoClient, type MongoClientOptions, MongoServerSelectionError } from 'mongodb';
import { type Connection, Mongoose, MongooseError } from 'mongoose';
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
  /** What models are registered on. */
  connection: Connection;
  client: MongoClient;
  db: Db;
  /** Whether a primary answers within a second. */
  ping: () => Promise<boolean>;
  close: () => Promise<void>;
}

/**
 * Connects; every write is acknowledged by a majority and journaled, unless its collection is declared otherwise.
 * @throws MongoServerSelectionError if no primary answers in time
 */
export async function connectMongo(uri: string, options: MongoOptions): Promise<Mongo> {
  const waitMs = Math.min(options.timeoutMs, 3000);
  return openConnection(uri, options.database, {
    maxPoolSize: options.poolSizeMax,
    minPoolSize: 2,
    serverSelectionTimeoutMS: waitMs,
    connectTimeoutMS: waitMs,
    waitQueueTimeoutMS: waitMs,
    socketTimeoutMS: options.timeoutMs,
    heartbeatFrequencyMS: 1000,
    minHeartbeatFrequencyMS: 250,
    writeConcern: { w: 'majority', journal: true },
    retryWrites: true,
    ignoreUndefined: true,
  });
}

/**
 * Prepares a database once per start: its indexes, and what earlier versions stored; over a connection that waits as long as
 * that takes.
 * @throws MongoServerSelectionError if no primary answers within 30 seconds
 */
export async function prepareDatabase(
  uri: string,
  database: string,
  catalogue: SchemaCatalogue,
  onProgress: (line: string) => void = () => undefined,
): Promise<void> {
  const { db, close } = await openConnection(uri, database, { maxPoolSize: 1 });
  try {
    await ensureIndexes(db, catalogue);
    await migrate(db, migrationsOf(catalogue), { now: () => new Date(), onProgress });
  } finally {
    await close();
  }
}

/**
 * Opens a connection of mongoose's to one database. Nothing is made on it by itself, and an operation fails at once, instead of
 * waiting in mongoose's buffer, if there is no connection.
 * @throws MongoServerSelectionError if no primary answers in time
 */
async function openConnection(uri: string, database: string, options: MongoClientOptions): Promise<Mongo> {
  // A condition on a field that no schema declares is refused: dropped, it would match every document.
  const mongoose = new Mongoose({ strictQuery: 'throw' });
  const connection = mongoose.createConnection();
  try {
    await connection.openUri(uri, {
      ...options,
      appName: 'mobietrain-provisioning',
      dbName: database,
      autoIndex: false,
      autoCreate: false,
      bufferCommands: false,
    });
  } catch (error) {
    await connection.destroy();
    throw driverError(error);
  }
  const { db } = connection;
  if (!db) throw new Error('an open connection has no database');
  return {
    connection,
    client: connection.getClient(),
    db,
    ping: () => answersPing(db),
    close: () => connection.destroy(),
  };
}

/** The first connection throws an error of mongoose's, which is no MongoError: an outage would not be recognized. */
function driverError(error: unknown): unknown {
  if (!(error instanceof MongooseError) || error.name !== 'MongooseServerSelectionError') return error;
  const { reason } = error as MongooseError & { reason: ConstructorParameters<typeof MongoServerSelectionError>[1] };
  return new MongoServerSelectionError(error.message, reason);
}
