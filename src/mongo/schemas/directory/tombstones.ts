// The collection `tombstones`: the ids of deleted users and groups, with hashes of their identities and no personal data that can be read.

import type { Tombstone } from '../../../directory/records.ts';
import { declareCollection, wherePresent } from '../declaration.ts';
import { CHANGES_INDEX, changeSchema } from './change-record.ts';

export const tombstones = declareCollection<Tombstone>({
  shape: {
    _id: { type: String, required: true },
    account: { type: String, required: true },
    resource: { type: String, required: true },
    deleted: { type: Date, required: true },
    pending: { type: Boolean, required: true },
    known: { type: [String] },
    changes: { type: [changeSchema], required: true },
  },
  indexes: [
    { key: { account: 1, deleted: 1 }, name: 'account_deleted' },
    { key: { account: 1, known: 1 }, name: 'account_known', ...wherePresent('known') },
    { key: { pending: 1 }, name: 'pending', partialFilterExpression: { pending: true } },
    CHANGES_INDEX,
  ],
});
