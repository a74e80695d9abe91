// Sets and unsets the manager of users off the request path: the stored manager and the search keys of the reports, in one write.

import type { Collection, Document, Filter } from 'mongodb';
import type { StoredUser } from '../../directory/model.ts';
import { mark } from '../../directory/query/search-keys.ts';
import { foldText } from '../../directory/schema/fold.ts';

const MISSING = mark('missing', 'manager');
const MANAGER_KEYS = `^(${mark('manager', '')}|${mark('reportsTo', '')})`;

/** Users whose manager this is. */
export function reportsOf(account: string, manager: string): Filter<StoredUser> {
  return { account, terms: mark('reportsTo', manager), manager };
}

/** Users whose unresolved manager reference is one of these folded texts. */
export function waitingFor(account: string, folded: readonly string[]): Filter<StoredUser> {
  return { account, terms: { $in: folded.map((text) => mark('manager', text)) }, awaits: { $in: [...folded] } };
}

/** Unsets the manager of users, resolved or not. Returns how many there were. */
export async function unsetManagers(
  users: Collection<StoredUser>,
  which: Filter<StoredUser>,
  now: Date,
): Promise<number> {
  const named = { $regexMatch: { input: '$$this', regex: MANAGER_KEYS } };
  const { modifiedCount } = await users.updateMany(which, [
    { $set: { ...visibleChange(now), ...withoutMissing({ $not: [named] }) } },
    { $unset: ['manager', 'awaits', 'data.enterprise.manager', 'fold.enterprise.manager'] },
  ]);
  return modifiedCount;
}

/** Sets the manager of users whose reference is one of these texts and who have none yet. */
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
      terms: { $in: references.map((reference) => mark('manager', foldText(reference))) },
      'data.enterprise.manager.value': { $in: references },
      manager: { $exists: false },
    },
    [
      {
        $set: {
          ...visibleChange(now),
          missing,
          manager: { $literal: manager },
          terms: { $concatArrays: [terms, [{ $literal: mark('reportsTo', manager) }]] },
        },
      },
      { $unset: ['awaits'] },
    ],
  );
}

function visibleChange(now: Date): Document {
  return { modified: now, version: { $add: ['$version', 1] }, revision: { $add: ['$revision', 1] } };
}

/** `missing` and the search keys without the manager; `kept`: which of the other search keys stay. */
function withoutMissing(kept: Document | true): { missing: Document; terms: Document } {
  const cond = { $and: [{ $ne: ['$$this', MISSING] }, kept] };
  return {
    missing: { $filter: { input: '$missing', cond: { $ne: ['$$this', 'manager'] } } },
    terms: { $filter: { input: { $ifNull: ['$terms', []] }, cond } },
  };
}
