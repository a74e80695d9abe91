// The collection `signingKeys`: the keys that sign ID tokens, sealed, one for each period; deleted a period after they signed.

import { declareCollection } from '../declaration.ts';

export interface SigningKeyDocument {
  /** The period, as text. */
  _id: string;
  sealed: string;
  expires: Date;
}

export const signingKeys = declareCollection<SigningKeyDocument>({
  shape: {
    _id: { type: String, required: true },
    sealed: { type: String, required: true },
    expires: { type: Date, required: true },
  },
  indexes: [{ key: { expires: 1 }, name: 'expired', expireAfterSeconds: 0 }],
});
