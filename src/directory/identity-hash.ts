// Owns the keyed hashes of values that identify people. They are stored instead of a value that must be found again but need not be
// read: former login names, the identities of a deleted user, whom an event is about.

import { hash } from 'node:crypto';

/**
 * Returns the keyed hash of a value, 22 characters of base64url (128 bits). Texts that differ only in case, blanks or Unicode form
 * have the same hash, and so do phone numbers that differ only in blanks and punctuation.
 */
export type IdentityHash = (value: string) => string;

const HASH_CHARS = 22;
const PHONE = /^\+[\d\s()./-]{6,40}$/;

/** Creates the hash with this key; every process must have the same key. */
export function createIdentityHash(key: Uint8Array): IdentityHash {
  const secret = Buffer.from(key).toString('hex');
  return (value) => hash('sha256', `${secret}\0${comparable(value)}`, 'base64url').slice(0, HASH_CHARS);
}

/** The form of a value that is hashed. A comma counts as a blank, so that `Lee, Ann` and `Lee Ann` are one name. */
function comparable(value: string): string {
  const text = value.trim();
  if (PHONE.test(text)) return `+${text.replace(/\D/g, '')}`;
  return text
    .normalize('NFC')
    .toLowerCase()
    .replace(/[\s,]+/gu, ' ');
}

/** A value that may be searched for but not read, as it is shown: its first two characters. */
export function maskedText(value: string): string {
  return `${Array.from(value.slice(0, 4)).slice(0, 2).join('')}…`;
}
