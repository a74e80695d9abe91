// Exponential back-off between the attempts of an operation. All retries in the server use it.

import { setTimeout as sleep } from 'node:timers/promises';

/** The first pause in milliseconds, which doubles with each attempt, and the maximum. */
export interface BackOffLimits {
  firstMs: number;
  maxMs: number;
}

/** For write conflicts, which last milliseconds. */
const CONFLICT: BackOffLimits = { firstMs: 2, maxMs: 64 };

/**
 * Returns the longest pause before an attempt, in milliseconds.
 * @param attempt 1 for the first retry; 0 (the first attempt) has no pause
 */
export function backOffMs(attempt: number, { firstMs, maxMs }: BackOffLimits = CONFLICT): number {
  return attempt < 1 ? 0 : Math.min(firstMs * 2 ** (attempt - 1), maxMs);
}

/**
 * Waits before an attempt for a random part of `backOffMs`, so that requests that conflicted once do not conflict again.
 * @param attempt 1 for the first retry; 0 (the first attempt) does not wait
 */
export async function backOff(attempt: number, limits: BackOffLimits = CONFLICT): Promise<void> {
  if (attempt >= 1) await sleep(Math.random() * backOffMs(attempt, limits));
}
