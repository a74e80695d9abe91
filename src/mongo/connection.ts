// The connection to MongoDB: how durable a write is, and how long anybody waits for an answer.

import { type Db, MongoClient } from 'mongodb';

export interface MongoOptions {
  database: string;
  /** Connections per process at most. */
  poolSizeMax: number;
  /** Milliseconds that one operation may take before it counts as unanswered. */
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
 * @throws MongoServerSelectionError where no primary answers within 5 seconds.
 */
export async function connectMongo(uri: string, options: MongoOptions): Promise<Mongo> {
  const client = new MongoClient(uri, {
    appName: 'mobietrain-provisioning',
    maxPoolSize: options.poolSizeMax,
    minPoolSize: 2,
    serverSelectionTimeoutMS: Math.min(options.timeoutMs, 5000),
    connectTimeoutMS: 3000,
    timeoutMS: options.timeoutMs,
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
    async ping() {
      try {
        await db.command({ ping: 1 }, { timeoutMS: 1000 });
        return true;
      } catch {
        return false;
      }
    },
    close: () => client.close(),
  };
}
