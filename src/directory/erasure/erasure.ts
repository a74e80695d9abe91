// Owns erasure (GDPR article 17): deletes a user and erases the person from all other stored data. Each place that stores personal data
// implements `Traces`; this file collects the identifiers of the person and defines the order.

import type { Fault } from '../faults.ts';
import { fault, type Outcome, refused } from '../faults.ts';
import type { Account, Caller, Precondition, UserView } from '../model.ts';
import type { Lookup, Provision } from '../ports.ts';
import type { Records } from '../records.ts';
import { createPerson, identifiersOf, mergedIdentifiers, type Person, type PersonIdentifiers } from './person.ts';

/** The numbers of erased items. */
export interface Erased {
  /** Deleted users: 1, or 0 if the user was already deleted. */
  users: number;
  /** Changed or removed files: of batches, of the watched folder, and of runs. */
  files: number;
  /** Erased rows and blocks in the results of runs. */
  rows: number;
  /** Events from which bodies and names were removed. */
  events: number;
  /** Mails that were not sent yet. */
  mails: number;
  /** Stored responses to requests with an Idempotency-Key. */
  answers: number;
  /** Users with an unresolved reference to this person as their manager. */
  reports: number;
  /** Files in incoming folders and unfinished runs, which are not changed and may create the user again. */
  unfinished: number;
}

/** Erases a person from one place that stores personal data. Idempotent. */
export type Traces = (account: Account, person: Person) => Promise<Partial<Erased>>;

export interface Erasure {
  /**
   * Deletes a user, unless already deleted, and erases the person from all traces. `known` are further identifiers of the person.
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
  records: Pick<Records, 'usersWith'>;
  lookup: Pick<Lookup, 'user'>;
  provision: Pick<Provision, 'deleteUser'>;
  /** Whether a user with this id was deleted. */
  wasDeleted: (account: string, id: string) => Promise<boolean>;
  traces: readonly Traces[];
  /** Waits until the events of recent requests are stored, so that `traces` find them. */
  eventsStored: () => Promise<void>;
}

const NOTHING: Erased = {
  users: 0,
  files: 0,
  rows: 0,
  events: 0,
  mails: 0,
  answers: 0,
  reports: 0,
  unfinished: 0,
};

/** Creates the erasure of all places that store personal data. */
export function createErasure({
  records,
  lookup,
  provision,
  wasDeleted,
  traces,
  eventsStored,
}: ErasureDependencies): Erasure {
  async function eraseTraces(account: Account, person: Person): Promise<Erased> {
    let erased = NOTHING;
    for (const erase of traces) erased = sum(erased, await erase(account, person));
    return erased;
  }

  async function eraseDeleted(caller: Caller, known: PersonIdentifiers): Promise<Outcome<Erased>> {
    const [first, ...more] = await foreignIdentifiers(records, caller, known, undefined);
    if (first) return refused(first, ...more);
    const person = createPerson(known);
    if (person.ids.length === 0 && person.references.length === 0 && person.emails.length === 0)
      return refused(fault('required', '', { rule: NO_IDENTIFIER }));
    await eventsStored();
    return { ok: true, value: await eraseTraces(caller.account, person), effect: 'deleted' };
  }

  return {
    eraseDeleted,
    async eraseUser(caller, id, precondition, known, allowed) {
      const view = await lookup.user(caller, id);
      if (!view) {
        if (!(await wasDeleted(caller.account.id, id))) return refused(fault('notFound', 'User', { id }));
        return eraseDeleted(caller, mergedIdentifiers({ ids: [id] }, known));
      }
      const refusal = allowed(view);
      if (refusal) return refused(refusal);
      const [first, ...more] = await foreignIdentifiers(records, caller, known, id);
      if (first) return refused(first, ...more);
      const current = identifiersOf(id, view.attributes);
      const emails = await ownEmails(records, caller, id, current.emails ?? []);
      const person = createPerson(mergedIdentifiers({ ...current, emails }, known));
      // Traces are erased before the user is deleted, so that the identifiers can still be read after a crash.
      const before = await eraseTraces(caller.account, person);
      const deleted = await provision.deleteUser(caller, id, precondition);
      if (!deleted.ok) return deleted;
      await eventsStored();
      const after = await eraseTraces(caller.account, person);
      const { unfinished } = after;
      return { ok: true, value: { ...sum(before, after), users: 1, unfinished }, effect: 'deleted' };
    },
  };
}

/** Faults for identifiers that belong to another user, whose traces would be erased. */
async function foreignIdentifiers(
  records: ErasureDependencies['records'],
  { account }: Caller,
  known: PersonIdentifiers,
  id: string | undefined,
): Promise<Fault[]> {
  const faults: Fault[] = [];
  for (const [by, path, values] of [
    ['userName', 'userNames', known.userNames],
    ['externalId', 'externalIds', known.externalIds],
    ['email', 'emails', known.emails],
  ] as const) {
    for (const value of values ?? []) {
      const holders = await records.usersWith(account.id, by, value, 2);
      if (holders.some((holder) => holder !== id)) faults.push(fault('invalidValue', path, { rule: FOREIGN }));
    }
  }
  return faults;
}

/** The e-mails that no other user has, since shops share mailboxes. */
async function ownEmails(
  records: ErasureDependencies['records'],
  { account }: Caller,
  id: string,
  emails: readonly string[],
): Promise<string[]> {
  const own: string[] = [];
  for (const email of emails) {
    const holders = await records.usersWith(account.id, 'email', email, 2);
    if (holders.every((holder) => holder === id)) own.push(email);
  }
  return own;
}

const FOREIGN = 'one of these belongs to another user: erase that user by id, or leave the value out';
const NO_IDENTIFIER = 'a login name, an External ID, an e-mail or the id of the deleted user is needed';

function sum(one: Erased, other: Partial<Erased>): Erased {
  const keys = Object.keys(one) as (keyof Erased)[];
  return Object.fromEntries(keys.map((key) => [key, one[key] + (other[key] ?? 0)])) as unknown as Erased;
}
