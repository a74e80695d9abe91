// A membership is a link on the user (docs/decisions/0001-links-on-the-user.md). Builds the statements that add and remove links and
// record their origins.

import type { AnyBulkWriteOperation } from 'mongodb';
import type { MemberDelta } from '../../directory/groups/member-changes.ts';
import type { ChangeRecord, StoredUser } from '../../directory/model.ts';
import type { MembersWrite } from '../../directory/records.ts';
import { LINKS_MAX } from '../../directory/users/rules.ts';

/** The maximum number of members that one statement changes. A large change is several statements in one transaction. */
const STEP_MAX = 1000;

type Statement = AnyBulkWriteOperation<StoredUser>;

/** A change of links to one group, with its origin and change record. */
export interface LinkChange extends Pick<MembersWrite, 'origin' | 'record'> {
  account: string;
  group: string;
  delta: MemberDelta;
}

/** Adds links. Users who are already linked, or have the maximum number of links, are not matched. */
export function linkStatements({ account, group, origin, record, delta }: LinkChange): Statement[] {
  return steps(delta.link).map((ids) => ({
    updateMany: {
      filter: {
        account,
        _id: { $in: ids },
        'groups.to': { $ne: group },
        [`groups.${LINKS_MAX - 1}`]: { $exists: false },
      },
      update: {
        $push: { groups: { to: group, origins: [origin] }, changes: memberRecord(record, 'link', group) },
        $inc: { version: 1, revision: 1 },
        $set: { modified: record.at },
      },
      hint: 'account_id',
    },
  }));
}

/** Removes links. */
export function unlinkStatements({ account, group, record, delta }: LinkChange): Statement[] {
  return steps(delta.unlink).map((ids) => ({
    updateMany: {
      filter: { account, _id: { $in: ids }, 'groups.to': group },
      update: {
        $pull: { groups: { to: group } },
        $push: { changes: memberRecord(record, 'unlink', group) },
        $inc: { version: 1, revision: 1 },
        $set: { modified: record.at },
      },
      hint: 'account_id',
    },
  }));
}

/** Adds the origin to links that exist already. */
export function originStatements({ account, group, origin, delta }: LinkChange): Statement[] {
  return steps(delta.noteOrigin).map((ids) => ({
    updateMany: {
      filter: {
        account,
        _id: { $in: ids },
        groups: { $elemMatch: { to: group, origins: { $ne: origin } } },
      },
      update: { $push: { 'groups.$.origins': origin }, $inc: { revision: 1 } },
      hint: 'account_id',
    },
  }));
}

function steps(ids: string[]): string[][] {
  const parts: string[][] = [];
  for (let from = 0; from < ids.length; from += STEP_MAX) parts.push(ids.slice(from, from + STEP_MAX));
  return parts;
}

/** The change record of a member has the id of the group's record; the audit collection appends the user's id. Its value is the one group. */
function memberRecord(record: ChangeRecord, action: 'link' | 'unlink', group: string): ChangeRecord {
  const value = { attribute: 'groups', [action === 'link' ? 'after' : 'before']: JSON.stringify([group]) };
  return { ...record, id: `${record.id}:${action}`, action, attributes: ['groups'], values: [value] };
}
