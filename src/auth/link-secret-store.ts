// The port to the secrets of links and to the tokens that were used.

/** A secret that an account shares with CrewPlanner. It must be kept as it is: a signature by HS256 is checked with the secret itself. */
export interface LinkSecret {
  id: string;
  account: string;
  /** 256 random bits, base64url; its UTF-8 bytes are the key. */
  secret: string;
  created: Date;
}

/** The port to stored secrets and used tokens. Every method throws StoreUnavailable. */
export interface LinkSecretStore {
  /** The secrets of an account, the oldest first. */
  list(account: string): Promise<LinkSecret[]>;
  insert(secret: LinkSecret): Promise<void>;
  remove(account: string, id: string): Promise<boolean>;
  /** Remembers a token until it has expired; false if it was remembered already. */
  takeOnce(account: string, tokenId: string, expires: Date): Promise<boolean>;
}
