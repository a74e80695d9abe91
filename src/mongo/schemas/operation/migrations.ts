// The collection `migrations`: which migrations are complete, and the progress of the current one.

import { declareCollection } from '../declaration.ts';

export interface MigrationRecord {
  /** The name of the migration. */
  _id: string;
  /** The number of documents handled so far. */
  handled?: number;
  /** The position from which the next step continues. */
  position?: string;
  /** The time of completion. */
  done?: Date;
  /** When a pass over all documents found none that an earlier version had stored since. */
  checked?: Date;
  /** Of the record `schema-version`: the latest version of the stored form. */
  version?: number;
  owner?: string;
  until?: Date;
}

export const migrations = declareCollection<MigrationRecord>({
  shape: {
    _id: { type: String, required: true },
    handled: { type: Number },
    position: { type: String },
    done: { type: Date },
    checked: { type: Date },
    version: { type: Number },
    owner: { type: String },
    until: { type: Date },
  },
});
