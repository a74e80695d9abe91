// What authentication needs from the store: a credential by its hash, and a note of when it was used.

import type { Account, Connection } from '../directory/model.ts';

/** A credential as it is stored; the token itself is nowhere. */
export interface Credential {
  id: string;
  account: string;
  connection: string;
  /** SHA-256 of the token, lower-case hex. */
  hash: string;
  /** The few characters by which people tell tokens apart. */
  hint: string;
  /** What it is for, in the words of who made it. */
  name?: string;
  created: Date;
  expires?: Date;
  /** Exact to the minute. */
  lastUsed?: Date;
  revoked?: Date;
}

/** A credential with whom it speaks for. */
export interface CredentialOwner {
  credential: Credential;
  account: Account;
  connection: Connection;
}

export interface CredentialStore {
  /** The credential of this hash, revoked and expired ones included. @throws StoreUnavailable */
  findByHash(hash: string): Promise<CredentialOwner | undefined>;
  /** Notes that the credential and its connection were used. @throws StoreUnavailable */
  touch(credential: Credential, at: Date): Promise<void>;
}
