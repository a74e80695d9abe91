// Page cursors of SCIM (RFC 9865): bound to the account and to the query that made them.

import type { CursorPosition } from '../../../directory/query/query.ts';
import { createPageCursors } from '../../page-cursors.ts';
import { badRequest } from '../protocol/scim-error.ts';

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
  const cursors = createPageCursors(key, lifetimeSeconds, now);
  const bindingOf = ({ account, query }: CursorScope) => [account, ...query];
  return {
    encode(scope, { type, after }) {
      return cursors.encode(bindingOf(scope), [type, ...(after ? [after.key, after.id] : [])]);
    },
    decode(scope, cursor) {
      const read = cursors.decode(bindingOf(scope), cursor);
      if (!read.ok) {
        const { reason } = read;
        if (reason === 'invalid')
          throw badRequest('invalidCursor', 'The cursor was not issued by this server for this query.');
        throw badRequest(
          'expiredCursor',
          `The cursor is older than ${lifetimeSeconds} seconds. Start again from the first page.`,
        );
      }
      const [type, key, id] = read.values as [string, CursorPosition['key'], string | undefined];
      return id === undefined ? { type } : { type, after: { key, id } };
    },
  };
}
