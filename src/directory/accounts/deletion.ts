// Owns the deletion of an account: first it is marked, so that no door serves it, then everything of it is removed in batches, then the
// account itself. What remains is one audit record without personal data.

import { type Fault, fault, type Outcome, refused } from '../faults.ts';
import type { Account, RequestActor } from '../model.ts';

/** An account that is deleted, or being deleted, as the audit trail keeps it. */
export interface DeletedAccount {
  id: string;
  slug: string;
  at: Date;
  /** Who deleted it. */
  actor?: RequestActor;
  /** The documents that were removed, by collection; absent while it is being deleted. */
  removed?: Record<string, number>;
}

/** The port to the database. Every method throws StoreUnavailable; each can be repeated. */
export interface AccountDeletionStore {
  /** Sets that the account is being deleted, so that it is found no more; also returns one for which this is set. Undefined if no account has this slug. */
  mark(slug: string): Promise<Account | undefined>;
  /** Cancels the unfinished imports of a marked account. */
  cancelRuns(account: string): Promise<void>;
  /** Removes everything of an account but its own document, in batches. Adds to the counts, and returns how much this pass removed. */
  removeAll(account: string, removed: Record<string, number>, onBatch: () => void): Promise<number>;
  /** Keeps the audit record and removes the document of the account. */
  finish(deleted: DeletedAccount): Promise<void>;
}

export interface AccountDeletionDependencies {
  store: AccountDeletionStore;
  now: () => Date;
  pause: (ms: number) => Promise<unknown>;
}

/** What a deletion is asked for. */
export interface AccountDeletionRequest {
  slug: string;
  /** The slug again, as a confirmation. */
  confirmed: string;
  actor: RequestActor;
}

/** How long other processes may go on with what they began: they look an account up at least this often. */
const SERVED_MS = 1_500;
/** Passes over an account that is still written to. */
const PASSES_MAX = 20;

/**
 * Deletes an account. A deletion that was interrupted is continued by asking for it again. `onProgress` gets the number of documents that
 * were removed so far. Faults: notFound, invalidValue (`confirmed`), busy (something still writes to the account; it stays marked).
 * @throws StoreUnavailable
 */
export async function deleteAccount(
  { store, now, pause }: AccountDeletionDependencies,
  { slug, confirmed, actor }: AccountDeletionRequest,
  onProgress: (removed: number) => void = () => undefined,
): Promise<Outcome<DeletedAccount>> {
  const unconfirmed = confirmationFault(slug, confirmed);
  if (unconfirmed) return refused(unconfirmed);
  const account = await store.mark(slug);
  if (!account) return refused(fault('notFound', 'Account', { value: slug }));
  const removed: Record<string, number> = {};
  const sum = () => Object.values(removed).reduce((one, other) => one + other, 0);
  for (let pass = 1; pass <= PASSES_MAX; pass += 1) {
    await pause(SERVED_MS);
    await store.cancelRuns(account.id);
    const inPass = await store.removeAll(account.id, removed, () => onProgress(sum()));
    // Nothing was written to it since the pass before.
    if (inPass > 0) continue;
    const deleted = { id: account.id, slug: account.slug, at: now(), actor, removed };
    await store.finish(deleted);
    return { ok: true, value: deleted, effect: 'deleted' };
  }
  const rule = 'Something still writes to the account. It stays marked as being deleted, and is served nowhere';
  return refused(fault('busy', '', { rule }));
}

function confirmationFault(slug: string, confirmed: string): Fault | undefined {
  if (confirmed === slug) return undefined;
  return fault('invalidValue', 'confirm', { rule: `does not repeat the login slug ${slug}` });
}
