// Owns the hashes of identities that a user had and no longer has, and of all identities of a user who is deleted.

import { identifiersOf, identityValues } from '../erasure/person.ts';
import type { IdentityHash } from '../identity-hash.ts';
import type { StoredUser } from '../model.ts';
import type { Records } from '../records.ts';
import { sameValue } from '../schema/attributes.ts';

/** The attributes by which files, events and texts name a person. */
const NAMING = ['userName', 'externalId', 'emails', 'phoneNumbers', 'name', 'displayName'];
/** The newest ones are kept. */
const FORMER_MAX = 500;
/** Each e-mail is looked up, and a real user has a few. */
const EMAILS_MAX = 20;

type Named = Pick<StoredUser, '_id' | 'data' | 'phones' | 'former'>;

/** The former identities after a change; the hash is asked for only if the change concerns an identity. */
export async function formerIdentities(
  identityHash: () => Promise<IdentityHash>,
  current: Named,
  next: Named,
): Promise<string[]> {
  const { former = [] } = current;
  if (NAMING.every((key) => sameValue(current.data[key], next.data[key]))) return former;
  const hash = await identityHash();
  const kept = new Set(currentIdentities(next, hash));
  const lost = currentIdentities(current, hash).filter((one) => !kept.has(one));
  return [...new Set([...former, ...lost])].slice(-FORMER_MAX);
}

/** The hashes of all identities that a user has and had, without e-mails that other users have too. */
export async function knownIdentities(
  records: Pick<Records, 'usersWith'>,
  user: Named & Pick<StoredUser, 'account'>,
  hash: IdentityHash,
): Promise<string[]> {
  const { emails = [] } = identifiersOf(user._id, user.data);
  const own = await ownEmails(records, user.account, user._id, emails.slice(0, EMAILS_MAX));
  const shared = new Set(emails.filter((email) => !own.includes(email)).map(hash));
  return [...new Set([...currentIdentities(user, hash), ...(user.former ?? [])])].filter((one) => !shared.has(one));
}

/** The e-mails that no other user has, since shops share mailboxes. @throws StoreUnavailable */
export async function ownEmails(
  records: Pick<Records, 'usersWith'>,
  account: string,
  id: string,
  emails: readonly string[],
): Promise<string[]> {
  const own: string[] = [];
  for (const email of emails) {
    const holders = await records.usersWith(account, 'email', email, 2);
    if (holders.every((holder) => holder === id)) own.push(email);
  }
  return own;
}

function currentIdentities({ _id, data, phones = [] }: Named, hash: IdentityHash): string[] {
  return [...identityValues(identifiersOf(_id, data)), ...phones].map(hash);
}
