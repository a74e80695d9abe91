// The collection `activeCounts`: active users of an account, counted only if its contract has a limit.

import { declareCollection } from '../declaration.ts';

export interface ActiveCount {
  /** The account. */
  _id: string;
  active: number;
}

export const activeCounts = declareCollection<ActiveCount>({
  shape: { _id: { type: String, required: true }, active: { type: Number, required: true } },
});
