// The collection `oidcValues`: sessions, interactions, codes, tokens and grants of the OpenID provider, by the hash of their id; deleted
// when they expire.

import { Schema } from 'mongoose';
import type { KeptValue } from '../../../auth/provider/provider-store.ts';
import { declareCollection, wherePresent } from '../declaration.ts';

export type OidcValueDocument = Omit<KeptValue, 'hash'> & { _id: string };

export const oidcValues = declareCollection<OidcValueDocument>({
  shape: {
    _id: { type: String, required: true },
    kind: { type: String, required: true },
    payload: { type: Schema.Types.Mixed, required: true },
    expires: { type: Date, required: true },
    uid: { type: String },
    grant: { type: String },
    user: { type: String },
    stamp: { type: String },
    consumed: { type: Date },
  },
  indexes: [
    { key: { expires: 1 }, name: 'expired', expireAfterSeconds: 0 },
    { key: { uid: 1 }, name: 'uid', ...wherePresent('uid') },
    { key: { grant: 1, kind: 1 }, name: 'grant_kind', ...wherePresent('grant') },
    { key: { user: 1 }, name: 'user', ...wherePresent('user') },
  ],
});
