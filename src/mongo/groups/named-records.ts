// Groups and stores by the names that files use for them: the source's and the administrator's.

import type { StoredGroup, StoredStore } from '../../directory/model.ts';
import type { Collections } from '../collections.ts';

/** Reads of the directory's port to the store; see records.ts. */
export function createNamedRecords({ groups, stores }: Collections) {
  // Every branch repeats the account; a condition beside `$or` would not let each branch use its own index.
  const eitherName = (account: string, nameFold: string) => ({
    $or: [
      { account, nameFold },
      { account, adminNameFold: nameFold },
    ],
  });
  return {
    groupsByName: (account: string, nameFold: string, atMost: number): Promise<StoredGroup[]> =>
      groups.find(eitherName(account, nameFold), { projection: { changes: 0 }, limit: atMost }).toArray(),
    storesByName: (account: string, nameFold: string, atMost: number): Promise<StoredStore[]> =>
      stores.find(eitherName(account, nameFold), { projection: { changes: 0 }, limit: atMost }).toArray(),
  };
}
