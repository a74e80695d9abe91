// Wires up the health of connections and accounts, and the census.

import { randomUUID } from 'node:crypto';
import { type BackgroundLoop, createBackgroundLoop } from '../background-loop.ts';
import { createReadAccountHealth } from '../directory/health/account-health.ts';
import { createReadHealth } from '../directory/health/health.ts';
import { todayIn } from '../directory/invitations/days.ts';
import type { Account } from '../directory/model.ts';
import type { Accounts } from '../mongo/accounts/accounts.ts';
import { createCallReader } from '../mongo/call-counts.ts';
import { createCensusStore } from '../mongo/censuses.ts';
import type { Mongo } from '../mongo/client/connection.ts';
import { createDailyLease } from '../mongo/runs/daily-lease.ts';
import type { Directory } from './directory.ts';

/** Creates the readers of the health of connections and accounts. */
export function composeHealth(
  db: Mongo['db'],
  connections: Pick<Accounts, 'listConnections' | 'listCredentials'>,
  { lookup }: Pick<Directory, 'lookup'>,
) {
  const shared = { calls: createCallReader(db), census: createCensusStore(db), connections, now: () => new Date() };
  return { readHealth: createReadHealth({ ...shared, lookup }), readAccountHealth: createReadAccountHealth(shared) };
}

const PAUSE_MS = 60_000;
const LEASE_MS = 600_000;
const HOUR_CHARS = '2026-11-22T09'.length;

interface CensusWork {
  db: Mongo['db'];
  accounts: () => Promise<Account[]>;
  now: () => Date;
  onError: (error: unknown) => void;
}

/** Creates the census: each account once an hour, by one process. Nothing runs until `start()` or `drain()`. */
export function createCensusWork({ db, accounts, now, onError }: CensusWork): BackgroundLoop {
  const lease = createDailyLease(db);
  const leaseHolder = randomUUID();
  const census = createCensusStore(db);
  /** The hour for which this process last found the census of an account taken. */
  const done = new Map<string, string>();

  async function takeIfDue(account: Account): Promise<void> {
    const at = now();
    const hour = at.toISOString().slice(0, HOUR_CHARS);
    if (done.get(account.id) === hour) return;
    const task = `census:${account.id}`;
    if (!(await lease.claim(task, hour, leaseHolder, LEASE_MS))) return;
    await census.take(account.id, todayIn(account, at), at);
    await lease.complete(task, hour, leaseHolder);
    done.set(account.id, hour);
  }

  return createBackgroundLoop({
    async round(signal) {
      for (const account of await accounts()) {
        if (signal.aborted) break;
        // A problem of one account must not delay the others.
        await takeIfDue(account).catch(onError);
      }
      return false;
    },
    pauseMs: PAUSE_MS,
    onError,
  });
}
