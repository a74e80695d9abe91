// The collection `accounts`: the tenants with their settings.

import { LINK_ALGORITHMS } from '../../../directory/accounts/settings.ts';
import type { Account, DerivedGroupRule } from '../../../directory/model.ts';
import { ACCOUNT_ATTRIBUTE_TYPES, type AccountAttribute } from '../../../directory/schema/account-attributes.ts';
import { declareCollection, part } from '../declaration.ts';

export interface AccountDocument extends Omit<Account, 'id'> {
  _id: string;
  created: Date;
  /** Since when it is being deleted. No read finds such an account but that of its deletion. */
  deleting?: Date;
}

const derivedGroupSchema = part<DerivedGroupRule>({
  attribute: { type: String, required: true },
  groupType: { type: String, required: true },
});

const attributeSchema = part<AccountAttribute>({
  name: { type: String, required: true },
  type: { type: String, required: true, enum: ACCOUNT_ATTRIBUTE_TYPES },
  multiValued: { type: Boolean, required: true },
  required: { type: Boolean, required: true },
  matching: { type: Boolean, required: true },
  description: { type: String },
});

const assignableGroupsSchema = part<NonNullable<Account['assignableGroups']>[number]>({
  role: { type: String, required: true },
  types: { type: [String] },
  groups: { type: [String] },
});

export const accounts = declareCollection<AccountDocument>({
  shape: {
    _id: { type: String, required: true },
    slug: { type: String, required: true },
    name: { type: String, required: true },
    requiredData: { type: String, required: true, enum: ['enforce', 'report'] },
    userLimit: { type: Number, min: 1 },
    derivedGroups: { type: [derivedGroupSchema], required: true },
    assignableGroups: { type: [assignableGroupsSchema], default: undefined },
    loginNamesEditable: { type: Boolean },
    timeZone: { type: String },
    importTime: { type: String },
    importEncoding: { type: String },
    importDelimiter: { type: String, enum: [';', ',', 'tab', 'detect'] },
    login: { type: String, enum: ['password', 'link'] },
    passwordSync: { type: Boolean },
    termsVersion: { type: String },
    termsUrl: { type: String },
    contact: { type: String },
    colour: { type: String },
    logo: { type: String },
    crewplannerSlug: { type: String },
    crewplannerAlgorithm: { type: String, enum: LINK_ALGORITHMS },
    endDatePolicy: { type: String, enum: ['deactivate', 'delete'] },
    languages: { type: [String], default: undefined },
    inviteLifetimeDays: { type: Number, min: 1 },
    inviteImported: { type: Boolean },
    inviteReminderDays: { type: [Number], default: undefined },
    attributes: { type: [attributeSchema], default: undefined },
    created: { type: Date, required: true, default: Date.now },
    deleting: { type: Date },
  },
  indexes: [{ key: { slug: 1 }, unique: true }],
});

/** Accounts that are not being deleted. */
export const SERVED = { deleting: { $exists: false } };

/** Converts a stored account to the directory's model. */
export function toAccount({ _id, created: _created, deleting: _deleting, ...rest }: AccountDocument): Account {
  return { id: _id, ...rest };
}
