// The collection `users`: attributes, their folded mirror, search keys, links and change records that were not moved yet.

import type { IndexDescription } from 'mongodb';
import { Schema } from 'mongoose';
import type { Link, StoredUser, TermsAcceptance, UserInvitation } from '../../../directory/model.ts';
import type { SchemaCatalogue } from '../../../directory/schema/catalogue.ts';
import { comparedAt } from '../../../directory/schema/fold.ts';
import type { Attribute } from '../../../directory/schema/schema.ts';
import { UNIQUE } from '../../client/unique-indexes.ts';
import { declareCollection, part, wherePresent } from '../declaration.ts';
import { CHANGES_INDEX, changeSchema } from './change-record.ts';

const { Mixed } = Schema.Types;

const termsSchema = part<TermsAcceptance>({
  version: { type: String, required: true },
  at: { type: Date, required: true },
});

const linkSchema = part<Link>({
  to: { type: String },
  origins: { type: [String], required: true },
  statedId: { type: String },
  statedName: { type: String },
  statedTrait: { type: String },
  primary: { type: Boolean },
  raw: { type: Mixed },
});

const invitationSchema = part<UserInvitation>({
  id: { type: String, required: true },
  lastDay: { type: String, required: true },
});

/** The stored path of an attribute that the server maintains; undefined for an attribute that is stored in `data`. */
export function serverField(attribute: Attribute): string | undefined {
  switch (attribute.key) {
    case 'id':
      return '_id';
    case 'meta.created':
      return 'created';
    case 'meta.lastModified':
      return 'modified';
    default:
      return undefined;
  }
}

function userIndexes(catalogue: SchemaCatalogue): IndexDescription[] {
  const isFound = ({ key }: Attribute) =>
    ['userName', 'externalId'].includes(key) ||
    catalogue.user.searchKeyAttributes.some((attribute) => attribute.key === key);
  const matching = catalogue.matching.User.filter((attribute) => !isFound(attribute));
  return [
    { key: { account: 1, _id: 1 }, name: 'account_id' },
    { key: { account: 1, 'fold.userName': 1 }, name: UNIQUE.userName, unique: true },
    {
      key: { account: 1, 'data.externalId': 1 },
      name: UNIQUE.userExternalId,
      unique: true,
      ...wherePresent('data.externalId'),
    },
    ...matching.map((attribute): IndexDescription => {
      const path = serverField(attribute) ?? comparedAt(attribute);
      return { key: { account: 1, [path]: 1, _id: 1 }, name: `account_${attribute.key}` };
    }),
    { key: { account: 1, 'groups.to': 1, _id: 1 }, name: 'account_groups', ...wherePresent('groups.to') },
    { key: { account: 1, terms: 1, _id: 1 }, name: 'account_terms' },
    CHANGES_INDEX,
  ];
}

export const users = declareCollection<StoredUser>({
  shape: {
    _id: { type: String, required: true },
    account: { type: String, required: true },
    version: { type: Number, required: true },
    revision: { type: Number, required: true },
    created: { type: Date, required: true },
    modified: { type: Date, required: true },
    schemaVersion: { type: Number, required: true },
    data: { type: Mixed, required: true },
    fold: { type: Mixed, required: true },
    groups: { type: [linkSchema], required: true },
    stores: { type: [linkSchema], required: true },
    loose: { type: Mixed },
    manager: { type: String },
    awaits: { type: String },
    phones: { type: [String] },
    externalIdFrom: { type: String },
    terms: { type: [String] },
    former: { type: [String] },
    missing: { type: [String], required: true },
    lifecycle: { type: String, required: true },
    invitation: { type: invitationSchema },
    privacyPolicyConfirmed: { type: Date },
    termsAccepted: { type: termsSchema },
    blocked: { type: Boolean, required: true },
    suspensions: { type: Number },
    formerSuperior: { type: Boolean },
    sources: { type: Mixed, required: true },
    changes: { type: [changeSchema], required: true },
  },
  indexes: userIndexes,
});
