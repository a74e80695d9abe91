// Many users in one query, for runs over files.

import type { ManyUsers } from '../directory/prefetch.ts';
import type { Collections } from './collections.ts';
import { guarded } from './outage.ts';

/** Every method throws StoreUnavailable where the database is away. */
export function createManyUsers({ users }: Pick<Collections, 'users'>): ManyUsers {
  return {
    async idsBy(account, by, values) {
      const path = by === 'userName' ? 'fold.userName' : 'data.externalId';
      const found = await guarded(() =>
        users
          .find({ account, [path]: { $in: values } })
          .project<{ _id: string; data?: { externalId?: string }; fold?: { userName?: string } }>({ [path]: 1 })
          .toArray(),
      );
      const ids = new Map<string, string[]>();
      for (const { _id, data, fold } of found) {
        const value = (by === 'userName' ? fold?.userName : data?.externalId) ?? '';
        ids.set(value, [...(ids.get(value) ?? []), _id]);
      }
      return ids;
    },
    forChange: (account, ids) =>
      guarded(() => users.find({ account, _id: { $in: ids } }, { projection: { changes: 0 } }).toArray()),
  };
}
