// Whose documents are, by collection: what an index may begin with so that nobody reads another's. And the jobs that look over all
// accounts, each with the index that it goes by and why it does.

import type { Document } from 'mongodb';

export interface Owners {
  /** The fields that an index may begin with: the account, or a value that has one owner. */
  leading: readonly string[];
  /** Indexes that no request goes by. */
  others?: readonly string[];
}

const OF_ACCOUNT: Owners = { leading: ['account'], others: ['changes.at'] };
/** Found by an id that has one owner; `expires` and the like are retention. */
const byId = (...others: string[]): Owners => ({ leading: ['_id'], others });

/** Every collection. One that is missing here fails the test, and is checked as an account's. */
export const OWNERS: Readonly<Record<string, Owners>> = {
  accounts: { leading: ['_id', 'slug'] },
  activeCounts: byId(),
  administrators: { leading: ['_id', 'emailFold', 'accountKey', 'identity.issuer'] },
  audit: OF_ACCOUNT,
  callCounts: { leading: ['account', '_id'], others: ['hour'] },
  censuses: { leading: ['account', '_id'], others: ['at'] },
  connections: { leading: ['account', '_id'] },
  courseLooks: byId('at'),
  courses: { leading: ['account', '_id'] },
  credentials: { leading: ['account', '_id', 'hash'], others: ['bootstrap'] },
  dailyTurns: byId(),
  // An event has an id that nobody but its reader knows.
  events: { leading: ['account', '_id'], others: ['at'] },
  groups: OF_ACCOUNT,
  idempotencyKeys: { leading: ['account', '_id'], others: ['taken'] },
  // A link has the hash of a random token, which one invitation has.
  invitations: { leading: ['account', '_id', 'links'], others: ['ended'] },
  invitationCounts: { leading: ['account', '_id'] },
  keys: byId(),
  // A user's id is unique over all accounts.
  learnerAccess: byId(),
  leases: byId(),
  linkSecrets: { leading: ['account', '_id'] },
  mailTemplates: { leading: ['account', '_id'] },
  migrations: byId(),
  // A link has the hash of a random token.
  setupLinks: { leading: ['account', '_id', 'hash'], others: ['expires'] },
  oidcClients: { leading: ['account', '_id'] },
  // Hashes of random ids, and ids of users.
  oidcValues: { leading: ['_id', 'uid', 'grant', 'user'], others: ['expires'] },
  outbox: { leading: ['account', '_id'], others: ['due', 'ended'] },
  passwordLinks: { leading: ['_id', 'administrator'], others: ['expires'] },
  pendingSignIns: byId('expires'),
  personalTokens: { leading: ['_id', 'administrator', 'hash'] },
  referenceData: { leading: ['account'] },
  // By the first characters of a random token, which a connection knows of its own tokens (docs/decisions/0026).
  refusedRequests: { leading: ['_id', 'hint'], others: ['minute'] },
  resetLinks: { leading: ['_id', 'user'], others: ['expires'] },
  runFiles: { leading: ['file', '_id'], others: ['created'] },
  runRows: { leading: ['run', '_id'], others: ['created'] },
  runs: { leading: ['account', '_id'], others: ['state', 'created'] },
  sessions: { leading: ['_id', 'administrator'], others: ['expires'] },
  signInFailures: { leading: ['key'], others: ['expire'] },
  signingKeys: byId('expires'),
  simulations: { leading: ['simulation', '_id', 'document.account'], others: ['created'] },
  stores: OF_ACCOUNT,
  tombstones: { leading: ['account'], others: ['changes.at', 'pending'] },
  usedLinkTokens: byId('expires'),
  users: OF_ACCOUNT,
};

export function ownersOf(collection: string): Owners {
  return OWNERS[collection] ?? OF_ACCOUNT;
}

/** Work that is of no account. */
export interface Job {
  collections: readonly string[];
  /** What its statements ask for and change. */
  asks: (filter: Document, update: Document) => boolean;
  leading: readonly string[];
  why: string;
}

export const JOBS: readonly Job[] = [
  {
    collections: ['users', 'groups', 'stores', 'tombstones'],
    asks: (filter, { $pull, $set }) =>
      'changes.at' in filter || 'pending' in filter || $pull?.changes !== undefined || $set?.pending === false,
    leading: ['changes.at', 'pending', '_id'],
    why: 'the relay drains the changes of all accounts, then takes them off the very documents that it read',
  },
  {
    collections: ['runs'],
    asks: (filter) => 'state' in filter && !('account' in filter) && !('_id' in filter),
    leading: ['state'],
    why: 'a worker takes the oldest run that waits, whosever it is',
  },
  {
    collections: ['outbox'],
    asks: (filter) => JSON.stringify(filter.$expr ?? '').includes('$due'),
    leading: ['due'],
    why: 'the worker sends what is due, whosever it is',
  },
  {
    collections: ['credentials'],
    asks: (filter) => 'bootstrap' in filter,
    leading: ['bootstrap'],
    why: 'a start takes back the tokens that BOOTSTRAP_TOKEN made before',
  },
];

export function jobOf(collection: string, filter: Document, update: Document = {}): Job | undefined {
  return JOBS.find((job) => job.collections.includes(collection) && job.asks(filter, update));
}
