// The types of the directory: accounts, callers, users, groups, stores, links, and the requests that change them.
// Pure data; ARCHITECTURE.md explains how they relate.

import type { AccountSettings } from './accounts/settings.ts';
import type { Actor } from './administration/permissions.ts';
import type { LinkChange } from './links/changes.ts';
import type { AccountAttribute } from './schema/account-attributes.ts';
import type { EncodedAttributes } from './schema/encoded.ts';
import type { Attributes } from './schema/schema.ts';

/** Keeps one group of a type for each value of an attribute. */
export type DerivedGroupRule = AccountSettings['derivedGroups'][number];

/** A tenant, with the settings that the rules read. */
export interface Account extends AccountSettings {
  id: string;
  /** The login slug, unique. */
  slug: string;
  name: string;
  /** The attributes that the account adds to its users. */
  attributes?: AccountAttribute[];
}

export type ConnectionKind = 'entra' | 'okta' | 'csv' | 'xml' | 'crewplanner' | 'other';

/** What a connection does with paths of a PATCH that name no attribute. */
export type UnknownAttributes = 'refuse' | 'ignore';

/** A source of an account's data. Links and values belong to a connection, not to one of its tokens. */
export interface Connection {
  id: string;
  account: string;
  name: string;
  kind: ConnectionKind;
  /** What happens to paths that name no attribute; absent: the default of the kind (`unknownAttributesOf`). */
  unknownAttributes?: UnknownAttributes;
  /** Whether it may write stores and org units of the account, not only name them on users; absent: it may not. */
  writesStoresAndUnits?: boolean;
  /** A connection for tests, from its creation on: administrators send requests as it from the console. */
  sandbox?: true;
}

export const DOORS = ['scim', 'csv', 'xml', 'invitations', 'links', 'learners', 'admin', 'cli'] as const;
export type Door = (typeof DOORS)[number];

/**
 * Who makes a request or a change: an administrator, a token of a connection, a user of the command line, a run or daily work, or the
 * learner whom it is about.
 */
export interface RequestActor {
  kind: 'administrator' | 'token' | 'commandLine' | 'job' | 'learner';
  /** The id of the administrator, credential, run or user; the name of the operating system's user; the name of the daily work. */
  id: string;
  /** For people: the e-mail of an administrator, the connection and name of a token. */
  name?: string;
}

/** The caller of a request, as identified by its credential. */
export interface Caller {
  account: Account;
  connection: Connection;
  credentialId: string;
  door: Door;
  requestId: string;
  /** Who acts, for events and the audit trail. */
  by?: RequestActor;
  /** The administrator who acts, whose rights limit every change; absent for a connection and for the command line. */
  actor?: Actor;
}

/**
 * The source of a link: `inline:<connection>` (a list on the user), `push:<connection>` (the member list of the group),
 * `derived:<attribute key>`, or `admin`.
 */
export type Origin = `inline:${string}` | `push:${string}` | `derived:${string}` | 'admin';

/** A user's link to a group or a store. It exists as long as it has an origin. */
export interface Link {
  /** Id of the group or store; absent for an entry that cannot be resolved, which `raw` keeps as sent. */
  to?: string;
  origins: Origin[];
  /** The target's name that was last sent for this link. Sending it again does not rename the target. */
  statedName?: string;
  /** The secondary key (a group's type, a store's country) that was last sent for this link, likewise. */
  statedTrait?: string;
  /** Of the group's IDs, the one that was last sent for this link. It is served on the user. */
  statedId?: string;
  primary?: boolean;
  raw?: Attributes;
}

/** An ID by which a source identifies a group. A group can have several; each belongs to one group of the account. */
export interface GroupIdentity {
  value: string;
  /** The connection that sent it; absent if it was stored before this was recorded. */
  connection?: string;
  /** Sent with the group itself, which at most one ID of each connection is; the others were sent with users (`userGroups[].value`). */
  pushed?: true;
}

/** Whether a user has registered, if the user was invited; all others count as registered. */
type Lifecycle = 'registered' | 'invited';

/** The invitation through which a user came. */
export interface UserInvitation {
  id: string;
  /** The last day on which the user can register, in the account's time zone, such as `2026-11-22`. */
  lastDay: string;
}

/** The invitation of a user who is about to be created. */
export interface NewInvitation extends UserInvitation {
  /** The id that the user gets. */
  user: string;
}

