// The collection `stores`: names of the source and the administrator, ref id and country.

import type { StoredStore } from '../../../directory/model.ts';
import { UNIQUE } from '../../client/unique-indexes.ts';
import { declareCollection, wherePresent } from '../declaration.ts';
import { CHANGES_INDEX, changeSchema } from './change-record.ts';

export const stores = declareCollection<StoredStore>({
  shape: {
    _id: { type: String, required: true },
    account: { type: String, required: true },
    version: { type: Number, required: true },
    created: { type: Date, required: true },
    modified: { type: Date, required: true },
    refId: { type: String, required: true },
    name: { type: String },
    nameFold: { type: String },
    adminName: { type: String },
    adminNameFold: { type: String },
    country: { type: String },
    changes: { type: [changeSchema], required: true },
  },
  indexes: [
    { key: { account: 1, _id: 1 }, name: 'account_id' },
    { key: { account: 1, refId: 1 }, name: UNIQUE.storeRefId, unique: true },
    { key: { account: 1, nameFold: 1, _id: 1 }, name: 'account_name' },
    { key: { account: 1, adminNameFold: 1, _id: 1 }, name: 'account_adminName', ...wherePresent('adminNameFold') },
    CHANGES_INDEX,
  ],
});
