// The links of invitations in MongoDB. One conditional update of the invitation decides who uses a link.

import type { Db } from 'mongodb';
import type { Invitation, LinkStore } from '../../directory/invitations/invitation.ts';
import { guarded } from '../client/mongo-errors.ts';
import { collectionsOf } from '../collections.ts';
import type { InvitationDocument } from '../schemas/operation/invitations.ts';

/** Creates the store of links of a database. Every method throws StoreUnavailable if the database is unavailable. */
export function createLinkStore(db: Db): LinkStore {
  const { invitations } = collectionsOf(db);
  return {
    async invitationOfLink(hash) {
      const found = await guarded(() => invitations.findOne({ links: hash }));
      return found ? toInvitation(found) : undefined;
    },
    async useLink(hash, now) {
      const open = { links: hash, state: 'open' as const, ends: { $gt: now } };
      const used = await guarded(() => invitations.updateOne(open, { $set: { state: 'used', ended: now } }));
      return used.modifiedCount > 0;
    },
  };
}

/** Converts a stored invitation to the directory's model. */
export function toInvitation({ _id, ended: _ended, ...rest }: InvitationDocument): Invitation {
  return { id: _id, ...rest };
}
