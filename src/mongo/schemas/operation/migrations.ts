// The collection `migrations`: which migrations have run, and how far one has come.

import { declareCollection } from '../declaration.ts';

export interface MigrationRecord {
  /** The name of the migration. */
  _id: string;
  /** Documents that were handled so far. */
  handled?: number;
  /** Where the next step goes on. */
  position?: string;
  /** When nothing was left. */
  done?: Date;
  owner?: string;
  until?: Date;
}

export const migrations = declareCollection<MigrationRecord>({
  shape: {
    _id: { type: String, required: true },
    handled: { type: Number },
    position: { type: String },
    done: { type: Date },
    owner: { type: String },
    until: { type: Date },
  },
});
