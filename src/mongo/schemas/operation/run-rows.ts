// The collection `runRows`: the result of each row of a run. Rows become durable with the journaled checkpoint that follows them.

import type { RowFault, RowField, RunRow } from '../../../runs/store.ts';
import { declareCollection, FAST, part } from '../declaration.ts';

export interface RowDocument extends RunRow {
  /** `run:number`, so that a row that is written again replaces itself. */
  _id: string;
  faulty: boolean;
  created: Date;
}

const fieldSchema = part<RowField>({
  name: { type: String, required: true },
  from: { type: String },
  to: { type: String },
});

const faultSchema = part<RowFault>({
  code: { type: String, required: true },
  error: { type: String },
  at: { type: String, required: true },
  words: { type: String, required: true },
});

const spanSchema = part<NonNullable<RunRow['span']>>({
  start: { type: Number, required: true },
  end: { type: Number, required: true },
});

export const runRows = declareCollection<RowDocument>({
  shape: {
    _id: { type: String, required: true },
    run: { type: String, required: true },
    number: { type: Number, required: true },
    line: { type: Number },
    outcome: { type: String, required: true },
    identity: { type: String, required: true },
    user: { type: String },
    fields: { type: [fieldSchema] },
    faults: { type: [faultSchema] },
    block: { type: String },
    span: { type: spanSchema },
    later: { type: String },
    retry: { type: Boolean },
    faulty: { type: Boolean, required: true },
    created: { type: Date, required: true },
  },
  indexes: [
    { key: { run: 1, number: 1 }, name: 'run_number' },
    { key: { run: 1, outcome: 1, number: 1 }, name: 'run_outcome' },
    { key: { run: 1, number: 1, faulty: 1 }, name: 'run_faulty', partialFilterExpression: { faulty: true } },
    {
      key: { run: 1, number: 1, later: 1 },
      name: 'run_later',
      partialFilterExpression: { later: { $exists: true } },
    },
    { key: { run: 1, number: 1, retry: 1 }, name: 'run_retry', partialFilterExpression: { retry: true } },
  ],
  writeConcern: FAST,
  retentionFrom: 'created',
});
