// Schemas that several operations share: pages, ids, problems, names in paths.

import { z } from 'zod';
import type { CursorPosition, Page } from '../../../directory/query/query.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';

const PAGE_MAX = 500;
const PAGE_DEFAULT = 50;

/** The login slug of an account, as it appears in paths. */
export const accountParams = z.object({
  account: z
    .string()
    .min(1)
    .max(63)
    .meta({ description: 'The login slug of the account', examples: ['demo'] }),
});

export function withId(name: string): z.ZodString {
  return z
    .string()
    .min(1)
    .max(64)
    .meta({ description: `The id of the ${name}` });
}

/** A whole number in a query, in which everything is text. */
function pageSize() {
  return z.coerce
    .number()
    .int()
    .min(1)
    .max(PAGE_MAX)
    .default(PAGE_DEFAULT)
    .meta({ description: 'How many at most', type: 'integer', minimum: 1, maximum: PAGE_MAX });
}

const cursor = z
  .string()
  .max(12_000)
  .transform((text, context): CursorPosition => {
    const position = decodeCursor(text);
    if (position) return position;
    context.addIssue({ code: 'custom', message: 'is not a cursor that this server issued' });
    return z.NEVER;
  })
  .meta({ type: 'string', description: 'Where to continue: `next` of the previous page' });

/** `limit` and `cursor`, for every list that has pages. */
export const pageQuery = z.object({ limit: pageSize(), cursor: cursor.optional() });

export const searchText = z.string().max(200).meta({ description: 'Words; each matches the beginning of a word' });

/** A page of items. */
export function pageOf(item: z.ZodType, name: string) {
  return z
    .object({
      items: z.array(item),
      total: z.number().int().optional().meta({ description: 'How many there are on all pages' }),
      next: z.string().optional().meta({ description: 'The cursor of the next page; absent on the last page' }),
    })
    .meta({ id: `${name}Page` });
}

/** The response with a page. */
export function pageBody<T>(page: Page<T>, items: object[]) {
  return { items, total: page.total, ...(page.next ? { next: encodeCursor(page.next) } : {}) };
}

/** A page of a list of which one more item was read than requested; `keyOf` gives the position of the next page. */
export function cutPage<T>(found: T[], limit: number, keyOf: (last: T) => CursorPosition) {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return { items, ...(found.length > limit && last ? { next: encodeCursor(keyOf(last)) } : {}) };
}

export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    code: z.string().meta({ description: 'The code of the first fault' }),
    faults: z.array(z.object({ code: z.string(), path: z.string(), detail: z.string() })).optional(),
  })
  .meta({ id: 'Problem', description: 'Why a request was refused (RFC 9457)' });

export const dateTime = z.iso.datetime();
