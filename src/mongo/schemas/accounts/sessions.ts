// The collection `sessions`: sessions of administrators, by the hash of their token; deleted when they expire.

import type { Session } from '../../../auth/administrator-store.ts';
import { declareCollection } from '../declaration.ts';

export type SessionDocument = Omit<Session, 'hash'> & { _id: string };

export const sessions = declareCollection<SessionDocument>({
  shape: {
    _id: { type: String, required: true },
    administrator: { type: String, required: true },
    created: { type: Date, required: true },
    expires: { type: Date, required: true },
    credentialsVersion: { type: Number },
    suspensions: { type: Number },
    address: { type: String },
    userAgent: { type: String },
  },
  indexes: [
    { key: { expires: 1 }, name: 'expired', expireAfterSeconds: 0 },
    { key: { administrator: 1, created: -1 }, name: 'administrator_created' },
  ],
  formerIndexes: ['administrator'],
});
