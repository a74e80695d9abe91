// The port to stored administrators, their sessions and personal tokens, and to the limits of sign-in.

import type { Role } from '../directory/administration/permissions.ts';

/** A person who may sign in to administer. */
export interface Administrator {
  id: string;
  /** The login, which is also the address; unique across all accounts, ignoring case. */
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
  /** The identity at the OpenID provider, stored at the first sign-in over it. */
  identity?: { issuer: string; subject: string };
  lastSignIn?: Date;
}

/** An administrator with the argon2id hash of the password, if one is set. */
export interface AdministratorSecret extends Administrator {
  passwordHash?: string;
}

/** A signed-in browser. */
export interface Session {
  /** SHA-256 of the session's token, lower-case hex. */
  hash: string;
  administrator: string;
  created: Date;
  expires: Date;
}

/** A personal token for scripts; the token itself is not stored. */
export interface PersonalToken {
  id: string;
  administrator: string;
  hash: string;
  hint: string;
  name: string;
  created: Date;
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

/** Every method throws StoreUnavailable if the database is unavailable. */
export interface AdministratorStore {
  byId(id: string): Promise<AdministratorSecret | undefined>;
  byEmail(email: string): Promise<AdministratorSecret | undefined>;
  byIdentity(issuer: string, subject: string): Promise<AdministratorSecret | undefined>;
  /** The administrators of an account, or with null the System Administrators, ordered by id. */
  list(account: string | null, page: { after?: string; limit: number }): Promise<Administrator[]>;
  /** Whether there are any administrators. */
  any(): Promise<boolean>;
  /** False if the e-mail is taken. */
  insert(administrator: AdministratorSecret): Promise<boolean>;
  /** The changed administrator; undefined if there is none, `taken` if another one has the e-mail or identity. */
  update(id: string, changes: AdministratorChanges): Promise<Administrator | undefined | 'taken'>;
  /** Removes an administrator with all sessions and tokens. */
  remove(id: string): Promise<boolean>;

  insertSession(session: Session): Promise<void>;
  session(hash: string): Promise<Session | undefined>;
  /** Ends one session, or all sessions of an administrator. */
  endSessions(which: { hash: string } | { administrator: string }): Promise<void>;

  insertToken(token: PersonalToken): Promise<void>;
  token(hash: string): Promise<PersonalToken | undefined>;
  tokensOf(administrator: string): Promise<PersonalToken[]>;
  removeToken(administrator: string, id: string): Promise<boolean>;
  touchToken(id: string, at: Date): Promise<void>;

  keepSignIn(pending: PendingSignIn): Promise<void>;
  /** Removes and returns a pending sign-in, so that it can be used only once. */
  takeSignIn(hash: string): Promise<PendingSignIn | undefined>;
}

/** Limits failed sign-ins, across all instances. */
export interface SignInLimits {
  /** Seconds to wait; undefined if another attempt is allowed. @throws StoreUnavailable */
  waitSeconds(attempt: SignInAttempt): Promise<number | undefined>;
  failed(attempt: SignInAttempt): Promise<void>;
  succeeded(attempt: SignInAttempt): Promise<void>;
  /** Removes everything that is kept under these e-mails. */
  forget(emails: readonly string[]): Promise<void>;
}

export interface SignInAttempt {
  email: string;
  /** The address that the request came from. */
  address: string;
}
