// The port to the store: what the directory asks of it. Reads are by account; writes are committed as one list, all of them or
// none. Three modules implement it: src/mongo/records.ts, prefetch.ts (reads ahead) and simulation/records.ts (writes nothing).
// Each lists every method; none passes the methods of another one on unseen. test/conformance/records holds them to the same answers.

import type {
  Account,
  ChangeRecord,
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
  /** Who asserts the links that it makes. A `delta` also notes this on links that exist already; `all` leaves those as they are. */
  origin: Origin;
  /** What users who are linked or unlinked get as their change record. */
  record: ChangeRecord;
}

/** One write of users. */
export type UserWrite =
  | { kind: 'insertUser'; user: StoredUser }
  /** `visible`: the change can be seen from outside, so the version counts up too. */
  | {
      kind: 'updateUser';
      id: string;
      ifRevision: number;
      visible: boolean;
      changes: FieldChanges;
      record: ChangeRecord;
    }
  | { kind: 'deleteUser'; id: string; ifRevision: number; tombstone: Tombstone };

/** One write of a group, with its members if the write says anything of them. */
export type GroupWrite =
  | { kind: 'insertGroup'; group: StoredGroup; members?: MembersWrite }
  /** Sets `modified` to the time of `record`. A change that changes nothing keeps the version and leaves no record. */
  | {
      kind: 'updateGroup';
      id: string;
      ifVersion?: number;
      changes: FieldChanges;
      record: ChangeRecord;
      members?: MembersWrite;
    }
  /** Leaves a tombstone; links to the group are cleared away afterwards, by the index. */
  | { kind: 'deleteGroup'; id: string; ifVersion?: number; tombstone: Tombstone };

/**
 * One write. `ifVersion` and `ifRevision` make it conditional: if the stored document has another one, or does not exist, the
 * commit is `stale` and nothing of the whole list is written.
 */
export type Write =
  | UserWrite
  | GroupWrite
  | { kind: 'insertStore'; store: StoredStore }
  | { kind: 'updateStore'; id: string; ifVersion: number; changes: FieldChanges; record: ChangeRecord }
  /** Counts active users of an account that has a contract limit; refuses above it. */
  | { kind: 'countActive'; delta: 1 | -1; limit: number };

/** What stays of a deleted resource: that it was, without personal data. */
export interface Tombstone {
  _id: string;
  account: string;
  resource: 'User' | 'Group';
  deleted: Date;
  /** Links or reports of the resource are still to be cleared away; a job does it. */
  pending: boolean;
  changes: ChangeRecord[];
}

/** Which unique value is taken already. */
export type UniqueValue =
  | 'userName'
  | 'externalId'
  | 'storeRefId'
  | 'groupExternalId'
  | 'groupName'
  | 'groupTypeName'
  | 'id';

/** A group after its write. `changed` is false if it and its members were like that before. */
export interface WrittenGroup {
  group: StoredGroup;
  changed: boolean;
}

export type CommitResult =
  /** `groups`: one for each group that was inserted or updated, in the order of the writes. */
  | { ok: true; groups: WrittenGroup[] }
  /** Another writer was faster: plan again from what is stored now. */
  | { ok: false; reason: 'stale' }
  | { ok: false; reason: 'taken'; value: UniqueValue }
  | { ok: false; reason: 'userLimit' }
  /** The retries are used up. */
  | { ok: false; reason: 'busy' }
  | MemberRefusal;

/** A member does not exist, or has as many links as are allowed. */
export type MemberRefusal =
  | { ok: false; reason: 'noUser'; id: string }
  | { ok: false; reason: 'tooManyLinks'; id: string };

/** By what `usersWith` finds users. */
export type UserKey = 'userName' | 'externalId' | 'emailWithoutExternalId' | 'email';

/** The reading half of the port. */
export interface RecordsReader {
  /** Without `fold` and `changes`, which no view needs. */
  user(account: string, id: string): Promise<StoredUser | undefined>;
  /** With `fold`, for a plan that compares it with what is wanted. */
  userForChange(account: string, id: string): Promise<StoredUser | undefined>;
  /** The id of the user that a manager reference names: by id, external ID or login name. */
  userByReference(account: string, reference: string): Promise<string | undefined>;
  /** The users that manager references name, likewise; a reference that names nobody is left out. */
  usersByReferences(account: string, references: string[]): Promise<{ reference: string; id: string }[]>;
  /** Ids of up to `atMost` users by one folded or exact value. */
  usersWith(account: string, by: UserKey, value: string, atMost: number): Promise<string[]>;
  users(account: string, query: Query): Promise<UnreadPage<StoredUser>>;
  group(account: string, id: string): Promise<StoredGroup | undefined>;
  groups(account: string, query: Query): Promise<Page<StoredGroup>>;
  groupsById(account: string, ids: string[]): Promise<StoredGroup[]>;
  /** By any of the IDs that lead to them. */
  groupsByExternalId(account: string, externalIds: string[]): Promise<StoredGroup[]>;
  /** The groups that hold these types and names, both folded. */
  groupsByTypeAndName(account: string, identities: { typeFold: string; nameFold: string }[]): Promise<StoredGroup[]>;
  /** Groups of any type by the source's or the administrator's name, folded; at most `atMost`. */
  groupsByName(account: string, nameFold: string, atMost: number): Promise<StoredGroup[]>;
  storesById(account: string, ids: string[]): Promise<StoredStore[]>;
  storesByRefId(account: string, refIds: string[]): Promise<StoredStore[]>;
  /** By the source's or the administrator's name, folded; at most `atMost`. */
  storesByName(account: string, nameFold: string, atMost: number): Promise<StoredStore[]>;
  /** A group's members in the order of their ids, in batches of at most 1,000. */
  members(account: string, group: string): AsyncIterable<MemberView[]>;
  /** How many members a group has, counted no further than `atMost`. */
  memberCount(account: string, group: string, atMost: number): Promise<number>;
  /** References, as sent, to managers who do not exist yet, among those whose folded text is one of these. */
  awaitedManagers(account: string, folded: string[]): Promise<string[]>;
  /** Users that link to a store and miss something about their stores, at most `limit` with ids after `after`. */
  usersMissingStoreData(account: string, store: string, after: string, limit: number): Promise<string[]>;
}

/** The writing half of the port. A simulation is never given it. */
export interface RecordsWriter {
  /** Commits all writes or none, durable on a majority when it returns. Conflicts are tried again while `budget` lasts. */
  commit(account: string, writes: Write[], budget: RetryBudget): Promise<CommitResult>;
  /** Unsets a manager at its reports. */
  clearManager(account: string, manager: string): Promise<void>;
  /** Sets the manager id on users whose reference names one of these, now that it exists. */
  resolveManagers(account: string, manager: string, references: string[]): Promise<void>;
  /** Starts counting an account's active users, for its limit. */
  recountActive(account: Account): Promise<void>;
}

export interface Records extends RecordsReader, RecordsWriter {}
