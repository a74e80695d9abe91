// The collection `leases`: the processes that hold the leases of singleton tasks.

import { declareCollection } from '../declaration.ts';

export interface LeaseDocument {
  /** The task, such as `change-relay`. */
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
