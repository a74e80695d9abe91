// Where pages by startIndex ended, so that a page far into a list starts there instead of skipping everything before it (decision 17).

import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { BSON } from 'mongodb';
import type { CursorPosition } from '../../directory/query/query.ts';
import type { Condition } from './filter.ts';

/** Skipping fewer resources costs less than remembering where they end. */
export const REMEMBERED_FROM = 500;
/** How long changes by other processes can go unnoticed: the longest time since everything before an end was skipped. */
const AGE_MS_MAX = 60_000;
const ACCOUNTS_MAX = 100;
const LISTS_MAX = 8;
/** Clients may walk through the same list at the same time. */
const ENDS_MAX = 32;
/** A longer sort value is not remembered. */
const KEY_CHARS_MAX = 256;

/** The resource at a position of a list; the first one is at position 1. */
interface PageEnd {
  position: number;
  at: CursorPosition;
  /** When everything before it was skipped, in milliseconds; undefined: now. */
  counted?: number;
}

/** The remembered ends of one list. */
interface ListEnds {
  /** The last end that is not after this position. */
  before(position: number): PageEnd | undefined;
  remember(end: PageEnd): void;
}

/** The remembered ends of the lists of one collection, at most about 10 MB. */
export interface PageEnds {
  /**
   * The ends of a list. They must be taken before the list is read: what is remembered after a change is lost.
   * @param condition undefined for all resources of the account
   */
  of(account: string, condition: Condition | undefined, order: Record<string, 1 | -1>): ListEnds;
  /** Must be called after a change in this process. A deletion moves the ends of every list; other changes do not move those in creation order. */
  changed(account: string, isDeletion: boolean): void;
}

type Kept = Required<PageEnd>[];

interface KeptOfAccount {
  /** The list of everything in creation order, which grows at its end. */
  whole: Kept;
  others: LRUCache<string, Kept>;
}

/** Creates the memory of a process. */
export function createPageEnds(now: () => Date): PageEnds {
  const accounts = new LRUCache<string, KeptOfAccount>({ max: ACCOUNTS_MAX });

  function listOf(account: string, condition: Condition | undefined, order: Record<string, 1 | -1>): Kept {
    const kept = accounts.get(account) ?? { whole: [], others: emptyLists() };
    accounts.set(account, kept);
    if (!condition && order._id === 1 && Object.keys(order).length === 1) return kept.whole;
    const key = createHash('sha256').update(BSON.serialize({ condition, order })).digest('base64');
    const list = kept.others.get(key) ?? [];
    kept.others.set(key, list);
    return list;
  }

  return {
    of(account, condition, order) {
      const list = listOf(account, condition, order);
      return {
        before(position) {
          const oldest = now().getTime() - AGE_MS_MAX;
          let found: PageEnd | undefined;
          for (const end of list) {
            if (end.counted < oldest || end.position > position) continue;
            if (!found || end.position > found.position) found = end;
          }
          return found;
        },
        remember({ position, at, counted = now().getTime() }) {
          if (typeof at.key === 'string' && at.key.length > KEY_CHARS_MAX) return;
          const same = list.findIndex((end) => end.position === position);
          if (same >= 0) list.splice(same, 1);
          else if (list.length >= ENDS_MAX) list.shift();
          list.push({ position, at, counted });
        },
      };
    },
    changed(account, isDeletion) {
      const kept = accounts.peek(account);
      if (!kept) return;
      // New objects instead of emptied ones: a page whose read began before the change remembers its end in the old ones.
      if (isDeletion) kept.whole = [];
      kept.others = emptyLists();
    },
  };
}

function emptyLists(): LRUCache<string, Kept> {
  return new LRUCache({ max: LISTS_MAX });
}
