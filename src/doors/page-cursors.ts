// Page cursors of every door: opaque, signed, bound to who asks for which list in which order, and short-lived.

import { createHmac, timingSafeEqual } from 'node:crypto';

/** The longest cursor that is read. */
export const CURSOR_CHARS_MAX = 12_000;
const SIGNATURE_BYTES = 16;
/** The clock of the instance that issued a cursor may be ahead by this much. */
const CLOCK_TOLERANCE_MS = 60_000;

/** What a cursor is valid for: the door, the account, the list and everything that decides what is listed in which order. */
export type CursorBinding = readonly (string | undefined)[];

/** The values of a place in a list, as JSON keeps them. */
type CursorValues = readonly (string | number | boolean | null)[];

type ReadCursor = { ok: true; values: CursorValues } | { ok: false; reason: 'invalid' | 'expired' };

export interface PageCursors {
  encode(binding: CursorBinding, values: CursorValues): string;
  decode(binding: CursorBinding, cursor: string): ReadCursor;
}

/** Makes cursors with a key of 32 bytes or more that all instances share; a cursor lives `lifetimeSeconds`. @see RFC 9865 §2 */
export function createPageCursors(key: Uint8Array, lifetimeSeconds: number, now: () => number = Date.now): PageCursors {
  const sign = (binding: CursorBinding, payload: Buffer): Buffer =>
    createHmac('sha256', key)
      .update(JSON.stringify(binding.map((part) => part ?? null)))
      .update(payload)
      .digest()
      .subarray(0, SIGNATURE_BYTES);
  return {
    encode(binding, values) {
      const payload = Buffer.from(JSON.stringify([now(), ...values]));
      return Buffer.concat([sign(binding, payload), payload]).toString('base64url');
    },
    decode(binding, cursor) {
      const invalid: ReadCursor = { ok: false, reason: 'invalid' };
      if (cursor.length > CURSOR_CHARS_MAX || !/^[A-Za-z0-9_-]+$/.test(cursor)) return invalid;
      const bytes = Buffer.from(cursor, 'base64url');
      if (bytes.length <= SIGNATURE_BYTES) return invalid;
      const payload = bytes.subarray(SIGNATURE_BYTES);
      if (!timingSafeEqual(bytes.subarray(0, SIGNATURE_BYTES), sign(binding, payload))) return invalid;
      // This server signed the text, so its form is known.
      const [issued, ...values] = JSON.parse(payload.toString()) as [number, ...CursorValues];
      const age = now() - issued;
      if (age > lifetimeSeconds * 1000) return { ok: false, reason: 'expired' };
      return age < -CLOCK_TOLERANCE_MS ? invalid : { ok: true, values };
    },
  };
}
