// Wires up the directory and the parts of the SCIM door for another application; see examples/express-app.

import { createAuthenticator } from '../auth/authenticate.ts';
import type { ScimRouterOptions } from '../doors/scim/router.ts';
import { type Log, NO_LOG } from '../log.ts';
import type { Accounts } from '../mongo/accounts/accounts.ts';
import { createCredentialStore } from '../mongo/accounts/credentials.ts';
import { loadCatalogue } from './catalogue.ts';
import { connectStore } from './database.ts';
import { type Directory, openDirectory } from './directory.ts';
import { reportJob } from './jobs.ts';
import { byBearerToken, cursorKey } from './scim.ts';

const POOL_SIZE_MAX = 50;
const TIMEOUT_MS = 5_000;

/** The options of `openProvisioning`. */
export interface ProvisioningOptions {
  /** Must be a replica set, because changes of several documents are transactions. */
  mongodbUri: string;
  /** The database that holds the directory. */
  database: string;
  /** Receives errors of requests and background work; by default nothing is logged. */
  log?: Log;
}

/** The directory of a database, and the options of `scimRouter` for it. */
export interface Provisioning {
  /** The options of `scimRouter` except the base URL; `authenticate` accepts the bearer tokens of `accounts`. */
  scim: Omit<ScimRouterOptions, 'baseUrl'>;
  /** Accounts, their connections and tokens. */
  accounts: Accounts;
  /** The directory's methods to write and read, for the application's own code. */
  directory: Pick<Directory, 'provision' | 'lookup'>;
  /** Finishes background work and disconnects. */
  close(): Promise<void>;
}

/**
 * Connects to a database, creates its indexes, runs migrations, and opens the directory.
 * @throws MongoServerSelectionError if no primary responds in time
 */
export async function openProvisioning(options: ProvisioningOptions): Promise<Provisioning> {
  const { mongodbUri, database, log = NO_LOG } = options;
  const settings = { mongodbDatabase: database, mongoPoolSizeMax: POOL_SIZE_MAX, mongoTimeoutMs: TIMEOUT_MS };
  const store = await connectStore({ uri: mongodbUri, close: async () => undefined }, settings, () => undefined);
  const { connection, db } = store.mongo;
  const onError = reportJob(log);
  const catalogue = loadCatalogue();
  const directory = await openDirectory(store, catalogue, onError);
  const authenticator = createAuthenticator(createCredentialStore(connection));
  directory.start();
  const { provision, lookup, administration, referenceData, schemasOf } = directory;
  return {
    scim: {
      provision,
      lookup,
      stores: administration,
      orgUnits: referenceData,
      schemasOf,
      cursorKey: await cursorKey(db),
      authenticate: byBearerToken(authenticator),
      log,
    },
    accounts: store.accounts,
    directory: { provision, lookup },
    async close() {
      await directory.stop();
      await store.close();
    },
  };
}
