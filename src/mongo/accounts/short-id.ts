// Short ids for entities that administrators configure, which people can read out.

import { randomBytes } from 'node:crypto';

/** Generates a random id with a prefix for its kind: 60 bits, in letters and digits that are not easily confused. */
export function shortId(prefix: string): string {
  const alphabet = 'abcdefghijkmnpqrstuvwxyz23456789';
  return prefix + Array.from(randomBytes(12), (byte) => alphabet[byte % 32]).join('');
}
