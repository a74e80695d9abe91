// Removes what deletions leave behind: links to deleted groups and stores, and the manager ids of deleted users.

import type { Db, Document, Filter } from 'mongodb';
import type { StoredUser } from '../../directory/model.ts';
import { searchKey } from '../../directory/query/search-keys.ts';
import { type Collections, collectionsOf } from '../collections.ts';
import { reportsOf, unsetManagers } from '../users/manager-links.ts';

const UNLINK_STEP = 1000;
const TOMBSTONES_PER_ROUND = 20;

/**
 * Cleans up after some deletions; returns true if there may be more. Can be repeated. Throws what the driver throws.
 * @param share a condition on the `_id` of the deleted resource
 */
export async function cleanUpDeletions(db: Db, share: Document, now: () => Date): Promise<boolean> {
  const collections = collectionsOf(db);
  const { tombstones, users } = collections;
  const pending = await tombstones
    .find({ pending: true, ...share })
    .limit(TOMBSTONES_PER_ROUND)
    .toArray();
  for (const { _id, account, resource } of pending) {
    if (resource === 'Group') await unlinkAll(collections, { account, 'groups.to': _id }, 'groups', _id, now);
    else if (resource === 'Store') await unlinkAll(collections, ofStore(account, _id), 'stores', _id, now);
    else await unsetManagers(users, reportsOf(account, _id), now());
    await tombstones.updateOne({ _id }, { $set: { pending: false } });
  }
  return pending.length > 0;
}

/** The users of a store, by the search key of its id. */
function ofStore(account: string, store: string): Filter<StoredUser> & { account: string } {
  return { account, terms: searchKey('store', store), 'stores.to': store };
}

async function unlinkAll(
  { users }: Collections,
  linkedUsers: Filter<StoredUser> & { account: string },
  list: 'groups' | 'stores',
  id: string,
  now: () => Date,
): Promise<void> {
  const { account } = linkedUsers;
  for (;;) {
    const linked = await users.find(linkedUsers, { projection: { _id: 1 }, limit: UNLINK_STEP }).toArray();
    if (linked.length === 0) return;
    await users.updateMany(
      { account, _id: { $in: linked.map((user) => user._id) }, [`${list}.to`]: id },
      { $pull: { [list]: { to: id } }, $inc: { version: 1, revision: 1 }, $set: { modified: now() } },
      // Not the index of the group, which the update changes.
      { hint: 'account_id' },
    );
  }
}
