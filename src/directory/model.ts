// The nouns of the directory: accounts, callers, users, groups, stores, links, and the requests that change them.
// Pure data; see ARCHITECTURE.md for how they hang together.

import type { AccountSettings } from './accounts/settings.ts';
import type { LinkChange } from './links/changes.ts';
import type { Attributes } from './schema/schema.ts';

/** A group of this type is kept for every value of the attribute. */
export type DerivedGroupRule = AccountSettings['derivedGroups'][number];

/** A tenant, with the settings that the rules read. */
export interface Account extends AccountSettings {
  id: string;
  /** The login slug, unique. */
  slug: string;
  name: string;
}

export type ConnectionKind = 'entra' | 'okta' | 'csv' | 'xml' | 'crewplanner' | 'other';

/** One source of an account's data. An origin of links and values is a connection, not a token. */
export interface Connection {
  id: string;
  account: string;
  name: string;
  kind: ConnectionKind;
}

export type Door = 'scim' | 'csv' | 'xml' | 'invitations' | 'links' | 'admin' | 'cli';

/** Who asks: known from the credential alone. */
export interface Caller {
  account: Account;
  connection: Connection;
  credentialId: string;
  door: Door;
  requestId: string;
}

/**
 * Who asserted a link: `inline:<connection>` (a list on the user), `push:<connection>` (a member list of the group),
 * `derived:<attribute key>`, or `admin`.
 */
export type Origin = `inline:${string}` | `push:${string}` | `derived:${string}` | 'admin';

/** A user's link to a group or a store. It lives while one origin remains. */
export interface Link {
  /** Id of the group or store; absent for an entry that can't be resolved, which is kept as sent in `raw`. */
  to?: string;
  origins: Origin[];
  /** The name this link's source last stated; restating it renames nothing. */
  statedName?: string;
  /** The secondary key (a group's type, a store's country) it last stated, likewise. */
  statedTrait?: string;
  /** The ID by which it last named its group, and by which the user shows it: a group may have several. */
  statedId?: string;
  primary?: boolean;
  raw?: Attributes;
}

/** An ID by which a source knows a group. All of a group's IDs lead to it, and each leads to one group of the account. */
export interface GroupIdentity {
  value: string;
  /** The connection that stated it; absent for those stored before it was kept. */
  connection?: string;
  /** The group was pushed with it, at most one; others are stated by users (`userGroups[].value`). */
  pushed?: true;
}

export type Lifecycle = 'registered' | 'invited';

/** What was done, by whom: written with the change itself, drained to the audit trail later. */
export interface ChangeRecord {
  /** Unique per request and document. */
  id: string;
  at: Date;
  account: string;
  door: Door;
  connection: string;
  credential: string;
  request: string;
  action: 'create' | 'update' | 'delete' | 'link' | 'unlink' | 'claim';
  /** Keys of the attributes that changed. */
  attributes?: string[];
  /** The store's own mark of the write, by which it knows which of several writes came through. */
  write?: string;
}

/** A user as it is stored. */
export interface StoredUser {
  /** The SCIM id: a UUID of version 7, so that ids sort by creation. */
  _id: string;
  account: string;
  /** Counts changes that can be seen; the entity tag is `W/"<version>"`. */
  version: number;
  /** Counts every write; conditional writes compare it. */
  revision: number;
  created: Date;
  modified: Date;
  schemaVersion: number;
  /** What is served as it stands: core attributes and, under their short keys, extensions (stores, groups and flat views apart). */
  data: Attributes;
  /** Folded mirror of `data` for filters and sorting; see fold.ts. */
  fold: Attributes;
  groups: Link[];
  stores: Link[];
  /** The unlinked values: flat attributes that belong to no link, such as a `storeCountry` alone. */
  loose?: Attributes;
  /** The manager's user id where `data.enterprise.manager.value` resolved. */
  manager?: string;
  /** The folded text that names a manager who is not here yet. */
  awaits?: string;
  /** Phone numbers in E.164, for matching; `data` keeps the text as sent. */
  phones?: string[];
  /** What the user is found by: words of a search, and marks; see terms.ts. */
  terms?: string[];
  /** Paths of what is missing, malformed or not yet resolvable. */
  missing: string[];
  lifecycle: Lifecycle;
  blocked: boolean;
  /** Connection that wrote an attribute last, by top-level key; `*` stands for all that have no entry of their own. */
  sources: Record<string, string>;
  changes: ChangeRecord[];
}

