// The collection `leases`: which process does what only one at a time may do.

import { declareCollection } from '../declaration.ts';

export interface LeaseDocument {
  /** What is done, such as `change-relay`. */
  _id: string;
  owner: string;
  until: Date;
}

export const leases = declareCollection<LeaseDocument>({
  shape: {
    _id: { type: String, required: true },
    owner: { type: String, required: true },
    until: { type: Date, required: true },
  },
});
