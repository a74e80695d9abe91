// Ids of what administrators configure: short, so that people can read them out.

import { randomBytes } from 'node:crypto';

/** A random id with a prefix that says of what: 60 bits, letters and digits that can't be mixed up. */
export function shortId(prefix: string): string {
  const alphabet = 'abcdefghijkmnpqrstuvwxyz23456789';
  return prefix + Array.from(randomBytes(12), (byte) => alphabet[byte % 32]).join('');
}
