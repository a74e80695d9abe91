// Identifies users of files by the rules of CSV and XML files. A SCIM POST never matches an existing user; it conflicts.

import { type Faults, fault } from '../faults.ts';
import type { StoredUser } from '../model.ts';
import type { FileIdentity, UserIdentity } from '../ports.ts';
import type { Records } from '../records.ts';
import { textAt } from '../schema/attributes.ts';
import { foldText } from '../schema/fold.ts';
import { invitedUser } from './provision/takeover.ts';

/** The id of the user, undefined if there is none, or the reasons why the user is not identified. */
type Identified = { ok: true; id: string | undefined } | { ok: false; faults: Faults };

type IdentityRecords = Pick<Records, 'usersWith' | 'user'>;

/** Maximum number of users with one e-mail that are compared. */
const MAILBOX_USERS_MAX = 1000;

/**
 * Finds the user with an identity. A row of a file that means nobody else means the person who is invited under its e-mail.
 * Faults: ambiguousIdentity (several users), possibleDuplicate (the e-mail of a user with another External ID).
 */
export async function identify(records: IdentityRecords, account: string, identity: UserIdentity): Promise<Identified> {
  const identified = await identifyUser(records, account, identity);
  if (!identified.ok || identified.id !== undefined || identity.by === 'userName') return identified;
  const { email, name } = identity;
  if (email === undefined) return identified;
  const person = { emails: [email], given: name?.given ?? '', family: name?.family ?? '' };
  return { ok: true, id: await invitedUser(records, account, person) };
}

async function identifyUser(records: IdentityRecords, account: string, identity: UserIdentity): Promise<Identified> {
  if (identity.by === 'userName')
    return atMostOne(await records.usersWith(account, 'userName', identity.userName, 2), 'userName');
  const { externalId, email, userName } = identity;
  if (externalId !== undefined) {
    const identified = atMostOne(await records.usersWith(account, 'externalId', externalId, 2), 'externalId');
    if (!identified.ok || identified.id !== undefined) return identified;
  }
  if (userName !== undefined) {
    const identified = atMostOne(await records.usersWith(account, 'userName', userName, 2), 'userName');
    if (!identified.ok || identified.id !== undefined) return identified;
    return externalId === undefined ? identifyRenamed(records, account, identity) : identified;
  }
  if (externalId !== undefined || email === undefined) return { ok: true, id: undefined };
  return identifyByEmail(records, account, email);
}

/**
 * A row with only an e-mail means the user with this External ID; otherwise the one user with this e-mail who has no External ID of
 * their own. An External ID that was taken from an e-mail is not the user's own: several people may share the mailbox.
 */
async function identifyByEmail(records: IdentityRecords, account: string, email: string): Promise<Identified> {
  const identified = atMostOne(await records.usersWith(account, 'externalId', email, 2), 'externalId');
  if (!identified.ok) return identified;
  const holders = await records.usersWith(account, 'email', email, MAILBOX_USERS_MAX);
  if (holders.every((holder) => holder === identified.id)) return identified;
  const withoutOwn = await records.usersWith(account, 'emailWithoutExternalId', email, MAILBOX_USERS_MAX);
  if (identified.id !== undefined && !withoutOwn.includes(identified.id)) return identified;
  if (withoutOwn.length > 0) return atMostOne(withoutOwn, 'emails');
  return { ok: false, faults: [fault('possibleDuplicate', 'emails', { value: email })] };
}

/**
 * A row with a login name that nobody has is a new user, even if others share its mailbox. But the only user of the mailbox, if the
 * person's name is the same, is the same person under another login name.
 */
async function identifyRenamed(
  records: IdentityRecords,
  account: string,
  { email, name }: FileIdentity,
): Promise<Identified> {
  const nobody: Identified = { ok: true, id: undefined };
  if (email === undefined || name === undefined) return nobody;
  const [holder, ...others] = await records.usersWith(account, 'email', email, 2);
  if (holder === undefined || others.length > 0) return nobody;
  const user = await records.user(account, holder);
  if (!user || !hasName(user, name)) return nobody;
  const hasOwnExternalId = user.data.externalId !== undefined && user.externalIdFrom !== 'emails';
  if (!hasOwnExternalId) return { ok: true, id: holder };
  return { ok: false, faults: [fault('possibleDuplicate', 'emails', { value: email })] };
}

function hasName({ data }: StoredUser, { given, family }: NonNullable<FileIdentity['name']>): boolean {
  const isSame = (key: string, text: string) => foldText(textAt(data, key) ?? '') === foldText(text);
  return isSame('name.givenName', given) && isSame('name.familyName', family);
}

function atMostOne(ids: string[], path: string): Identified {
  if (ids.length > 1) return { ok: false, faults: [fault('ambiguousIdentity', path, { hits: ids.length })] };
  return { ok: true, id: ids[0] };
}
