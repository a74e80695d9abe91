// The port to stored credentials: find one by its hash, record its last use.

import type { Account, Connection } from '../directory/model.ts';

/** A stored credential; the token itself is not stored. */
export interface Credential {
  id: string;
  account: string;
  connection: string;
  /** SHA-256 of the token, lower-case hex. */
  hash: string;
  /** A few characters of the token, so that people can recognize it. */
  hint: string;
  /** What the credential is for, as its creator named it. */
  name?: string;
  created: Date;
  expires?: Date;
  /** Exact to the minute. */
  lastUsed?: Date;
  revoked?: Date;
}

/** A credential with its account and connection. */
export interface CredentialOwner {
  credential: Credential;
  account: Account;
  connection: Connection;
}

export interface CredentialStore {
  /** The credential of this hash, revoked and expired ones included. @throws StoreUnavailable */
  findByHash(hash: string): Promise<CredentialOwner | undefined>;
  /** Records that the credential and its connection were used. @throws StoreUnavailable */
  touch(credential: Credential, at: Date): Promise<void>;
}
