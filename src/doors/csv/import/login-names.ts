// Login names for rows without one: made from the person's names, with a number that is increased until the name is free.

import { LRUCache } from 'lru-cache';
import type { Caller } from '../../../directory/model.ts';
import type { References } from '../../../directory/reference-data/references.ts';
import { foldText } from '../../../directory/schema/fold.ts';
import { countedUp } from '../../../directory/users/login-name.ts';
import type { FileRow } from '../format/parse.ts';
import { cellOf, loginNameOf } from './row-change.ts';

export interface LoginNames {
  /** The first free login name made from the row's names; undefined if the row has no names. */
  free(row: FileRow, caller: Caller): Promise<string | undefined>;
  /** The login names that rows without one try first, to be read ahead. */
  next(rows: readonly FileRow[]): string[];
}

/** The last number of a base is cached, so that the next row with the same names does not try all of them again. */
const REMEMBERED_MAX = 10_000;
const TRIED_MAX = 100_000;

export function createLoginNames(references: Pick<References, 'user'>): LoginNames {
  const lastCounts = new LRUCache<string, number>({ max: REMEMBERED_MAX });
  return {
    async free(row, caller) {
      const base = loginNameOf(row);
      if (base === undefined) return undefined;
      const key = foldText(base);
      for (let count = lastCounts.get(key) ?? 1; count < TRIED_MAX; count += 1) {
        const userName = countedUp(base, count);
        const found = await references.user(caller, { by: 'userName', userName });
        if (found.ok && found.id === undefined) {
          lastCounts.set(key, count);
          return userName;
        }
      }
      return undefined;
    },
    next(rows) {
      const counts = new Map<string, number>();
      return rows.flatMap((row) => {
        const base = hasLoginName(row) ? undefined : loginNameOf(row);
        if (base === undefined) return [];
        const key = foldText(base);
        const count = counts.get(key) ?? lastCounts.get(key) ?? 1;
        counts.set(key, count + 1);
        return countedUp(base, count);
      });
    },
  };
}

/** Whether a row states its user's login name. */
export function hasLoginName(row: FileRow): boolean {
  return (cellOf(row, 'userName') ?? '') !== '';
}
