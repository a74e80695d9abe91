// Owns the history of a person: requests about them and changes of their user, in one list, newest first.

import type { RecordedEvent } from './event.ts';
import type { IdentityHash } from './identity-hash.ts';
import type { Caller, ChangeRecord } from './model.ts';
import type { Records } from './records.ts';
import type { ReferenceResource } from './reference-data/reference-data.ts';
import { usersNamed } from './users/named.ts';

/** A change in the audit trail. */
export interface AuditRecord extends Omit<ChangeRecord, 'id' | 'action' | 'write'> {
  id: string;
  action: ChangeRecord['action'] | 'erase';
  resource: 'User' | 'Group' | 'Store' | 'Account' | ReferenceResource;
  /** The id of the resource; '' for an erasure of a person without a user. */
  subject: string;
  /** Of an erasure: how much was removed. */
  erased?: Record<string, number>;
}

/** An entry of a history: a request, or a change. */
export type HistoryEntry = { at: Date } & ({ event: RecordedEvent } | { change: AuditRecord });

/** Where a page of a history ended. */
export interface HistoryPosition {
  /** The id of the oldest event so far. */
  event?: string;
  /** The time of the oldest change so far. */
  change?: Date;
}

export interface HistoryPage {
  entries: HistoryEntry[];
  next?: HistoryPosition;
}

/** Whose history is read. */
export interface HistorySubjects {
  /** Ids of users, groups or stores. */
  ids: readonly string[];
  /** Hashes of identities. */
  hashes: readonly string[];
}

/** The port to the store of histories. Every method throws StoreUnavailable. */
export interface HistoryReader {
  /** Requests that only read are left out unless `reads` is set. */
  list(
    account: string,
    subjects: HistorySubjects,
    query: { limit: number; reads: boolean; before?: HistoryPosition },
  ): Promise<HistoryPage>;
  /** The last change of a resource in which an attribute was created or got another value; undefined if there was none. */
  lastChange(account: string, subject: string, attribute: string): Promise<AuditRecord | undefined>;
  /** The newest changes of a resource, at most `limit`. */
  changesOf(account: string, subject: string, limit: number): Promise<AuditRecord[]>;
  /** The changes of an account, newest first. */
  audit(account: string, query: { limit: number; before?: Date }): Promise<{ records: AuditRecord[]; next?: Date }>;
}

export interface HistoryDependencies {
  records: Pick<Records, 'usersWith'>;
  identityHash: () => Promise<IdentityHash>;
  /** The users, also deleted ones, who had an identity with this hash. */
  formerUsers: (account: string, hash: string) => Promise<string[]>;
}

/** Finds the people of a text: an id, a login name, an External ID or an e-mail, current or former. */
export type FindSubjects = (caller: Pick<Caller, 'account'>, text: string) => Promise<HistorySubjects>;

const HOLDERS_MAX = 20;

/** Creates the search for people. It throws StoreUnavailable. */
export function createFindSubjects({ records, identityHash, formerUsers }: HistoryDependencies): FindSubjects {
  return async ({ account }, text) => {
    const wanted = text.trim();
    const hash = (await identityHash())(wanted);
    const found = await Promise.all([
      usersNamed(records, account.id, wanted, HOLDERS_MAX),
      formerUsers(account.id, hash),
    ]);
    return { ids: [...new Set([wanted, ...found.flat()])], hashes: [hash] };
  };
}
