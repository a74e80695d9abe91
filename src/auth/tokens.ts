// Bearer tokens: how they are made, recognised in a log, hashed and read from a header (RFC 6750 §2.1).

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** Tokens start with this, so that a leaked one is found by a text search. */
export const TOKEN_PREFIX = 'mbt_';
/** So do the personal tokens of administrators. */
export const PERSONAL_TOKEN_PREFIX = 'mbp_';

const TOKEN_BYTES = 32;
/** No token is shorter (a minted one has 47 characters, BOOTSTRAP_TOKEN at least 32), so a shorter one costs no query. */
const TOKEN_CHARS_MIN = 32;
const TOKEN_CHARS_MAX = 512;
const SHA256_HEX = /^[0-9a-f]{64}$/;

/** A token as it is shown once, with what is kept of it. */
export interface MintedToken {
  token: string;
  hash: string;
  hint: string;
}

/** Makes a token of 256 random bits; only its hash and hint may be stored. */
export function mintToken(prefix: string = TOKEN_PREFIX): MintedToken {
  const token = prefix + randomBytes(TOKEN_BYTES).toString('base64url');
  return { token, hash: hashToken(token), hint: hintOf(token) };
}

/** The SHA-256 of a token in lower-case hex; a 256-bit random token needs no slow hash. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token, 'utf8').digest('hex');
}

/** What lists show of a token, so that people can tell their tokens apart: 6 of its random characters at most. */
export function hintOf(token: string): string {
  const isOurs = token.startsWith(TOKEN_PREFIX) || token.startsWith(PERSONAL_TOKEN_PREFIX);
  const head = isOurs ? token.slice(0, TOKEN_PREFIX.length + 4) : token.slice(0, 4);
  return `${head}…${token.slice(-2)}`;
}

/** Whether two hashes are the same, in a time that tells nothing about where they differ. */
export function sameHash(left: string, right: string): boolean {
  if (!SHA256_HEX.test(left) || !SHA256_HEX.test(right)) return false;
  return timingSafeEqual(Buffer.from(left, 'hex'), Buffer.from(right, 'hex'));
}

/** What an Authorization header holds. */
export type BearerHeader = { kind: 'token'; token: string } | { kind: 'missing' } | { kind: 'malformed' };

/**
 * Reads the token from an Authorization header. Only visible ASCII of 32 to 512 characters can be a token.
 * @see RFC 6750 §2.1
 */
export function parseBearer(header: string | undefined): BearerHeader {
  if (header === undefined || header.trim() === '') return { kind: 'missing' };
  if (header.slice(0, 7).toLowerCase() !== 'bearer ') return { kind: 'malformed' };
  const token = header.slice(7).trim();
  if (token.length < TOKEN_CHARS_MIN || token.length > TOKEN_CHARS_MAX) return { kind: 'malformed' };
  return /^[\x21-\x7e]+$/.test(token) ? { kind: 'token', token } : { kind: 'malformed' };
}
