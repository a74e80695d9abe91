// Wires up the health of connections.

import { createReadHealth, type ReadHealth } from '../directory/health/health.ts';
import type { Accounts } from '../mongo/accounts/accounts.ts';
import { createCallReader } from '../mongo/call-counts.ts';
import type { Mongo } from '../mongo/client/connection.ts';
import type { Directory } from './directory.ts';

/** Creates the reader of the health of connections. */
export function composeHealth(
  db: Mongo['db'],
  connections: Pick<Accounts, 'listConnections' | 'listCredentials'>,
  { lookup }: Pick<Directory, 'lookup'>,
): ReadHealth {
  return createReadHealth({ calls: createCallReader(db), connections, lookup, now: () => new Date() });
}
