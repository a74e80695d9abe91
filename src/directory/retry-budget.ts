// Limits the retries of a request. Plans, transactions and group changes are each retried after a conflict; they share one budget,
// so that nested retries do not multiply.

import { type BackOffLimits, backOff } from './back-off.ts';

/**
 * Maximum number of retries of one request. With twenty concurrent writes to one user, each has up to 19 conflicts, and a conflict
 * costs two retries: one of the transaction, which then finds the user changed, and one of the plan.
 */
const RETRIES_MAX = 96;
/** No retry starts after this time; an attempt in progress is completed. Large changes of members need it if the database is slow. */
const RETRY_MS_MAX = 30_000;

/** The retries that a request has left. Once they are used up, the request fails with `busy`. */
export interface RetryBudget {
  /** Uses one retry and returns its number, from 1; undefined if none is left. */
  take(): number | undefined;
}

/** Creates the budget of one request. Its time starts now. */
export function createRetryBudget(now: () => number = Date.now): RetryBudget {
  const endsAt = now() + RETRY_MS_MAX;
  let taken = 0;
  return {
    take() {
      if (taken >= RETRIES_MAX || now() >= endsAt) return undefined;
      taken += 1;
      return taken;
    },
  };
}

/** The budget of requests that are processed together. A retry counts for each of them; one is left as long as any request has one. */
export function joinBudgets(budgets: readonly RetryBudget[]): RetryBudget {
  return {
    take() {
      const numbers = budgets.flatMap((budget) => budget.take() ?? []);
      return numbers.length === 0 ? undefined : Math.max(...numbers);
    },
  };
}

/** Uses one retry and waits before it. False if none is left. */
export async function retry(budget: RetryBudget, limits?: BackOffLimits): Promise<boolean> {
  const attempt = budget.take();
  if (attempt === undefined) return false;
  await backOff(attempt, limits);
  return true;
}
