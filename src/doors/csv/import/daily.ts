// The daily work of the CSV door in each account, at the account's local time: end dates take effect, and the watched folder is
// searched for files. One process does it.

import { randomUUID } from 'node:crypto';
import { createBackgroundLoop } from '../../../background-loop.ts';
import type { Account, Caller } from '../../../directory/model.ts';
import { type DailyLease, DEFAULT_IMPORT_TIME, DEFAULT_TIME_ZONE, localTime } from '../../../runs/daily-lease.ts';
import { type EndDateOptions, endUsers } from '../../../runs/end-dates.ts';
import { UnsafeName } from '../../../runs/files/guarded-folder.ts';
import type { WatchedFolder } from './watched-folder.ts';

export interface DailyOptions extends EndDateOptions {
  accounts: () => Promise<Account[]>;
  /** The caller for work on behalf of an account, with a request id. */
  callerOf: (account: Account, requestId: string) => Promise<Caller>;
  /** Absent if no folder is watched. */
  folder: WatchedFolder | undefined;
  dailyLease: DailyLease;
  now: () => Date;
  onError: (error: unknown) => void;
}

export interface Daily {
  start(): void;
  /** Does the work that is due in every account, once: for tests and commands. */
  round(): Promise<void>;
  stop(): Promise<void>;
}

function unlessUnsafe(error: unknown): void {
  if (!(error instanceof UnsafeName)) throw error;
}

const END_DATES = { kind: 'job', id: 'end-dates' } as const;
const PAUSE_MS = 30_000;
const LEASE_MS = 600_000;

/** Makes the daily work; nothing happens until `start()` or `round()`. */
export function createDaily(options: DailyOptions): Daily {
  const { accounts, callerOf, folder, dailyLease, now, onError } = options;
  const leaseHolder = randomUUID();

  async function workIfDue(account: Account): Promise<void> {
    const { day, time } = localTime(now(), account.timeZone ?? DEFAULT_TIME_ZONE);
    if (time < (account.importTime ?? DEFAULT_IMPORT_TIME)) return;
    const task = `csv:${account.id}`;
    if (!(await dailyLease.claim(task, day, leaseHolder, LEASE_MS))) return;
    await endUsers(options, { ...(await callerOf(account, `end-dates:${account.id}:${day}`)), by: END_DATES }, day);
    await folder?.takeIn(account, day).catch(afterUnsafeFolder);
    await dailyLease.complete(task, day, leaseHolder);
  }

  /** Reported once a day: a link in the place of a folder stays there until somebody removes it. */
  function afterUnsafeFolder(error: unknown): void {
    unlessUnsafe(error);
    onError(error);
  }

  async function round(signal?: AbortSignal): Promise<boolean> {
    for (const account of await accounts()) {
      if (signal?.aborted) break;
      try {
        await folder?.prepare(account).catch(unlessUnsafe);
        await workIfDue(account);
      } catch (error) {
        // A problem with one account's folder or time zone must not delay the others.
        onError(error);
      }
    }
    return false;
  }

  const { start, stop } = createBackgroundLoop({ round, pauseMs: PAUSE_MS, onError });
  return {
    start,
    async round() {
      await round();
    },
    stop,
  };
}
