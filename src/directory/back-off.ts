// Pauses between the attempts of an operation that is tried again. Every retry in the server takes its pause from here.

import { setTimeout as sleep } from 'node:timers/promises';

/** How long the pauses are, in milliseconds: the first one, doubled with each attempt up to the longest. */
export interface BackOffLimits {
  firstMs: number;
  maxMs: number;
}

/** For writers who lost a race: what they wait for takes milliseconds. */
const CONFLICT: BackOffLimits = { firstMs: 2, maxMs: 64 };

/**
 * The longest pause before an attempt, in milliseconds.
 * @param attempt 1 for the first retry; 0 (the first try) has no pause
 */
export function backOffMs(attempt: number, { firstMs, maxMs }: BackOffLimits = CONFLICT): number {
  return attempt < 1 ? 0 : Math.min(firstMs * 2 ** (attempt - 1), maxMs);
}

/**
 * Waits before an attempt, for a random part of `backOffMs`: those who collided once do not collide again.
 * @param attempt 1 for the first retry; 0 (the first try) does not wait
 */
export async function backOff(attempt: number, limits: BackOffLimits = CONFLICT): Promise<void> {
  if (attempt >= 1) await sleep(Math.random() * backOffMs(attempt, limits));
}
