// The collection `audit`: change records, moved here from the changed documents.

import type { ChangeRecord } from '../../../directory/model.ts';
import { declareCollection } from '../declaration.ts';
import { changeFields } from './change-record.ts';

export interface AuditEntry extends Omit<ChangeRecord, 'id'> {
  /** `record:subject` */
  _id: string;
  resource: 'User' | 'Group' | 'Store';
  /** The id of the user, group or store that changed. */
  subject: string;
}

export const audit = declareCollection<AuditEntry>({
  shape: {
    _id: { type: String, required: true },
    resource: { type: String, required: true },
    subject: { type: String, required: true },
    ...changeFields,
  },
  indexes: [
    { key: { account: 1, at: 1 }, name: 'account_at' },
    { key: { account: 1, subject: 1, at: 1 }, name: 'account_subject' },
  ],
});
