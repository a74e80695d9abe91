// Limits how long a request waits for an unresponsive database. Each driver call has its own timeout, but a request can hit
// several in a row.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from 'mongodb';
import { StoreUnavailable } from '../../directory/faults.ts';

/** How long an operation runs before the database is pinged. */
const CHECK_AFTER_MS = 5_000;
const PING_MS_MAX = 1_000;

/** Whether a primary responds within a second. */
export async function answersPing(db: Db): Promise<boolean> {
  const answered = db.command({ ping: 1, maxTimeMS: PING_MS_MAX }).then(
    () => true,
    () => false,
  );
  return await Promise.race([answered, sleep(PING_MS_MAX, false, { ref: false })]);
}

/** Runs an operation; see createDeadline. `spentMs` is the time that has passed before it. */
export type RunWithDeadline = <T>(operation: () => Promise<T>, spentMs?: number) => Promise<T>;

/**
 * Makes a function that runs an operation for as long as the database responds to pings. Otherwise the operation is abandoned after
 * five to six seconds; it may still take effect.
 * @throws StoreUnavailable, and whatever the operation throws
 */
export function createDeadline(isResponding: () => Promise<boolean>, checkAfterMs = CHECK_AFTER_MS): RunWithDeadline {
  return <T>(operation: () => Promise<T>, spentMs = 0) =>
    new Promise<T>((resolve, reject) => {
      // Every request runs this code, so it uses only one timer.
      let timer: NodeJS.Timeout | undefined;
      let isDone = false;
      const wait = (ms: number): void => {
        timer = setTimeout(() => void check(), ms).unref();
      };
      const check = async (): Promise<void> => {
        timer = undefined;
        const responding = await isResponding().catch(() => false);
        if (isDone) return;
        if (responding) wait(checkAfterMs);
        else reject(new StoreUnavailable(new Error(`no response for ${checkAfterMs} ms`)));
      };
      const end = (): void => {
        isDone = true;
        clearTimeout(timer);
      };
      wait(Math.max(0, checkAfterMs - spentMs));
      operation().then(
        (value) => {
          end();
          resolve(value);
        },
        (error: unknown) => {
          end();
          reject(error);
        },
      );
    });
}
