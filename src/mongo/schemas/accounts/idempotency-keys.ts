// The collection `idempotencyKeys`: idempotency keys of the admin API with the stored response, kept for a day.

import { Schema } from 'mongoose';
import { declareCollection, part } from '../declaration.ts';

export interface KeptAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

export interface IdempotencyDocument {
  /** The key. */
  _id: string;
  /** The account whose data the stored response may contain. */
  account: string;
  fingerprint: string;
  taken: Date;
  answer?: KeptAnswer;
}

const KEPT_SECONDS = 86_400;

const answerSchema = part<KeptAnswer>({
  status: { type: Number, required: true },
  headers: { type: Schema.Types.Mixed, required: true },
  body: { type: String, required: true },
});

export const idempotencyKeys = declareCollection<IdempotencyDocument>({
  shape: {
    _id: { type: String, required: true },
    account: { type: String, required: true },
    fingerprint: { type: String, required: true },
    taken: { type: Date, required: true },
    answer: { type: answerSchema },
  },
  indexes: [
    { key: { account: 1 }, name: 'account' },
    { key: { taken: 1 }, name: 'retention', expireAfterSeconds: KEPT_SECONDS },
  ],
});
