// What an erasure would take away, counted before it: as far as indexes lead to it. An erasure also searches texts and kept files.

import { fault, type Outcome, refused } from '../faults.ts';
import type { Account, Caller, UserView } from '../model.ts';
import { ownEmails } from '../users/former-identities.ts';
import type { ErasureDependencies } from './erasure.ts';
import { createPerson, identifiersOf, mergedIdentifiers, type Person } from './person.ts';

/** No count goes further. */
export const COUNTED_MAX = 10_000;

/** What is known to be stored of a person; each number is COUNTED_MAX if there is more. */
export interface ErasurePreview {
  /** Administrators of the account who are the same person. */
  administrators: number;
  /** Recorded requests. */
  events: number;
  /** Rows in results of imports. */
  rows: number;
  /** Blocks of XML files. */
  blocks: number;
  /** Changes in the audit trail that have values. */
  changes: number;
  /** Mails to the person whose text is still stored. */
  mails: number;
  invitations: number;
  /** Sessions, tokens and links by which the person signs in. */
  signIns: number;
  /** Users who refer to the person as their manager by text. */
  reports: number;
}

/** The port to the database. It throws StoreUnavailable. */
export type ErasureCounts = (
  account: string,
  person: Pick<Person, 'ids' | 'hashes' | 'emails' | 'references'>,
) => Promise<Omit<ErasurePreview, 'administrators'>>;

/** Counts the administrators of an account who are a person. It throws StoreUnavailable. */
export type AdministratorCount = (account: Account, person: Person) => Promise<number>;

/** Counts what an erasure of this user would take away. Faults: notFound. @throws StoreUnavailable */
export async function previewErasure(
  dependencies: Pick<
    ErasureDependencies,
    'records' | 'identityHash' | 'commonWords' | 'counts' | 'countAdministrators'
  >,
  { account }: Caller,
  view: UserView,
): Promise<Outcome<ErasurePreview>> {
  const person = await personOf(dependencies, account.id, view);
  if (!person) return refused(fault('notFound', 'User', { id: view.id }));
  const [counted, administrators] = await Promise.all([
    dependencies.counts(account.id, person),
    dependencies.countAdministrators(account, person),
  ]);
  return { ok: true, value: { administrators, ...counted }, effect: 'unchanged' };
}

async function personOf(
  { records, identityHash, commonWords }: Pick<ErasureDependencies, 'records' | 'identityHash' | 'commonWords'>,
  account: string,
  { id, attributes }: UserView,
): Promise<Person | undefined> {
  const stored = await records.user(account, id);
  if (!stored) return undefined;
  const current = identifiersOf(id, attributes);
  const emails = await ownEmails(records, account, id, current.emails ?? []);
  return createPerson(mergedIdentifiers({ ...current, emails }, {}), {
    hash: await identityHash(),
    known: stored.former ?? [],
    commonWords,
  });
}
