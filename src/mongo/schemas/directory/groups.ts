// The collection `groups`: names of the source and the administrator, IDs and type. Members are links on users.

import type { GroupIdentity, StoredGroup } from '../../../directory/model.ts';
import { UNIQUE } from '../../client/unique-indexes.ts';
import { declareCollection, part, wherePresent } from '../declaration.ts';
import { CHANGES_INDEX, changeSchema } from './change-record.ts';

const identitySchema = part<GroupIdentity>({
  value: { type: String, required: true },
  connection: { type: String },
  pushed: { type: Boolean },
});

export const groups = declareCollection<StoredGroup>({
  shape: {
    _id: { type: String, required: true },
    account: { type: String, required: true },
    version: { type: Number, required: true },
    created: { type: Date, required: true },
    modified: { type: Date, required: true },
    name: { type: String, required: true },
    nameFold: { type: String, required: true },
    adminName: { type: String },
    adminNameFold: { type: String },
    identities: { type: [identitySchema], required: true },
    externalId: { type: String },
    type: { type: String, required: true },
    typeFold: { type: String, required: true },
    holdsName: { type: Boolean, required: true },
    claimed: { type: Boolean, required: true },
    derived: { type: Boolean, required: true },
    changes: { type: [changeSchema], required: true },
  },
  indexes: [
    { key: { account: 1, _id: 1 }, name: 'account_id' },
    { key: { account: 1, nameFold: 1, _id: 1 }, name: 'account_name' },
    {
      key: { account: 1, typeFold: 1, nameFold: 1 },
      name: UNIQUE.groupTypeName,
      unique: true,
      partialFilterExpression: { holdsName: true },
    },
    {
      key: { account: 1, nameFold: 1 },
      name: UNIQUE.groupName,
      unique: true,
      partialFilterExpression: { claimed: true },
    },
    {
      key: { account: 1, 'identities.value': 1 },
      name: UNIQUE.groupExternalId,
      unique: true,
      ...wherePresent('identities.value'),
    },
    { key: { account: 1, externalId: 1, _id: 1 }, name: 'account_shownId', ...wherePresent('externalId') },
    { key: { account: 1, adminNameFold: 1, _id: 1 }, name: 'account_adminName', ...wherePresent('adminNameFold') },
    { key: { account: 1, modified: 1, _id: 1 }, name: 'account_modified' },
    CHANGES_INDEX,
  ],
});
