// The collection `dailyTurns`: the last day on which each daily task was completed, and its current lease.

import { declareCollection } from '../declaration.ts';

export interface TurnDocument {
  /** The task. */
  _id: string;
  /** The last day on which it was completed. */
  day?: string;
  owner?: string;
  until?: Date;
}

export const dailyTurns = declareCollection<TurnDocument>({
  shape: {
    _id: { type: String, required: true },
    day: { type: String },
    owner: { type: String },
    until: { type: Date },
  },
});
