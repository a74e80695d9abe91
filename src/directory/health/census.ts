// Owns the census of an account: how many users and groups there are on a day, and how many of them each connection brought.

/** What a connection has brought. */
export interface BroughtBy {
  /** The id of the connection, or `administrators`. */
  connection: string;
  /** Users whom it was the last to write as a whole: usually those whom it created. */
  users: number;
  /** Groups that it knows by an ID of its own. */
  groups: number;
}

/** The counts of an account on a day; those of today are at most an hour old. */
export interface Census {
  account: string;
  /** In the account's time zone, such as `2026-11-22`. */
  day: string;
  at: Date;
  users: number;
  activeUsers: number;
  groups: number;
  connections: BroughtBy[];
}

/** The port to the census. Every method throws StoreUnavailable. */
export interface CensusStore {
  /** Counts an account, and keeps the counts as those of the day. Reads every user of the account once. */
  take(account: string, day: string, at: Date): Promise<void>;
  /** The counts from a day on, oldest first. */
  days(account: string, from: string): Promise<Census[]>;
}
