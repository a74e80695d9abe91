// The collection `learnerAccess`: how a user signs in, by the user's id.

import type { LearnerAccess } from '../../../auth/learners/learner-store.ts';
import { declareCollection } from '../declaration.ts';

export type LearnerAccessDocument = Omit<LearnerAccess, 'user'> & { _id: string };

export const learnerAccess = declareCollection<LearnerAccessDocument>({
  shape: {
    _id: { type: String, required: true },
    account: { type: String, required: true },
    passwordHash: { type: String },
    version: { type: Number, required: true },
  },
});
