// The collection `signInFailures`, written by rate-limiter-flexible: failed sign-ins per limit and value.

import { declareCollection } from '../declaration.ts';

export interface SignInFailures {
  _id: string;
  /** `limit:value` */
  key: string;
  points: number;
  expire: Date | null;
}

export const signInFailures = declareCollection<SignInFailures>({
  shape: {
    _id: { type: String, required: true },
    key: { type: String, required: true },
    points: { type: Number, required: true },
    expire: { type: Date, default: null },
  },
  indexes: [
    { key: { expire: -1 }, expireAfterSeconds: 0 },
    { key: { key: 1 }, unique: true },
  ],
});
