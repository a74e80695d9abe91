// Owns the argon2id hashes of administrators' passwords (RFC 9106).

import { type Algorithm, hash, verify } from '@node-rs/argon2';
import { PASSWORD_CHARS_MAX } from '../../directory/users/password-sync.ts';
import { createHashQueue, type HashPlace, HashQueueFull } from './hash-queue.ts';

/** `Algorithm.Argon2id`: an ambient enum, which has no value under isolated modules. */
const ARGON2ID = 2 as Algorithm;
/** 19 MiB, two passes, no parallelism: OWASP's minimum, so that a burst of sign-ins cannot exhaust the memory. */
const COST = { algorithm: ARGON2ID, memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** All hashes of this process take turns in one queue. */
const queue = createHashQueue();

/** Takes a place among the hashes of this process, before anything else is done for a password; undefined if there is none. */
export function enterHashQueue(): HashPlace | undefined {
  return queue.enter();
}

/** The argon2id hash of a password, in PHC form. @throws HashQueueFull @see RFC 9106 §3.1 */
export function hashPassword(password: string): Promise<string> {
  return inQueue((place) => place.run(() => hash(password.normalize('NFC'), COST)));
}

let checks = 0;

/** How many passwords this process has compared with a hash. */
export function passwordChecks(): number {
  return checks;
}

/** A hash that no password matches, so that an unknown e-mail takes as long as a wrong password. */
const NOBODY = '$argon2id$v=19$m=19456,t=2,p=1$F1xjRcUnjBLSvZKFKhqq3g$Fq0IeBpyn/u5fCCQIIL9KIwYmC0R6KlWkqRGMDn6UFc';

/** Whether a password matches a hash; without a hash always false, after the same amount of work. */
export async function verifyPassword(
  place: HashPlace,
  passwordHash: string | undefined,
  password: string,
): Promise<boolean> {
  if (password.length > PASSWORD_CHARS_MAX) return false;
  checks += 1;
  const isRight = await place.run(() => verify(passwordHash ?? NOBODY, password.normalize('NFC'), COST));
  return isRight && passwordHash !== undefined;
}

/** Calls `work` with a place in the queue. @throws HashQueueFull */
export async function inQueue<T>(work: (place: HashPlace) => Promise<T>): Promise<T> {
  const place = queue.enter();
  if (!place) throw new HashQueueFull();
  try {
    return await work(place);
  } finally {
    place.leave();
  }
}
