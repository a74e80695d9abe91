// The two entries of the directory as doors call them. `provision.ts` implements Provision, `lookup.ts` implements Lookup.

import type { Faults, Outcome } from './faults.ts';
import type { LinkChange } from './links/changes.ts';
import type { Caller, GroupRevision, GroupView, MemberView, Precondition, UserRevision, UserView } from './model.ts';
import type { Page, PendingPage, Query } from './query/query.ts';
import type { Attributes } from './schema/schema.ts';

/**
 * How a file names a user. `userName`: the login name alone (XML). `file`: External ID, or where the row has none its e-mail
 * against External IDs and then against the e-mails of users without one; then the login name (CSV).
 */
export type UserIdentity =
  | { by: 'userName'; userName: string }
  | { by: 'file'; externalId?: string; email?: string; userName?: string };

/** A user before (absent where it was made) and after a change. */
export interface SavedUser {
  before?: UserView;
  after: UserView;
}

/**
 * What a door proposes: the revision, or why the request makes no sense on this resource. A refusal that comes with the
 * revision is judged by the directory too, so that whoever corrects a file is told everything at once.
 */
export type Revised<T> = { ok: true; revision: T } | { ok: false; faults: Faults; revision?: T };

/**
 * THE write entry. Every method judges all rules, then commits with w:majority, journaled, or changes nothing.
 * Faults are values; only StoreUnavailable (and bugs) are thrown. With `simulate` the same run stops short of the commit.
 */
export interface Provision {
  /**
   * Makes a user from a draft (canonical attributes as the client stated them, without those that state links) and the changes
   * that give it links. An invited, unregistered person with the same e-mail is the same person (effect `updated`).
   * Faults: required, tooLong, tooMany, invalidValue, unknownReference (a group to join), uniqueness, userLimit, busy.
   */
  createUser(caller: Caller, draft: Attributes, links?: readonly LinkChange[]): Promise<Outcome<UserView>>;
  /**
   * Changes a user. `revise` is a pure function from the current view to what the door wants, called again if another writer
   * was faster; what it throws ends the call, with nothing written. An update that changes nothing writes nothing and keeps
   * the version (effect `unchanged`).
   * Faults: those of createUser, notFound, mutability, preconditionFailed, and whatever `revise` returns.
   */
  updateUser(
    caller: Caller,
    id: string,
    precondition: Precondition,
    revise: (current: UserView) => Revised<UserRevision>,
  ): Promise<Outcome<UserView>>;
  /**
   * Makes or changes the user that an identity names. `revise` gets undefined if nobody has it, and then returns the whole draft
   * (mode `replace`). Faults: those of createUser and updateUser, ambiguousIdentity, possibleDuplicate.
   */
  saveUser(
    caller: Caller,
    identity: UserIdentity,
    revise: (current: UserView | undefined) => Revised<UserRevision>,
  ): Promise<Outcome<SavedUser>>;
  /** Deletes a user, leaves a tombstone, frees its names, unsets it as a manager. Faults: notFound, preconditionFailed, busy. */
  deleteUser(caller: Caller, id: string, precondition: Precondition): Promise<Outcome<undefined>>;
  /**
   * Makes a group, or claims one that users named inline (effect `claimed`). `members` are user ids, `adminName` is the
   * administrators' name.
   * Faults: required, tooLong, uniqueness, memberNotFound, nestedGroup, mutability, busy.
   */
  createGroup(caller: Caller, draft: Attributes, members: string[], adminName?: string): Promise<Outcome<GroupView>>;
  /** Changes a group; costs what it changes, never what the group holds. Faults: those of createGroup, notFound, preconditionFailed. */
  updateGroup(
    caller: Caller,
    id: string,
    precondition: Precondition,
    revise: (current: GroupView) => Revised<GroupRevision>,
  ): Promise<Outcome<GroupView>>;
  /** Deletes a group; its members stay users. Faults: notFound, preconditionFailed, busy. */
  deleteGroup(caller: Caller, id: string, precondition: Precondition): Promise<Outcome<undefined>>;
}

/** THE read entry. Everything is asked within the caller's account; another account's id does not exist here. */
export interface Lookup {
  user(caller: Caller, id: string): Promise<UserView | undefined>;
  users(caller: Caller, query: Query): Promise<Page<UserView>>;
  /** The same for long pages that are passed on: whoever takes one user after the other holds one at a time. */
  usersInTurn(caller: Caller, query: Query): Promise<PendingPage<UserView>>;
  group(caller: Caller, id: string): Promise<GroupView | undefined>;
  groups(caller: Caller, query: Query): Promise<Page<GroupView>>;
  /** A group's members in the order of their ids, in batches of at most 1,000, never all in memory. */
  members(caller: Caller, groupId: string): AsyncIterable<MemberView[]>;
  /** How many members a group has, counted no further than `atMost`. */
  memberCount(caller: Caller, groupId: string, atMost: number): Promise<number>;
}

/** The store can't answer this filter or order (`path`: the attribute, `rule`: why, in words). Doors say so; never an empty list. */
export class QueryNotSupported extends Error {
  readonly path: string;
  constructor(path: string, rule: string) {
    super(rule);
    this.name = 'QueryNotSupported';
    this.path = path;
  }
}
