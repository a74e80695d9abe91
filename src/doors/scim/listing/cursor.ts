// Page cursors (RFC 9865): opaque, signed, bound to the account and to the query that made them, and short-lived.

import { createHmac, timingSafeEqual } from 'node:crypto';
import type { CursorPosition } from '../../../directory/query/query.ts';
import { badRequest } from '../protocol/scim-error.ts';

const CURSOR_CHARS_MAX = 12_000;
const SIGNATURE_BYTES = 16;
/** The clock of the instance that issued a cursor may be ahead by this much. */
const CLOCK_TOLERANCE_MS = 60_000;

/** The account and query that a cursor is valid for. */
export interface CursorScope {
  account: string;
  /** The endpoint and the parameters that decide which resources are listed in which order: filter, sortBy, sortOrder. */
  query: readonly (string | undefined)[];
}

/** The position at which a listing continues: in the resources of a type, after one of them or from the start. */
export interface CursorPlace {
  type: string;
  after?: CursorPosition;
}

export interface CursorCodec {
  encode(scope: CursorScope, place: CursorPlace): string;
  /** @throws ScimError 400 invalidCursor or expiredCursor */
  decode(scope: CursorScope, cursor: string): CursorPlace;
}

/**
 * Makes cursors with a key of 32 bytes or more that all instances share; a cursor lives `lifetimeSeconds`.
 * @see RFC 9865 §2
 */
export function createCursorCodec(key: Uint8Array, lifetimeSeconds: number, now: () => number = Date.now): CursorCodec {
  const sign = (scope: CursorScope, payload: Buffer): Buffer =>
    createHmac('sha256', key)
      .update(JSON.stringify([scope.account, ...scope.query.map((part) => part ?? null)]))
      .update(payload)
      .digest()
      .subarray(0, SIGNATURE_BYTES);
  return {
    encode(scope, place) {
      const { after } = place;
      const payload = Buffer.from(JSON.stringify([now(), place.type, ...(after ? [after.key, after.id] : [])]));
      return Buffer.concat([sign(scope, payload), payload]).toString('base64url');
    },
    decode(scope, cursor) {
      if (cursor.length > CURSOR_CHARS_MAX || !/^[A-Za-z0-9_-]+$/.test(cursor)) throw invalid();
      const bytes = Buffer.from(cursor, 'base64url');
      if (bytes.length <= SIGNATURE_BYTES) throw invalid();
      const payload = bytes.subarray(SIGNATURE_BYTES);
      if (!timingSafeEqual(bytes.subarray(0, SIGNATURE_BYTES), sign(scope, payload))) throw invalid();
      // This server signed the text, so its form is known.
      const [issued, type, afterKey, id] = JSON.parse(payload.toString()) as [
        number,
        string,
        CursorPosition['key'],
        string | undefined,
      ];
      const age = now() - issued;
      if (age > lifetimeSeconds * 1000) {
        throw badRequest(
          'expiredCursor',
          `The cursor is older than ${lifetimeSeconds} seconds. Start again from the first page.`,
        );
      }
      if (age < -CLOCK_TOLERANCE_MS) throw invalid();
      return id === undefined ? { type } : { type, after: { key: afterKey, id } };
    },
  };
}

function invalid() {
  return badRequest('invalidCursor', 'The cursor was not issued by this server for this query.');
}
