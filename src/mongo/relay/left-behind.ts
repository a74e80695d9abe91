// Removes what deletions leave behind: links to deleted groups and stores, the manager ids of deleted users, and how these signed in.

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
    if (resource === 'Group') await unlinkAll(users, { account, 'groups.to': _id }, { groups: { to: _id } }, now);
    else if (resource === 'Store') await unlinkStore(users, account, _id, now);
    else {
      await unsetManagers(users, reportsOf(account, _id), now());
      await removeSignIns(collections, _id);
    }
    await tombstones.updateOne({ _id }, { $set: { pending: false } });
  }
  return pending.length > 0;
}

/** How a deleted user signed in. The user is signed out since the deletion itself, because sign-ins depend on the user. */
async function removeSignIns({ learnerAccess, resetLinks, oidcValues }: Collections, user: string): Promise<void> {
  await oidcValues.deleteMany({ user });
  await resetLinks.deleteMany({ user });
  await learnerAccess.deleteOne({ _id: user });
}

/** A store is deleted only without users, so these were linked to it at the same moment. They are found by its search key. */
function unlinkStore(users: Collections['users'], account: string, store: string, now: () => Date): Promise<void> {
  const key = searchKey('store', store);
  return unlinkAll(
    users,
    { account, terms: key, 'stores.to': store },
    { stores: { to: store }, terms: { $eq: key } },
    now,
  );
}

async function unlinkAll(
  users: Collections['users'],
  linkedUsers: Filter<StoredUser> & { account: string },
  removed: Document,
  now: () => Date,
): Promise<void> {
  for (;;) {
    const linked = await users.find(linkedUsers, { projection: { _id: 1 }, limit: UNLINK_STEP }).toArray();
    if (linked.length === 0) return;
    await users.updateMany(
      { ...linkedUsers, _id: { $in: linked.map((user) => user._id) } },
      { $pull: removed, $inc: { version: 1, revision: 1 }, $set: { modified: now() } },
      // Not the index of the group, which the update changes.
      { hint: 'account_id' },
    );
  }
}
