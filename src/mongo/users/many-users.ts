// Many users in one query, for runs over files.

import type { ManyUsers } from '../../directory/prefetch.ts';
import { mark } from '../../directory/query/search-keys.ts';
import { guarded } from '../client/mongo-errors.ts';
import type { Collections } from '../collections.ts';

/** Where a value stands that users are found by. */
const PATHS = { userName: 'fold.userName', externalId: 'data.externalId', email: 'fold.emails.value' } as const;
/** E-mails have no index of their own: terms lead to them. */
const marksOf = (emails: string[]) => ({ terms: { $in: emails.map((email) => mark('emails.value', email)) } });
/** Users of all mailboxes together that are read at once, at most. */
const FOUND_MAX = 5000;

interface Found {
  _id: string;
  data?: { externalId?: string };
  fold?: { userName?: string; emails?: { value?: string }[] };
}

/** Every method throws StoreUnavailable where the database is away. */
export function createManyUsers({ users }: Pick<Collections, 'users'>): ManyUsers {
  return {
    async idsBy(account, by, values) {
      const path = PATHS[by];
      const marks = by === 'email' ? marksOf(values) : {};
      const found = await guarded(() =>
        users
          .find({ account, ...marks, [path]: { $in: values } }, { limit: FOUND_MAX + 1 })
          .project<Found>({ [path]: 1 })
          .toArray(),
      );
      if (found.length > FOUND_MAX) return undefined;
      const ids = new Map<string, string[]>();
      for (const user of found) {
        for (const value of valuesOf(user)) ids.set(value, [...(ids.get(value) ?? []), user._id]);
      }
      return ids;
    },
    forChange: (account, ids) =>
      guarded(() => users.find({ account, _id: { $in: ids } }, { projection: { changes: 0 } }).toArray()),
  };
}

/** The values of the one path that was read. */
function valuesOf({ data, fold }: Found): string[] {
  const emails = (fold?.emails ?? []).flatMap(({ value }) => value ?? []);
  return [...new Set([data?.externalId ?? [], fold?.userName ?? [], emails].flat())];
}
