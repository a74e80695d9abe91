// The collections `linkSecrets` and `usedLinkTokens`: the secrets that accounts share with partners, and the tokens of links that were
// used and have not expired yet.

import type { LinkSecret } from '../../../auth/link-secret-store.ts';
import { declareCollection } from '../declaration.ts';

export interface LinkSecretDocument extends Omit<LinkSecret, 'id'> {
  _id: string;
}

export interface UsedLinkToken {
  /** The account and the id of the token. */
  _id: string;
  expires: Date;
}

export const linkSecrets = declareCollection<LinkSecretDocument>({
  shape: {
    _id: { type: String, required: true },
    account: { type: String, required: true },
    secret: { type: String, required: true },
    created: { type: Date, required: true },
  },
  indexes: [{ key: { account: 1, _id: 1 }, name: 'account_id' }],
});

export const usedLinkTokens = declareCollection<UsedLinkToken>({
  shape: { _id: { type: String, required: true }, expires: { type: Date, required: true } },
  indexes: [{ key: { expires: 1 }, name: 'expired', expireAfterSeconds: 0 }],
});
