// Whom a file means: the identity rules of systems.md §4 (CSV) and §5 (XML). A SCIM POST never matches; it conflicts.

import { type Faults, fault } from '../faults.ts';
import type { UserIdentity } from '../ports.ts';
import type { Records } from '../records.ts';

/** The user that was found, nobody, or why that can't be told. */
export type Identified = { ok: true; id: string | undefined } | { ok: false; faults: Faults };

/**
 * Finds the user that an identity names.
 * Faults: ambiguousIdentity (several hits), possibleDuplicate (the e-mail of somebody with another External ID).
 */
export async function identify(
  records: Pick<Records, 'usersWith'>,
  account: string,
  identity: UserIdentity,
): Promise<Identified> {
  if (identity.by === 'userName')
    return one(await records.usersWith(account, 'userName', identity.userName, 2), 'userName');
  const { externalId, email, userName } = identity;
  const named = () => (userName === undefined ? [] : records.usersWith(account, 'userName', userName, 2));
  if (externalId !== undefined) {
    const known = one(await records.usersWith(account, 'externalId', externalId, 2), 'externalId');
    if (!known.ok || known.id !== undefined) return known;
  } else if (email !== undefined) {
    const known = await identifyByEmail(records, account, email, named);
    if (known) return known;
  }
  return one(await named(), 'userName');
}

/** The e-mail as External ID, then as e-mail of users without one; undefined where nobody has it. */
async function identifyByEmail(
  records: Pick<Records, 'usersWith'>,
  account: string,
  email: string,
  named: () => Promise<string[]> | string[],
): Promise<Identified | undefined> {
  const asExternalId = one(await records.usersWith(account, 'externalId', email, 2), 'externalId');
  if (!asExternalId.ok || asExternalId.id !== undefined) return asExternalId;
  const holders = await records.usersWith(account, 'email', email, MAILBOX_USERS_MAX);
  if (holders.length === 0) return undefined;
  // Shops share mailboxes: whom the row means of those who have it, its login name tells.
  const meant = (await named()).find((id) => holders.includes(id));
  if (meant !== undefined) return { ok: true, id: meant };
  const unnamed = one(await records.usersWith(account, 'emailWithoutExternalId', email, 2), 'emails');
  if (!unnamed.ok || unnamed.id !== undefined) return unnamed;
  return { ok: false, faults: [fault('possibleDuplicate', 'emails', { value: email })] };
}

/** Users of one mailbox that are looked at. */
const MAILBOX_USERS_MAX = 1000;

function one(ids: string[], path: string): Identified {
  if (ids.length > 1) return { ok: false, faults: [fault('ambiguousIdentity', path, { hits: ids.length })] };
  return { ok: true, id: ids[0] };
}