/** The acceptance of the Terms and Conditions of an account, together with its privacy policy. */
export interface TermsAcceptance {
  version: string;
  at: Date;
}

/** The values of one attribute before and after a change, as JSON text; absent if there was or is none. */
export interface ChangedValue {
  attribute: string;
  before?: string;
  after?: string;
}

/** A description of one change, written together with the change. The relay moves it to the audit trail. */
export interface ChangeRecord {
  /** Unique for each request, document and action. */
  id: string;
  at: Date;
  account: string;
  door: Door;
  connection: string;
  credential: string;
  request: string;
  action: 'create' | 'update' | 'delete' | 'link' | 'unlink' | 'claim';
  /** Who made the change; of an administrator only the id. */
  actor?: RequestActor;
  /** Keys of the attributes that changed. */
  attributes?: string[];
  /** The values before and after. An erasure removes those of a user. */
  values?: ChangedValue[];
  /** The write id, by which the database finds out which of several writes succeeded. */
  write?: string;
}

/** What an External ID was taken from, if no source states one: the main e-mail address (CSV) or the login name (XML). */
export type ExternalIdOrigin = 'emails' | 'userName';

/** A user as it is stored. */
export interface StoredUser {
  /** The SCIM id: a UUID of version 7, so that ids sort by creation. */
  _id: string;
  account: string;
  /** Counts visible changes; the entity tag is `W/"<version>"`. */
  version: number;
  /** Counts every write; conditional writes compare it. */
  revision: number;
  created: Date;
  modified: Date;
  schemaVersion: number;
  /** The attributes that are served as stored: core and extensions (under their short keys), without links and flat attributes of links. */
  data: Attributes;
  /** The folded copy of `data` for filters and sorting; see fold.ts. */
  fold: Attributes;
  groups: Link[];
  stores: Link[];
  /** The unlinked values: flat attributes that belong to no link, such as a `storeCountry` without a store. */
  loose?: Attributes;
  /** The manager's user id, if `data.enterprise.manager.value` is resolved. */
  manager?: string;
  /** The folded reference to a manager who does not exist yet. */
  awaits?: string;
  /** Phone numbers in E.164, for matching; `data` keeps the text as sent. */
  phones?: string[];
  /** The search keys; see search-keys.ts. */
  terms?: string[];
  /** The hashes of former login names, External IDs, e-mails, phone numbers and names, so that an erasure finds them too. */
  former?: string[];
  /** Set while `data.externalId` is not the user's own but was taken from another attribute, which it follows. */
  externalIdFrom?: ExternalIdOrigin;
  /** Paths of missing or malformed data and unresolved references. */
  missing: string[];
  lifecycle: Lifecycle;
  /** Absent for a user whom a source brought, before or after an invitation. Who came by invitation needs no External ID. */
  invitation?: UserInvitation;
  blocked: boolean;
  /** When the user confirmed the privacy policy, which only the user does. */
  privacyPolicyConfirmed?: Date;
  /** The last acceptance of the terms, which only the user does. */
  termsAccepted?: TermsAcceptance;
  /** How often the user was deactivated or blocked, or lost the Superior role; absent if never (standing.ts). */
  suspensions?: number;
  /** The user had the Superior role and lost it. */
  formerSuperior?: true;
  /** The connection that last wrote each attribute, by top-level key; `*` for all attributes without an entry. */
  sources: Record<string, string>;
  changes: ChangeRecord[];
}

/** What a view of a user is made of, with the attributes encoded. */
export type EncodedUser = Omit<
  StoredUser,
  'data' | 'fold' | 'terms' | 'former' | 'sources' | 'changes' | 'account' | 'revision' | 'schemaVersion'
> & {
  data: EncodedAttributes;
};

/** A user group as it is stored. Its members are the users who link to it. */
export interface StoredGroup {
  _id: string;
  account: string;
  version: number;
  created: Date;
  modified: Date;
  /** The source's name, which SCIM serves and filters by. Unique among claimed groups. */
  name: string;
  nameFold: string;
  /** The administrators' name, which the console, the app and exports show. */
  adminName?: string;
  adminNameFold?: string;
  identities: GroupIdentity[];
  /** The ID that is served to connections that pushed none: the first pushed one, or the first one sent with users if it is not claimed. */
  externalId?: string;
  /** '' if the group has none. */
  type: string;
  typeFold: string;
  /** Whether a request without an ID finds the group by type and name. True for at most one group with the same type and name. */
  holdsName: boolean;
  /** Whether a source pushes it as a resource; otherwise only users name it. */
  claimed: boolean;
  /** Whether a rule derives it from an attribute. Clients cannot change its members. */
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
  /** The identity, case-exact. */
  refId: string;
  name?: string;
  nameFold?: string;
  adminName?: string;
  adminNameFold?: string;
  /** Calling code, such as `32`. */
  country?: string;
  changes: ChangeRecord[];
}

