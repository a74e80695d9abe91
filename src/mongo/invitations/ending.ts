// Ends an invitation and counts how it ended, in one transaction: the count is all that stays of it.

import type { Db, Filter, MongoClient } from 'mongodb';
import { StoreUnavailable } from '../../directory/faults.ts';
import type { InvitationEnd } from '../../directory/invitations/invitation.ts';
import { createRetryBudget } from '../../directory/retry-budget.ts';
import { guarded } from '../client/mongo-errors.ts';
import { inTransaction } from '../client/transaction.ts';
import { type Collections, collectionsOf } from '../collections.ts';
import type { InvitationCountDocument } from '../schemas/operation/invitation-counts.ts';
import type { InvitationDocument } from '../schemas/operation/invitations.ts';

/** Ends the open invitation that meets a condition; false if there is none. It throws StoreUnavailable. */
export type EndInvitation = (which: Filter<InvitationDocument>, how: InvitationEnd, at: Date) => Promise<boolean>;

/** Makes the function that ends invitations. */
export function createEnding(client: MongoClient, db: Db): EndInvitation {
  const { invitations, invitationCounts } = collectionsOf(db);
  return async (which, how, at) => {
    const ended = await guarded(() =>
      inTransaction(client, createRetryBudget(), async (session) => {
        const open: Filter<InvitationDocument> = { ...which, state: 'open' };
        const change = { $set: { state: how, ended: at } };
        const before = await invitations.findOneAndUpdate(open, change, { session });
        if (!before) return false;
        const { filter, update } = counting(before, { [how]: 1 });
        await invitationCounts.updateOne(filter, update, { session, upsert: true });
        return true;
      }),
    );
    if (ended === 'busy') throw new StoreUnavailable(new Error('too many changes of one invitation at once'));
    return ended;
  };
}

const NONE = { sent: 0, used: 0, takenOver: 0, revoked: 0, expired: 0 };

/** The update that changes the counts of the month of an invitation. */
function counting(
  { account, day }: Pick<InvitationDocument, 'account' | 'day'>,
  change: Partial<Record<keyof typeof NONE, number>>,
) {
  const month = day.slice(0, 7);
  const rest = Object.fromEntries(Object.entries(NONE).filter(([key]) => !(key in change)));
  const filter: Filter<InvitationCountDocument> = { _id: `${account}:${month}` };
  return { filter, update: { $inc: change, $setOnInsert: { account, month, ...rest } } };
}

/** Changes the counts of the month of an invitation. */
export async function count(
  { invitationCounts }: Pick<Collections, 'invitationCounts'>,
  invitation: Pick<InvitationDocument, 'account' | 'day'>,
  change: Partial<Record<keyof typeof NONE, number>>,
): Promise<void> {
  const { filter, update } = counting(invitation, change);
  await invitationCounts.updateOne(filter, update, { upsert: true });
}
