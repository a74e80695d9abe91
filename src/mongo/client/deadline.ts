// How long anybody waits for a database that does not answer. Each wait of the driver has its end, but one request may meet
// several of them one after the other: behind others, on a connection that is tried again, in a transaction.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from 'mongodb';
import { StoreUnavailable } from '../../directory/faults.ts';

/** How long an operation may take before it is asked whether the database is there at all. */
const PATIENCE_MS = 5_000;
const PING_MS_MAX = 1_000;

/** Whether a primary answers within a second. */
export async function answersPing(db: Db): Promise<boolean> {
  const answered = db.command({ ping: 1, maxTimeMS: PING_MS_MAX }).then(
    () => true,
    () => false,
  );
  return await Promise.race([answered, sleep(PING_MS_MAX, false, { ref: false })]);
}

/** Runs an operation; see createPatience. */
export type Patiently = <T>(operation: () => Promise<T>) => Promise<T>;

/**
 * Makes a function that runs an operation for as long as it takes while the database answers, and gives it up after five to
 * six seconds where it does not: then nobody knows what becomes of the operation.
 * @throws StoreUnavailable, and whatever the operation throws
 */
export function createPatience(isThere: () => Promise<boolean>): Patiently {
  return <T>(operation: () => Promise<T>) =>
    new Promise<T>((resolve, reject) => {
      // On the way of every request: one timer and no more.
      let timer: NodeJS.Timeout | undefined;
      const wait = (): void => {
        timer = setTimeout(() => void look(), PATIENCE_MS).unref();
      };
      const look = async (): Promise<void> => {
        timer = undefined;
        const there = await isThere().catch(() => false);
        if (isSettled) return;
        if (there) wait();
        else reject(new StoreUnavailable(new Error(`no answer for ${PATIENCE_MS} ms`)));
      };
      let isSettled = false;
      const settle = (): void => {
        isSettled = true;
        clearTimeout(timer);
      };
      wait();
      operation().then(
        (value) => {
          settle();
          resolve(value);
        },
        (error: unknown) => {
          settle();
          reject(error as Error);
        },
      );
    });
}
