// Wires up what a new database begins with: the first account, token and administrator, and the examples of the demo account.

import { v4 } from 'uuid';
import type { Administrators } from '../auth/administrators.ts';
import { type FirstStart, seedFirstStart } from '../auth/first-start.ts';
import type { Config } from '../config.ts';
import { seedExamples } from '../demo/examples.ts';
import { openSharedKey } from '../mongo/client/shared-keys.ts';
import type { Store } from './database.ts';
import type { Directory } from './directory.ts';

const EXAMPLES_CONNECTION = 'Examples';

/** What a database is seeded through. */
interface SeededParts {
  administrators: Administrators;
  directory: Pick<Directory, 'provision' | 'referenceData'>;
}

/**
 * Creates what is missing in the database, and returns the secrets that nobody has used yet.
 * @throws Error that says which setting is missing or not valid
 */
export async function seedDatabase(
  config: Config,
  { accounts, mongo }: Pick<Store, 'accounts' | 'mongo'>,
  { administrators, directory }: SeededParts,
): Promise<FirstStart> {
  const first = await seedFirstStart({ accounts, administrators, key: openSharedKey(mongo.db, 'firstStart') }, config);
  const account = first.newAccount;
  if (account && config.demoExamples) {
    const connection = await accounts.ensureConnection(account, EXAMPLES_CONNECTION);
    await seedExamples(directory, { account, connection, credentialId: 'first-start', door: 'admin', requestId: v4() });
  }
  return first;
}
