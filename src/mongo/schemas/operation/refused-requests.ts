// The collection `refusedRequests`: how many requests without a valid credential came from an address in a minute.

import type { RefusedRequests } from '../../../directory/event.ts';
import { declareCollection, FAST, wherePresent } from '../declaration.ts';

export interface RefusedDocument extends RefusedRequests {
  /** `minute door address reason hint` */
  _id: string;
}

export const refusedRequests = declareCollection<RefusedDocument>({
  shape: {
    _id: { type: String, required: true },
    minute: { type: Date, required: true },
    door: { type: String, required: true },
    address: { type: String, required: true },
    reason: { type: String, required: true },
    hint: { type: String },
    count: { type: Number, required: true },
  },
  // Of a connection it is asked whether somebody sends a token that begins like one of its own.
  indexes: [{ key: { hint: 1, minute: -1 }, name: 'hint_newest', ...wherePresent('hint') }],
  writeConcern: FAST,
  retentionFrom: 'minute',
});
