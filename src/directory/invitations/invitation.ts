// An invitation as it is stored, and the port to the store of invitations; src/mongo/invitations implements it.

import type { Language } from '../accounts/settings.ts';

/**
 * `open`: the person can register. `used`: the link was used. `takenOver`: a sync or a file brought the person. `revoked` and
 * `expired`: the person is erased or about to be.
 */
export type InvitationState = 'open' | 'used' | 'takenOver' | 'revoked' | 'expired';

/** The states of invitations that are over. */
export const ENDED_STATES = ['used', 'takenOver', 'revoked', 'expired'] as const satisfies InvitationState[];

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
}

/** What the store of links does. Every method throws StoreUnavailable if the database is unavailable. */
export interface LinkStore {
  /** The invitation to which a link with this hash leads. */
  invitationOfLink(hash: string): Promise<Invitation | undefined>;
  /** Ends the open invitation to which a link with this hash leads, if it is not over at `now`; true for one caller. */
  useLink(hash: string, now: Date): Promise<boolean>;
}
