// Owns which password of a client becomes the user's: that of an account that turns it on and whose learners have passwords. In all other
// accounts, what a client sends is discarded, because it is random (Okta).

import { type EntryAccount, loginOf } from '../entry/entry.ts';
import { type Fault, fault } from '../faults.ts';
import type { Account } from '../model.ts';
import type { Attributes } from '../schema/schema.ts';

/** The longest password; a longer one would take time to hash. */
export const PASSWORD_CHARS_MAX = 200;

/** Sets the password of a user; false if too many passwords are being hashed. @throws StoreUnavailable */
export type SyncPassword = (account: string, user: string, password: string) => Promise<boolean>;

/** The password in a request that becomes the user's; undefined if it has none, or if it is discarded. Fault: tooLong. */
export function syncedPassword(
  account: EntryAccount & Pick<Account, 'passwordSync'>,
  { password }: Attributes,
): { password: string | undefined; fault?: Fault } {
  const isSynced = account.passwordSync === true && loginOf(account) === 'password';
  if (!isSynced || typeof password !== 'string' || password === '') return { password: undefined };
  if (password.length <= PASSWORD_CHARS_MAX) return { password };
  return { password: undefined, fault: fault('tooLong', 'password', { max: PASSWORD_CHARS_MAX }) };
}
