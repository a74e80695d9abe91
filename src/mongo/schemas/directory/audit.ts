// The collection `audit`: change records, moved here from the changed documents; those of reference data are written here at once.

import { Schema } from 'mongoose';
import type { ChangeRecord } from '../../../directory/model.ts';
import type { ReferenceResource } from '../../../directory/reference-data/reference-data.ts';
import { declareCollection, wherePresent } from '../declaration.ts';
import { changeFields } from './change-record.ts';

export interface AuditEntry extends Omit<ChangeRecord, 'id' | 'action'> {
  /** `record:subject` */
  _id: string;
  action: ChangeRecord['action'] | 'erase';
  resource: 'User' | 'Group' | 'Store' | 'Account' | ReferenceResource;
  /** The id of the user, group, store, account or entry of reference data that changed; '' for an erasure of a person without a user. */
  subject: string;
  /** Of an erasure of several deleted users: all of their ids. */
  subjects?: string[];
  /** Of an erasure: the hashes of the values that the request named. */
  named?: string[];
  /** Of an erasure: how much was removed. */
  erased?: Record<string, number>;
}

export const audit = declareCollection<AuditEntry>({
  shape: {
    _id: { type: String, required: true },
    resource: { type: String, required: true },
    subject: { type: String, required: true },
    subjects: { type: [String] },
    named: { type: [String] },
    erased: { type: Schema.Types.Mixed },
    ...changeFields,
  },
  indexes: [
    { key: { account: 1, at: 1 }, name: 'account_at' },
    { key: { account: 1, subject: 1, at: 1 }, name: 'account_subject' },
    { key: { account: 1, named: 1 }, name: 'account_named', ...wherePresent('named') },
  ],
});
