// The collection `referenceData`: org units, roles, organizations and enrollment profiles, unique by account, kind and folded code.

import type { ReferenceItem } from '../../../directory/reference-data/reference-data.ts';
import { declareCollection } from '../declaration.ts';

export interface ReferenceDocument extends Omit<ReferenceItem, 'id'> {
  _id: string;
  codeFold: string;
  /** Incremented when a unit is added below this one, so that the addition conflicts with a removal of this unit. */
  childrenAdded?: number;
}

export const referenceData = declareCollection<ReferenceDocument>({
  shape: {
    _id: { type: String, required: true },
    account: { type: String, required: true },
    kind: { type: String, required: true, enum: ['orgUnit', 'role', 'organization', 'enrollmentProfile'] },
    code: { type: String, required: true },
    codeFold: { type: String, required: true },
    name: { type: String },
    created: { type: Date, required: true },
    childrenAdded: { type: Number },
    modified: { type: Date },
    version: { type: Number },
  },
  indexes: [{ key: { account: 1, kind: 1, codeFold: 1 }, unique: true }],
});
