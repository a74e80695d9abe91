// Wires up the server: HTTP, the database, the doors and the background work, started and stopped in order.

import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createAuthenticator } from '../auth/authenticate.ts';
import type { FirstAdministrator } from '../auth/first-start.ts';
import { type Config, packageRoot } from '../config.ts';
import type { DemoStart } from '../demo/way-in.ts';
import { backOffMs } from '../directory/back-off.ts';
import { StoreUnavailable } from '../directory/faults.ts';
import type { Invitations } from '../directory/invitations/invitations.ts';
import type { SchemaCatalogue } from '../directory/schema/catalogue.ts';
import { ADMIN_BASE } from '../doors/admin/api/api.ts';
import { connectionProblem, PROBLEM_MEDIA_TYPE } from '../doors/admin/api/problem.ts';
import { LOGIN_BASE } from '../doors/learners/paths.ts';
import { connectionErrorResponse } from '../doors/scim/errors.ts';
import { SCIM_MEDIA_TYPE } from '../doors/scim/protocol/messages.ts';
import { SETUP_BASE } from '../doors/setup/door.ts';
import { createApp } from '../http/app.ts';
import { createConsole } from '../http/console.ts';
import { createEventRecorder } from '../http/events/recorder.ts';
import { createPlaces } from '../http/places.ts';
import { createHttpServer, type ErrorBody } from '../http/server.ts';
import { answerStarting } from '../http/starting.ts';
import type { Log } from '../log.ts';
import { createCredentialStore } from '../mongo/accounts/credentials.ts';
import { createCallSink } from '../mongo/call-counts.ts';
import { createDeadline } from '../mongo/client/deadline.ts';
import { isOutage } from '../mongo/client/mongo-errors.ts';
import { createEventSink, setEventRetention } from '../mongo/events.ts';
import { migrationsOf } from '../mongo/migrations.ts';
import { createRecheck } from '../mongo/recheck.ts';
import { createRetention } from '../mongo/retention.ts';
import { createSchemaWatch } from '../mongo/schema-version.ts';
import { createRegistration } from '../mongo/servers.ts';
import { composeAdmin } from './admin.ts';
import { composeBackground } from './background.ts';
import { openBackgroundThread } from './background-thread/open.ts';
import { loadCatalogue } from './catalogue.ts';
import { type OnProgress, openStore, type Store } from './database.ts';
import { composeDemoApp } from './demo.ts';
import { openDirectory } from './directory.ts';
import { composeDocs } from './docs.ts';
import { composeErasure } from './erasure.ts';
import { seedDatabase } from './first-start.ts';
import { createCensusWork } from './health.ts';
import { composeImports } from './imports.ts';
import { composeInvitations, createInvitationWork } from './invitations.ts';
import { type OnJobError, reportJob } from './jobs.ts';
import { composeLearners, OIDC_BASE } from './learners.ts';
import { invitationSettings } from './mails.ts';
import { createMetrics } from './metrics.ts';
import { openRuns } from './runs.ts';
import { composeScim, DOCS_PATH, limitsOf, SCIM_BASE } from './scim.ts';
import { composeSetup } from './setup.ts';
import { createTokenExpiryWork } from './token-expiry.ts';
import { composeTroubleshooting } from './troubleshooting.ts';

/** A server that listens. */
export interface RunningServer {
  /** The address of the console; undefined if it was not built. */
  consoleUrl: string | undefined;
  /** The base URL for SCIM clients, such as `http://localhost:3000/scim/v2`. */
  scimBaseUrl: string;
  /** The demo account's first token, until a token is used. */
  firstToken: string | undefined;
  /** The first System Administrator, until the password is used. */
  firstAdministrator: FirstAdministrator | undefined;
  /** What there is to try out; undefined in production. */
  demo: DemoStart | undefined;
  /** Drains requests, writes pending data, and stops everything that was started. */
  stop(): Promise<void>;
}

/**
 * Starts the whole server: listens at once, so that a port in use is reported first, answers 503 until the directory is ready,
 * then serves. It waits for as long as the database is unavailable. `signal` ends a start that is under way.
 * @throws Error whose message says what to do
 */
