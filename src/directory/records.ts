// The port to the database for users, groups and stores. Reads are limited to one account; writes are committed as one list, all or
// none. Three modules implement it: src/mongo/records.ts, prefetch.ts (reads ahead) and simulation/records.ts (writes nothing).
// Each lists every method, so that a new method cannot reach the database by accident. test/conformance/records tests all three.

import type {
  Account,
  ChangeRecord,
  EncodedUser,
  MemberChange,
  MemberView,
  Origin,
  StoredGroup,
  StoredStore,
  StoredUser,
} from './model.ts';
import type { Page, Query, UnreadPage } from './query/query.ts';
import type { RetryBudget } from './retry-budget.ts';

/** Field changes of one stored document, by stored path. */
export interface FieldChanges {
  set: Record<string, unknown>;
  unset: string[];
}

/** A change of a group's members. */
export interface MembersWrite {
  change: Exclude<MemberChange, { kind: 'none' }>;
  /** The origin of the new links. A `delta` also adds it to existing links of these members; `all` does not. */
  origin: Origin;
  /** The change record for users who are linked or unlinked. */
  record: ChangeRecord;
}

/** One write of a user. */
export type UserWrite =
  | { kind: 'insertUser'; user: StoredUser }
  /** `visible`: the change is visible to clients, so the version is incremented. */
  | {
      kind: 'updateUser';
      id: string;
      ifRevision: number;
      visible: boolean;
      changes: FieldChanges;
      record: ChangeRecord;
    }
  | { kind: 'deleteUser'; id: string; ifRevision: number; tombstone: Tombstone };

/** One write of a group, with a change of its members if there is one. */
export type GroupWrite =
  | { kind: 'insertGroup'; group: StoredGroup; members?: MembersWrite }
  /** Sets `modified` to the time of `record`. If nothing changes, the version stays and no record is written. */
  | {
      kind: 'updateGroup';
      id: string;
      ifVersion?: number;
      changes: FieldChanges;
      record: ChangeRecord;
      members?: MembersWrite;
    }
  /** Leaves a tombstone; links to the group are removed later. */
  | { kind: 'deleteGroup'; id: string; ifVersion?: number; tombstone: Tombstone };

/** One write of a store. */
export type StoreWrite =
  | { kind: 'insertStore'; store: StoredStore }
  | { kind: 'updateStore'; id: string; ifVersion: number; changes: FieldChanges; record: ChangeRecord }
  /** Leaves a tombstone; links that were made at the same moment are removed later. */
  | { kind: 'deleteStore'; id: string; ifVersion: number; tombstone: Tombstone };

/**
 * One write. `ifVersion` and `ifRevision` make it conditional: if the stored document has another version or revision, or does not
 * exist, the commit is `stale` and no write of the list takes effect.
 */
export type Write =
  | UserWrite
  | GroupWrite
  | StoreWrite
  /** Changes the number of active users of an account that has a limit; the commit fails above the limit. */
  | { kind: 'countActive'; delta: 1 | -1; limit: number };

/** What is kept of a deleted resource, without personal data that can be read. */
export interface Tombstone {
  _id: string;
  account: string;
  resource: 'User' | 'Group' | 'Store';
  deleted: Date;
  /** Links to the resource still have to be removed; a background job does it. */
  pending: boolean;
  /** Of a user: the hashes of all current and former identities, so that an erasure finds what is left of the person. */
  known?: string[];
  changes: ChangeRecord[];
}

/** The unique value that is already taken. */
export type UniqueValue =
  | 'userName'
  | 'externalId'
  | 'storeRefId'
  | 'groupExternalId'
  | 'groupName'
  | 'groupTypeName'
  | 'id';

/** A group after its write. `changed` is false if neither it nor its members changed. */
export interface WrittenGroup {
  group: StoredGroup;
  changed: boolean;
}

export type CommitResult =
  /** `groups`: the groups that were inserted or updated, in the order of the writes. */
  | { ok: true; groups: WrittenGroup[] }
  /** A conditional write failed: plan again from the current state. */
  | { ok: false; reason: 'stale' }
  | { ok: false; reason: 'taken'; value: UniqueValue }
  | { ok: false; reason: 'userLimit' }
  /** The retry budget is used up. */
  | { ok: false; reason: 'busy' }
  | MemberRefusal;

