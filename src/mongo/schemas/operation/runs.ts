// The collection `runs`: runs of files with their checkpoint and the lease of their worker.

import { Schema } from 'mongoose';
import type { Run, RunCounts, RunFile, RunState } from '../../../runs/store.ts';
import { declareCollection, part } from '../declaration.ts';

export interface RunDocument extends Omit<Run, 'id'> {
  _id: string;
  lease?: RunLease;
}

interface RunLease {
  owner: string;
  until: Date;
}

/** The states of an unfinished run. */
export const OPEN_STATES: RunState[] = ['waiting', 'running'];

const { Mixed } = Schema.Types;

const fileSchema = part<RunFile>({
  name: { type: String, required: true },
  sha256: { type: String, required: true },
  bytes: { type: Number, required: true },
  content: { type: String },
  fileset: { type: String },
});

const countsSchema = part<RunCounts>({
  total: { type: Number },
  done: { type: Number, required: true },
  created: { type: Number, required: true },
  updated: { type: Number, required: true },
  unchanged: { type: Number, required: true },
  refused: { type: Number, required: true },
  noted: { type: Number },
});

const leaseSchema = part<RunLease>({
  owner: { type: String, required: true },
  until: { type: Date, required: true },
});

export const runs = declareCollection<RunDocument>({
  shape: {
    _id: { type: String, required: true },
    account: { type: String, required: true },
    connection: { type: String, required: true },
    kind: { type: String, required: true },
    state: { type: String, required: true },
    file: { type: fileSchema, required: true },
    requestedBy: { type: String, required: true },
    requester: { type: String },
    created: { type: Date, required: true },
    started: { type: Date },
    finished: { type: Date },
    reason: { type: String },
    counts: { type: countsSchema, required: true },
    checkpoint: { type: Mixed },
    options: { type: Mixed },
    lease: { type: leaseSchema },
    attempts: { type: Number },
    exclusive: { type: String },
  },
  indexes: [
    { key: { account: 1, _id: -1 }, name: 'account_id' },
    {
      key: { account: 1, requester: 1, _id: -1 },
      name: 'account_requester',
      partialFilterExpression: { requester: { $exists: true } },
    },
    { key: { account: 1, 'file.sha256': 1, _id: -1 }, name: 'account_file' },
    {
      key: { account: 1, exclusive: 1 },
      name: 'account_exclusive',
      unique: true,
      partialFilterExpression: { exclusive: { $exists: true } },
    },
    {
      key: { state: 1, _id: 1 },
      name: 'open',
      partialFilterExpression: { state: { $in: OPEN_STATES } },
    },
  ],
  retentionFrom: 'created',
});