export async function startServer(
  config: Config,
  log: Log,
  onProgress: OnProgress,
  signal?: AbortSignal,
): Promise<RunningServer> {
  /** Aborted when the server stops; whatever goes on until its reader leaves ends then. */
  const stopping = new AbortController();
  setMaxListeners(0, stopping.signal);
  const http = createHttpServer(answerStarting, connectionError);
  const port = await http.listen(config.port, config.host);
  const publicUrl = config.publicUrlGiven ? config.publicUrl : `http://localhost:${port}`;
  try {
    const { store, parts, first } = await whenAvailable(
      () => openParts({ config, log, publicUrl, stopping: stopping.signal }, onProgress, signal),
      log,
      signal,
    );
    await parts.metrics.listen();
    parts.background.start();
    http.serve(
      createApp({
        doors: parts.doors,
        crossOriginPaths: [`${ADMIN_BASE}/me`],
        pages: parts.pages,
        entrances: parts.entrances,
        isReady: reportChanges(store.mongo.acknowledgesWrites, log),
        isDraining: () => stopping.signal.aborted,
        isReadOnly: () => parts.isReadOnly(),
        errorBody: connectionError,
        log,
      }),
    );
    return {
      scimBaseUrl: `${publicUrl}${SCIM_BASE}`,
      consoleUrl: parts.hasConsole ? `${publicUrl}${CONSOLE_BASE}/` : undefined,
      firstToken: first.firstToken,
      firstAdministrator: first.firstAdministrator,
      demo: first.demo,
      async stop() {
        stopping.abort();
        await http.drain(config.shutdownNoticeMs, config.shutdownGraceMs);
        parts.metrics.stop();
        await parts.background.stop();
        await store.close();
      },
    };
  } catch (error) {
    await http.drain(0, 0);
    throw error;
  }
}

/** The path of the console below the public URL. */
const CONSOLE_BASE = '/console';

/** A request that takes longer is answered 503 if the database fails; the check itself takes up to 1.5 s. */
const REQUEST_CHECK_MS = 4_500;
const WAIT = { firstMs: 500, maxMs: 5_000 };

/** Repeats a start until the database is available. @throws what `start` throws for any other reason, or the signal's reason */
async function whenAvailable<T>(start: () => Promise<T>, log: Log, signal?: AbortSignal): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start();
    } catch (error) {
      if (!(error instanceof StoreUnavailable) && !isOutage(error)) throw error;
      const cause = error instanceof Error ? error.message : String(error);
      log.warn('The database does not respond; the start waits for it. Check MONGODB_URI', { cause, attempt });
    }
    await sleep(backOffMs(attempt, WAIT), undefined, signal ? { signal } : {});
  }
}

