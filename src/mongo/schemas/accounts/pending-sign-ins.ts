// The collection `pendingSignIns`: OIDC sign-ins in progress, by the hash of the browser's cookie.

import type { PendingSignIn } from '../../../auth/administrator-store.ts';
import { declareCollection } from '../declaration.ts';

export type PendingSignInDocument = Omit<PendingSignIn, 'hash'> & { _id: string };

export const pendingSignIns = declareCollection<PendingSignInDocument>({
  shape: {
    _id: { type: String, required: true },
    state: { type: String, required: true },
    nonce: { type: String, required: true },
    codeVerifier: { type: String, required: true },
    expires: { type: Date, required: true },
    administrator: { type: String },
  },
  indexes: [{ key: { expires: 1 }, name: 'expired', expireAfterSeconds: 0 }],
});
