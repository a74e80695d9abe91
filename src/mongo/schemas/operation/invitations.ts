// The collection `invitations`: who is invited, with the hashes of the links that were sent. Of one that is over, the hashes, the account
// and the language are kept for some time, so that an old link is answered with a reason.

import type { Invitation } from '../../../directory/invitations/invitation.ts';
import { declareCollection, wherePresent } from '../declaration.ts';

export interface InvitationDocument extends Omit<Invitation, 'id'> {
  _id: string;
  /** When it ended; it is deleted some time later. */
  ended?: Date;
}

const ENDED_SECONDS = 90 * 86_400;

export const invitations = declareCollection<InvitationDocument>({
  shape: {
    _id: { type: String, required: true },
    account: { type: String, required: true },
    user: { type: String },
    state: { type: String, required: true },
    language: { type: String, required: true },
    created: { type: Date, required: true },
    day: { type: String, required: true },
    lastDay: { type: String, required: true },
    ends: { type: Date, required: true },
    links: { type: [String], required: true },
    resent: { type: Date },
    reminded: { type: Number },
    ended: { type: Date },
  },
  indexes: [
    { key: { links: 1 }, name: 'link', unique: true },
    { key: { account: 1, user: 1 }, name: 'account_user', ...wherePresent('user') },
    { key: { account: 1, state: 1, lastDay: 1, _id: 1 }, name: 'account_state', ...wherePresent('user') },
    { key: { ended: 1 }, name: 'retention', expireAfterSeconds: ENDED_SECONDS },
  ],
});
