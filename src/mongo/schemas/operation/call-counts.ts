// The collection `callCounts`: the calls of each connection by hour. A crash may lose the counts of the last second.

import { Schema } from 'mongoose';
import type { FaultCount, HourCounts, ListedCount } from '../../../directory/health/calls.ts';
import { CLIENT_NAMES } from '../../../directory/health/clients.ts';
import { declareCollection, FAST, part } from '../declaration.ts';

/** Nobody reads more than the last 30 days. */
const KEPT_DAYS = 32;

export interface CallCountDocument extends Omit<HourCounts, 'minutes' | 'faults'> {
  /** `account connection hour` */
  _id: string;
  minutesEarly: number;
  minutesLate: number;
  faults?: Record<string, FaultCount>;
  /** The batches that were added last, so that none is added twice. */
  batches: string[];
}

const listedSchema = part<ListedCount>({
  total: { type: Number, required: true },
  at: { type: Date, required: true },
});

export const callCounts = declareCollection<CallCountDocument>({
  shape: {
    _id: { type: String, required: true },
    account: { type: String, required: true },
    connection: { type: String, required: true },
    hour: { type: Date, required: true },
    requests: { type: Number, required: true },
    refused: { type: Number, required: true },
    failed: { type: Number, required: true },
    operations: { type: Number, required: true },
    failures: { type: Number, required: true },
    referenceFailures: { type: Number, required: true },
    minutesEarly: { type: Number, required: true },
    minutesLate: { type: Number, required: true },
    lastCall: { type: Date, required: true },
    lastSuccess: { type: Date },
    lastTokenRefused: { type: Date },
    faults: { type: Schema.Types.Mixed },
    client: { type: String, enum: CLIENT_NAMES },
    listedUsers: { type: listedSchema },
    listedGroups: { type: listedSchema },
    batches: { type: [String], required: true },
  },
  indexes: [
    { key: { account: 1, connection: 1, hour: 1 }, name: 'account_connection_hour' },
    { key: { account: 1, hour: 1 }, name: 'account_hour' },
    { key: { hour: 1 }, name: 'retention', expireAfterSeconds: KEPT_DAYS * 86_400 },
  ],
  writeConcern: FAST,
});
