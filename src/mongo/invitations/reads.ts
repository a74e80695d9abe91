// Reads invitations and their counts.

import type { Db, Filter } from 'mongodb';
import type { InvitationReader } from '../../directory/invitations/invitation.ts';
import { guarded } from '../client/mongo-errors.ts';
import { collectionsOf } from '../collections.ts';
import type { InvitationDocument } from '../schemas/operation/invitations.ts';
import { toInvitation } from './links.ts';

/** How many invitations are read at once. */
const BATCH = 200;

/** Creates the reading half of the store. Every method throws StoreUnavailable if the database is unavailable. */
export function createInvitationReader(db: Db): InvitationReader {
  const { invitations, invitationCounts } = collectionsOf(db);

  async function* inState(which: Filter<InvitationDocument>) {
    for (let last: InvitationDocument | undefined; ; ) {
      const query = last ? { $and: [which, behind(last)] } : which;
      const found = await guarded(() => invitations.find(query).sort({ lastDay: 1, _id: 1 }).limit(BATCH).toArray());
      yield* found.map(toInvitation);
      last = found.at(-1);
      if (found.length < BATCH) return;
    }
  }

  return {
    async byId(account, id) {
      const found = await guarded(() => invitations.findOne({ account, _id: id }));
      return found ? toInvitation(found) : undefined;
    },
    async ofUsers(account, users) {
      const found = await guarded(() => invitations.find({ account, user: { $in: [...users] } }).toArray());
      return found.map(toInvitation);
    },
    async open(account, { from, to, after, limit }) {
      const lastDay = { ...(from === undefined ? {} : { $gte: from }), ...(to === undefined ? {} : { $lte: to }) };
      const which: Filter<InvitationDocument> = {
        account,
        state: 'open',
        user: { $exists: true },
        ...(from === undefined && to === undefined ? {} : { lastDay }),
      };
      const query = after ? { $and: [which, behind({ lastDay: after.lastDay, _id: after.id })] } : which;
      const found = await guarded(() => invitations.find(query).sort({ lastDay: 1, _id: 1 }).limit(limit).toArray());
      return found.map(toInvitation);
    },
    async *withPerson(account, states) {
      for (const state of states) yield* inState({ account, state, user: { $exists: true } });
    },
    async counts(account, limit) {
      const found = await guarded(() => invitationCounts.find({ account }).sort({ month: -1 }).limit(limit).toArray());
      return found.map(({ _id, account: _account, ...counts }) => counts);
    },
  };
}

/** The condition for what follows a document in the order of last days. */
function behind({ lastDay, _id }: Pick<InvitationDocument, 'lastDay' | '_id'>): Filter<InvitationDocument> {
  return { $or: [{ lastDay: { $gt: lastDay } }, { lastDay, _id: { $gt: _id } }] };
}
