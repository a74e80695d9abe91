// Carries out the steps of merges of groups, each in one transaction. Members are links on users (decision 1).

import type { ClientSession, Db, Document, MongoClient } from 'mongodb';
import type { GroupMergeRecords, MergeStep } from '../../directory/groups/merge.ts';
import type { ChangeRecord, StoredGroup } from '../../directory/model.ts';
import { guarded } from '../client/mongo-errors.ts';
import { Abort, inTransaction } from '../client/transaction.ts';
import { takenValue } from '../client/unique-indexes.ts';
import { type Collections, collectionsOf } from '../collections.ts';
import { withWaiting } from '../relay/waiting-changes.ts';

/** Creates the port to merges of groups of a database. Every method throws StoreUnavailable if the database is unavailable. */
export function createGroupMergeRecords(client: MongoClient, db: Db): GroupMergeRecords {
  const collections = collectionsOf(db);
  return {
    courses: (account, group) => guarded(() => collections.courses.countDocuments({ account, groups: group })),
    carryOut: (step, budget) =>
      guarded(async () => {
        try {
          return await inTransaction(client, budget, (session) => write(collections, step, session));
        } catch (error) {
          // An ID or a name was given to another group at the same moment.
          if (takenValue(error) === undefined) throw error;
          return 'stale';
        }
      }),
  };
}

async function write(collections: Collections, step: MergeStep, session: ClientSession) {
  const { account, from, into, membersMax, records, at } = step;
  const found = await collections.users
    .find({ account, 'groups.to': from.id }, { projection: { _id: 1 }, limit: membersMax + 1, session })
    .toArray();
  const done = found.length <= membersMax;
  const ids = found.slice(0, membersMax).map(({ _id }) => _id);
  // The IDs leave the one group before the other one gets them, because each belongs to one group.
  if (done) await removeGroup(collections, step, session);
  else await changeGroup(collections, step, { ...from, changes: EMPTIED }, records.from, session);
  const group = await changeGroup(collections, step, into, records.into, session);
  await moveLinks(collections, step, ids, session);
  if (done) await moveCourses(collections, account, [from.id, into.id], at, session);
  return { group, moved: ids.length, done };
}

/** The group keeps its name until it is deleted, but is found by none of its IDs any more. */
const EMPTIED = { set: { identities: [] }, unset: ['externalId'] };

async function removeGroup(
  { groups, tombstones }: Collections,
  { account, from, tombstone }: MergeStep,
  session: ClientSession,
): Promise<void> {
  const filter = { _id: from.id, account, version: from.ifVersion };
  const deleted = await groups.findOneAndDelete(filter, { session, projection: { changes: 1 } });
  if (!deleted) throw new Abort('stale');
  await tombstones.insertOne(withWaiting(tombstone, deleted.changes), { session });
}

async function changeGroup(
  { groups }: Collections,
  { account, at }: MergeStep,
  { id, ifVersion, changes: { set, unset } }: MergeStep['into'],
  record: ChangeRecord,
  session: ClientSession,
): Promise<StoredGroup> {
  const update = {
    $set: { ...set, modified: at },
    ...(unset.length > 0 ? { $unset: Object.fromEntries(unset.map((path): [string, ''] => [path, ''])) } : {}),
    $inc: { version: 1 },
    $push: { changes: record },
  };
  const changed = await groups.findOneAndUpdate({ _id: id, account, version: ifVersion }, update, {
    session,
    returnDocument: 'after',
    projection: { changes: 0 },
  });
  if (!changed) throw new Abort('stale');
  return changed;
}

/** Each link keeps its origins and what was sent for it, so that the source that made it can remove it. */
async function moveLinks(
  { users }: Collections,
  { account, at, from, into, records }: MergeStep,
  ids: string[],
  session: ClientSession,
): Promise<void> {
  if (ids.length === 0) return;
  const left = memberRecord(records.from, 'unlink');
  const joined = memberRecord(records.into, 'link');
  const options = { session, hint: 'account_id' };
  // Those who have both groups first: afterwards all who are left have one.
  await users.updateMany(
    { account, _id: { $in: ids }, 'groups.to': { $all: [from.id, into.id] } },
    [
      {
        $set: {
          groups: joinedLinks(from.id, into.id),
          changes: { $concatArrays: ['$changes', [{ $literal: left }]] },
          version: { $add: ['$version', 1] },
          revision: { $add: ['$revision', 1] },
          modified: at,
        },
      },
    ],
    options,
  );
  await users.updateMany(
    { account, _id: { $in: ids }, groups: { $elemMatch: { to: from.id } } },
    {
      $set: { 'groups.$.to': into.id, modified: at },
      $push: { changes: { $each: [left, joined] } },
      $inc: { version: 1, revision: 1 },
    },
    options,
  );
}

/** The links without the one to the merged group, whose origins the link to the other group gets, and whose place as the primary one. */
function joinedLinks(from: string, into: string): Document {
  const merged = { $first: { $filter: { input: '$groups', as: 'link', cond: { $eq: ['$$link.to', from] } } } };
  const others = { $filter: { input: '$groups', as: 'link', cond: { $ne: ['$$link.to', from] } } };
  const joined = {
    $mergeObjects: [
      '$$link',
      { origins: { $setUnion: ['$$link.origins', '$$merged.origins'] } },
      { $cond: [{ $eq: ['$$merged.primary', true] }, { primary: true }, {}] },
    ],
  };
  return {
    $let: {
      vars: { merged },
      in: {
        $map: { input: others, as: 'link', in: { $cond: [{ $eq: ['$$link.to', into] }, joined, '$$link'] } },
      },
    },
  };
}

/** The change record of a member has the id of the group's record; the audit collection appends the user's id. */
function memberRecord(record: ChangeRecord, action: 'link' | 'unlink'): ChangeRecord {
  const { values: _values, ...rest } = record;
  return { ...rest, id: `${record.id}:${action}`, action, attributes: ['groups'] };
}

/** Courses of the one group are courses of the other; its members do not see them as new. */
async function moveCourses(
  { courses }: Collections,
  account: string,
  [from, into]: [string, string],
  at: Date,
  session: ClientSession,
): Promise<void> {
  const filter = { account, groups: from };
  await courses.updateMany(
    { ...filter, groups: { $all: [from, into] } },
    { $pull: { groups: from }, $inc: { version: 1 }, $set: { modified: at } },
    { session },
  );
  await courses.updateMany(filter, { $set: { 'groups.$': into, modified: at }, $inc: { version: 1 } }, { session });
}
