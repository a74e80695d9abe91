// Owns erasure (GDPR article 17): deletes a user and erases the person from all other stored data. Each place that stores personal data
// implements `Traces`; this file collects the identifiers of the person and defines the order.

import type { Fault } from '../faults.ts';
import { fault, type Outcome, refused } from '../faults.ts';
import type { IdentityHash } from '../identity-hash.ts';
import type { Account, Caller, Precondition, UserView } from '../model.ts';
import type { Lookup, Provision } from '../ports.ts';
import type { Records } from '../records.ts';
import { ownEmails } from '../users/former-identities.ts';
import { confirmNamed, type NamedPerson } from './confirmation.ts';
import {
  createPerson,
  identifiersOf,
  identityValues,
  mergedIdentifiers,
  type Person,
  type PersonIdentifiers,
} from './person.ts';
import { type AdministratorCount, type ErasureCounts, type ErasurePreview, previewErasure } from './preview.ts';

/** The numbers of erased items. */
export interface Erased {
  /** Deleted users: 1, or 0 if the user was already deleted. */
  users: number;
  /** Deleted administrators of the account who were the same person. */
  administrators: number;
  /** Changed, renamed or removed files: of batches, of the watched folder, and of runs. */
  files: number;
  /** Erased rows and blocks in the results of runs. */
  rows: number;
  /** Events from which bodies, values or names were removed. */
  events: number;
  /** Mails that were not sent yet. */
  mails: number;
  /** Stored responses to requests with an Idempotency-Key. */
  answers: number;
  /** Users with an unresolved reference to this person as their manager. */
  reports: number;
  /** Files in incoming folders and unfinished runs, which are not changed and may create the user again. */
  unfinished: number;
  /** Named values that nothing stored confirms to be the identity of a person. Nothing was searched for them. */
  unconfirmed: number;
}

/** Erases a person from one place that stores personal data. Idempotent. */
export type Traces = (account: Account, person: Person) => Promise<Partial<Erased>>;

/** The port to what the store remembers of people who are not users, or no longer. Every method throws StoreUnavailable. */
export interface ErasureMemory {
  /** The deleted users of an account with one of these ids or one of these hashes, with the hashes of all their identities. */
  deletedUsers(
    account: string,
    by: { ids: readonly string[]; hashes: readonly string[] },
  ): Promise<{ id: string; known: readonly string[] }[]>;
  /** Of these hashes, those of a former identity of a user, with the id of that user. */
  formerIdentities(account: string, hashes: readonly string[]): Promise<Map<string, string>>;
  /** Of these hashes, those that an event or an earlier erasure is about. */
  remembered(account: string, hashes: readonly string[]): Promise<Set<string>>;
  /** Adds an erasure to the audit trail. */
  record(caller: Caller, entry: ErasureEntry): Promise<void>;
  /** Removes the hashes of identities from deleted users. */
  forget(account: string, ids: readonly string[]): Promise<void>;
}

/** An erasure in the audit trail: only ids and hashes say whom it concerned. */
interface ErasureEntry {
  /** The ids of the erased users. */
  subjects: readonly string[];
  /** The hashes of all values that the request named, confirmed or not. */
  named: readonly string[];
  erased: Erased;
}

export interface Erasure {
  /** Counts what an erasure of a user would take away. Faults: notFound, and the fault that `allowed` returns. */
  preview(
    caller: Caller,
    id: string,
    allowed: (current: UserView) => Fault | undefined,
  ): Promise<Outcome<ErasurePreview>>;
  /**
   * Deletes a user, unless already deleted, and erases the person from all traces. `known` are further identifiers of the person; those
   * that nothing confirms are ignored and counted.
   * Faults: notFound, preconditionFailed, busy, invalidValue (one of `known` belongs to another user), and the fault that
   * `allowed` returns.
   */
  eraseUser(
    caller: Caller,
    id: string,
    precondition: Precondition,
    known: PersonIdentifiers,
    allowed: (current: UserView) => Fault | undefined,
  ): Promise<Outcome<Erased>>;
  /** Erases the traces of a deleted person. Faults: required (no identifier is given), invalidValue as above. */
  eraseDeleted(caller: Caller, known: PersonIdentifiers): Promise<Outcome<Erased>>;
}

export interface ErasureDependencies {
  records: Pick<Records, 'user' | 'usersWith' | 'awaitedManagers'>;
  lookup: Pick<Lookup, 'user'>;
  provision: Pick<Provision, 'deleteUser'>;
  identityHash: () => Promise<IdentityHash>;
  memory: ErasureMemory;
  /** Names of attributes and the like, in lower case: texts contain them, and they confirm nothing. */
  commonWords: ReadonlySet<string>;
  traces: readonly Traces[];
  counts: ErasureCounts;
  countAdministrators: AdministratorCount;
  /** Waits until the events of recent requests are stored, so that `traces` find them. */
  eventsStored: () => Promise<void>;
}

