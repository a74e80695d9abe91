// Reads the standing of the user who an administrator is.

import type { Db } from 'mongodb';
import { standingOf, type UserStanding } from '../../directory/users/standing.ts';
import { guarded } from '../client/mongo-errors.ts';
import { collectionsOf } from '../collections.ts';

const FIELDS = { blocked: 1, lifecycle: 1, suspensions: 1, formerSuperior: 1, 'data.active': 1 } as const;

/** Creates the function that reads a user's standing; undefined if the account has no such user. It throws StoreUnavailable. */
export function createUserStandings(db: Db) {
  const { users } = collectionsOf(db);
  return async (account: string, id: string): Promise<UserStanding | undefined> => {
    const user = await guarded(() => users.findOne({ account, _id: id }, { projection: FIELDS }));
    return user ? standingOf(user) : undefined;
  };
}
