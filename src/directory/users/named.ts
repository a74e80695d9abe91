// Owns whom a text names, if a person types it: the users with this login name, External ID or e-mail.

import type { Records } from '../records.ts';

/** Ids of the users with this login name, External ID or e-mail; at most `atMost` by each. @throws StoreUnavailable */
export async function usersNamed(
  records: Pick<Records, 'usersWith'>,
  account: string,
  text: string,
  atMost: number,
): Promise<string[]> {
  const found = await Promise.all([
    records.usersWith(account, 'userName', text, atMost),
    records.usersWith(account, 'externalId', text, atMost),
    records.usersWith(account, 'email', text, atMost),
  ]);
  return [...new Set(found.flat())];
}
