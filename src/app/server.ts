// Puts the server together: the only file that knows every part. Used by main.ts, by the CLI and by tests.

import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { challenge, createAuthenticator } from '../auth/authenticate.ts';
import { type Config, packageRoot } from '../config.ts';
import { type Derived, deriveAgain } from '../directory/groups/rebuild-derived.ts';
import type { Account } from '../directory/model.ts';
import { loadSchemaCatalogue, type PersonalDataClass, type SchemaCatalogue } from '../directory/schema/catalogue.ts';
import { ADMIN_BASE } from '../doors/admin/api/api.ts';
import { createDiscovery } from '../doors/scim/discovery/documents.ts';
import { createScimDoor, type ScimDoor } from '../doors/scim/door.ts';
import { bindScimDoor, connectionErrorBody } from '../doors/scim/http-binding.ts';
import { createRenderer } from '../doors/scim/protocol/renderer.ts';
import { startEmbedded } from '../embedded-mongod/embedded.ts';
import { createAdmission } from '../http/admission.ts';
import { createApp } from '../http/app.ts';
import { createEventRecorder } from '../http/event-recorder.ts';
import { createFront } from '../http/pipeline.ts';
import { createRedactor } from '../http/redaction.ts';
import { createHttpServer } from '../http/server.ts';
import type { Log } from '../log.ts';
import { type Accounts, createAccounts } from '../mongo/accounts/accounts.ts';
import { createCredentialStore } from '../mongo/accounts/credentials.ts';
import { connectMongo, type Mongo, prepareDatabase } from '../mongo/client/connection.ts';
import { guarded } from '../mongo/client/mongo-errors.ts';
import { sharedKey } from '../mongo/client/shared-keys.ts';
import { type CollectionName, ensureIndexes } from '../mongo/collections.ts';
import { createEventSink, setEventRetention } from '../mongo/events.ts';
import { createFileStore } from '../mongo/runs/files.ts';
import { createRunStore, setRunRetention } from '../mongo/runs/runs.ts';
import { createRunWorker } from '../runs/worker.ts';
import { composeAdmin, type FirstAdministrator, seedAdministrator } from './admin.ts';
import { composeCsv } from './csv.ts';
import { createDirectory, type Directory } from './directory.ts';
import { composeErasure } from './erasure.ts';
import { createImportDesk } from './imports.ts';
import { BATCH_CONNECTION, composeXml } from './xml.ts';

export type OnProgress = (line: string) => void;

const SCIM_BASE = '/scim/v2';
const DEMO_SLUG = 'demo';
const EVENTS_GRACE_MS = 2_000;

/** What commands read and write that do without the directory. */
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

/** What scim-schemas/ says. @throws Error that names the file and field that is wrong */
export function loadCatalogue(): SchemaCatalogue {
  return loadSchemaCatalogue(join(packageRoot, 'scim-schemas'));
}

/** The database of a configuration, connected. */
export interface Store {
  mongo: Mongo;
  accounts: Accounts;
  /** Makes the indexes that are not there yet and brings what is stored up to this version, however long that takes. */
  prepare(catalogue: SchemaCatalogue): Promise<void>;
  /** Makes the indexes of accounts and tokens: all that commands need. */
  prepareAccounts(): Promise<void>;
  /** Disconnects, and stops the mongod that was started here. */
  close(): Promise<void>;
}

/** Where the database is. `close` stops the mongod that was started here, unless others use it. */
export interface Database {
  uri: string;
  close(): Promise<void>;
}

/**
 * MONGODB_URI, or the server's own mongod, started where it does not run yet. `supervise` starts that one again when it dies.
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
 * Connects to MONGODB_URI, or to the server's own mongod, started where it does not run yet. `supervise` starts that one
 * again when it dies.
 * @throws Error whose message says what to do
 */
