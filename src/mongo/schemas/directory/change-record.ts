// A change record, stored in the changed document until the change relay moves it to the audit collection.

import type { IndexDescription } from 'mongodb';
import type { ChangedValue, ChangeRecord, RequestActor } from '../../../directory/model.ts';
import { part, type Shape, wherePresent } from '../declaration.ts';

const actorSchema = part<RequestActor>({
  kind: { type: String, required: true },
  id: { type: String, required: true },
  name: { type: String },
});

const valueSchema = part<ChangedValue>({
  attribute: { type: String, required: true },
  before: { type: String },
  after: { type: String },
});

/** The fields of a change record except its id, which becomes part of `_id` in the audit collection. */
export const changeFields: Shape<Omit<ChangeRecord, 'id'>> = {
  at: { type: Date, required: true },
  account: { type: String, required: true },
  door: { type: String, required: true },
  connection: { type: String, required: true },
  credential: { type: String, required: true },
  request: { type: String, required: true },
  action: { type: String, required: true },
  actor: { type: actorSchema },
  attributes: { type: [String] },
  values: { type: [valueSchema] },
  write: { type: String },
};

/** The schema of a change record inside the changed document. */
export const changeSchema = part<ChangeRecord>({ id: { type: String, required: true }, ...changeFields });

/** The index with which the change relay finds records to move, over all accounts. */
export const CHANGES_INDEX: IndexDescription = {
  key: { 'changes.at': 1 },
  name: 'changes',
  ...wherePresent('changes.at'),
};
