// Owns bearer tokens: minting, hashing, hints, and reading them from a header (RFC 6750 §2.1).

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** The prefix of connection tokens, which makes leaked tokens searchable. */
export const TOKEN_PREFIX = 'mbt_';
/** The prefix of administrators' personal tokens. */
export const PERSONAL_TOKEN_PREFIX = 'mbp_';

const TOKEN_BYTES = 32;
/** No token is shorter (minted ones have 47 characters, BOOTSTRAP_TOKEN at least 32), so shorter ones are refused without a query. */
const TOKEN_CHARS_MIN = 32;
const TOKEN_CHARS_MAX = 512;
const HEADER_CHARS_MAX = 1_000;
const OUR_HEAD = new RegExp(`${TOKEN_PREFIX}[A-Za-z0-9_-]{4}`);
const SHA256_HEX = /^[0-9a-f]{64}$/;

/** A new token, which is shown once, with the hash and hint that are stored. */
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

/** A recognizable part of a token for lists: at most 6 of its random characters. */
export function hintOf(token: string): string {
  const isOurs = token.startsWith(TOKEN_PREFIX) || token.startsWith(PERSONAL_TOKEN_PREFIX);
  const head = isOurs ? token.slice(0, TOKEN_PREFIX.length + 4) : token.slice(0, 4);
  return `${head}…${token.slice(-2)}`;
}

/** The first characters of a token that somebody sent, by which its sender may recognize it. */
export function headOf(token: string): string {
  const isOurs = token.startsWith(TOKEN_PREFIX) || token.startsWith(PERSONAL_TOKEN_PREFIX);
  return token.slice(0, isOurs ? TOKEN_PREFIX.length + 4 : 4);
}

/** The first characters of a stored token, as `headOf` returns them for the token itself. */
export function headOfHint(hint: string): string {
  return hint.split('…', 1)[0] ?? '';
}

/** What a header that is not a bearer token has of a token of ours, such as one that was cut or has the word Bearer before it twice. */
export function headInside(header: string): string | undefined {
  return header.slice(0, HEADER_CHARS_MAX).match(OUR_HEAD)?.[0];
}

/** Compares two hashes in constant time. */
export function sameHash(left: string, right: string): boolean {
  if (!SHA256_HEX.test(left) || !SHA256_HEX.test(right)) return false;
  return timingSafeEqual(Buffer.from(left, 'hex'), Buffer.from(right, 'hex'));
}

/** The content of an Authorization header. */
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
