// Reads and writes stores, alone or in a transaction with other writes.

import type { ClientSession } from 'mongodb';
import type { CommitResult, StoreWrite } from '../../directory/records.ts';
import type { Collections } from '../collections.ts';
import { withWaiting } from '../relay/waiting-changes.ts';

const DONE: CommitResult = { ok: true, groups: [] };
const STALE: CommitResult = { ok: false, reason: 'stale' };

/** Creates the reads of stores of the directory's records port. They throw what the driver throws. */
export function createStoreRecords({ stores }: Collections) {
  const without = { projection: { changes: 0 } };
  return {
    storesById: (account: string, ids: string[]) => stores.find({ account, _id: { $in: ids } }, without).toArray(),
    storesByRefId: (account: string, refIds: string[]) =>
      stores.find({ account, refId: { $in: refIds } }, without).toArray(),
  };
}

/** Applies one write of a store; a deletion needs a session. Throws what the driver throws. */
export async function applyStoreWrite(
  { stores, tombstones }: Collections,
  account: string,
  write: StoreWrite,
  session?: ClientSession,
): Promise<CommitResult> {
  const options = session ? { session } : {};
  if (write.kind === 'insertStore') {
    await stores.insertOne(write.store, options);
    return DONE;
  }
  const filter = { _id: write.id, account, version: write.ifVersion };
  if (write.kind === 'deleteStore') {
    const deleted = await stores.findOneAndDelete(filter, { ...options, projection: { changes: 1 } });
    if (!deleted) return STALE;
    await tombstones.insertOne(withWaiting(write.tombstone, deleted.changes), options);
    return DONE;
  }
  const { set, unset } = write.changes;
  const update = {
    $set: set,
    ...(unset.length > 0 ? { $unset: Object.fromEntries(unset.map((path): [string, ''] => [path, ''])) } : {}),
    $inc: { version: 1 },
    $push: { changes: write.record },
  };
  const { matchedCount } = await stores.updateOne(filter, update, options);
  return matchedCount === 0 ? STALE : DONE;
}
