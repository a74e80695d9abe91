// The port to the store: what the directory asks of it. Reads are by account; writes go as one list that is committed whole
// or not at all. src/mongo implements it; nothing here knows how.

import type {
  Account,
  ChangeRecord,
  MemberView,
  Origin,
  Precondition,
  StoredGroup,
  StoredStore,
  StoredUser,
} from './model.ts';
import type { Page, Query, UnreadPage } from './query/query.ts';

/** Field changes of one stored document, by stored path. */
export interface FieldChanges {
  set: Record<string, unknown>;
  unset: string[];
}

/** One write. `ifVersion` makes it conditional: where the stored version differs, nothing of the whole list is written. */
export type Write =
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
  | { kind: 'deleteUser'; id: string; ifRevision: number; tombstone: Tombstone }
  | { kind: 'insertGroup'; group: StoredGroup }
  | { kind: 'updateGroup'; id: string; ifVersion: number; changes: FieldChanges; record: ChangeRecord }
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

export type CommitResult =
  | { ok: true }
  /** Another writer was faster: plan again from what is stored now. */
  | { ok: false; reason: 'stale' }
  | { ok: false; reason: 'taken'; value: UniqueValue }
  | { ok: false; reason: 'userLimit' }
  | { ok: false; reason: 'busy' };

/** A change of a group and of its members, committed as one. */
export interface GroupWrite {
  id: string;
  /** The group is new, and made with these members. */
  insert?: StoredGroup;
  /** Claims the group: only while nobody else has. */
  claim?: boolean;
  precondition: Precondition;
  changes: FieldChanges;
  /** Users that get the link, and the origin that asserts it. */
  add: string[];
  origin: Origin;
  /** Users that lose the link, whoever made it; or everybody but `except`. */
  remove: string[] | { except: string[] };
  /** Whether `add` also notes the origin on links that are there already. */
  assert: boolean;
  record: ChangeRecord;
}

export type GroupWriteResult =
  | { ok: true; group: StoredGroup; changed: boolean }
  | { ok: false; reason: 'notFound' | 'precondition' | 'busy' }
  | { ok: false; reason: 'noUser'; id: string }
  | { ok: false; reason: 'tooManyLinks'; id: string }
  | { ok: false; reason: 'taken'; value: UniqueValue };

export interface Records {
  /** Without `fold` and `changes`, which no view needs. */
  user(account: string, id: string): Promise<StoredUser | undefined>;
  /** With `fold`, for a plan that compares it with what is wanted. */
  userForChange(account: string, id: string): Promise<StoredUser | undefined>;
  /** The id of the user that a manager reference names: by id, external ID or login name. */
  userByReference(account: string, reference: string): Promise<string | undefined>;
  /** The users that manager references name, likewise; a reference that names nobody is left out. */
  usersByReferences(account: string, references: string[]): Promise<{ reference: string; id: string }[]>;
  /** Ids of up to `atMost` users by one folded or exact value. */
  usersWith(
    account: string,
    by: 'userName' | 'externalId' | 'emailWithoutExternalId' | 'email',
    value: string,
    atMost: number,
  ): Promise<string[]>;
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
  members(account: string, group: string): AsyncIterable<MemberView[]>;
  memberCount(account: string, group: string, atMost: number): Promise<number>;
  /** Commits all writes or none, durable on a majority when it returns. */
  commit(account: string, writes: Write[]): Promise<CommitResult>;
  writeGroup(account: string, write: GroupWrite): Promise<GroupWriteResult>;
  /** Deletes a group and leaves a tombstone; links to it are cleared away afterwards, by the index. */
  deleteGroup(
    account: string,
    id: string,
    precondition: Precondition,
    tombstone: Tombstone,
  ): Promise<'deleted' | 'notFound' | 'precondition'>;
  /** Unsets a manager at its reports. */
  clearManager(account: string, manager: string): Promise<void>;
  /** Sets the manager id on users whose reference names one of these, now that it exists. */
  resolveManagers(account: string, manager: string, references: string[]): Promise<void>;
  /** References, as sent, to managers who are not here yet, among those whose folded text is one of these. */
  awaitedManagers(account: string, folded: string[]): Promise<string[]>;
  /** Users that link to a store and miss something about their stores, at most `limit` with ids after `after`. */
  usersMissingStoreData(account: string, store: string, after: string, limit: number): Promise<string[]>;
  /** Starts counting an account's active users, for its limit. */
  recountActive(account: Account): Promise<void>;
}
