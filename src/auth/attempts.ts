// Attempts to sign in with a password. An attempt is counted before the password is looked at, so that many at once are not all tried.
// Nobody can lock another person out: an attempt from elsewhere is delayed, and only the network that guesses is made to wait.

import { setTimeout as sleep } from 'node:timers/promises';
import type { CountedAttempt, SignInLimits } from './administrator-store.ts';
import type { HashPlace } from './passwords/hash-queue.ts';
import { enterHashQueue } from './passwords/hashing.ts';

/** A password was not checked: too many wrong ones, or too many at the same time. */
export interface Postponed {
  ok: false;
  reason: 'limited' | 'busy';
  waitSeconds: number;
}

/** Refusals are answered at multiples of this time, so that it does not show what was looked up or computed for them. */
const REFUSAL_STEP_MS = 200;
/** How many sign-ins may be delayed at a time, and how many of one network. */
const DELAYED_MAX = 96;
const DELAYED_PER_NETWORK_MAX = 8;

export const BUSY: Postponed = { ok: false, reason: 'busy', waitSeconds: 2 };

/** The result of an attempt: what `check` found, or that it found nothing. */
type Attempted<T> = { ok: true; value: T } | { ok: false; reason: 'credentials' } | Postponed;

/** Counts an attempt, and calls `check` with a place in the hash queue. */
export type Attempts = <T>(
  counted: CountedAttempt,
  check: (place: HashPlace) => Promise<T | undefined>,
) => Promise<Attempted<T>>;

/** Creates the attempts of a process. */
export function createAttempts(limits: Pick<SignInLimits, 'take' | 'succeeded'>): Attempts {
  const delays = createDelays();
  return async (counted, check) => {
    const startedAt = performance.now();
    // Taken first: an attempt that cannot be tried now costs nothing and does not count.
    let place = enterHashQueue();
    if (!place) return BUSY;
    try {
      const allowed = await limits.take(counted);
      if (!allowed.ok) return { ok: false, reason: 'limited', waitSeconds: allowed.waitSeconds };
      if (allowed.delayMs > 0) {
        place.leave();
        if (!(await delays.wait(counted.network, allowed.delayMs))) return BUSY;
        place = enterHashQueue();
        if (!place) return BUSY;
      }
      const value = await check(place);
      if (value !== undefined) {
        await limits.succeeded(counted);
        return { ok: true, value };
      }
    } finally {
      place?.leave();
    }
    await untilStep(startedAt);
    return { ok: false, reason: 'credentials' };
  };
}

/** Waits for the next multiple of the step since `startedAt`, a time of `performance.now()`. */
export async function untilStep(startedAt: number): Promise<void> {
  const spent = performance.now() - startedAt;
  await sleep(REFUSAL_STEP_MS - (spent % REFUSAL_STEP_MS));
}

/** Delays sign-ins, a bounded number of them at a time. */
function createDelays() {
  const waiting = new Map<string, number>();
  let total = 0;
  return {
    /** Waits; false at once if too many wait already. */
    async wait(network: string, ms: number): Promise<boolean> {
      const ofNetwork = waiting.get(network) ?? 0;
      if (ofNetwork >= DELAYED_PER_NETWORK_MAX || total >= DELAYED_MAX) return false;
      waiting.set(network, ofNetwork + 1);
      total += 1;
      await sleep(ms);
      total -= 1;
      const left = (waiting.get(network) ?? 1) - 1;
      if (left > 0) waiting.set(network, left);
      else waiting.delete(network);
      return true;
    },
  };
}
