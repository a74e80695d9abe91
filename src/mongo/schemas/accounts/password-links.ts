// The collection `passwordLinks`: links to set a password, by the hash of their token; deleted when they expire.

import type { PasswordLink } from '../../../auth/administrator-store.ts';
import { declareCollection } from '../declaration.ts';

export type PasswordLinkDocument = Omit<PasswordLink, 'hash'> & { _id: string };

export const passwordLinks = declareCollection<PasswordLinkDocument>({
  shape: {
    _id: { type: String, required: true },
    administrator: { type: String, required: true },
    credentialsVersion: { type: Number, required: true },
    expires: { type: Date, required: true },
  },
  indexes: [
    { key: { expires: 1 }, name: 'expired', expireAfterSeconds: 0 },
    { key: { administrator: 1 }, name: 'administrator' },
  ],
});
