// The collection `mailTemplates`: the mails that accounts have written instead of the server's.

import type { StoredTemplate } from '../../../directory/mails/templates.ts';
import { declareCollection } from '../declaration.ts';

export interface MailTemplateDocument extends StoredTemplate {
  /** `account:kind:language` */
  _id: string;
  account: string;
}

export const mailTemplates = declareCollection<MailTemplateDocument>({
  shape: {
    _id: { type: String, required: true },
    account: { type: String, required: true },
    kind: { type: String, required: true },
    language: { type: String, required: true },
    subject: { type: String, required: true },
    text: { type: String, required: true },
    senderName: { type: String },
    modified: { type: Date, required: true },
  },
  indexes: [{ key: { account: 1, kind: 1, language: 1 }, name: 'account_kind' }],
});
