// Sets and unsets the manager of users outside of requests: the stored manager and the search keys of the reports, in one write.

import type { Collection, Document, Filter } from 'mongodb';
import type { StoredUser } from '../../directory/model.ts';
import { searchKey } from '../../directory/query/search-keys.ts';
import { foldText } from '../../directory/schema/fold.ts';

const MISSING = searchKey('missing', 'manager');
const MANAGER_KEYS = `^(${searchKey('manager', '')}|${searchKey('reportsTo', '')})`;

/** Matches the users who report to this manager. */
export function reportsOf(account: string, manager: string): Filter<StoredUser> {
  return { account, terms: searchKey('reportsTo', manager), manager };
}

/** Matches the users whose unresolved manager reference is one of these folded texts. */
export function usersAwaiting(account: string, folded: readonly string[]): Filter<StoredUser> {
  return { account, terms: { $in: folded.map((text) => searchKey('manager', text)) }, awaits: { $in: [...folded] } };
}

/** Unsets the manager of users, resolved or not; returns the number of changed users. */
export async function unsetManagers(
  users: Collection<StoredUser>,
  filter: Filter<StoredUser>,
  now: Date,
): Promise<number> {
  const isManagerKey = { $regexMatch: { input: '$$this', regex: MANAGER_KEYS } };
  const { modifiedCount } = await users.updateMany(filter, [
    { $set: { ...visibleChange(now), ...withoutMissing({ $not: [isManagerKey] }) } },
    { $unset: ['manager', 'awaits', 'data.enterprise.manager', 'fold.enterprise.manager'] },
  ]);
  return modifiedCount;
}

/** Sets the manager of users whose reference is one of these texts and is not yet resolved. */
export async function resolveManagers(
  users: Collection<StoredUser>,
  account: string,
  manager: string,
  references: readonly string[],
  now: Date,
): Promise<void> {
  const { missing, terms } = withoutMissing(true);
  await users.updateMany(
    {
      account,
      terms: { $in: references.map((reference) => searchKey('manager', foldText(reference))) },
      'data.enterprise.manager.value': { $in: references },
      manager: { $exists: false },
    },
    [
      {
        $set: {
          ...visibleChange(now),
          missing,
          manager: { $literal: manager },
          terms: { $concatArrays: [terms, [{ $literal: searchKey('reportsTo', manager) }]] },
        },
      },
      { $unset: ['awaits'] },
    ],
  );
}

function visibleChange(now: Date): Document {
  return { modified: now, version: { $add: ['$version', 1] }, revision: { $add: ['$revision', 1] } };
}

/** `missing` and the search keys without the manager. @param kept the condition for keeping each of the other search keys */
function withoutMissing(kept: Document | true): { missing: Document; terms: Document } {
  const cond = { $and: [{ $ne: ['$$this', MISSING] }, kept] };
  return {
    missing: { $filter: { input: '$missing', cond: { $ne: ['$$this', 'manager'] } } },
    terms: { $filter: { input: { $ifNull: ['$terms', []] }, cond } },
  };
}
