// Passwords of administrators: argon2id (RFC 9106), and what a password must be.

import { type Algorithm, hash, verify } from '@node-rs/argon2';
import { type Fault, fault } from '../directory/faults.ts';

export const PASSWORD_CHARS_MIN = 12;
export const PASSWORD_CHARS_MAX = 200;

/** `Algorithm.Argon2id`: an ambient enum, which has no value under isolated modules. */
const ARGON2ID = 2 as Algorithm;
/** 19 MiB, two passes, one lane: the smallest that OWASP names, so that a burst of sign-ins is no outage. */
const COST = { algorithm: ARGON2ID, memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** The argon2id hash of a password, in PHC form. @see RFC 9106 §3.1 */
export function hashPassword(password: string): Promise<string> {
  return hash(password.normalize('NFC'), COST);
}

/** A hash that no password has, so that an unknown e-mail costs the same time as a wrong password. */
const NOBODY = '$argon2id$v=19$m=19456,t=2,p=1$F1xjRcUnjBLSvZKFKhqq3g$Fq0IeBpyn/u5fCCQIIL9KIwYmC0R6KlWkqRGMDn6UFc';

/** Whether a password is the one of a hash; always false, after the same work, without a hash. */
export async function verifyPassword(passwordHash: string | undefined, password: string): Promise<boolean> {
  if (password.length > PASSWORD_CHARS_MAX) return false;
  const isRight = await verify(passwordHash ?? NOBODY, password.normalize('NFC'), COST);
  return isRight && passwordHash !== undefined;
}

/** What is wrong with a new password. Faults: required, invalidValue, tooLong. */
export function passwordFault(password: string, email: string): Fault | undefined {
  if (password === '') return fault('required', 'password');
  if (password.length > PASSWORD_CHARS_MAX) return fault('tooLong', 'password', { max: PASSWORD_CHARS_MAX });
  if ([...password].length < PASSWORD_CHARS_MIN)
    return fault('invalidValue', 'password', { rule: `must have at least ${PASSWORD_CHARS_MIN} characters` });
  if (new Set(password).size < 4 || password.toLowerCase() === email.toLowerCase())
    return fault('invalidValue', 'password', { rule: 'is too easy to guess' });
  return undefined;
}
