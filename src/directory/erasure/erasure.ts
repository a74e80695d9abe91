// Erasure (GDPR article 17): a user is deleted, and the person taken out of everything that was left behind. Each place that keeps
// something of people erases its own; here is what is known of the person, and the order.

import type { Fault } from '../faults.ts';
import { fault, type Outcome, refused } from '../faults.ts';
import type { Account, Caller, Precondition, UserView } from '../model.ts';
import type { Lookup, Provision } from '../ports.ts';
import type { Records } from '../records.ts';
import { createPerson, type KnownAs, knownAs, knownTogether, type Person } from './person.ts';

/** What was erased, in numbers. */
export interface Erased {
  /** Users that were deleted: 1, or 0 where that was done before. */
  users: number;
  /** Files that were changed or removed: of batches, of the watched folder, kept for runs. */
  files: number;
  /** Rows and blocks in the results of runs. */
  rows: number;
  /** Requests whose bodies and names were taken out of the events. */
  events: number;
  /** Mails that still waited to be sent. */
  mails: number;
  /** Answers that were kept for requests with an Idempotency-Key. */
  answers: number;
  /** Users whose manager was still named so. */
  reports: number;
  /** Files in incoming folders and runs that are not through: they were left alone, and may bring the person back. */
  unfinished: number;
}

/** A place that keeps something of people. Erasing twice is the same as once. */
export type Traces = (account: Account, person: Person) => Promise<Partial<Erased>>;

export interface Erasure {
  /**
   * Deletes a user and erases all traces; the traces too of one who was deleted before. `known` is what the person was known by
   * besides. Faults: notFound, preconditionFailed, busy, invalidValue (a value of `known` is a user's who stays), and what
   * `allowed` says.
   */
  eraseUser(
    caller: Caller,
    id: string,
    precondition: Precondition,
    known: KnownAs,
    allowed: (current: UserView) => Fault | undefined,
  ): Promise<Outcome<Erased>>;
  /** Erases the traces of a person who was deleted before. Faults: required (nothing is known), invalidValue as above. */
  eraseDeleted(caller: Caller, known: KnownAs): Promise<Outcome<Erased>>;
}

export interface ErasureDependencies {
  records: Pick<Records, 'usersWith'>;
  lookup: Pick<Lookup, 'user'>;
  provision: Pick<Provision, 'deleteUser'>;
  /** Whether a user of this id was deleted. */
  wasDeleted: (account: string, id: string) => Promise<boolean>;
  traces: readonly Traces[];
  /** Waits until what is written down of requests a moment ago is where `traces` look. */
  settled: () => Promise<void>;
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

/** Makes the erasure over places that keep something of people. */
export function createErasure({
  records,
  lookup,
  provision,
  wasDeleted,
  traces,
  settled,
}: ErasureDependencies): Erasure {
  async function eraseTraces(account: Account, person: Person): Promise<Erased> {
    let erased = NOTHING;
    for (const erase of traces) erased = sum(erased, await erase(account, person));
    return erased;
  }

  /** A value that belongs to somebody who stays must not be searched for: it would erase that user's traces. */
  async function strangers({ account }: Caller, known: KnownAs, own: string | undefined): Promise<Fault[]> {
    const faults: Fault[] = [];
    for (const [by, path, values] of [
      ['userName', 'userNames', known.userNames],
      ['externalId', 'externalIds', known.externalIds],
      ['email', 'emails', known.emails],
    ] as const) {
      for (const value of values ?? []) {
        const holders = await records.usersWith(account.id, by, value, 2);
        if (holders.some((id) => id !== own)) faults.push(fault('invalidValue', path, { rule: STRANGER }));
      }
    }
    return faults;
  }

  /** Shops share mailboxes: an address that somebody else has is not this person's alone. */
  async function ownEmails({ account }: Caller, id: string, emails: readonly string[]): Promise<string[]> {
    const own: string[] = [];
    for (const email of emails) {
      const holders = await records.usersWith(account.id, 'email', email, 2);
      if (holders.every((holder) => holder === id)) own.push(email);
    }
    return own;
  }

  async function eraseDeleted(caller: Caller, known: KnownAs): Promise<Outcome<Erased>> {
    const [first, ...more] = await strangers(caller, known, undefined);
    if (first) return refused(first, ...more);
    const person = createPerson(known);
    if (person.ids.length === 0 && person.references.length === 0 && person.emails.length === 0)
      return refused(fault('required', '', { rule: NOTHING_KNOWN }));
    await settled();
    return { ok: true, value: await eraseTraces(caller.account, person), effect: 'deleted' };
  }

  return {
    eraseDeleted,
    async eraseUser(caller, id, precondition, known, allowed) {
      const view = await lookup.user(caller, id);
      if (!view) {
        if (!(await wasDeleted(caller.account.id, id))) return refused(fault('notFound', 'User', { id }));
        return eraseDeleted(caller, knownTogether({ ids: [id] }, known));
      }
      const refusal = allowed(view);
      if (refusal) return refused(refusal);
      const [first, ...more] = await strangers(caller, known, id);
      if (first) return refused(first, ...more);
      const here = knownAs(id, view.attributes);
      const emails = await ownEmails(caller, id, here.emails ?? []);
      const person = createPerson(knownTogether({ ...here, emails }, known));
      // While the user is here, who it is can be read again: a kill leaves nothing that could not be found any more.
      const before = await eraseTraces(caller.account, person);
      const deleted = await provision.deleteUser(caller, id, precondition);
      if (!deleted.ok) return deleted;
      await settled();
      const after = await eraseTraces(caller.account, person);
      const { unfinished } = after;
      return { ok: true, value: { ...sum(before, after), users: 1, unfinished }, effect: 'deleted' };
    },
  };
}

const STRANGER = 'one of these is the value of a user who is here: erase that user by its id, or leave the value out';
const NOTHING_KNOWN = 'a login name, an External ID, an e-mail or the id of the deleted user is needed';

function sum(one: Erased, other: Partial<Erased>): Erased {
  const keys = Object.keys(one) as (keyof Erased)[];
  return Object.fromEntries(keys.map((key) => [key, one[key] + (other[key] ?? 0)])) as unknown as Erased;
}
