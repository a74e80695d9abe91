// A membership is a link on the user (docs/decisions/0001-links-on-the-user.md): the statements that add, note and remove links.

import type { AnyBulkWriteOperation } from 'mongodb';
import type { MemberDelta } from '../../directory/groups/member-changes.ts';
import type { ChangeRecord, StoredUser } from '../../directory/model.ts';
import type { MembersWrite } from '../../directory/records.ts';
import { LINKS_MAX } from '../../directory/users/rules.ts';

/** Members that one statement changes at most. A large change is several statements of one transaction. */
const STEP_MAX = 1000;

type Statement = AnyBulkWriteOperation<StoredUser>;

/** Whose links change to which group, and what is noted of it. */
export interface LinkChange extends Pick<MembersWrite, 'origin' | 'record'> {
  account: string;
  group: string;
  delta: MemberDelta;
}

/** Adds links. A user who is linked by then, or who has as many links as are allowed, is not matched. */
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
        $push: { groups: { to: group, origins: [origin] }, changes: memberRecord(record, 'link') },
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
        $push: { changes: memberRecord(record, 'unlink') },
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

/** The change record of a member has the id of the group's; the audit trail adds the user's id to it. */
function memberRecord(record: ChangeRecord, action: 'link' | 'unlink'): ChangeRecord {
  return { ...record, id: `${record.id}:${action}`, action, attributes: ['groups'] };
}
