// Page cursors of the admin API. A cursor holds the position at which a list continues and is opaque to clients. It grants
// nothing: every page is read within the caller's account and scope, whatever the cursor contains.

import { z } from 'zod';
import type { CursorPosition } from '../../../directory/query/query.ts';

const position = z.tuple([
  z.union([z.string().max(4096), z.number(), z.boolean(), z.null()]),
  z.string().min(1).max(255),
]);
const CURSOR_CHARS_MAX = 12_000;

export function encodeCursor({ key, id }: CursorPosition): string {
  return Buffer.from(JSON.stringify([key, id])).toString('base64url');
}

/** The position of a cursor; undefined if this server did not issue it. */
export function decodeCursor(cursor: string): CursorPosition | undefined {
  if (cursor.length > CURSOR_CHARS_MAX || !/^[A-Za-z0-9_-]+$/.test(cursor)) return undefined;
  try {
    const parsed = position.safeParse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
    return parsed.success ? { key: parsed.data[0], id: parsed.data[1] } : undefined;
  } catch {
    return undefined;
  }
}
