// Owns passwords of administrators: argon2id hashes (RFC 9106) and the rules of a new password.

import { type Algorithm, hash, verify } from '@node-rs/argon2';
import { type Fault, fault } from '../../directory/faults.ts';

const PASSWORD_CHARS_MIN = 12;
export const PASSWORD_CHARS_MAX = 200;

/** `Algorithm.Argon2id`: an ambient enum, which has no value under isolated modules. */
const ARGON2ID = 2 as Algorithm;
/** 19 MiB, two passes, no parallelism: OWASP's minimum, so that a burst of sign-ins cannot exhaust the memory. */
const COST = { algorithm: ARGON2ID, memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** The argon2id hash of a password, in PHC form. @see RFC 9106 §3.1 */
export function hashPassword(password: string): Promise<string> {
  return hash(password.normalize('NFC'), COST);
}

/** A hash that no password matches, so that an unknown e-mail takes as long as a wrong password. */
const NOBODY = '$argon2id$v=19$m=19456,t=2,p=1$F1xjRcUnjBLSvZKFKhqq3g$Fq0IeBpyn/u5fCCQIIL9KIwYmC0R6KlWkqRGMDn6UFc';

/** Whether a password matches a hash; without a hash always false, after the same amount of work. */
export async function verifyPassword(passwordHash: string | undefined, password: string): Promise<boolean> {
  if (password.length > PASSWORD_CHARS_MAX) return false;
  const isRight = await verify(passwordHash ?? NOBODY, password.normalize('NFC'), COST);
  return isRight && passwordHash !== undefined;
}

/** Checks a new password. Faults: required, invalidValue, tooLong. */
export function passwordFault(password: string, email: string): Fault | undefined {
  if (password === '') return fault('required', 'password');
  if (password.length > PASSWORD_CHARS_MAX) return fault('tooLong', 'password', { max: PASSWORD_CHARS_MAX });
  if ([...password].length < PASSWORD_CHARS_MIN)
    return fault('invalidValue', 'password', { rule: `must have at least ${PASSWORD_CHARS_MIN} characters` });
  if (new Set(password).size < 4 || password.toLowerCase() === email.toLowerCase())
    return fault('invalidValue', 'password', { rule: 'is too easy to guess' });
  return undefined;
}
