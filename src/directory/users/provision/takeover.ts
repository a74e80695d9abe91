// An invited person whom a source brings before they registered is the same person: found by the e-mail, the only value that an
// invitation has of its own. Nobody else is linked by e-mail.

import type { Account, Door, StoredUser } from '../../model.ts';
import type { RecordsReader } from '../../records.ts';
import { EXTENSION_KEYS, elementsAt, textAt } from '../../schema/attributes.ts';
import { foldText, isObject } from '../../schema/fold.ts';
import type { Attributes } from '../../schema/schema.ts';

/** The doors of sources that bring people. */
const SOURCE_DOORS: ReadonlySet<Door> = new Set(['scim', 'csv', 'xml', 'links']);
/** Shops share mailboxes, so several people can be invited under one e-mail. */
const INVITED_MAX = 100;

type InvitedRecords = Pick<RecordsReader, 'usersWith' | 'user'>;

/** Whether a door brings people of a source, and not of an administrator. */
function isSource(door: Door): boolean {
  return SOURCE_DOORS.has(door);
}

/**
 * Whether a change of an invited user by a source makes it a user of that source. One without an External ID does not identify the user
 * in an account that requires one, so it is a change like any other.
 */
export function isTakeover(
  account: Pick<Account, 'requiredData'>,
  door: Door,
  current: Pick<StoredUser, 'lifecycle'> | undefined,
  after: Attributes,
): boolean {
  if (current?.lifecycle !== 'invited' || !isSource(door)) return false;
  return account.requiredData === 'report' || textAt(after, 'externalId') !== undefined;
}

/** A person as a source states them. */
export interface StatedPerson {
  emails: readonly string[];
  given: string;
  family: string;
}

/** The person whom attributes describe. */
export function personOf(attributes: Attributes): StatedPerson {
  return {
    emails: elementsAt(attributes, 'emails').flatMap(({ value }) => (typeof value === 'string' ? [value] : [])),
    given: textAt(attributes, 'name.givenName') ?? '',
    family: textAt(attributes, 'name.familyName') ?? '',
  };
}

/**
 * The id of the invited user with one of the person's e-mails; of several the one with the same name, and none if no or several have
 * it. @throws StoreUnavailable
 */
export async function invitedUser(
  records: InvitedRecords,
  account: string,
  { emails, given, family }: StatedPerson,
): Promise<string | undefined> {
  const invitedUnder = (email: string) => records.usersWith(account, 'invitedEmail', email, INVITED_MAX);
  const ids = new Set((await Promise.all([...new Set(emails)].map(invitedUnder))).flat());
  const [only, ...others] = ids;
  if (others.length === 0) return only;
  const users = await Promise.all([...ids].map((id) => records.user(account, id)));
  const [named, ...more] = users.filter((user) => user && isNamed(user, given, family));
  return more.length === 0 ? named?._id : undefined;
}

function isNamed({ data }: StoredUser, given: string, family: string): boolean {
  const isSame = (key: string, text: string) => foldText(textAt(data, key) ?? '') === foldText(text);
  return isSame('name.givenName', given) && isSame('name.familyName', family);
}

/** The keys of the attributes that a new resource states, as a patch lists them. */
export function statedIn(attributes: Attributes): Set<string> {
  const keys = Object.entries(attributes).flatMap(([name, value]) =>
    EXTENSION_KEYS.has(name) && isObject(value) ? Object.keys(value).map((key) => `${name}.${key}`) : [name],
  );
  return new Set(keys);
}
