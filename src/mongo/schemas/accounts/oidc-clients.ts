// The collection `oidcClients`: the applications of accounts that sign people in.

import type { Client } from '../../../auth/provider/provider-store.ts';
import { declareCollection } from '../declaration.ts';

export type ClientDocument = Omit<Client, 'id'> & { _id: string };

export const oidcClients = declareCollection<ClientDocument>({
  shape: {
    _id: { type: String, required: true },
    account: { type: String, required: true },
    name: { type: String, required: true },
    redirectUris: { type: [String], required: true },
    postLogoutRedirectUris: { type: [String], required: true },
    startUrl: { type: String },
    created: { type: Date, required: true },
  },
  indexes: [{ key: { account: 1, _id: 1 }, name: 'account_id' }],
});
