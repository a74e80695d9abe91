// A membership is a link on the user (docs/decisions/0001-links-on-the-user.md): the writes that make, note and take away links.

import type { AnyBulkWriteOperation } from 'mongodb';
import type { ChangeRecord, StoredUser } from '../../directory/model.ts';
import type { GroupWrite } from '../../directory/records.ts';
import { LINKS_MAX } from '../../directory/users/rules.ts';

/** Members that one statement changes at most: a large change is several statements of one transaction. */
const STEP_MAX = 1000;

type UserWrite = AnyBulkWriteOperation<StoredUser>;

/** Links these users to the group; a user that is linked by then, or has as many links as may be, is not matched. */
export function linkMembers(account: string, write: GroupWrite, ids: string[]): UserWrite[] {
  return steps(ids).map((some) => ({
    updateMany: {
      filter: {
        account,
        _id: { $in: some },
        'groups.to': { $ne: write.id },
        [`groups.${LINKS_MAX - 1}`]: { $exists: false },
      },
      update: {
        $push: { groups: { to: write.id, origins: [write.origin] }, changes: memberRecord(write.record, 'link') },
        $inc: { version: 1, revision: 1 },
        $set: { modified: write.record.at },
      },
      hint: 'account_id',
    },
  }));
}

/** Takes the link to the group off these users. */
export function unlinkMembers(account: string, write: GroupWrite, ids: string[]): UserWrite[] {
  return steps(ids).map((some) => ({
    updateMany: {
      filter: { account, _id: { $in: some }, 'groups.to': write.id },
      update: {
        $pull: { groups: { to: write.id } },
        $push: { changes: memberRecord(write.record, 'unlink') },
        $inc: { version: 1, revision: 1 },
        $set: { modified: write.record.at },
      },
      hint: 'account_id',
    },
  }));
}

/** Adds the write's origin to links that are there. */
export function noteOrigin(account: string, write: GroupWrite, ids: string[]): UserWrite[] {
  return steps(ids).map((some) => ({
    updateMany: {
      filter: {
        account,
        _id: { $in: some },
        groups: { $elemMatch: { to: write.id, origins: { $ne: write.origin } } },
      },
      update: { $push: { 'groups.$.origins': write.origin }, $inc: { revision: 1 } },
      hint: 'account_id',
    },
  }));
}

function steps(ids: string[]): string[][] {
  const parts: string[][] = [];
  for (let from = 0; from < ids.length; from += STEP_MAX) parts.push(ids.slice(from, from + STEP_MAX));
  return parts;
}

/** The record of a member's change carries the group's id; its own id differs by user when it is drained. */
function memberRecord(record: ChangeRecord, action: 'link' | 'unlink'): ChangeRecord {
  return { ...record, id: `${record.id}:${action}`, action, attributes: ['groups'] };
}
