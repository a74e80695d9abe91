// The collection `events`: every request with its outcome. A crash may lose the events of the last second.

import type { EventSubject, EventValue, RecordedEvent, RecordedFault } from '../../../directory/event.ts';
import { REFUSED_FROM } from '../../../directory/request-outcome.ts';
import { declareCollection, FAST, part, wherePresent } from '../declaration.ts';

const faultSchema = part<RecordedFault>({
  code: { type: String, required: true },
  error: { type: String },
  detail: { type: String, required: true },
  quoted: { type: [Number] },
});

const subjectSchema = part<EventSubject>({
  type: { type: String, required: true },
  id: { type: String, required: true },
  name: { type: String },
});

const valueSchema = part<EventValue>({
  hash: { type: String, required: true },
  text: { type: String },
});

const actorSchema = part<NonNullable<RecordedEvent['actor']>>({
  kind: { type: String, required: true },
  id: { type: String, required: true },
  name: { type: String },
  hash: { type: String },
});

export const events = declareCollection<RecordedEvent>({
  shape: {
    _id: { type: String, required: true },
    at: { type: Date, required: true },
    account: { type: String },
    connection: { type: String },
    credential: { type: String },
    actor: { type: actorSchema },
    door: { type: String, required: true },
    request: { type: String, required: true },
    method: { type: String, required: true },
    isRead: { type: Boolean },
    foundNothing: { type: Boolean },
    path: { type: String, required: true },
    status: { type: Number, required: true },
    durationMs: { type: Number, required: true },
    faults: { type: [faultSchema] },
    subject: { type: subjectSchema },
    about: { type: [String] },
    userAgent: { type: String },
    values: { type: [valueSchema] },
    requestBody: { type: String },
    responseBody: { type: String },
  },
  indexes: [
    { key: { account: 1, _id: -1 }, name: 'account_newest' },
    { key: { account: 1, door: 1, _id: -1 }, name: 'account_door' },
    {
      key: { account: 1, about: 1, isRead: 1, _id: -1 },
      name: 'account_about_newest',
      ...wherePresent('about'),
    },
    { key: { account: 1, connection: 1, door: 1, _id: -1 }, name: 'account_connection' },
    {
      key: { account: 1, connection: 1, foundNothing: 1, door: 1, _id: -1 },
      name: 'account_connection_refused',
      partialFilterExpression: { status: { $gte: REFUSED_FROM } },
    },
    {
      key: { account: 1, foundNothing: 1, _id: -1 },
      name: 'account_refused',
      partialFilterExpression: { status: { $gte: REFUSED_FROM } },
    },
  ],
  formerIndexes: [
    'account_failed',
    'account_connection_failed',
    'account_at',
    'account_subject',
    'account_externalId',
    'account_subject_newest',
  ],
  writeConcern: FAST,
  retentionFrom: 'at',
});
