// The one limit on the retries of a request. Plans, transactions and group changes are each tried again after a lost race; all of
// them draw on the same budget, so that nested retries do not multiply.

import { type BackOffLimits, backOff } from './back-off.ts';

/**
 * Retries of one request, over all that it does. Twenty writers of one user at the same moment lose up to 19 races each, and a
 * lost race costs two retries: one of the transaction, which then finds the user changed, and one of the plan.
 */
const RETRIES_MAX = 96;
/** After this time no retry begins; what is under way is finished. Large changes of members need the time if the database is slow. */
const RETRY_MS_MAX = 30_000;

/** What a request may still spend on retries. Once it is empty, the request ends with the fault `busy`. */
export interface RetryBudget {
  /** Takes one retry: its number, from 1, or undefined if none is left. */
  take(): number | undefined;
}

/** Makes the budget of one request; its time runs from now. */
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

/** The budget of requests that are carried out together: each retry counts for all, and they go on while one of them has any left. */
export function joinBudgets(budgets: readonly RetryBudget[]): RetryBudget {
  return {
    take() {
      const numbers = budgets.flatMap((budget) => budget.take() ?? []);
      return numbers.length === 0 ? undefined : Math.max(...numbers);
    },
  };
}

/** Waits for the next retry. False if none is left. */
export async function retry(budget: RetryBudget, limits?: BackOffLimits): Promise<boolean> {
  const attempt = budget.take();
  if (attempt === undefined) return false;
  await backOff(attempt, limits);
  return true;
}
