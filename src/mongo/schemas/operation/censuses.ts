// The collection `censuses`: how many users and groups an account had on a day.

import type { BroughtBy, Census } from '../../../directory/health/census.ts';
import { declareCollection, FAST, part } from '../declaration.ts';

/** A year, and the days that a chart of a year needs at its ends. */
const KEPT_DAYS = 400;

export interface CensusDocument extends Census {
  /** `account day` */
  _id: string;
}

const broughtSchema = part<BroughtBy>({
  connection: { type: String, required: true },
  users: { type: Number, required: true },
  groups: { type: Number, required: true },
});

export const censuses = declareCollection<CensusDocument>({
  shape: {
    _id: { type: String, required: true },
    account: { type: String, required: true },
    day: { type: String, required: true },
    at: { type: Date, required: true },
    users: { type: Number, required: true },
    activeUsers: { type: Number, required: true },
    groups: { type: Number, required: true },
    connections: { type: [broughtSchema], required: true },
  },
  indexes: [
    { key: { account: 1, day: 1 }, name: 'account_day' },
    { key: { at: 1 }, name: 'retention', expireAfterSeconds: KEPT_DAYS * 86_400 },
  ],
  writeConcern: FAST,
});
