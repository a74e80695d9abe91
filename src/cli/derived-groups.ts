// Brings the groups that follow attributes to the users of an account after its rules changed.

import { randomUUID } from 'node:crypto';
import { loadCatalogue } from '../app/catalogue.ts';
import type { Store } from '../app/database.ts';
import { type RebuiltGroups, rebuildDerivedGroups as rebuild } from '../directory/groups/rebuild-derived.ts';
import type { Account } from '../directory/model.ts';

/** Rebuilds the derived groups of an account. @throws StoreUnavailable */
export async function rebuildDerivedGroups(store: Store, account: Account): Promise<RebuiltGroups> {
  const { openDirectory } = await import('../app/directory.ts');
  const directory = await openDirectory(store, loadCatalogue(), () => undefined);
  const derived = await rebuild(
    { ...directory, now: () => new Date() },
    {
      account,
      connection: { id: 'cli', account: account.id, name: 'cli', kind: 'other' },
      credentialId: 'cli',
      door: 'cli',
      requestId: randomUUID(),
    },
  );
  await directory.stop();
  return derived;
}
