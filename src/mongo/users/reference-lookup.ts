// Finds the users whom references mean, such as those to managers: by id, then by External ID, then by login name.

import type { Collection } from 'mongodb';
import type { StoredUser } from '../../directory/model.ts';
import { foldText } from '../../directory/schema/fold.ts';
import { createBatcher } from '../client/batcher.ts';

/** A reference in an account. */
interface Reference {
  account: string;
  reference: string;
}

/** Makes the function that returns the id of the user whom a reference means. Lookups that arrive together share their queries. */
export function createReferenceLookup(users: Collection<StoredUser>): (item: Reference) => Promise<string | undefined> {
  return createBatcher<Reference, string | undefined>({
    batchesMax: 2,
    itemsMax: 256,
    async run(items) {
      const wanted = new Map<string, Set<string>>();
      for (const { account, reference } of items) {
        wanted.set(account, (wanted.get(account) ?? new Set()).add(reference));
      }
      const found = new Map<string, Map<string, string>>();
      await Promise.all(
        [...wanted].map(async ([account, references]) => {
          found.set(account, await idsByReference(users, account, [...references]));
        }),
      );
      return items.map(({ account, reference }) => ({ ok: true, value: found.get(account)?.get(reference) }));
    },
  });
}

async function idsByReference(
  users: Collection<StoredUser>,
  account: string,
  references: string[],
): Promise<Map<string, string>> {
  const byId = await users
    .find({ account, _id: { $in: references } }, { projection: { _id: 1 }, hint: 'account_id' })
    .toArray();
  const ids = new Map(byId.map(({ _id }) => [_id, _id]));
  const rest = references.filter((reference) => !ids.has(reference));
  if (rest.length === 0) return ids;
  const named = await users
    // `$or` is at the root and every branch repeats the account; otherwise MongoDB can't use one index per branch.
    .find({
      $or: [
        { account, 'data.externalId': { $in: rest } },
        { account, 'fold.userName': { $in: rest.map(foldText) } },
      ],
    })
    .project<Pick<StoredUser, '_id' | 'data' | 'fold'>>({ 'data.externalId': 1, 'fold.userName': 1 })
    .toArray();
  const byExternalId = new Map(named.map(({ _id, data }) => [data.externalId, _id]));
  const byUserName = new Map(named.map(({ _id, fold }) => [fold.userName, _id]));
  for (const reference of rest) {
    const id = byExternalId.get(reference) ?? byUserName.get(foldText(reference));
    if (id !== undefined) ids.set(reference, id);
  }
  return ids;
}
