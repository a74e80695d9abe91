// The collection `simulations`: documents that simulations would have written; deleted with the simulation, or after a day. They need
// not be durable, because a simulation starts again after a failure.

import { Schema } from 'mongoose';
import type { OverlayEntry } from '../../../directory/simulation/overlay.ts';
import { declareCollection, FAST } from '../declaration.ts';

export interface SimulatedDocument extends OverlayEntry {
  /** `simulation:kind:id` */
  _id: string;
  simulation: string;
  /** Keys of the form `kind:key`. */
  keys: string[];
  /** The id of the document. */
  of: string;
  created: Date;
}

const LIFETIME_SECONDS = 86_400;

export const simulations = declareCollection<SimulatedDocument>({
  shape: {
    _id: { type: String, required: true },
    simulation: { type: String, required: true },
    keys: { type: [String], required: true },
    of: { type: String, required: true },
    created: { type: Date, required: true },
    revision: { type: Number, required: true },
    document: { type: Schema.Types.Mixed },
  },
  indexes: [
    { key: { simulation: 1, keys: 1 }, name: 'simulation_keys' },
    { key: { 'document.account': 1 }, name: 'account' },
    { key: { created: 1 }, name: 'retention', expireAfterSeconds: LIFETIME_SECONDS },
  ],
  writeConcern: FAST,
});
