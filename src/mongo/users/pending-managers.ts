// Retries manager references that could not be resolved when they were saved: those that a killed process did not reach, and those
// that differ from the login name only in case.

import type { Db } from 'mongodb';
import { searchKey } from '../../directory/query/search-keys.ts';
import type { Records } from '../../directory/records.ts';
import { guarded } from '../client/mongo-errors.ts';
import { collectionsOf } from '../collections.ts';

const BATCH = 500;

interface PendingUser {
  _id: string;
  data: { enterprise?: { manager?: { value?: unknown } } };
}

/**
 * Resolves the pending manager references of an account whose managers exist now. Reads 500 users at a time by search key.
 * @throws StoreUnavailable
 */
export async function resolvePendingManagers(
  db: Db,
  records: Pick<Records, 'userByReference' | 'resolveManagers'>,
  account: string,
): Promise<void> {
  const { users } = collectionsOf(db);
  let after = '';
  for (;;) {
    const batch = await guarded(() =>
      users
        .find({ account, terms: searchKey('missing', 'manager'), missing: 'manager', _id: { $gt: after } })
        .project<PendingUser>({ 'data.enterprise.manager.value': 1 })
        .sort({ _id: 1 })
        .limit(BATCH)
        .toArray(),
    );
    const references = new Set(batch.map(({ data }) => data.enterprise?.manager?.value));
    for (const reference of references) {
      if (typeof reference !== 'string') continue;
      const manager = await records.userByReference(account, reference);
      if (manager !== undefined) await records.resolveManagers(account, manager, [reference]);
    }
    const last = batch.at(-1);
    if (!last || batch.length < BATCH) return;
    after = last._id;
  }
}
