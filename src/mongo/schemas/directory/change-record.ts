// The change record inside of the document that it is about, until the relay has moved it to the audit trail.

import type { IndexDescription } from 'mongodb';
import type { ChangeRecord } from '../../../directory/model.ts';
import { part, type Shape, wherePresent } from '../declaration.ts';

/** Everything of a change record but its id, which is the document's own in the audit trail. */
export const changeFields: Shape<Omit<ChangeRecord, 'id'>> = {
  at: { type: Date, required: true },
  account: { type: String, required: true },
  door: { type: String, required: true },
  connection: { type: String, required: true },
  credential: { type: String, required: true },
  request: { type: String, required: true },
  action: { type: String, required: true },
  attributes: { type: [String] },
  write: { type: String },
};

export const changeSchema = part<ChangeRecord>({ id: { type: String, required: true }, ...changeFields });

/** The relay finds by it what is to be moved, over all accounts. */
export const CHANGES_INDEX: IndexDescription = {
  key: { 'changes.at': 1 },
  name: 'changes',
  ...wherePresent('changes.at'),
};