/** A user as doors see it, with links and flat attributes. */
export interface UserView {
  id: string;
  version: number;
  created: Date;
  modified: Date;
  /**
   * Canonical attributes: `externalId`, core, `enterprise.*`, `mobietrain.*` with `stores`, `userGroups`, their flat attributes,
   * `status` and `missing`, and the read-only `groups` ({value, display, type}). Without id, schemas, meta, $ref and password.
   */
  attributes: Attributes;
  /** When the user confirmed the privacy policy; read-only, and not served over SCIM. */
  privacyPolicyConfirmed?: Date;
  /** Read-only, and not served over SCIM. */
  termsAccepted?: TermsAcceptance;
  /** The manager's user id. Without it, `enterprise.manager.value` is a reference to a user who does not exist yet, as it was sent. */
  manager?: string;
  /** Set if no source stated the external ID. */
  externalIdFrom?: ExternalIdOrigin;
  /** Of an invited user who has not registered yet. */
  invitation?: UserInvitation;
}

/** A user as a list writes it: `computed` replaces the attributes and extensions of the same names in `stored`. */
export interface EncodedUserView extends Pick<UserView, 'id' | 'version' | 'created' | 'modified' | 'manager'> {
  computed: Attributes;
  stored: EncodedAttributes;
}

/** A group as doors see it. */
export interface GroupView {
  id: string;
  version: number;
  created: Date;
  modified: Date;
  /** `displayName`, `externalId`, `mobietrain.groupType`. `Lookup.members` returns the members. */
  attributes: Attributes;
  /** The administrators' name; SCIM serves the source's name. */
  adminName?: string;
  /** Whether a source pushes it as a resource; otherwise only users name it. */
  claimed: boolean;
  /** Whether its members follow an attribute. */
  derived: boolean;
  /** Whether it certainly has no members, because it has just been created without any. */
  isEmpty?: boolean;
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
 * A condition on the current version: one of `versions` (If-Match) and none of `notVersions` (If-None-Match). `none` is
 * `If-None-Match: *`, which no existing resource meets.
 */
export type Precondition =
  | { versions?: readonly number[]; notVersions?: readonly number[] }
  | { none: true }
  | undefined;

/** What a door wants a user to become, without the user's current state. */
export interface UserRevision {
  /**
   * `replace`: `attributes` has everything that the client sent (PUT). `patch`: `attributes` has the values of the keys in
   * `stated`; anything else in it is ignored (PATCH).
   */
  mode: 'replace' | 'patch';
  /** Values without those that describe links, which are in `links`. */
  attributes: Attributes;
  /** Keys of top-level attributes (`title`, `mobietrain.companyId`) that the request sets or clears. */
  stated: ReadonlySet<string>;
  /** In a `replace`, keys of attributes that stay as they are stored. */
  kept?: ReadonlySet<string>;
  /** Changes of links to stores and groups; none if absent. */
  links?: readonly LinkChange[];
  /** What a user without an external ID gets one from. */
  externalIdFrom?: ExternalIdOrigin;
  /** Of a new user: the invitation through which the user comes. */
  invites?: NewInvitation;
  /** An invited user registers. */
  registers?: true;
  /** An invited user stays invited, although a source states it. */
  staysInvited?: true;
  /** The user accepts the terms. */
  termsAccepted?: TermsAcceptance;
}

/** A change of a group's members: none, members to add and remove, or a list that replaces all members. */
export type MemberChange =
  | { kind: 'none' }
  | { kind: 'delta'; add: string[]; remove: string[] }
  | { kind: 'all'; members: string[] };

/** What a door wants a group to become. `mode` and `stated` are those of `UserRevision`. */
export interface GroupRevision {
  mode: 'replace' | 'patch';
  attributes: Attributes;
  stated: ReadonlySet<string>;
  members: MemberChange;
  /** The administrators' name; null removes it. Only the admin API sets it. */
  adminName?: string | null;
}
