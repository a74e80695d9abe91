// Wires up the server: HTTP, the database, the doors and the background work, started and stopped in order.

import { createAuthenticator } from '../auth/authenticate.ts';
import type { FirstAdministrator } from '../auth/first-start.ts';
import type { Config } from '../config.ts';
import { ADMIN_BASE } from '../doors/admin/api/api.ts';
import { connectionErrorBody } from '../doors/scim/errors.ts';
import { createAdmission } from '../http/admission.ts';
import { createApp } from '../http/app.ts';
import { createEventRecorder } from '../http/event-recorder.ts';
import { createRedactor } from '../http/redaction.ts';
import { createHttpServer } from '../http/server.ts';
import { answerStarting } from '../http/starting.ts';
import type { Log } from '../log.ts';
import { createCredentialStore } from '../mongo/accounts/credentials.ts';
import { createEventSink, setEventRetention } from '../mongo/events.ts';
import { composeAdmin } from './admin.ts';
import { composeBackground } from './background.ts';
import { loadCatalogue } from './catalogue.ts';
import { type OnProgress, openStore, type Store } from './database.ts';
import { openDirectory } from './directory.ts';
import { composeDocs } from './docs.ts';
import { composeErasure } from './erasure.ts';
import { seedDatabase } from './first-start.ts';
import { composeImports } from './imports.ts';
import { openRuns } from './runs.ts';
import { composeScim, limitsOf, SCIM_BASE } from './scim.ts';

/** A server that listens. */
export interface RunningServer {
  /** The base URL for SCIM clients, such as `http://localhost:3000/scim/v2`. */
  scimBaseUrl: string;
  /** The demo account's first token, until a token is used. */
  firstToken: string | undefined;
  /** The first System Administrator, until the password is used. */
  firstAdministrator: FirstAdministrator | undefined;
  /** Drains requests, writes pending data, and stops everything that was started. */
  stop(): Promise<void>;
}

/**
 * Starts the whole server: listens at once, so that a port in use is reported first, answers 503 until the directory is ready,
 * then serves. `signal` ends a start that is under way.
 * @throws Error whose message says what to do
 */
export async function startServer(
  config: Config,
  log: Log,
  onProgress: OnProgress,
  signal?: AbortSignal,
): Promise<RunningServer> {
  let draining = false;
  const http = createHttpServer(answerStarting, connectionErrorBody);
  const port = await http.listen(config.port, config.host);
  let store: Store | undefined;
  try {
    store = await openStore(config, onProgress, { supervise: true, signal });
    signal?.throwIfAborted();
    const { mongo } = store;
    const publicUrl = config.publicUrlGiven ? config.publicUrl : `http://localhost:${port}`;
    const parts = await composeParts(config, log, store, publicUrl);
    const first = await seedDatabase(config, store, parts);
    parts.background.start();
    http.serve(
      createApp({
        doors: parts.doors,
        pages: parts.pages,
        isReady: () => mongo.ping(),
        isDraining: () => draining,
        log,
      }),
    );
    return {
      scimBaseUrl: `${publicUrl}${SCIM_BASE}`,
      firstToken: first.firstToken,
      firstAdministrator: first.firstAdministrator,
      async stop() {
        draining = true;
        await http.drain(config.shutdownGraceMs);
        await parts.background.stop();
        await store?.close();
      },
    };
  } catch (error) {
    await http.drain(0);
    await store?.close();
    throw error;
  }
}

async function composeParts(config: Config, log: Log, store: Store, publicUrl: string) {
  const { accounts, mongo } = store;
  const { db } = mongo;
  const onError = (error: unknown) => log.error('Background work failed', { error });
  const catalogue = loadCatalogue();
  const directory = await openDirectory(store, catalogue, onError);
  await setEventRetention(db, config.eventRetentionDays);
  const redactor = createRedactor(catalogue, await directory.identityHash());
  const recorder = createEventRecorder({ sink: createEventSink(db), redactor, log });
  const authenticator = createAuthenticator(createCredentialStore(mongo.connection));
  const admission = createAdmission();
  const shared = { config, log, catalogue, directory, authenticator, admission, recorder, publicUrl };
  const runs = await openRuns(config, store, directory, onError, recorder);
  const scim = await composeScim({ ...shared, db });
  const admin = await composeAdmin({
    ...shared,
    mongo,
    accounts,
    erasure: composeErasure({ mongo, catalogue, directory, xml: runs.xml, csv: runs.csv.door }),
    imports: composeImports(runs, accounts, catalogue.user),
  });
  return {
    doors: [
      { base: SCIM_BASE, router: scim },
      { base: ADMIN_BASE, router: admin.router },
    ],
    pages: [
      ...composeDocs({ catalogue, baseUrl: publicUrl + SCIM_BASE, limits: limitsOf(config) }, admin.openapi),
      admin.passwordPage,
    ],
    administrators: admin.administrators,
    directory,
    background: composeBackground({ directory, runs, recorder }),
  };
}
