// The collection `invitationCounts`: how many invitations an account sent in a month and how they ended, without persons.

import type { InvitationCount } from '../../../directory/invitations/invitation.ts';
import { declareCollection } from '../declaration.ts';

export interface InvitationCountDocument extends InvitationCount {
  /** `account:month` */
  _id: string;
  account: string;
}

export const invitationCounts = declareCollection<InvitationCountDocument>({
  shape: {
    _id: { type: String, required: true },
    account: { type: String, required: true },
    month: { type: String, required: true },
    sent: { type: Number, required: true },
    used: { type: Number, required: true },
    takenOver: { type: Number, required: true },
    revoked: { type: Number, required: true },
    expired: { type: Number, required: true },
  },
  indexes: [{ key: { account: 1, month: -1 }, name: 'account_month' }],
});
