// The collection `tombstones`: the ids of deleted users and groups, without personal data.

import type { Tombstone } from '../../../directory/records.ts';
import { declareCollection } from '../declaration.ts';
import { CHANGES_INDEX, changeSchema } from './change-record.ts';

export const tombstones = declareCollection<Tombstone>({
  shape: {
    _id: { type: String, required: true },
    account: { type: String, required: true },
    resource: { type: String, required: true },
    deleted: { type: Date, required: true },
    pending: { type: Boolean, required: true },
    changes: { type: [changeSchema], required: true },
  },
  indexes: [
    { key: { account: 1, deleted: 1 }, name: 'account_deleted' },
    { key: { pending: 1 }, name: 'pending', partialFilterExpression: { pending: true } },
    CHANGES_INDEX,
  ],
});
