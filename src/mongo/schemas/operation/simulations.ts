// The collection `simulations`: what simulations would have written. It goes with the simulation, or by itself after a day. A
// simulation whose database fails begins again: nothing of it needs to be durable.

import { Schema } from 'mongoose';
import type { OverlayEntry } from '../../../directory/simulation/overlay.ts';
import { declareCollection, FAST } from '../declaration.ts';

export interface SimulatedDocument extends OverlayEntry {
  /** `simulation:kind:id` */
  _id: string;
  simulation: string;
  /** `kind:key`, each. */
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
