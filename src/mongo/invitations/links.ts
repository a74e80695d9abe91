// The links of invitations in MongoDB. One conditional update of the invitation decides who uses a link.

import type { Db, MongoClient } from 'mongodb';
import type { Invitation, LinkStore } from '../../directory/invitations/invitation.ts';
import { guarded } from '../client/mongo-errors.ts';
import { collectionsOf } from '../collections.ts';
import type { InvitationDocument } from '../schemas/operation/invitations.ts';
import { createEnding } from './ending.ts';

/** Creates the store of links of a database. Every method throws StoreUnavailable if the database is unavailable. */
export function createLinkStore(client: MongoClient, db: Db): LinkStore {
  const { invitations } = collectionsOf(db);
  const end = createEnding(client, db);
  return {
    async invitationOfLink(hash) {
      const found = await guarded(() => invitations.findOne({ links: hash }));
      return found ? toInvitation(found) : undefined;
    },
    useLink: (hash, now) => end({ links: hash, ends: { $gt: now } }, 'used', now),
  };
}

/** Converts a stored invitation to the directory's model. */
export function toInvitation({ _id, ended: _ended, ...rest }: InvitationDocument): Invitation {
  return { id: _id, ...rest };
}
