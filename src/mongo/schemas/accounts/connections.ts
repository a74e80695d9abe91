// The collection `connections`: the sources of an account's data.

import { CONNECTION_KINDS, UNKNOWN_ATTRIBUTES } from '../../../directory/accounts/accounts.ts';
import type { Connection } from '../../../directory/model.ts';
import { declareCollection } from '../declaration.ts';

export interface ConnectionDocument extends Omit<Connection, 'id'> {
  _id: string;
  nameFold: string;
  created: Date;
  /** Exact to the minute. */
  lastCall?: Date;
}

export const connections = declareCollection<ConnectionDocument>({
  shape: {
    _id: { type: String, required: true },
    account: { type: String, required: true },
    name: { type: String, required: true },
    nameFold: { type: String, required: true },
    kind: { type: String, required: true, enum: CONNECTION_KINDS },
    created: { type: Date, required: true, default: Date.now },
    unknownAttributes: { type: String, enum: UNKNOWN_ATTRIBUTES },
    writesStoresAndUnits: { type: Boolean },
    sandbox: { type: Boolean },
    lastCall: { type: Date },
  },
  indexes: [{ key: { account: 1, nameFold: 1 }, unique: true }],
});
