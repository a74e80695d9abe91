// Identifies users of files by the rules of CSV and XML files. A SCIM POST never matches an existing user; it conflicts.

import { type Faults, fault } from '../faults.ts';
import type { UserIdentity } from '../ports.ts';
import type { Records } from '../records.ts';

/** The id of the user, undefined if there is none, or the reasons why the user is not identified. */
type Identified = { ok: true; id: string | undefined } | { ok: false; faults: Faults };

/**
 * Finds the user with an identity.
 * Faults: ambiguousIdentity (several users), possibleDuplicate (the e-mail of a user with another External ID).
 */
export async function identify(
  records: Pick<Records, 'usersWith'>,
  account: string,
  identity: UserIdentity,
): Promise<Identified> {
  if (identity.by === 'userName')
    return atMostOne(await records.usersWith(account, 'userName', identity.userName, 2), 'userName');
  const { externalId, email, userName } = identity;
  const withUserName = () => (userName === undefined ? [] : records.usersWith(account, 'userName', userName, 2));
  if (externalId !== undefined) {
    const identified = atMostOne(await records.usersWith(account, 'externalId', externalId, 2), 'externalId');
    if (!identified.ok || identified.id !== undefined) return identified;
  } else if (email !== undefined) {
    const identified = await identifyByEmail(records, account, email, withUserName);
    if (identified) return identified;
  }
  return atMostOne(await withUserName(), 'userName');
}

/** Compares the e-mail with External IDs, then with e-mails of users without one; undefined if no user has it. */
async function identifyByEmail(
  records: Pick<Records, 'usersWith'>,
  account: string,
  email: string,
  withUserName: () => Promise<string[]> | string[],
): Promise<Identified | undefined> {
  const asExternalId = atMostOne(await records.usersWith(account, 'externalId', email, 2), 'externalId');
  if (!asExternalId.ok || asExternalId.id !== undefined) return asExternalId;
  const holders = await records.usersWith(account, 'email', email, MAILBOX_USERS_MAX);
  if (holders.length === 0) return undefined;
  // Shops share mailboxes: of the users with this e-mail, the login name identifies one.
  const byLoginName = (await withUserName()).find((id) => holders.includes(id));
  if (byLoginName !== undefined) return { ok: true, id: byLoginName };
  const withoutExternalId = atMostOne(await records.usersWith(account, 'emailWithoutExternalId', email, 2), 'emails');
  if (!withoutExternalId.ok || withoutExternalId.id !== undefined) return withoutExternalId;
  return { ok: false, faults: [fault('possibleDuplicate', 'emails', { value: email })] };
}

/** Maximum number of users with one e-mail that are compared by login name. */
const MAILBOX_USERS_MAX = 1000;

function atMostOne(ids: string[], path: string): Identified {
  if (ids.length > 1) return { ok: false, faults: [fault('ambiguousIdentity', path, { hits: ids.length })] };
  return { ok: true, id: ids[0] };
}
