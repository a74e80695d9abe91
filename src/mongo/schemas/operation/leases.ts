// The collection `leases`: the processes that do work of which each process has a part.

import { declareCollection } from '../declaration.ts';

export interface LeaseDocument {
  /** The task and the process, such as `change-relay:…`. */
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
