// The collection `resetLinks`: links of learners to set a password, by the hash of their token; deleted when they expire.

import type { ResetLink } from '../../../auth/learners/learner-store.ts';
import { declareCollection } from '../declaration.ts';

export type ResetLinkDocument = Omit<ResetLink, 'hash'> & { _id: string };

export const resetLinks = declareCollection<ResetLinkDocument>({
  shape: {
    _id: { type: String, required: true },
    user: { type: String, required: true },
    account: { type: String, required: true },
    expires: { type: Date, required: true },
  },
  indexes: [
    { key: { expires: 1 }, name: 'expired', expireAfterSeconds: 0 },
    { key: { user: 1 }, name: 'user' },
  ],
});
