// The collection `setupLinks`: links to set-up pages, by the hash of their token; deleted some time after they have expired.

import type { MadeToken, SetupLink } from '../../../auth/setup-link-store.ts';
import { declareCollection, part } from '../declaration.ts';

export interface SetupLinkDocument extends Omit<SetupLink, 'id'> {
  _id: string;
  hash: string;
}

/** So long an old link is answered with a reason. */
const EXPIRED_SECONDS = 90 * 86_400;

const ticksSchema = part<SetupLink['ticks']>({
  test: { type: Date },
  create: { type: Date },
  update: { type: Date },
  group: { type: Date },
  deactivate: { type: Date },
});

const madeSchema = part<MadeToken>({
  at: { type: Date, required: true },
  form: { type: String },
  credential: { type: String },
});

export const setupLinks = declareCollection<SetupLinkDocument>({
  shape: {
    _id: { type: String, required: true },
    hash: { type: String, required: true },
    account: { type: String, required: true },
    connection: { type: String, required: true },
    created: { type: Date, required: true },
    expires: { type: Date, required: true },
    revoked: { type: Date },
    client: { type: String },
    tokens: { type: Number, required: true },
    made: { type: [madeSchema] },
    ticks: { type: ticksSchema, required: true },
  },
  indexes: [
    { key: { hash: 1 }, name: 'hash', unique: true },
    { key: { account: 1, _id: -1 }, name: 'account_newest' },
    { key: { expires: 1 }, name: 'retention', expireAfterSeconds: EXPIRED_SECONDS },
  ],
});