export async function openStore(config: Config, onProgress: OnProgress, supervise: boolean): Promise<Store> {
  const database = await openDatabase(config, onProgress, supervise);
  try {
    const { uri } = database;
    const mongo = await connectMongo(uri, {
      database: config.mongodbDatabase,
      poolSizeMax: config.mongoPoolSizeMax,
      timeoutMs: config.mongoTimeoutMs,
    });
    return {
      mongo,
      accounts: createAccounts(mongo.connection),
      prepareAccounts: () => guarded(() => ensureIndexes(mongo.db, loadCatalogue(), ACCOUNT_COLLECTIONS)),
      prepare: (catalogue) => prepareDatabase(uri, config.mongodbDatabase, catalogue, onProgress),
      async close() {
        await mongo.close();
        await database.close();
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

/**
 * Brings the groups that follow attributes to the users that an account has already, after its rules changed.
 * @throws StoreUnavailable
 */
export async function deriveGroupsAgain(store: Store, account: Account): Promise<Derived> {
  const catalogue = loadCatalogue();
  await store.prepare(catalogue);
  const now = () => new Date();
  const directory = createDirectory({ ...store.mongo, catalogue, now, onError: () => undefined });
  const caller = {
    account,
    connection: { id: 'cli', account: account.id, name: 'cli', kind: 'other' as const },
    credentialId: 'cli',
    door: 'cli' as const,
    requestId: randomUUID(),
  };
  const derived = await deriveAgain({ ...directory, now }, caller);
  await directory.stop();
  return derived;
}

/** A server that listens. */
export interface RunningServer {
  /** Where SCIM clients go, such as `http://localhost:3000/scim/v2`. */
  scimBaseUrl: string;
  /** The demo account's token, where this start made it; shown once. */
  firstToken: string | undefined;
  /** The first System Administrator, where this start made it; shown once. */
  firstAdministrator: FirstAdministrator | undefined;
  /** Drains, writes what waits, and ends everything that was started. */
  stop(): Promise<void>;
}

/**
 * Starts the whole server: listens at once (so that a port that is taken is told first), answers 503 until the directory is
 * there, then serves.
 * @throws Error whose message says what to do
 */
export async function startServer(config: Config, log: Log, onProgress: OnProgress): Promise<RunningServer> {
  const gate = createGate();
  const http = createHttpServer((request, response) => gate.handle(request, response), connectionErrorBody);
  const port = await http.listen(config.port, config.host);
  let store: Store | undefined;
  try {
    store = await openStore(config, onProgress, true);
    const publicUrl = config.publicUrlGiven ? config.publicUrl : `http://localhost:${port}`;
    const parts = await buildParts(config, log, store, publicUrl);
    const { mongo } = store;
    const app = createApp({
      doors: [
        { base: SCIM_BASE, front: parts.front },
        { base: ADMIN_BASE, front: parts.adminFront },
      ],
      pages: parts.pages,
      isReady: () => mongo.ping(),
      isDraining: () => gate.isDraining,
      log,
    });
    const firstToken = await seedDemo(store.accounts, config.bootstrapToken);
    const firstAdministrator = await seedAdministrator(parts.administrators, config);
    parts.directory.start();
    parts.runs.worker.start();
    parts.runs.xml.watch.start();
    parts.runs.csv.start();
    gate.open(app);
    const running = store;
    return {
      scimBaseUrl: `${publicUrl}${SCIM_BASE}`,
      firstToken,
      firstAdministrator,
      async stop() {
        gate.isDraining = true;
        await http.drain(config.shutdownGraceMs);
        await parts.runs.xml.watch.stop();
        await parts.runs.csv.stop();
        await parts.runs.worker.stop();
        await parts.recorder.stop(EVENTS_GRACE_MS);
        await parts.directory.stop();
        await running.close();
      },
    };
  } catch (error) {
    gate.isDraining = true;
    await http.drain(0);
    await store?.close();
    throw error;
  }
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** What answers until the application is there. */
function createGate() {
  let app: Handler | undefined;
  return {
    isDraining: false,
    open(handler: Handler): void {
      app = handler;
    },
    handle(request: IncomingMessage, response: ServerResponse): void {
      if (app) {
        app(request, response);
        return;
      }
      const isAlive = request.url === '/livez';
      response.writeHead(isAlive ? 200 : 503, {
        'Content-Type': 'application/json; charset=utf-8',
        'Retry-After': '2',
      });
      response.end(JSON.stringify({ status: isAlive ? 'ok' : 'starting' }));
    },
  };
}

async function buildParts(config: Config, log: Log, store: Store, publicUrl: string) {
  const { db } = store.mongo;
  const catalogue = loadCatalogue();
  const onError = (error: unknown) => log.error('Work in the background failed', { error });
  await store.prepare(catalogue);
  await setEventRetention(db, config.eventRetentionDays);
  const directory = createDirectory({ ...store.mongo, catalogue, now: () => new Date(), onError });
  const door = buildScimDoor(config, log, catalogue, directory, publicUrl + SCIM_BASE, await sharedKey(db, 'cursor'));
  const authenticator = createAuthenticator(createCredentialStore(store.mongo.connection));
  const recorder = createEventRecorder({
    sink: createEventSink(db),
    redactor: createRedactor(rulesOf(catalogue)),
    log,
  });
  const admission = createAdmission();
  const front = createFront({
    binding: bindScimDoor(door, { bodyBytesMax: config.bodyBytesMax, bulkBodyBytesMax: config.bulkBodyBytesMax }),
    authenticate: async ({ headers }) => {
      const found = await authenticator.authenticate(headers.authorization);
      return found.ok ? { ...found, session: undefined } : { ok: false, challenge: challenge(found.reason) };
    },
    admission,
    recorder,
    log,
  });
  const runs = await openRuns(config, store, directory, onError);
  const imports = createImportDesk({
    runs: runs.store,
    xml: runs.xml,
    csv: runs.csv.door,
    accounts: store.accounts,
    batchConnection: BATCH_CONNECTION,
    userSchema: catalogue.user,
  });
  const admin = await composeAdmin({
    config,
    log,
    mongo: store.mongo,
    accounts: store.accounts,
    catalogue,
    directory,
    erasure: composeErasure({ db, directory, xml: runs.xml, csv: runs.csv.door }),
    authenticator,
    publicUrl,
    imports,
  });
  const adminFront = createFront({
    binding: admin.binding,
    authenticate: ({ method, url, headers }) =>
      admin.authenticate(method ?? 'GET', (url ?? '/').split('?', 1)[0] ?? '/', headers),
    admission,
    recorder,
    log,
  });
  return { directory, recorder, front, adminFront, pages: admin.pages, administrators: admin.administrators, runs };
}

/** The directory and the runs of a store as commands use them: beside a running server too, and without serving. */
export async function openForCommands(config: Config, store: Store, onError: (error: unknown) => void) {
  const { db } = store.mongo;
  const catalogue = loadCatalogue();
  await store.prepare(catalogue);
  const directory = createDirectory({ ...store.mongo, catalogue, now: () => new Date(), onError });
  const runs = await openRuns(config, store, directory, onError);
  const erasure = composeErasure({ db, directory, xml: runs.xml, csv: runs.csv.door });
  return { directory, runs, erasure };
}

/** Runs of files: the doors that they come by, and the worker of this process. Nothing happens before they are started. */
export async function openRuns(
  config: Config,
  { mongo: { db }, accounts }: Store,
  directory: Directory,
  onError: (error: unknown) => void,
) {
  const now = () => new Date();
  await setRunRetention(db, config.runRetentionDays);
  const store = createRunStore(db, now);
  const files = createFileStore(db, now);
  const onRun = () => worker.wake();
  const xml = composeXml(config, {
    db,
    accounts,
    directory,
    runs: store,
    kept: files,
    onRun,
    onError,
  });
  const csv = composeCsv(config, {
    db,
    accounts,
    directory,
    schema: loadCatalogue().user,
    runs: store,
    files,
    onRun,
    onError,
  });
  const worker = createRunWorker({ store, handlers: { ...xml.handlers, ...csv.door.handlers }, onError });
  return { store, xml, csv, worker };
}

function buildScimDoor(
  config: Config,
  log: Log,
  catalogue: SchemaCatalogue,
  directory: Pick<Directory, 'provision' | 'lookup'>,
  baseUrl: string,
  cursorKey: Uint8Array,
): ScimDoor {
  const limits = {
    bulkOperationsMax: config.bulkOperationsMax,
    bulkPayloadBytesMax: config.bulkBodyBytesMax,
    filterResultsMax: config.pageSizeMax,
    defaultPageSize: config.pageSizeDefault,
    maxPageSize: config.pageSizeMax,
    cursorLifetimeSeconds: config.cursorLifetimeSeconds,
  };
  return createScimDoor({
    provision: directory.provision,
    lookup: directory.lookup,
    catalogue,
    discovery: createDiscovery({ catalogue, baseUrl, limits }),
    renderers: {
      user: createRenderer({ schema: catalogue.user, baseUrl }),
      group: createRenderer({ schema: catalogue.group, baseUrl }),
    },
    baseUrl,
    limits,
    cursorKey,
    report: (error) => log.error('A request failed', { error }),
  });
}

function rulesOf(catalogue: SchemaCatalogue) {
  const named = (wanted: PersonalDataClass) => [
    ...new Set(
      [...catalogue.personalData.User, ...catalogue.personalData.Group]
        .filter((datum) => datum.class === wanted)
        .map((datum) => datum.attribute.name),
    ),
  ];
  return { secret: named('secret'), masked: named('masked') };
}

/** Makes the demo account on the first start, with a connection and a token; and the token of BOOTSTRAP_TOKEN every time. */
async function seedDemo(accounts: Accounts, bootstrapToken: string | undefined): Promise<string | undefined> {
  const made = await accounts.createAccount({ name: 'Demo', slug: DEMO_SLUG, requiredData: 'report' });
  const account = made.ok ? made.value : await accounts.findAccount(DEMO_SLUG);
  if (!account) throw new Error('The demo account could not be made');
  await accounts.ensureBootstrapCredential(account, bootstrapToken);
  if (!made.ok) return undefined;
  const connection = await accounts.ensureConnection(account, DEMO_SLUG);
  return (await accounts.createCredential(connection)).token;
}
