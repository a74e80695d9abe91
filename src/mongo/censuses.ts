// Takes and reads the census of accounts in MongoDB.

import type { Db } from 'mongodb';
import type { BroughtBy, CensusStore } from '../directory/health/census.ts';
import { guarded } from './client/mongo-errors.ts';
import { collectionsOf } from './collections.ts';

/** Users are read in the background, so a large account may take its time. */
const COUNT_MS_MAX = 300_000;
const DAYS_MAX = 400;
/** A user whose sources were never recorded. */
const UNKNOWN = 'unknown';

/** Creates the census of a database. */
export function createCensusStore(db: Db): CensusStore {
  const { users, groups, censuses } = collectionsOf(db);

  /** The users of an account by the connection that wrote them as a whole. */
  const countUsers = (account: string) =>
    users
      .aggregate<{ _id: string | null; users: number; active: number }>(
        [
          { $match: { account } },
          {
            $group: {
              _id: { $getField: { field: '*', input: '$sources' } },
              users: { $sum: 1 },
              active: { $sum: { $cond: [{ $eq: ['$data.active', false] }, 0, 1] } },
            },
          },
        ],
        { hint: 'account_id', maxTimeMS: COUNT_MS_MAX },
      )
      .toArray();

  /** The groups of an account by the connections that know them by an ID. */
  const countGroups = (account: string) =>
    groups
      .aggregate<{ _id: string | null; groups: number }>(
        [
          { $match: { account } },
          { $project: { connection: { $setUnion: [{ $ifNull: ['$identities.connection', []] }] } } },
          { $unwind: '$connection' },
          { $group: { _id: '$connection', groups: { $sum: 1 } } },
        ],
        { hint: 'account_id', maxTimeMS: COUNT_MS_MAX },
      )
      .toArray();

  return {
    async take(account, day, at) {
      const [people, named, all] = await guarded(() =>
        Promise.all([countUsers(account), countGroups(account), groups.countDocuments({ account })]),
      );
      const brought = new Map<string, BroughtBy>();
      const of = (connection: string | null) => {
        const id = connection ?? UNKNOWN;
        const known = brought.get(id) ?? { connection: id, users: 0, groups: 0 };
        brought.set(id, known);
        return known;
      };
      for (const { _id, users: count } of people) of(_id).users += count;
      for (const { _id, groups: count } of named) of(_id).groups += count;
      const census = {
        account,
        day,
        at,
        users: people.reduce((sum, { users: count }) => sum + count, 0),
        activeUsers: people.reduce((sum, { active }) => sum + active, 0),
        groups: all,
        connections: [...brought.values()],
      };
      await guarded(() => censuses.replaceOne({ _id: `${account} ${day}` }, census, { upsert: true }));
    },
    async days(account, from) {
      const found = censuses
        .find({ account, day: { $gte: from } }, { projection: { _id: 0 } })
        .sort({ day: 1 })
        .limit(DAYS_MAX);
      return guarded(() => found.toArray());
    },
  };
}
