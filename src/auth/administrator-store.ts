// The port to stored administrators, their sessions and personal tokens, and to the limits of sign-in.

import type { Role } from '../directory/administration/permissions.ts';

/** A person who may sign in to administer. */
export interface Administrator {
  id: string;
  /** The login, which is also the address; unique within the account, or among System Administrators, ignoring case. */
  email: string;
  name: string;
  role: Role;
  /** The account; absent for a System Administrator. */
  account?: string;
  /** The org unit, for roles that are limited to one. */
  orgUnit?: string;
  /** The directory user who this administrator is: a Superior's scope is that user's stores and reports. */
  user?: string;
  disabled: boolean;
  created: Date;
  /** The identity at the OpenID provider. */
  identity?: { issuer: string; subject: string };
  lastSignIn?: Date;
  /** Counts what ended all sessions and personal tokens, such as a new password; absent if nothing has yet. */
  credentialsVersion?: number;
}

/** An administrator with the argon2id hash of the password, if one is set. */
export interface AdministratorSecret extends Administrator {
  passwordHash?: string;
}

/** The state of an administrator with which a session or token was made. It is valid only while the state is the same. */
export interface CredentialStamp {
  /** `credentialsVersion` of the administrator; 0 if absent. */
  credentialsVersion?: number;
  /** `suspensions` of the administrator's user; 0 if absent. */
  suspensions?: number;
}

/** A signed-in browser. */
export interface Session extends CredentialStamp {
  /** SHA-256 of the session's token, lower-case hex. */
  hash: string;
  administrator: string;
  created: Date;
  expires: Date;
  /** The address and the browser that signed in, for the list of sessions. */
  address?: string;
  userAgent?: string;
}

/** A personal token for scripts; the token itself is not stored. */
export interface PersonalToken extends CredentialStamp {
  id: string;
  administrator: string;
  hash: string;
  hint: string;
  name: string;
  created: Date;
  /** Absent only for tokens of earlier versions, which end a year after they were created. */
  expires?: Date;
  /** Exact to the minute. */
  lastUsed?: Date;
}

/** A sign-in over OpenID that has not finished. */
export interface PendingSignIn {
  /** SHA-256 of the secret that the browser holds. */
  hash: string;
  state: string;
  nonce: string;
  codeVerifier: string;
  expires: Date;
  /** The administrator who links the identity, after stating the password. */
  administrator?: string;
}

/** A link to set a password that was sent to an administrator. */
export interface PasswordLink {
  /** SHA-256 of the token in the link. */
  hash: string;
  administrator: string;
  /** That of the administrator when the link was sent: another change of credentials makes it invalid. */
  credentialsVersion: number;
  expires: Date;
}

/** The values of an administrator that can change; null clears a value. */
export interface AdministratorChanges {
  email?: string;
  name?: string;
  role?: Role;
  orgUnit?: string | null;
  user?: string | null;
  disabled?: boolean;
  passwordHash?: string;
  identity?: { issuer: string; subject: string };
  lastSignIn?: Date;
}

/** How many sessions and personal tokens ended. */
export interface EndedCredentials {
  sessions: number;
  tokens: number;
}

/** Every method throws StoreUnavailable if the database is unavailable. */
export interface AdministratorStore {
  byId(id: string): Promise<AdministratorSecret | undefined>;
  /** The administrators with an e-mail, of all accounts or of one (null: the System Administrators); at most 8. */
  byEmail(email: string, account?: string | null): Promise<AdministratorSecret[]>;
  byIdentity(issuer: string, subject: string): Promise<AdministratorSecret | undefined>;
  /** The administrators of an account, or with null the System Administrators, ordered by id. */
  list(account: string | null, page: { after?: string; limit: number }): Promise<Administrator[]>;
  /** Whether there are any administrators. */
  any(): Promise<boolean>;
  /** False if the e-mail is taken. */
  insert(administrator: AdministratorSecret): Promise<boolean>;
  /**
   * The changed administrator; undefined if there is none, `taken` if another one has the e-mail or identity. `endCredentials` makes all
   * sessions and personal tokens invalid in the same write.
   */
  update(
    id: string,
    changes: AdministratorChanges,
    endCredentials?: boolean,
  ): Promise<Administrator | undefined | 'taken'>;
  /** Removes an administrator with all sessions and tokens. */
  remove(id: string): Promise<boolean>;
  /** Removes all sessions and personal tokens of an administrator. */
  removeCredentials(administrator: string): Promise<EndedCredentials>;

  /** Stores a session; of the administrator's older sessions, the newest `keep` remain. */
  insertSession(session: Session, keep: number): Promise<void>;
  session(hash: string): Promise<Session | undefined>;
  /** The sessions of an administrator that have not expired, newest first; at most 100. */
  sessionsOf(administrator: string): Promise<Session[]>;
  /** Ends one session, or all sessions of an administrator; returns how many. */
  endSessions(which: { hash: string } | { administrator: string }): Promise<number>;

  insertToken(token: PersonalToken): Promise<void>;
  token(hash: string): Promise<PersonalToken | undefined>;
  tokensOf(administrator: string): Promise<PersonalToken[]>;
  removeToken(administrator: string, id: string): Promise<boolean>;
  touchToken(id: string, at: Date): Promise<void>;

  keepSignIn(pending: PendingSignIn): Promise<void>;
  /** Removes and returns a pending sign-in, so that it can be used only once. */
  takeSignIn(hash: string): Promise<PendingSignIn | undefined>;

  /** Stores a link to set a password, instead of an earlier one of the same administrator. */
  keepPasswordLink(link: PasswordLink): Promise<void>;
  passwordLink(hash: string): Promise<PasswordLink | undefined>;
  /** Removes a link; false if it is gone, so that it can be used only once. */
  takePasswordLink(hash: string): Promise<boolean>;
}

/** Counts passwords that are tried, across all instances, before they are checked. Every method throws StoreUnavailable. */
export interface SignInLimits {
  /** Counts a sign-in: it may be tried after a delay, or not before `waitSeconds`. */
  take(attempt: CountedAttempt): Promise<{ ok: true; delayMs: number } | { ok: false; waitSeconds: number }>;
  /** Takes back what was counted, because the password was right. */
  succeeded(attempt: CountedAttempt): Promise<void>;
  /** Counts a current password that an administrator who is signed in states. */
  takeOwn(administrator: string): Promise<{ ok: true } | { ok: false; waitSeconds: number }>;
  succeededOwn(administrator: string): Promise<void>;
  /** Removes everything that is kept under these e-mails. */
  forget(emails: readonly string[]): Promise<void>;
}

/** What a sign-in is counted by. */
export interface CountedAttempt {
  email: string;
  /** The network that the request came from. */
  network: string;
}
