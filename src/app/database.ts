// Wires up the database: the configured one or an embedded mongod, the connection, and the accounts in it.

import type { Config } from '../config.ts';
import type { SchemaCatalogue } from '../directory/schema/catalogue.ts';
import { startEmbedded } from '../embedded-mongod/embedded.ts';
import { type Accounts, createAccounts } from '../mongo/accounts/accounts.ts';
import { connectMongo, type Mongo, prepareDatabase } from '../mongo/client/connection.ts';
import { guarded } from '../mongo/client/mongo-errors.ts';
import { type CollectionName, ensureIndexes } from '../mongo/collections.ts';

import { loadCatalogue } from './directory.ts';

export type OnProgress = (line: string) => void;

/** What commands that do without the directory read and write. */
const ACCOUNT_COLLECTIONS: readonly CollectionName[] = [
  'accounts',
  'connections',
  'credentials',
  'administrators',
  'sessions',
  'personalTokens',
  'pendingSignIns',
  'signInFailures',
];

/** Where the database is. `close` stops the mongod that was started here, unless other processes use it. */
export interface Database {
  uri: string;
  close(): Promise<void>;
}

/** The database of a configuration, connected. */
export interface Store {
  mongo: Mongo;
  accounts: Accounts;
  /** Creates missing indexes and migrates what is stored to this version, however long that takes. */
  prepare(catalogue: SchemaCatalogue): Promise<void>;
  /** Creates the indexes of accounts and tokens: all that commands need. */
  prepareAccounts(): Promise<void>;
  /** Disconnects, and stops the mongod that was started here. */
  close(): Promise<void>;
}

/** The settings of the connection. */
export type DatabaseSettings = Pick<Config, 'mongodbDatabase' | 'mongoPoolSizeMax' | 'mongoTimeoutMs'>;

/**
 * MONGODB_URI, or the server's own mongod, started if it does not run yet. `supervise` restarts that one when it dies.
 * @throws Error whose message says what to do
 */
export async function openDatabase(config: Config, onProgress: OnProgress, supervise: boolean): Promise<Database> {
  if (config.mongodbUri !== undefined) return { uri: config.mongodbUri, close: async () => undefined };
  const embedded = await startEmbedded({
    dataDir: config.dataDir,
    binary: config.mongodBinary,
    cacheDir: config.mongodCacheDir,
    cacheGb: config.mongodCacheGb,
    supervise,
    onProgress,
  });
  return { uri: embedded.uri, close: () => embedded.stop() };
}

/**
 * Opens the database of a configuration and connects to it. `supervise` restarts an embedded mongod when it dies.
 * @throws Error whose message says what to do
 */
export async function openStore(config: Config, onProgress: OnProgress, supervise: boolean): Promise<Store> {
  const database = await openDatabase(config, onProgress, supervise);
  try {
    return await connectStore(database, config, onProgress);
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** Connects to a database. @throws MongoServerSelectionError if no primary answers in time */
export async function connectStore(
  database: Database,
  { mongodbDatabase, mongoPoolSizeMax, mongoTimeoutMs }: DatabaseSettings,
  onProgress: OnProgress,
): Promise<Store> {
  const mongo = await connectMongo(database.uri, {
    database: mongodbDatabase,
    poolSizeMax: mongoPoolSizeMax,
    timeoutMs: mongoTimeoutMs,
  });
  return {
    mongo,
    accounts: createAccounts(mongo.connection),
    prepareAccounts: () => guarded(() => ensureIndexes(mongo.db, loadCatalogue(), ACCOUNT_COLLECTIONS)),
    prepare: (catalogue) => prepareDatabase(database.uri, mongodbDatabase, catalogue, onProgress),
    async close() {
      await mongo.close();
      await database.close();
    },
  };
}