/** A user group as it is stored. Its members are the users that link to it. */
export interface StoredGroup {
  _id: string;
  account: string;
  version: number;
  created: Date;
  modified: Date;
  /** The source's name: what SCIM reads, filters and holds unique. */
  name: string;
  nameFold: string;
  /** The name an administrator gave; console, app and export show it. */
  adminName?: string;
  adminNameFold?: string;
  identities: GroupIdentity[];
  /** The ID that the group itself shows: the pushed one; of a group that is not claimed the first that users stated. */
  externalId?: string;
  /** '' if the group has none. */
  type: string;
  typeFold: string;
  /** Whether its type and name lead to it when no ID is stated: of groups with the same type and name one at most. */
  holdsName: boolean;
  /** Pushed as a group of its own, not only named by users. */
  claimed: boolean;
  /** Made by a derived-group rule: its members are not written from outside. */
  derived: boolean;
  changes: ChangeRecord[];
}

/** A store as it is stored. */
export interface StoredStore {
  _id: string;
  account: string;
  version: number;
  created: Date;
  modified: Date;
  /** The identity, exact case. */
  refId: string;
  name?: string;
  nameFold?: string;
  adminName?: string;
  adminNameFold?: string;
  /** Calling code, such as `32`. */
  country?: string;
  changes: ChangeRecord[];
}

/** A user as doors see it: every attribute in its place, views included. */
export interface UserView {
  id: string;
  version: number;
  created: Date;
  modified: Date;
  /**
   * Canonical attributes: `externalId`, core, `enterprise.*`, `mobietrain.*` with `stores`, `userGroups`, the flat views,
   * `status` and `missing`, and the read-only `groups` ({value, display, type}). Without id, schemas, meta, $ref and password.
   */
  attributes: Attributes;
}

export interface GroupView {
  id: string;
  version: number;
  created: Date;
  modified: Date;
  /** `displayName`, `externalId`, `mobietrain.groupType`. Without members: `lookup.members`. */
  attributes: Attributes;
  /** The name that an administrator gave; SCIM shows the source's. */
  adminName?: string;
  /** Pushed as a group of its own, not only named by users. */
  claimed: boolean;
  /** Its members follow an attribute. */
  derived: boolean;
}

/** A store as doors see it. */
export interface StoreView {
  id: string;
  version: number;
  created: Date;
  modified: Date;
  refId: string;
  /** The source's name. */
  name?: string;
  adminName?: string;
  /** Calling code, such as `32`. */
  country?: string;
}

/** A member of a group, as it is served. */
export interface MemberView {
  id: string;
  display: string;
}

/**
 * A condition on the current version: one of `versions` (If-Match), none of `notVersions` (If-None-Match); `none` is
 * If-None-Match: * and is met by no resource that exists.
 */
export type Precondition =
  | { versions?: readonly number[]; notVersions?: readonly number[] }
  | { none: true }
  | undefined;

/** What a door wants a user to become. */
export interface UserRevision {
  /**
   * `replace`: `attributes` is everything that the client stated (PUT). `patch`: `attributes` holds the values of the keys in
   * `stated`, and nothing else in it counts (PATCH).
   */
  mode: 'replace' | 'patch';
  /** Values without those that state links: these are `links`. */
  attributes: Attributes;
  /** Keys of top-level attributes (`title`, `mobietrain.companyId`) that the request stated, set or cleared. */
  stated: ReadonlySet<string>;
  /** Changes of links to stores and groups; none if absent. */
  links?: readonly LinkChange[];
}

/** What becomes of a group's members: nothing, these in and those out, or exactly these. */
export type MemberChange =
  | { kind: 'none' }
  | { kind: 'delta'; add: string[]; remove: string[] }
  | { kind: 'all'; members: string[] };

export interface GroupRevision {
  mode: 'replace' | 'patch';
  attributes: Attributes;
  stated: ReadonlySet<string>;
  members: MemberChange;
  /** The administrators' name; null takes it away. Doors of sources never say it. */
  adminName?: string | null;
}
