// Groups and stores by their names, the source's and the administrator's: how files name them.

import type { StoredGroup, StoredStore } from '../../directory/model.ts';
import type { Collections } from '../collections.ts';

/** Reads of the directory's port to the store; see records.ts. */
export function createNamedRecords({ groups, stores }: Collections) {
  // Each branch has the account: beside the `or` it would lead to everything.
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
