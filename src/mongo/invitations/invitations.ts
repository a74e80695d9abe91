// Invitations in MongoDB. Conditional updates decide who ends one and who sends it again.

import type { Db, Filter, MongoClient } from 'mongodb';
import type { InvitationStore } from '../../directory/invitations/invitation.ts';
import { guarded } from '../client/mongo-errors.ts';
import { collectionsOf } from '../collections.ts';
import type { InvitationDocument } from '../schemas/operation/invitations.ts';
import { count, createEnding } from './ending.ts';
import { toInvitation } from './links.ts';

/** How many invitations are read at once. */
const BATCH = 200;

/** Creates the store of invitations of a database. Every method throws StoreUnavailable if the database is unavailable. */
export function createInvitationStore(client: MongoClient, db: Db): InvitationStore {
  const collections = collectionsOf(db);
  const { invitations, invitationCounts } = collections;
  const end = createEnding(client, db);

  async function* withPerson(
    account: string,
    states: readonly InvitationDocument['state'][],
    before?: string,
  ): ReturnType<InvitationStore['withPerson']> {
    for (const state of states) {
      const which: Filter<InvitationDocument> = { account, state, user: { $exists: true } };
      if (before !== undefined) which.lastDay = { $lt: before };
      for (let last: InvitationDocument | undefined; ; ) {
        const from = last;
        const found = await guarded(() =>
          invitations
            .find(from ? { $and: [which, behind(from)] } : which)
            .sort({ lastDay: 1, _id: 1 })
            .limit(BATCH)
            .toArray(),
        );
        yield* found.map(toInvitation);
        last = found.at(-1);
        if (found.length < BATCH) break;
      }
    }
  }

  return {
    async insert({ id, ...invitation }) {
      await guarded(() => invitations.insertOne({ _id: id, ...invitation }));
      await guarded(() => count(collections, invitation, { sent: 1 }));
    },
    async withdraw(account, id) {
      const removed = await guarded(() => invitations.findOneAndDelete({ account, _id: id }));
      if (removed) await guarded(() => count(collections, removed, { sent: -1 }));
    },
    async byId(account, id) {
      const found = await guarded(() => invitations.findOne({ account, _id: id }));
      return found ? toInvitation(found) : undefined;
    },
    async ofUsers(account, users) {
      const found = await guarded(() => invitations.find({ account, user: { $in: [...users] } }).toArray());
      return found.map(toInvitation);
    },
    async claimResend(account, id, { now, notSince, link, states }) {
      const claimed = await guarded(() =>
        invitations.findOneAndUpdate(
          {
            account,
            _id: id,
            state: { $in: [...states] },
            ends: { $gt: now },
            $or: [{ resent: { $exists: false } }, { resent: { $lte: notSince } }],
          },
          { $set: { state: 'open', resent: now }, $push: { links: link }, $unset: { ended: '' } },
          { returnDocument: 'after' },
        ),
      );
      return claimed ? toInvitation(claimed) : undefined;
    },
    async addLink(account, id, link) {
      const added = await guarded(() =>
        invitations.updateOne({ account, _id: id, state: 'open' }, { $push: { links: link } }),
      );
      return added.matchedCount > 0;
    },
    async reminded(account, id, day) {
      await guarded(() => invitations.updateOne({ account, _id: id }, { $max: { reminded: day } }));
    },
    end: (account, id, how, at) => end({ account, _id: id }, how, at),
    async forget(account, id) {
      await guarded(() => invitations.updateOne({ account, _id: id }, { $unset: { user: '' } }));
    },
    withPerson,
    async counts(account, limit) {
      const found = await guarded(() => invitationCounts.find({ account }).sort({ month: -1 }).limit(limit).toArray());
      return found.map(({ _id, account: _account, ...counts }) => counts);
    },
  };
}

/** The condition for what follows a document in the order of last days. */
function behind({ lastDay, _id }: InvitationDocument): Filter<InvitationDocument> {
  return { $or: [{ lastDay: { $gt: lastDay } }, { lastDay, _id: { $gt: _id } }] };
}
