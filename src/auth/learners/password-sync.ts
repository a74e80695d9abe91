// Sets the passwords that SCIM clients send (Okta), for accounts that turn it on. Only the hash is stored.

import type { SyncPassword } from '../../directory/users/password-sync.ts';
import { HashQueueFull } from '../passwords/hash-queue.ts';
import { hashPassword, inQueue, verifyPassword } from '../passwords/hashing.ts';
import type { LearnerStore } from './learner-store.ts';

/** Creates the function that sets passwords. Setting the same one again changes nothing, so that nobody is signed out by a sync. */
export function createPasswordSync(store: Pick<LearnerStore, 'access' | 'setPassword'>): SyncPassword {
  return async (account, user, password) => {
    try {
      const known = (await store.access(user))?.passwordHash;
      if (known !== undefined && (await inQueue((place) => verifyPassword(place, known, password)))) return true;
      await store.setPassword(user, account, await hashPassword(password));
      return true;
    } catch (error) {
      if (error instanceof HashQueueFull) return false;
      throw error;
    }
  };
}
