// What the OpenID provider keeps, and the port to it; src/mongo implements it.

/** A value that the provider keeps: a session, an interaction, a code, a token, or a grant that joins them. */
export interface KeptValue {
  /** The SHA-256 of kind and id: what is stored can't be used by a reader of the database. */
  hash: string;
  kind: string;
  payload: Record<string, unknown>;
  expires: Date;
  /** The hash of a session's second name. */
  uid?: string;
  /** The grant that it belongs to, for revocation. */
  grant?: string;
  /** The user who is signed in by it. */
  user?: string;
  /** The user's sign-in stamp when it was stored; see `stamps.ts`. */
  stamp?: string;
  /** When a code or refresh token was used. */
  consumed?: Date;
}

/** Every method throws StoreUnavailable if the database is unavailable. */
export interface ProviderStore {
  put(value: KeptValue): Promise<void>;
  get(which: { hash: string } | { uid: string }): Promise<KeptValue | undefined>;
  /** Records that a value was used; true for one caller, false if it was used before. */
  consume(hash: string, at: Date): Promise<boolean>;
  remove(hash: string): Promise<void>;
  /** Removes the values of one kind that belong to a grant. */
  removeOfGrant(kind: string, grant: string): Promise<void>;
  /** Removes everything by which a user is signed in. */
  removeOfUser(user: string): Promise<void>;
}

/** A signing key as it is stored: sealed with a key of the database. */
export interface SealedKey {
  /** The period in which the key signs; there is one key for each. */
  period: number;
  /** A JWE that holds the private key as JWK. */
  sealed: string;
  expires: Date;
}

/** Every method throws StoreUnavailable if the database is unavailable. */
export interface SigningKeyStore {
  keys(periods: readonly number[]): Promise<SealedKey[]>;
  /** Stores a key, unless there is one for its period. */
  add(key: SealedKey): Promise<void>;
}

/** An application that signs people in. */
export interface Client {
  id: string;
  account: string;
  name: string;
  /** The exact addresses to which people return after sign-in. */
  redirectUris: string[];
  /** The exact addresses to which people return after signing out. */
  postLogoutRedirectUris: string[];
  /** The page of the application that begins a sign-in, for people who come from a mail or a login link. */
  startUrl?: string;
  created: Date;
}

/** Every method throws StoreUnavailable if the database is unavailable. */
export interface ClientStore {
  client(id: string): Promise<Client | undefined>;
  /** The clients of an account, oldest first; at most `atMost`. */
  clientsOf(account: string, atMost: number): Promise<Client[]>;
  addClient(client: Client): Promise<void>;
  /** False if the account has no such client. */
  removeClient(account: string, id: string): Promise<boolean>;
}
