// The collection `administrators`: the people who may sign in to the admin API.

import type { AdministratorSecret } from '../../../auth/administrator-store.ts';
import { declareCollection, part } from '../declaration.ts';

export interface AdministratorDocument extends Omit<AdministratorSecret, 'id'> {
  _id: string;
  emailFold: string;
  /** The account, or null for a System Administrator, so that one index covers both. */
  accountKey: string | null;
  /** The time of the last change. */
  touched?: Date;
}

const identitySchema = part<NonNullable<AdministratorSecret['identity']>>({
  issuer: { type: String, required: true },
  subject: { type: String, required: true },
});

export const administrators = declareCollection<AdministratorDocument>({
  shape: {
    _id: { type: String, required: true },
    email: { type: String, required: true },
    emailFold: { type: String, required: true },
    name: { type: String, required: true },
    role: { type: String, required: true },
    account: { type: String },
    accountKey: { type: String, default: null },
    orgUnit: { type: String },
    user: { type: String },
    disabled: { type: Boolean, required: true },
    created: { type: Date, required: true },
    identity: { type: identitySchema },
    lastSignIn: { type: Date },
    passwordHash: { type: String },
    credentialsVersion: { type: Number },
    touched: { type: Date },
  },
  indexes: [
    { key: { emailFold: 1, accountKey: 1 }, name: 'email_account', unique: true },
    { key: { accountKey: 1, _id: 1 }, name: 'account' },
    {
      key: { 'identity.issuer': 1, 'identity.subject': 1 },
      name: 'identity',
      unique: true,
      partialFilterExpression: { 'identity.subject': { $exists: true } },
    },
  ],
  formerIndexes: ['email'],
  changedAt: 'touched',
});
