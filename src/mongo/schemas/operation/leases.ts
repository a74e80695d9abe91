// The collection `leases`: the processes that do work of which each process has a part, and the servers with their public URLs.

import { declareCollection } from '../declaration.ts';

export interface LeaseDocument {
  /** The task and the process, such as `change-relay:…`. */
  _id: string;
  owner: string;
  until: Date;
  /** Of the registration of a server: the URL under which clients reach it. */
  publicUrl?: string;
}

export const leases = declareCollection<LeaseDocument>({
  shape: {
    _id: { type: String, required: true },
    owner: { type: String, required: true },
    until: { type: Date, required: true },
    publicUrl: { type: String },
  },
});