const NOTHING: Erased = {
  users: 0,
  administrators: 0,
  files: 0,
  rows: 0,
  events: 0,
  mails: 0,
  answers: 0,
  reports: 0,
  unfinished: 0,
  unconfirmed: 0,
};

/** Creates the erasure of all places that store personal data. */
export function createErasure(dependencies: ErasureDependencies): Erasure {
  return {
    async preview(caller, id, allowed) {
      const view = await dependencies.lookup.user(caller, id);
      if (!view) return refused(fault('notFound', 'User', { id }));
      const refusal = allowed(view);
      return refusal ? refused(refusal) : previewErasure(dependencies, caller, view);
    },
    eraseDeleted: (caller, known) => eraseDeleted(dependencies, caller, known),
    async eraseUser(caller, id, precondition, known, allowed) {
      const view = await dependencies.lookup.user(caller, id);
      if (view) return eraseExisting(dependencies, caller, view, { precondition, known, allowed });
      const [deleted] = await dependencies.memory.deletedUsers(caller.account.id, { ids: [id], hashes: [] });
      if (!deleted) return refused(fault('notFound', 'User', { id }));
      return eraseDeleted(dependencies, caller, mergedIdentifiers({ ids: [id] }, known));
    },
  };
}

interface ExistingErasure {
  precondition: Precondition;
  known: PersonIdentifiers;
  allowed: (current: UserView) => Fault | undefined;
}

async function eraseExisting(
  dependencies: ErasureDependencies,
  caller: Caller,
  view: UserView,
  { precondition, known, allowed }: ExistingErasure,
): Promise<Outcome<Erased>> {
  const { records, provision, memory, commonWords, identityHash } = dependencies;
  const { id } = view;
  const refusal = allowed(view);
  if (refusal) return refused(refusal);
  const named = await confirmNamed(dependencies, caller, known, id);
  if (!named.ok) return named;
  const current = identifiersOf(id, view.attributes);
  const emails = await ownEmails(records, caller.account.id, id, current.emails ?? []);
  const stored = await records.user(caller.account.id, id);
  const person = createPerson(mergedIdentifiers({ ...current, emails }, named.value.confirmed), {
    hash: await identityHash(),
    known: [...(stored?.former ?? []), ...named.value.hashes],
    commonWords,
  });
  // Traces are erased before the user is deleted, so that the identifiers can still be read after a crash.
  const before = await eraseTraces(dependencies, caller.account, person);
  const deleted = await provision.deleteUser(caller, id, precondition);
  if (!deleted.ok) return deleted;
  await dependencies.eventsStored();
  const after = await eraseTraces(dependencies, caller.account, person);
  const { unconfirmed, namedHashes } = named.value;
  const erased = { ...sum(before, after), users: 1, unfinished: after.unfinished, unconfirmed };
  await memory.record(caller, { subjects: [id], named: namedHashes, erased });
  await memory.forget(caller.account.id, [id]);
  return { ok: true, value: erased, effect: 'deleted' };
}

async function eraseDeleted(
  dependencies: ErasureDependencies,
  caller: Caller,
  known: PersonIdentifiers,
): Promise<Outcome<Erased>> {
  const { memory, commonWords, identityHash } = dependencies;
  const { ids = [], userNames = [], externalIds = [], emails = [] } = known;
  if ([...ids, ...identityValues({ userNames, externalIds, emails })].every((value) => value.trim() === ''))
    return refused(fault('required', '', { rule: NO_IDENTIFIER }));
  const named = await confirmNamed(dependencies, caller, known, undefined);
  if (!named.ok) return named;
  const { confirmed, hashes, unconfirmed, namedHashes } = named.value;
  await dependencies.eventsStored();
  const person = createPerson(confirmed, { hash: await identityHash(), known: hashes, commonWords });
  const erased = isAnybody(named.value)
    ? { ...(await eraseTraces(dependencies, caller.account, person)), unconfirmed }
    : { ...NOTHING, unconfirmed };
  await memory.record(caller, { subjects: person.ids, named: namedHashes, erased });
  await memory.forget(caller.account.id, person.ids);
  return { ok: true, value: erased, effect: 'deleted' };
}

function isAnybody({ confirmed, hashes }: NamedPerson): boolean {
  return hashes.length > 0 || (confirmed.ids ?? []).length > 0 || identityValues(confirmed).length > 0;
}

async function eraseTraces({ traces }: ErasureDependencies, account: Account, person: Person): Promise<Erased> {
  let erased = NOTHING;
  for (const erase of traces) erased = sum(erased, await erase(account, person));
  return erased;
}

const NO_IDENTIFIER = 'a login name, an External ID, an e-mail or the id of the deleted user is needed';

function sum(one: Erased, other: Partial<Erased>): Erased {
  const keys = Object.keys(one) as (keyof Erased)[];
  return Object.fromEntries(keys.map((key) => [key, one[key] + (other[key] ?? 0)])) as unknown as Erased;
}
