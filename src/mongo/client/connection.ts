// The connection to MongoDB: the durability of writes and the time-outs of operations. It uses its own mongoose instance, so that
// nothing is shared with other code that uses mongoose in the same process.

import { type Db, type MongoClient, type MongoClientOptions, MongoServerSelectionError } from 'mongodb';
import { type Connection, Mongoose, MongooseError } from 'mongoose';
import type { SchemaCatalogue } from '../../directory/schema/catalogue.ts';
import { ensureIndexes } from '../collections.ts';
import { migrate, migrationsOf } from '../migrations.ts';
import { claimSchema } from '../schema-version.ts';
import { createMajorityCheck } from './majority.ts';

/** The options of a connection. */
export interface MongoOptions {
  database: string;
  /** The maximum number of connections per process. */
  poolSizeMax: number;
  /** How many milliseconds an operation waits for a response; the driver retries once, so at most twice as long. */
  timeoutMs: number;
}

/** An open connection to one database. */
export interface Mongo {
  /** The mongoose connection on which models are registered. */
  connection: Connection;
  client: MongoClient;
  db: Db;
  /** Whether a majority acknowledges a write within 1.5 s. */
  acknowledgesWrites: () => Promise<boolean>;
  close: () => Promise<void>;
}

/**
 * Connects to a database. Writes are acknowledged by a majority and journaled, unless the collection declares another write concern.
 * @throws MongoServerSelectionError if no primary responds in time; Error if the database is a standalone mongod
 */
export async function connectMongo(uri: string, options: MongoOptions): Promise<Mongo> {
  const waitMs = Math.min(options.timeoutMs, 3000);
  const mongo = await openConnection(uri, options.database, {
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
  try {
    await refuseStandalone(mongo.db);
    return mongo;
  } catch (error) {
    await mongo.close();
    throw error;
  }
}

/** @throws Error whose message says what to do, if the database is neither a replica set nor a sharded cluster */
async function refuseStandalone(db: Db): Promise<void> {
  const hello = await db.command({ hello: 1 });
  if (hello.setName !== undefined || hello.msg === 'isdbgrid') return;
  throw new Error(
    'MONGODB_URI leads to a standalone mongod, which has no transactions. A replica set is required; one member is enough: ' +
      'start mongod with --replSet rs0, run rs.initiate() in mongosh once, and add ?replicaSet=rs0 to MONGODB_URI.',
  );
}

/**
 * Prepares a database once per start: creates indexes and runs migrations, over a connection without a socket time-out.
 * @throws MongoServerSelectionError if no primary responds within 30 seconds; Error if a later version uses the database
 */
export async function prepareDatabase(
  uri: string,
  database: string,
  catalogue: SchemaCatalogue,
  onProgress: (line: string) => void = () => undefined,
): Promise<void> {
  const { db, close } = await openConnection(uri, database, { maxPoolSize: 1 });
  try {
    await claimSchema(db);
    await ensureIndexes(db, catalogue);
    await migrate(db, migrationsOf(catalogue), { now: () => new Date(), onProgress });
  } finally {
    await close();
  }
}

/**
 * Opens a mongoose connection to one database. Collections and indexes are not created automatically, and operations without a
 * connection fail at once instead of being buffered.
 * @throws MongoServerSelectionError if no primary responds in time
 */
async function openConnection(uri: string, database: string, options: MongoClientOptions): Promise<Mongo> {
  // Rejects conditions on undeclared fields; if mongoose dropped them, the query would match every document.
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
    acknowledgesWrites: createMajorityCheck(db),
    close: () => connection.destroy(),
  };
}

/** Converts mongoose's error for a failed first connection, which is not a MongoError, so that it is recognized as an outage. */
function driverError(error: unknown): unknown {
  if (!(error instanceof MongooseError) || error.name !== 'MongooseServerSelectionError') return error;
  const { reason } = error as MongooseError & { reason: ConstructorParameters<typeof MongoServerSelectionError>[1] };
  return new MongoServerSelectionError(error.message, reason);
}
