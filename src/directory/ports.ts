// The two interfaces of the directory that doors call: Provision (users/provision.ts) writes, Lookup (query/lookup.ts) reads.

import type { Faults, Outcome } from './faults.ts';
import type { LinkChange } from './links/changes.ts';
import type {
  Caller,
  EncodedUserView,
  GroupRevision,
  GroupView,
  MemberView,
  NewInvitation,
  Precondition,
  UserRevision,
  UserView,
} from './model.ts';
import type { Page, PendingPage, Query } from './query/query.ts';
import type { Attributes } from './schema/schema.ts';

/**
 * How a file identifies a user. `userName`: by login name only (XML). `file`: by External ID, then by login name; a row with neither by
 * its e-mail (CSV). `name` is the person's, by which a user with the same e-mail is recognised or told apart.
 */
export type UserIdentity = { by: 'userName'; userName: string } | FileIdentity;

/** How a row of a CSV file identifies a user. */
export interface FileIdentity {
  by: 'file';
  externalId?: string;
  email?: string;
  userName?: string;
  name?: { given: string; family: string };
}

/** A user before a change (absent if it was created) and after it. */
export interface SavedUser {
  before?: UserView;
  after: UserView;
}

/**
 * What a door proposes: a revision, or the reasons why the request does not apply to this resource. If a refusal has a revision, the
 * directory validates it too, so that a user who corrects a file sees all errors at once.
 */
export type Revised<T> = { ok: true; revision: T } | { ok: false; faults: Faults; revision?: T };

/**
 * Writes users and groups. Every method checks all rules and then either commits (w:majority, journaled) or changes nothing. If the
 * caller has an `actor`, a change of a user needs that administrator's rights (`administration/user-rights.ts`): users outside of the
 * scope are `notFound`, what the role does not include is `forbidden`.
 * Faults are return values; only StoreUnavailable is thrown.
 */
export interface Provision {
  /**
   * Creates a user from a draft (canonical attributes as the client sent them, without those that describe links) and changes of
   * links. With `invites`, the user is invited and has to register.
   * Faults: required, tooLong, tooMany, invalidValue, unknownReference (a group to join), uniqueness, userLimit, busy.
   */
  createUser(
    caller: Caller,
    draft: Attributes,
    links?: readonly LinkChange[],
    invites?: NewInvitation,
  ): Promise<Outcome<UserView>>;
  /**
   * Updates a user. `revise` is a pure function from the current view to the revision. It is called again after a conflict; if it
   * throws, nothing is written. An update without changes writes nothing and keeps the version (effect `unchanged`).
   * Faults: those of createUser, notFound, mutability, preconditionFailed, and those that `revise` returns.
   */
  updateUser(
    caller: Caller,
    id: string,
    precondition: Precondition,
    revise: (current: UserView) => Revised<UserRevision>,
  ): Promise<Outcome<UserView>>;
  /**
   * Creates or updates the user with an identity. If there is none, `revise` gets undefined and returns the whole draft (mode
   * `replace`). Faults: those of createUser and updateUser, ambiguousIdentity, possibleDuplicate.
   */
  saveUser(
    caller: Caller,
    identity: UserIdentity,
    revise: (current: UserView | undefined) => Revised<UserRevision>,
  ): Promise<Outcome<SavedUser>>;
  /** Deletes a user, which leaves a tombstone and removes it as the manager of others. Faults: notFound, preconditionFailed, busy. */
  deleteUser(caller: Caller, id: string, precondition: Precondition): Promise<Outcome<undefined>>;
  /**
   * Creates a group, or claims one that users named inline (effect `claimed`). `members` are user ids, `adminName` is the
   * administrators' name.
   * Faults: required, tooLong, uniqueness, memberNotFound, nestedGroup, mutability, busy.
   */
  createGroup(caller: Caller, draft: Attributes, members: string[], adminName?: string): Promise<Outcome<GroupView>>;
  /** Updates a group. The cost depends on the number of changed members, not on the size of the group. Faults: those of createGroup, notFound, preconditionFailed. */
  updateGroup(
    caller: Caller,
    id: string,
    precondition: Precondition,
    revise: (current: GroupView) => Revised<GroupRevision>,
  ): Promise<Outcome<GroupView>>;
  /** Deletes a group, but none of its members. Faults: notFound, preconditionFailed, busy. */
  deleteGroup(caller: Caller, id: string, precondition: Precondition): Promise<Outcome<undefined>>;
}

/** Reads users and groups of the caller's account. An id of another account is treated as one that does not exist. */
export interface Lookup {
  user(caller: Caller, id: string): Promise<UserView | undefined>;
  users(caller: Caller, query: Query): Promise<Page<UserView>>;
  /** Like `users`, for long pages: users are decoded one at a time as the caller reads them, or written from their encoded form. */
  usersInTurn(caller: Caller, query: Query): Promise<PendingPage<UserView, EncodedUserView>>;
  group(caller: Caller, id: string): Promise<GroupView | undefined>;
  groups(caller: Caller, query: Query): Promise<Page<GroupView>>;
  /** A group's members ordered by id, in batches of 1,000; only the last batch is smaller. */
  members(caller: Caller, groupId: string): AsyncIterable<MemberView[]>;
  /** The number of members of a group; counting stops at `atMost`. */
  memberCount(caller: Caller, groupId: string, atMost: number): Promise<number>;
}

/** Thrown if a query costs more than one request may. The message is the reason and what to do, in whole sentences. */
export class QueryTooCostly extends Error {
  /** The same query can succeed later. */
  readonly mustWait: boolean;
  constructor(message: string, mustWait = false) {
    super(message);
    this.name = 'QueryTooCostly';
    this.mustWait = mustWait;
  }
}

/** Thrown if the database cannot evaluate a filter or order. `path` is the attribute, the message is the reason. */
export class QueryNotSupported extends Error {
  readonly path: string;
  constructor(path: string, rule: string) {
    super(rule);
    this.name = 'QueryNotSupported';
    this.path = path;
  }
}
