// Wires up the deletion of accounts.

import { setTimeout as sleep } from 'node:timers/promises';
import { type AccountDeletionRequest, type DeletedAccount, deleteAccount } from '../directory/accounts/deletion.ts';
import type { Outcome } from '../directory/faults.ts';
import { createAccountDeletionStore } from '../mongo/accounts/deletion.ts';
import { createSignInLimits } from '../mongo/accounts/sign-in-limits.ts';
import type { Mongo } from '../mongo/client/connection.ts';

/** Deletes accounts, and lists those that were deleted. Both methods throw StoreUnavailable. */
export interface AccountDeletion {
  /** Faults: see `deleteAccount`. */
  delete(request: AccountDeletionRequest, onProgress: (removed: number) => void): Promise<Outcome<DeletedAccount>>;
  /** The accounts that are being deleted, then those that were, newest first. */
  listDeleted(): Promise<DeletedAccount[]>;
}

/** Opens the deletion of accounts in a database. */
export function openAccountDeletion({ client, db }: Pick<Mongo, 'client' | 'db'>): AccountDeletion {
  const now = () => new Date();
  const limits = createSignInLimits(client, db.databaseName);
  const store = createAccountDeletionStore(db, (emails) => limits.forget([...emails]), now);
  return {
    delete: (request, onProgress) => deleteAccount({ store, now, pause: sleep }, request, onProgress),
    listDeleted: () => store.listDeleted(),
  };
}
