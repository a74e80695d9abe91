// What the CSV door does every day in each account, at the account's own time: end dates take effect, and the watched folder is looked
// through. Of all processes one does it.

import { randomUUID } from 'node:crypto';
import type { Account, Caller } from '../../../directory/model.ts';
import { type DailyTurns, DEFAULT_IMPORT_TIME, DEFAULT_TIME_ZONE, localTime } from '../../../runs/daily-lease.ts';
import { type EndDateOptions, endUsers } from '../../../runs/end-dates.ts';
import type { WatchedFolder } from './watched-folder.ts';

export interface DailyOptions extends EndDateOptions {
  accounts: () => Promise<Account[]>;
  /** The caller of an account's own work, with a request id of its own. */
  callerOf: (account: Account, requestId: string) => Promise<Caller>;
  /** Absent where no folder is watched. */
  folder: WatchedFolder | undefined;
  turns: DailyTurns;
  now: () => Date;
  onError: (error: unknown) => void;
}

export interface Daily {
  start(): void;
  /** Looks once at every account; for tests and commands. */
  round(): Promise<void>;
  stop(): Promise<void>;
}

const PAUSE_MS = 30_000;
const LEASE_MS = 600_000;

export function createDaily(options: DailyOptions): Daily {
  const { accounts, callerOf, folder, turns, now, onError } = options;
  const owner = randomUUID();
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  let isStopped = false;

  async function turnOf(account: Account): Promise<void> {
    const { day, time } = localTime(now(), account.timeZone ?? DEFAULT_TIME_ZONE);
    if (time < (account.importTime ?? DEFAULT_IMPORT_TIME)) return;
    const name = `csv:${account.id}`;
    if (!(await turns.take(name, day, owner, LEASE_MS))) return;
    await endUsers(options, await callerOf(account, `end-dates:${account.id}:${day}`), day);
    await folder?.takeIn(account, day);
    await turns.done(name, day, owner);
  }

  async function round(): Promise<void> {
    for (const account of await accounts()) {
      if (isStopped) return;
      try {
        await folder?.prepare(account);
        await turnOf(account);
      } catch (error) {
        // One account's folder or time zone is no reason to leave out the others.
        onError(error);
      }
    }
  }

  async function next(): Promise<void> {
    try {
      await round();
    } catch (error) {
      onError(error);
    }
    if (isStopped) return;
    timer = setTimeout(() => {
      running = next();
    }, PAUSE_MS);
  }

  return {
    start() {
      running = next();
    },
    round,
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
