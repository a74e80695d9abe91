// Finds groups and stores by the names that files use: the source's name or the administrator's.

import type { StoredGroup, StoredStore } from '../../directory/model.ts';
import type { Collections } from '../collections.ts';

/** Creates the reads by name of the directory's records port. They throw what the driver throws. */
export function createNamedRecords({ groups, stores }: Collections) {
  // Every branch repeats the account; otherwise MongoDB cannot use one index per branch.
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
