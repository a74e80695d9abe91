// Counts what is stored of a person, as far as indexes lead to it: what an administrator sees before an erasure. Each count ends at COUNTED_MAX.

import type { Db } from 'mongodb';
import { COUNTED_MAX, type ErasureCounts } from '../directory/erasure/preview.ts';
import { guarded } from './client/mongo-errors.ts';
import { type Collections, collectionsOf } from './collections.ts';
import { usersAwaiting } from './users/manager-links.ts';

const LIMIT = { limit: COUNTED_MAX };

/** Makes the function that counts in a database. It throws StoreUnavailable. */
export function createErasureCounts(db: Db): ErasureCounts {
  const { events, outbox, users, audit, invitations, oidcValues, resetLinks } = collectionsOf(db);
  return async (account, { ids, hashes, emails, references }) => {
    const their = { $in: [...ids] };
    const awaiting = usersAwaiting(account, [...references]);
    return guarded(async () => {
      const [byDoor, changes, mails, invited, opened, links, reports] = await Promise.all([
        eventsByDoor(events, account, [...ids, ...hashes]),
        audit.countDocuments({ account, subject: their, values: { $exists: true } }, LIMIT),
        outbox.countDocuments({ account, to: { $in: [...emails] } }, LIMIT),
        invitations.countDocuments({ account, user: their }, LIMIT),
        oidcValues.countDocuments({ user: their }, LIMIT),
        resetLinks.countDocuments({ user: their }, LIMIT),
        references.length > 0 ? users.countDocuments(awaiting, LIMIT) : 0,
      ]);
      const { csv = 0, xml = 0, ...others } = byDoor;
      const requests = Object.values(others).reduce((sum, count) => sum + count, 0);
      return {
        events: requests,
        rows: csv,
        blocks: xml,
        changes,
        mails,
        invitations: invited,
        signIns: opened + links,
        reports,
      };
    });
  };
}

/** Requests about a person, and the rows and blocks of files, which are events of their doors. */
async function eventsByDoor(
  events: Collections['events'],
  account: string,
  about: string[],
): Promise<Record<string, number>> {
  const counted = await events
    .aggregate<{ _id: string; count: number }>([
      { $match: { account, about: { $in: about } } },
      { $limit: COUNTED_MAX },
      { $group: { _id: '$door', count: { $sum: 1 } } },
    ])
    .toArray();
  return Object.fromEntries(counted.map(({ _id, count }) => [_id, count]));
}
