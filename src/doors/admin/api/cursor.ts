// Page cursors of the admin API: bound to the account, the administrator or learner, the operation, its path and its query.

import { type Fault, fault } from '../../../directory/faults.ts';
import type { Caller } from '../../../directory/model.ts';
import type { CursorPosition } from '../../../directory/query/query.ts';
import type { CursorBinding, PageCursors } from '../../page-cursors.ts';

/** What a list is asked for. */
export interface ListRequest {
  operation: string;
  caller: Pick<Caller, 'account' | 'actor' | 'by'>;
  params: Readonly<Record<string, unknown>>;
  query: Readonly<Record<string, unknown>>;
}

/** Parameters that do not change what is listed. */
const NOT_BOUND = new Set(['cursor', 'limit']);

function bindingOf({ operation, caller: { account, actor, by }, params, query }: ListRequest): CursorBinding {
  const bound = Object.entries(query).filter(([name, value]) => !NOT_BOUND.has(name) && value !== undefined);
  return ['admin', account.id, actor?.id ?? by?.id, operation, JSON.stringify(params), JSON.stringify(bound.sort())];
}

/** The text of a cursor that continues a list behind a position. */
export function cursorOf(cursors: PageCursors, list: ListRequest, { key, id }: CursorPosition): string {
  return cursors.encode(bindingOf(list), [key, id]);
}

/** The position of a cursor, or the fault: it was not issued for this list and this administrator, or it is too old. */
export function positionOf(cursors: PageCursors, list: ListRequest, cursor: string): CursorPosition | Fault {
  const read = cursors.decode(bindingOf(list), cursor);
  if (!read.ok) {
    const rule =
      read.reason === 'expired'
        ? 'is too old. Start again from the first page'
        : 'is not a cursor that this server issued for this list. Pass `next` of the page before, with the same parameters';
    return fault('invalidValue', 'cursor', { rule });
  }
  const [key, id] = read.values as [CursorPosition['key'], string];
  return { key, id };
}
