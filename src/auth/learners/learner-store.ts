// What is kept of a learner's ways in, and the port to it; src/mongo implements it. Whether a learner may get in is the directory's.

/** How a user signs in. */
export interface LearnerAccess {
  user: string;
  account: string;
  /** argon2id; absent for a user who never set a password. */
  passwordHash?: string;
  /** Counts what ends all sign-ins: a new password, and signing out everywhere. */
  version: number;
}

/** A link to set a password. */
export interface ResetLink {
  /** The hash of its token. */
  hash: string;
  user: string;
  account: string;
  expires: Date;
}

/** Every method throws StoreUnavailable if the database is unavailable. */
export interface LearnerStore {
  access(user: string): Promise<LearnerAccess | undefined>;
  /** Records that a user gets in, without a password if none is set. */
  ensure(user: string, account: string): Promise<void>;
  /** Sets the password, which ends all sign-ins and makes links to set one invalid. */
  setPassword(user: string, account: string, passwordHash: string): Promise<void>;
  /** Ends all sign-ins. */
  endSignIns(user: string): Promise<void>;
  /** Removes everything that is kept of users. */
  remove(users: readonly string[]): Promise<number>;
  /** Stores a link instead of an earlier one of the same user. */
  keepResetLink(link: ResetLink): Promise<void>;
  resetLink(hash: string): Promise<ResetLink | undefined>;
  /** Removes a link; false if it is gone, so that it is used only once. */
  takeResetLink(hash: string): Promise<boolean>;
}

/** Counts what a person or a network asks for by mail. */
export interface ResetLimits {
  /** Counts one more request of a network; false if there were too many. @throws StoreUnavailable */
  takeOfNetwork(network: string): Promise<boolean>;
  /** Counts one more mail to a user; false if there were too many. @throws StoreUnavailable */
  takeOfUser(user: string): Promise<boolean>;
}
