// The unique indexes that prevent conflicting concurrent writes, and which value a duplicate key error reports as taken.

import type { UniqueValue } from '../../directory/records.ts';
import { isDuplicate } from './mongo-errors.ts';

/** Names of the unique indexes; a duplicate key error names one of them. */
export const UNIQUE = {
  userName: 'account_userName',
  userExternalId: 'account_externalId',
  storeRefId: 'account_refId',
  groupExternalId: 'account_identity',
  groupTypeName: 'account_name_holder',
  groupName: 'account_claimed_name',
} as const;

const TAKEN: Record<string, UniqueValue> = {
  [UNIQUE.userName]: 'userName',
  [UNIQUE.userExternalId]: 'externalId',
  [UNIQUE.storeRefId]: 'storeRefId',
  [UNIQUE.groupExternalId]: 'groupExternalId',
  [UNIQUE.groupTypeName]: 'groupTypeName',
  [UNIQUE.groupName]: 'groupName',
  _id_: 'id',
};

/** The unique value that a duplicate key error reports as taken, of an operation or of one write of a bulk write; otherwise undefined. */
export function takenValue(error: unknown): UniqueValue | undefined {
  if (!isDuplicate(error)) return undefined;
  return takenValueIn(error.message ?? error.errmsg ?? '');
}

/** The unique value that the message of a duplicate key error reports as taken. */
function takenValueIn(message: string): UniqueValue {
  const index = /index: (\S+) dup key/.exec(message)?.[1];
  return index === undefined ? 'id' : (TAKEN[index] ?? 'id');
}
