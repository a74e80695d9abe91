// The collection `dailyTurns`: for each daily task the last day on which it was done, and the process that is at it.

import { declareCollection } from '../declaration.ts';

export interface TurnDocument {
  /** The task. */
  _id: string;
  /** The last day on which it was done. */
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