/** A member does not exist or already has the maximum number of links. */
export type MemberRefusal =
  | { ok: false; reason: 'noUser'; id: string }
  | { ok: false; reason: 'tooManyLinks'; id: string };

/**
 * The values by which `usersWith` finds users. `emailWithoutExternalId`: those who have no external ID, or one taken from their address;
 * `invitedEmail`: those who are invited and have not registered.
 */
export type UserKey = 'userName' | 'externalId' | 'emailWithoutExternalId' | 'invitedEmail' | 'email';

/** The reads of the port. */
export interface RecordsReader {
  /** Without `fold` and `changes`, which views do not need. */
  user(account: string, id: string): Promise<StoredUser | undefined>;
  /** With `fold`, which a plan compares with the new state. */
  userForChange(account: string, id: string): Promise<StoredUser | undefined>;
  /** Resolves a manager reference, which is an id, an external ID or a login name, to a user id. */
  userByReference(account: string, reference: string): Promise<string | undefined>;
  /** Resolves manager references, likewise; unresolved ones are left out. */
  usersByReferences(account: string, references: string[]): Promise<{ reference: string; id: string }[]>;
  /** Ids of at most `atMost` users with a value, compared as the attribute demands. */
  usersWith(account: string, by: UserKey, value: string, atMost: number): Promise<string[]>;
  users(account: string, query: Query): Promise<UnreadPage<StoredUser, EncodedUser>>;
  group(account: string, id: string): Promise<StoredGroup | undefined>;
  /** `externalId eq` and `ne` compare the ID that is served to `connection`. */
  groups(account: string, query: Query, connection: string): Promise<Page<StoredGroup>>;
  groupsById(account: string, ids: string[]): Promise<StoredGroup[]>;
  /** Groups with any of these IDs. */
  groupsByExternalId(account: string, externalIds: string[]): Promise<StoredGroup[]>;
  /** The groups that are identified by these types and names (`holdsName`), both folded. */
  groupsByTypeAndName(account: string, identities: { typeFold: string; nameFold: string }[]): Promise<StoredGroup[]>;
  /** Groups of any type by the source's or the administrators' name, folded; at most `atMost`. */
  groupsByName(account: string, nameFold: string, atMost: number): Promise<StoredGroup[]>;
  storesById(account: string, ids: string[]): Promise<StoredStore[]>;
  storesByRefId(account: string, refIds: string[]): Promise<StoredStore[]>;
  /** Stores by the source's or the administrators' name, folded; at most `atMost`. */
  storesByName(account: string, nameFold: string, atMost: number): Promise<StoredStore[]>;
  /** A group's members ordered by id, in batches of 1,000; only the last batch is smaller. */
  members(account: string, group: string): AsyncIterable<MemberView[]>;
  /** The number of members of a group; counting stops at `atMost`. */
  memberCount(account: string, group: string, atMost: number): Promise<number>;
  /** The unresolved manager references, as sent, whose folded text is one of these. */
  awaitedManagers(account: string, folded: string[]): Promise<string[]>;
  /** Ids of users who link to a store and lack data about their stores; at most `limit`, with ids after `after`. */
  usersMissingStoreData(account: string, store: string, after: string, limit: number): Promise<string[]>;
}

/** The writes of the port. A simulation has its own implementation. */
export interface RecordsWriter {
  /** Commits all writes or none, durable on a majority. Write conflicts in the database are retried while `budget` lasts. */
  commit(account: string, writes: Write[], budget: RetryBudget): Promise<CommitResult>;
  /** Removes a manager from the users who report to it. */
  clearManager(account: string, manager: string): Promise<void>;
  /** Sets the manager id on users with one of these unresolved references. */
  resolveManagers(account: string, manager: string, references: string[]): Promise<void>;
  /** Counts the active users of an account again, for its limit. */
  recountActive(account: Account): Promise<void>;
}

export interface Records extends RecordsReader, RecordsWriter {}
