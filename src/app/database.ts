// Wires up the database: the configured one or an embedded mongod, the connection, and the accounts in it.

import type { Config } from '../config.ts';
import type { SchemaCatalogue } from '../directory/schema/catalogue.ts';
import { startEmbedded } from '../embedded-mongod/embedded.ts';
import { type Accounts, createAccounts } from '../mongo/accounts/accounts.ts';
import { connectMongo, type Mongo, prepareDatabase } from '../mongo/client/connection.ts';
import { guarded } from '../mongo/client/mongo-errors.ts';
import { type CollectionName, ensureIndexes } from '../mongo/collections.ts';
import { refuseLaterSchema } from '../mongo/schema-version.ts';
import { loadCatalogue } from './catalogue.ts';

/** How a database is opened. */
export interface OpenOptions {
  /** Restarts an embedded mongod if it ends unexpectedly. For the server, not for commands. */
  supervise: boolean;
  /** Ends the start of an embedded mongod. */
  signal?: AbortSignal | undefined;
}

/** Receives a line of progress. */
export type OnProgress = (line: string) => void;

/** The collections that commands use without opening the directory. */
const ACCOUNT_COLLECTIONS: readonly CollectionName[] = [
  'accounts',
  'connections',
  'credentials',
  'setupLinks',
  'administrators',
  'sessions',
  'personalTokens',
  'pendingSignIns',
  'passwordLinks',
  'signInFailures',
];

/** The address of the database. `close` stops an embedded mongod, unless other processes use it. */
export interface Database {
  uri: string;
  close(): Promise<void>;
}

/** The configured database, connected. */
export interface Store {
  /** The address of the database. */
  uri: string;
  mongo: Mongo;
  accounts: Accounts;
  /** Creates missing indexes and runs migrations, without a time limit. */
  prepare(catalogue: SchemaCatalogue): Promise<void>;
  /** Creates the indexes that commands need: those of accounts and tokens. */
  prepareAccounts(): Promise<void>;
  /** Disconnects, and stops an embedded mongod unless other processes use it. */
  close(): Promise<void>;
}

/** The settings of the connection. */
export type DatabaseSettings = Pick<Config, 'mongodbDatabase' | 'mongoPoolSizeMax' | 'mongoTimeoutMs'>;

/**
 * Returns the database in MONGODB_URI, or starts the embedded mongod if it is not running.
 * @throws Error whose message says what to do
 */
export async function openDatabase(config: Config, onProgress: OnProgress, options: OpenOptions): Promise<Database> {
  if (config.mongodbUri !== undefined) return { uri: config.mongodbUri, close: async () => undefined };
  const embedded = await startEmbedded({
    dataDir: config.dataDir,
    binary: config.mongodBinary,
    cacheDir: config.mongodCacheDir,
    cacheGb: config.mongodCacheGb,
    ...options,
    onProgress,
  });
  return { uri: embedded.uri, close: () => embedded.stop() };
}

/**
 * Opens the configured database and connects to it.
 * @throws Error whose message says what to do
 */
export async function openStore(config: Config, onProgress: OnProgress, options: OpenOptions): Promise<Store> {
  const database = await openDatabase(config, onProgress, options);
  try {
    return await connectStore(database, config, onProgress);
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** Connects to a database. @throws MongoServerSelectionError if no primary responds in time */
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
    uri: database.uri,
    mongo,
    accounts: createAccounts(mongo.connection),
    async prepareAccounts() {
      await refuseLaterSchema(mongo.db);
      await guarded(() => ensureIndexes(mongo.db, loadCatalogue(), ACCOUNT_COLLECTIONS));
    },
    prepare: (catalogue) => prepareDatabase(database.uri, mongodbDatabase, catalogue, onProgress),
    async close() {
      await mongo.close();
      await database.close();
    },
  };
}
