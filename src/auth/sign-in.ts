// Sign-in of administrators with a password.

import type { AdministratorSecret, SignInLimits } from './administrator-store.ts';
import { createAttempts, type Postponed } from './attempts.ts';
import { networkOf } from './network.ts';
import type { HashPlace } from './passwords/hash-queue.ts';
import { verifyPassword } from './passwords/hashing.ts';
import { type Browser, type NewSession, type SessionOptions, startSession } from './sessions.ts';

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

/** Creates the sign-in of a process. */
export function createSignIn(options: SignInOptions): (attempt: SignInAttempt) => Promise<SignIn> {
  const attempts = createAttempts(options.limits);
  return async (attempt) => {
    const counted = { email: attempt.email, network: networkOf(attempt.address) };
    const tried = await attempts(counted, (place) => sessionFor(options, place, attempt));
    if (!tried.ok) return tried;
    return tried.value === 'ambiguous' ? { ok: false, reason: tried.value } : { ok: true, ...tried.value };
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
