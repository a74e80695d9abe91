// Limits how long a request waits for an unresponsive database. Each driver call has its own timeout, but a request can hit
// several in a row.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from 'mongodb';
import { StoreUnavailable } from '../../directory/faults.ts';

/** How long an operation runs before the database is asked whether it is still there. */
const CHECK_AFTER_MS = 5_000;
const PING_MS_MAX = 1_000;

/** Whether a primary answers within a second. */
export async function answersPing(db: Db): Promise<boolean> {
  const answered = db.command({ ping: 1, maxTimeMS: PING_MS_MAX }).then(
    () => true,
    () => false,
  );
  return await Promise.race([answered, sleep(PING_MS_MAX, false, { ref: false })]);
}

/** Runs an operation; see createDeadline. */
export type RunWithDeadline = <T>(operation: () => Promise<T>) => Promise<T>;

/**
 * Makes a function that runs an operation for as long as it takes while the database answers pings. If the database does not
 * answer, the operation is given up after five to six seconds; whether it still takes effect is then unknown.
 * @throws StoreUnavailable, and whatever the operation throws
 */
export function createDeadline(isThere: () => Promise<boolean>): RunWithDeadline {
  return <T>(operation: () => Promise<T>) =>
    new Promise<T>((resolve, reject) => {
      // Every request comes through here: one timer and no more.
      let timer: NodeJS.Timeout | undefined;
      let isDone = false;
      const wait = (): void => {
        timer = setTimeout(() => void check(), CHECK_AFTER_MS).unref();
      };
      const check = async (): Promise<void> => {
        timer = undefined;
        const there = await isThere().catch(() => false);
        if (isDone) return;
        if (there) wait();
        else reject(new StoreUnavailable(new Error(`no answer for ${CHECK_AFTER_MS} ms`)));
      };
      const end = (): void => {
        isDone = true;
        clearTimeout(timer);
      };
      wait();
      operation().then(
        (value) => {
          end();
          resolve(value);
        },
        (error: unknown) => {
          end();
          reject(error as Error);
        },
      );
    });
}
