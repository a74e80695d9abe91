// The collection `personalTokens`: hashes of administrators' tokens for scripts.

import type { PersonalToken } from '../../../auth/administrator-store.ts';
import { declareCollection } from '../declaration.ts';

export interface TokenDocument extends Omit<PersonalToken, 'id'> {
  _id: string;
}

export const personalTokens = declareCollection<TokenDocument>({
  shape: {
    _id: { type: String, required: true },
    administrator: { type: String, required: true },
    hash: { type: String, required: true },
    hint: { type: String, required: true },
    name: { type: String, required: true },
    created: { type: Date, required: true },
    expires: { type: Date },
    lastUsed: { type: Date },
    credentialsVersion: { type: Number },
    suspensions: { type: Number },
  },
  indexes: [
    { key: { hash: 1 }, name: 'hash', unique: true },
    { key: { administrator: 1, _id: 1 }, name: 'administrator' },
  ],
});
