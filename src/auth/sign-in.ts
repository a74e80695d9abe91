// Sign-in with a password. An attempt is counted before the password is looked at, so that many at once are not all tried. Nobody can
// lock another person out: an attempt from elsewhere is delayed, and only the network that guesses is made to wait.

import { setTimeout as sleep } from 'node:timers/promises';
import type { AdministratorSecret, SignInLimits } from './administrator-store.ts';
import { networkOf } from './network.ts';
import type { HashPlace } from './passwords/hash-queue.ts';
import { enterHashQueue, verifyPassword } from './passwords/hashing.ts';
import { type Browser, type NewSession, type SessionOptions, startSession } from './sessions.ts';

/** A password was not checked: too many wrong ones, or too many at the same time. */
export interface Postponed {
  ok: false;
  reason: 'limited' | 'busy';
  waitSeconds: number;
}

/** `ambiguous`: e-mail and password belong to administrators of several accounts, so that the account must be named. */
export type SignIn =
  | ({ ok: true } & NewSession)
  | { ok: false; reason: 'credentials' }
  | { ok: false; reason: 'ambiguous' }
  | Postponed;

/** A sign-in with e-mail and password. */
export interface SignInAttempt extends Browser {
  email: string;
  password: string;
  /** The id of the account, or null for a System Administrator; undefined if the person did not name it. */
  account?: string | null | undefined;
}

/** What sign-in needs. */
export interface SignInOptions extends SessionOptions {
  limits: SignInLimits;
}

/** Refusals are answered at multiples of this time, so that it does not show what was looked up or computed for them. */
const REFUSAL_STEP_MS = 200;
/** How many sign-ins may be delayed at a time, and how many of one network. */
const DELAYED_MAX = 96;
const DELAYED_PER_NETWORK_MAX = 8;

export const BUSY: Postponed = { ok: false, reason: 'busy', waitSeconds: 2 };

/** Creates the sign-in of a process. */
export function createSignIn(options: SignInOptions): (attempt: SignInAttempt) => Promise<SignIn> {
  const { limits } = options;
  const delays = createDelays();
  return async (attempt) => {
    const startedAt = performance.now();
    // Taken first: an attempt that cannot be tried now costs nothing and does not count.
    let place = enterHashQueue();
    if (!place) return BUSY;
    try {
      const counted = { email: attempt.email, network: networkOf(attempt.address) };
      const allowed = await limits.take(counted);
      if (!allowed.ok) return { ok: false, reason: 'limited', waitSeconds: allowed.waitSeconds };
      if (allowed.delayMs > 0) {
        place.leave();
        if (!(await delays.wait(counted.network, allowed.delayMs))) return BUSY;
        place = enterHashQueue();
        if (!place) return BUSY;
      }
      const session = await sessionFor(options, place, attempt);
      if (session) {
        await limits.succeeded(counted);
        return session === 'ambiguous' ? { ok: false, reason: session } : { ok: true, ...session };
      }
    } finally {
      place?.leave();
    }
    const spent = performance.now() - startedAt;
    await sleep(REFUSAL_STEP_MS - (spent % REFUSAL_STEP_MS));
    return { ok: false, reason: 'credentials' };
  };
}

async function sessionFor(
  options: SignInOptions,
  place: HashPlace,
  { email, password, account, ...browser }: SignInAttempt,
): Promise<NewSession | 'ambiguous' | undefined> {
  const candidates = await options.store.byEmail(email, account);
  const right: AdministratorSecret[] = [];
  for (const candidate of candidates)
    if (await verifyPassword(place, candidate.passwordHash, password)) right.push(candidate);
  if (candidates.length === 0) await verifyPassword(place, undefined, password);
  const [found] = right;
  if (right.length > 1) return 'ambiguous';
  return found && startSession(options, withoutSecret(found), browser);
}

/** An administrator without the hash of the password. */
export function withoutSecret({ passwordHash: _hash, ...administrator }: AdministratorSecret) {
  return administrator;
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
