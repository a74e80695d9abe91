// An invitation as it is stored, and the ports to the store of invitations; src/mongo/invitations implements them.

import type { Language } from '../accounts/settings.ts';

/**
 * `open`: the person can register. `used`: the link was used. `takenOver`: a sync or a file brought the person. `revoked` and
 * `expired`: the person is erased or about to be.
 */
export type InvitationState = 'open' | 'used' | 'takenOver' | 'revoked' | 'expired';

/** How an invitation ends. */
export type InvitationEnd = Exclude<InvitationState, 'open'>;

/** An invitation. */
export interface Invitation {
  id: string;
  account: string;
  /** The invited user; absent once the person was erased. */
  user?: string;
  state: InvitationState;
  /** The language of its mails. */
  language: Language;
  created: Date;
  /** The first day, in the account's time zone, such as `2026-11-22`. */
  day: string;
  /** The last day on which the person can register, likewise. */
  lastDay: string;
  /** The instant at which the last day is over. */
  ends: Date;
  /** The hashes of all links that were sent. Each is live until the invitation ends. */
  links: string[];
  /** When it was last sent again on request. */
  resent?: Date;
  /** The day of the schedule of which the last reminder was sent, such as 53. */
  reminded?: number;
}

/** What the store of links does. Every method throws StoreUnavailable if the database is unavailable. */
export interface LinkStore {
  /** The invitation to which a link with this hash leads. */
  invitationOfLink(hash: string): Promise<Invitation | undefined>;
  /** Ends the open invitation to which a link with this hash leads, if it is not over at `now`; true for one caller. */
  useLink(hash: string, now: Date): Promise<boolean>;
}

/** The number of invitations of one month, without persons: how many were sent, and how they ended. */
export interface InvitationCount {
  /** Such as `2026-11`: the month in which they were sent. */
  month: string;
  sent: number;
  used: number;
  takenOver: number;
  revoked: number;
  expired: number;
}

/** A request to send an invitation again. */
interface Resend {
  now: Date;
  /** Only if it was not sent again since then. */
  notSince: Date;
  /** The hash of the new link. */
  link: string;
}

/** Which open invitations to list, in order of their last days. */
interface OpenInvitations {
  /** Only those whose last day is this one or later. */
  from?: string | undefined;
  /** Only those whose last day is this one or earlier. */
  to?: string | undefined;
  /** The last one of the page before. */
  after?: Pick<Invitation, 'lastDay' | 'id'> | undefined;
  limit: number;
}

/** Reads invitations. Every method throws StoreUnavailable if the database is unavailable. */
export interface InvitationReader {
  byId(account: string, id: string): Promise<Invitation | undefined>;
  /** The invitations of these users. */
  ofUsers(account: string, users: readonly string[]): Promise<Invitation[]>;
  /** A page of open invitations that have a user. */
  open(account: string, which: OpenInvitations): Promise<Invitation[]>;
  /** The invitations in these states that still have their person, each state by last day. */
  withPerson(account: string, states: readonly InvitationState[]): AsyncIterable<Invitation>;
  /** The counts of an account by month, the newest first; at most `limit`. */
  counts(account: string, limit: number): Promise<InvitationCount[]>;
}

/** What the store of invitations does. Every method throws StoreUnavailable if the database is unavailable. */
export interface InvitationStore extends InvitationReader {
  /** Adds an invitation and counts it. */
  insert(invitation: Invitation): Promise<void>;
  /** Takes back an invitation whose user was refused. */
  withdraw(account: string, id: string): Promise<void>;
  /** Adds a link to an open invitation that is sent again; undefined if it has ended or was sent again in the meantime. */
  claimResend(account: string, id: string, resend: Resend): Promise<Invitation | undefined>;
  /** Adds a link to an open invitation; false if it has ended. */
  addLink(account: string, id: string, link: string): Promise<boolean>;
  /** Records the reminder of a day of the schedule. */
  reminded(account: string, id: string, day: number): Promise<void>;
  /** Ends an invitation and counts how; false if it had ended. */
  end(account: string, id: string, how: InvitationEnd, at: Date): Promise<boolean>;
  /** Removes the person from an invitation. */
  forget(account: string, id: string): Promise<void>;
}
