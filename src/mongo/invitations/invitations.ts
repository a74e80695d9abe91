// Invitations in MongoDB. Conditional updates decide who ends one and who sends it again.

import type { Db, MongoClient } from 'mongodb';
import type { InvitationStore } from '../../directory/invitations/invitation.ts';
import { guarded } from '../client/mongo-errors.ts';
import { collectionsOf } from '../collections.ts';
import { count, createEnding } from './ending.ts';
import { toInvitation } from './links.ts';
import { createInvitationReader } from './reads.ts';

/** Creates the store of invitations of a database. Every method throws StoreUnavailable if the database is unavailable. */
export function createInvitationStore(client: MongoClient, db: Db): InvitationStore {
  const collections = collectionsOf(db);
  const { invitations } = collections;
  const end = createEnding(client, db);
  return {
    ...createInvitationReader(db),
    async insert({ id, ...invitation }) {
      await guarded(() => invitations.insertOne({ _id: id, ...invitation }));
      await guarded(() => count(collections, invitation, { sent: 1 }));
    },
    async withdraw(account, id) {
      const removed = await guarded(() => invitations.findOneAndDelete({ account, _id: id }));
      if (removed) await guarded(() => count(collections, removed, { sent: -1 }));
    },
    async claimResend(account, id, { now, notSince, link }) {
      const open = { account, _id: id, state: 'open' as const, ends: { $gt: now } };
      const isUnlocked = { $or: [{ resent: { $exists: false } }, { resent: { $lte: notSince } }] };
      const change = { $set: { resent: now }, $push: { links: link } };
      const claimed = await guarded(() =>
        invitations.findOneAndUpdate({ ...open, ...isUnlocked }, change, { returnDocument: 'after' }),
      );
      return claimed ? toInvitation(claimed) : undefined;
    },
    async addLink(account, id, link) {
      const open = { account, _id: id, state: 'open' as const };
      return (await guarded(() => invitations.updateOne(open, { $push: { links: link } }))).matchedCount > 0;
    },
    async reminded(account, id, day) {
      await guarded(() => invitations.updateOne({ account, _id: id }, { $max: { reminded: day } }));
    },
    end: (account, id, how, at) => end({ account, _id: id }, how, at),
    async forget(account, id) {
      await guarded(() => invitations.updateOne({ account, _id: id }, { $unset: { user: '' } }));
    },
  };
}
