// A set-up link as it is stored, and the port to the store; src/mongo/accounts/setup-links.ts implements it.

/** The products that the page has steps for. */
export const SETUP_CLIENTS = ['entra', 'okta', 'onelogin', 'jumpcloud', 'other'] as const;
export type SetupClient = (typeof SETUP_CLIENTS)[number];

/** What the page has seen of the client's calls. */
export const SETUP_TICKS = ['test', 'create', 'update', 'group', 'deactivate'] as const;
export type SetupTick = (typeof SETUP_TICKS)[number];

/** A token that was made on a set-up page. */
export interface MadeToken {
  at: Date;
  /** The form with which it was asked for: a browser that loads the answer again sends the same one. */
  form?: string;
  /** The id of its credential; absent if the server ended before it was made. */
  credential?: string;
}

/** A set-up link; the token itself is not stored. */
export interface SetupLink {
  id: string;
  account: string;
  connection: string;
  created: Date;
  expires: Date;
  revoked?: Date;
  /** The product that was chosen on the page. */
  client?: SetupClient;
  /** How many tokens were made on the page. */
  tokens: number;
  /** Which; absent in links of an earlier version. */
  made?: MadeToken[];
  /** When each kind of call was first seen. */
  ticks: Partial<Record<SetupTick, Date>>;
}

/** The port to stored links. Every method throws StoreUnavailable. */
export interface SetupLinkStore {
  insert(link: SetupLink, hash: string): Promise<void>;
  byHash(hash: string): Promise<SetupLink | undefined>;
  /** The links of an account, the newest first, at most 200. */
  list(account: string): Promise<SetupLink[]>;
  revoke(account: string, id: string, at: Date): Promise<boolean>;
  choose(id: string, client: SetupClient): Promise<void>;
  /** Counts one more token, which is made at `token.at`, if there are `made` and the link is live; true for one caller. */
  countToken(id: string, made: number, token: MadeToken): Promise<boolean>;
  /** Records the credential of the token that was counted at a time. */
  nameToken(id: string, at: Date, credential: string): Promise<void>;
  /** Records the first time of each kind of call; an earlier one stays. */
  tick(id: string, ticks: SetupLink['ticks']): Promise<void>;
}
