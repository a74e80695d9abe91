// Wires up what a new database begins with: the first account, token and administrator, and the examples of the demo account.

import { v4 } from 'uuid';
import type { Administrators } from '../auth/administrators.ts';
import { DEMO_SLUG, type FirstStart, seedFirstStart } from '../auth/first-start.ts';
import type { Config } from '../config.ts';
import { seedExamples } from '../demo/examples.ts';
import type { DemoStart } from '../demo/way-in.ts';
import type { Caller } from '../directory/model.ts';
import { openSharedKey } from '../mongo/client/shared-keys.ts';
import type { Store } from './database.ts';
import { type DemoParts, hasDemo, seedDemo, startDemo } from './demo.ts';
import type { Directory } from './directory.ts';

const EXAMPLES_CONNECTION = 'Examples';

/** What a database is seeded through. */
interface SeededParts extends DemoParts {
  administrators: Administrators;
  directory: DemoParts['directory'] & Pick<Directory, 'referenceData'>;
}

/**
 * Creates what is missing in the database, and returns the secrets that nobody has used yet.
 * @throws Error that says which setting is missing or not valid
 */
export async function seedDatabase(
  config: Config,
  store: Pick<Store, 'accounts' | 'mongo'>,
  parts: SeededParts,
  publicUrl: string,
): Promise<FirstStart & { demo?: DemoStart }> {
  const { accounts, mongo } = store;
  const { administrators, directory } = parts;
  const first = await seedFirstStart({ accounts, administrators, key: openSharedKey(mongo.db, 'firstStart') }, config);
  const account = first.newAccount;
  if (account && config.demoExamples) {
    const connection = await accounts.ensureConnection(account, EXAMPLES_CONNECTION);
    const caller: Caller = { account, connection, credentialId: 'first-start', door: 'admin', requestId: v4() };
    await seedExamples(directory, caller);
    if (hasDemo(config)) await seedDemo(store, parts, caller);
  }
  const demo = hasDemo(config) ? await accounts.findAccount(DEMO_SLUG) : undefined;
  return demo ? { ...first, demo: await startDemo(store, parts, demo, publicUrl) } : first;
}
