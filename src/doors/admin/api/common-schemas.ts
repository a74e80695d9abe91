// Schemas that several operations share: pages, ids, problems, names in paths.

import { z } from 'zod';
import type { CursorPosition, Page } from '../../../directory/query/query.ts';
import { CURSOR_CHARS_MAX } from '../../page-cursors.ts';

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

/** A whole number in a query, in which everything is text: decimal digits only, from `min` to `max`. */
export function wholeNumber(min: number, max: number) {
  return z
    .string()
    .regex(/^[0-9]{1,10}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().int().min(min).max(max))
    .meta({ type: 'integer', minimum: min, maximum: max });
}

/** `limit` of a list. */
export const pageSize = wholeNumber(1, PAGE_MAX)
  .default(PAGE_DEFAULT)
  .meta({ description: 'How many at most', type: 'integer', minimum: 1, maximum: PAGE_MAX });

const cursor = z
  .string()
  .max(CURSOR_CHARS_MAX)
  .meta({ description: 'Where to continue: `next` of the previous page, with the same parameters' });

/** `limit` and `cursor`, for every list that has pages. */
export const pageQuery = z.object({ limit: pageSize, cursor: cursor.optional() });

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

/** Makes the cursor of the next page. */
type NextCursor = (position: CursorPosition) => string;

/** The response with a page. */
export function pageBody<T>(page: Page<T>, items: object[], nextCursor: NextCursor) {
  return { items, total: page.total, ...(page.next ? { next: nextCursor(page.next) } : {}) };
}

/** A page of a list of which one more item was read than requested; `keyOf` gives the position of the next page. */
export function cutPage<T>(
  found: T[],
  limit: number,
  keyOf: (last: T) => CursorPosition,
  nextCursor: NextCursor,
): { items: T[]; next?: string } {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return { items, ...(found.length > limit && last ? { next: nextCursor(keyOf(last)) } : {}) };
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
