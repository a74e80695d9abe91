// The collection `outbox`: waiting mails, those that failed or are only shown, and for 30 days the ids of sent ones.

import type { Attachment, Mail, MailState } from '../../../mail/outbox-store.ts';
import { declareCollection, part, wherePresent } from '../declaration.ts';

export interface MailDocument extends Partial<Omit<Mail, 'id' | 'account'>> {
  _id: string;
  account: string;
  created: Date;
  attempts: number;
  state: MailState;
  /** The time of the next attempt; a claim sets it to the end of the lease. */
  due: Date;
  owner?: string;
  ended?: Date;
  why?: string;
}

const ENDED_SECONDS = 30 * 86_400;

const attachmentSchema = part<Attachment>({
  name: { type: String, required: true },
  contentType: { type: String, required: true },
  text: { type: String, required: true },
});

export const outbox = declareCollection<MailDocument>({
  shape: {
    _id: { type: String, required: true },
    account: { type: String, required: true },
    created: { type: Date, required: true },
    attempts: { type: Number, required: true },
    state: { type: String, required: true },
    due: { type: Date, required: true },
    owner: { type: String },
    ended: { type: Date },
    why: { type: String },
    to: { type: String },
    subject: { type: String },
    text: { type: String },
    html: { type: String },
    senderName: { type: String },
    channel: { type: String },
    reference: { type: String },
    attachments: { type: [attachmentSchema] },
  },
  indexes: [
    { key: { due: 1 }, name: 'waiting', partialFilterExpression: { state: 'waiting' } },
    { key: { account: 1, state: 1, _id: -1 }, name: 'account_content', ...wherePresent('to') },
    { key: { account: 1, to: 1 }, name: 'account_to', ...wherePresent('to') },
    { key: { account: 1, reference: 1, created: -1 }, name: 'account_reference', ...wherePresent('reference') },
    { key: { ended: 1 }, name: 'retention', expireAfterSeconds: ENDED_SECONDS },
  ],
  formerIndexes: ['account_waiting'],
});