/** Opens the database and everything over it, and creates what the first start creates. */
async function openParts(setting: PartsSetting, onProgress: OnProgress, signal: AbortSignal | undefined) {
  const { config, publicUrl } = setting;
  const store = await openStore(config, onProgress, { supervise: true, signal });
  try {
    signal?.throwIfAborted();
    const parts = await composeParts(setting, store);
    return { store, parts, first: await seedDatabase(config, store, parts, publicUrl) };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** Errors of the HTTP server in the form of the door that the path leads to; in that of SCIM for every other path. */
const connectionError: ErrorBody = (status, path) => {
  const isAdmin = path?.startsWith(ADMIN_BASE) ?? false;
  const { body } = isAdmin ? connectionProblem(status) : connectionErrorResponse(status);
  return { mediaType: isAdmin ? PROBLEM_MEDIA_TYPE : SCIM_MEDIA_TYPE, text: JSON.stringify(body) };
};

/** Logs when the readiness changes. */
function reportChanges(isReady: () => Promise<boolean>, log: Log): () => Promise<boolean> {
  let was = true;
  return async () => {
    const is = await isReady();
    if (is && !was) log.info('Ready again');
    if (!is && was) log.warn('Not ready: no majority of the database acknowledges a write');
    was = is;
    return is;
  };
}

/** The background work, and whether it has ended because a later version of the server uses the database. */
function fenced(
  db: Store['mongo']['db'],
  background: ReturnType<typeof composeBackground>,
  log: Log,
  onError: (error: unknown) => void,
) {
  let ended: Promise<void> | undefined;
  const end = () => {
    ended ??= background.stop();
    return ended;
  };
  let isReadOnly = false;
  const onLater = () => {
    isReadOnly = true;
    log.error('A later version of the server uses the database; this one only reads from now on. Stop it');
    end().catch(onError);
  };
  const watch = createSchemaWatch(db, onLater, onError);
  return {
    isReadOnly: () => isReadOnly,
    background: {
      start() {
        background.start();
        watch.start();
      },
      async stop() {
        await watch.stop();
        await end();
      },
    },
  };
}

/** What all parts are made with. */
interface PartsSetting {
  config: Config;
  log: Log;
  publicUrl: string;
  /** Aborted when the server stops. */
  stopping: AbortSignal;
}

async function composeParts({ config, log, publicUrl, stopping }: PartsSetting, store: Store) {
  const { accounts, mongo } = store;
  const { db } = mongo;
  const onError = reportJob(log);
  const catalogue = loadCatalogue();
  const directory = await openDirectory(store, catalogue, onError);
  await setEventRetention(db, config.eventRetentionDays);
  const thread = await openBackgroundThread(config, store, directory, { catalogue, log });
  const counts = { ...createEventSink(db), ...createCallSink(db) };
  const recorder = createEventRecorder({ writer: thread.writer, counts, log });
  const authenticator = createAuthenticator(createCredentialStore(mongo.connection));
  const places = createPlaces();
  const deadline = createDeadline(mongo.acknowledgesWrites, REQUEST_CHECK_MS);
  const metrics = createMetrics(config, mongo, log);
  const { observe } = metrics;
  const shared = { config, log, observe, catalogue, directory, authenticator, places, deadline, recorder, publicUrl };
  const runs = await openRuns({ ...config, publicUrl }, store, directory, onError, recorder);
  const upkeep = upkeepOf(config, log, db, catalogue);
  const registration = createRegistration(db, { id: randomUUID(), publicUrl }, onError('registration of the server'));
  const erasure = composeErasure({ mongo, catalogue, directory, xml: runs.xml, csv: runs.csv.door });
  const invited = composeInvitations({ mongo, directory, erasure, ...invitationSettings({ ...config, publicUrl }) });
  const dailyWork = dailyWorkOf({ mongo, accounts, publicUrl, invitations: invited.invitations }, onError);
  const consolePages = createConsole(join(packageRoot, 'dist', 'console'));
  const scim = await composeScim({ ...shared, db });
  const learners = await composeLearners({ ...shared, mongo, accounts });
  const admin = await composeAdmin({
    ...shared,
    mongo,
    clients: learners.clients,
    learnerOf: learners.learnerOf,
    accounts,
    erasure,
    invited,
    stopping,
    imports: composeImports(runs, accounts, catalogue.user),
  });
  const demoApp = await composeDemoApp(config, mongo, publicUrl, log);
  return {
    doors: [
      { base: SCIM_BASE, router: scim },
      { base: ADMIN_BASE, router: admin.router },
      { base: OIDC_BASE, router: learners.oidc },
      { base: LOGIN_BASE, router: learners.router },
      ...(consolePages ? [{ base: CONSOLE_BASE, router: consolePages }] : []),
      { base: SETUP_BASE, router: composeSetup({ ...shared, mongo, accounts }) },
      ...(demoApp ? [demoApp] : []),
    ],
    hasConsole: consolePages !== undefined,
    entrances: { scim: SCIM_BASE, docs: DOCS_PATH, ...(consolePages ? { console: `${CONSOLE_BASE}/` } : {}) },
    pages: [
      ...composeDocs({ catalogue, baseUrl: publicUrl + SCIM_BASE, limits: limitsOf(config) }, admin.openapi),
      ...composeTroubleshooting(),
      ...admin.pages,
    ],
    metrics,
    administrators: admin.administrators,
    clients: learners.clients,
    invitations: invited.invitations,
    directory,
    ...fenced(
      db,
      composeBackground({ directory, thread, runs, loops: [registration, ...upkeep, ...dailyWork], recorder }),
      log,
      onError('schema version'),
    ),
  };
}

/** What is done for each account from time to time: mails about invitations and tokens once a day, the census once an hour. */
function dailyWorkOf(
  parts: Pick<Store, 'mongo' | 'accounts'> & { publicUrl: string; invitations: Invitations },
  onError: OnJobError,
) {
  const { mongo, accounts, publicUrl, invitations } = parts;
  const now = () => new Date();
  return [
    createInvitationWork({
      invitations,
      db: mongo.db,
      now,
      accounts: () => accounts.listAccounts(),
      onError: onError('invitations'),
    }),
    createCensusWork({
      db: mongo.db,
      now,
      accounts: () => accounts.listAccounts(),
      onError: onError('the census'),
    }),
    createTokenExpiryWork({ mongo, accounts, publicUrl, now, onError: onError('tokens that expire') }),
  ];
}

/** The background work that keeps the database in order: the end of retention times, documents of earlier versions. */
function upkeepOf(config: Config, log: Log, db: Store['mongo']['db'], catalogue: SchemaCatalogue) {
  const onError = reportJob(log);
  const retention = createRetention(
    db,
    { audit: config.auditRetentionDays, tombstones: config.tombstoneRetentionDays },
    () => new Date(),
    onError('retention'),
  );
  const recheck = createRecheck(db, migrationsOf(catalogue), () => new Date(), {
    onError: onError('documents of earlier versions'),
    onFound: (migration, documents) =>
      log.warn('An earlier version of the server has written after a migration; migrated', { migration, documents }),
  });
  return [retention, recheck];
}
