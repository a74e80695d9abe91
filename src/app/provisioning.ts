// Wires up the directory and the SCIM door's parts for an application of one's own: see examples/express-app.

import { createAuthenticator } from '../auth/authenticate.ts';
import type { ScimRouterOptions } from '../doors/scim/router.ts';
import { type Log, NO_LOG } from '../log.ts';
import type { Accounts } from '../mongo/accounts/accounts.ts';
import { createCredentialStore } from '../mongo/accounts/credentials.ts';
import { connectStore } from './database.ts';
import { type Directory, loadCatalogue, openDirectory } from './directory.ts';
import { byBearerToken, scimCursorKey } from './scim.ts';

const POOL_SIZE_MAX = 50;
const TIMEOUT_MS = 5_000;

export interface ProvisioningOptions {
  /** A replica set: changes of several documents are transactions. */
  mongodbUri: string;
  /** The database that holds the directory. */
  database: string;
  /** Gets errors of requests and of background work; by default they are logged nowhere. */
  log?: Log;
}

/** The directory of a database, and what `scimRouter` needs of it. */
export interface Provisioning {
  /** Everything that `scimRouter` needs but the base URL; `authenticate` takes the bearer tokens of `accounts`. */
  scim: Omit<ScimRouterOptions, 'baseUrl'>;
  /** Accounts, their connections and tokens. */
  accounts: Accounts;
  /** The write and read entries of the directory, for code of one's own. */
  directory: Pick<Directory, 'provision' | 'lookup'>;
  /** Finishes background work and disconnects. */
  close(): Promise<void>;
}

/**
 * Connects to a database, creates its indexes, migrates what an earlier version stored, and opens the directory on it.
 * @throws MongoServerSelectionError if no primary answers in time
 */
export async function openProvisioning(options: ProvisioningOptions): Promise<Provisioning> {
  const { mongodbUri, database, log = NO_LOG } = options;
  const settings = { mongodbDatabase: database, mongoPoolSizeMax: POOL_SIZE_MAX, mongoTimeoutMs: TIMEOUT_MS };
  const store = await connectStore({ uri: mongodbUri, close: async () => undefined }, settings, () => undefined);
  const { connection, db } = store.mongo;
  const onError = (error: unknown) => log.error('Work in the background failed', { error });
  const catalogue = loadCatalogue();
  const directory = await openDirectory(store, catalogue, onError);
  const authenticator = createAuthenticator(createCredentialStore(connection));
  directory.start();
  const { provision, lookup } = directory;
  return {
    scim: {
      provision,
      lookup,
      catalogue,
      cursorKey: await scimCursorKey(db),
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
