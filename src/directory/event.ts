// Owns the form of an event: the redacted record of one request, also of a refused one, with its caller, subject and outcome.

import type { Door } from './model.ts';

/** A reason for a refusal: a fault code, a keyword of the door, or a status. */
export interface EventFault {
  code: string;
  detail: string;
}

/** The resource that a request was about. Its external ID is stored as a hash, for search only. */
export interface EventSubject {
  type: string;
  id: string;
  name?: string;
  externalIdHash?: string;
}

/** An event as it is stored, redacted. It is deleted at the end of its retention time. */
export interface RecordedEvent {
  _id: string;
  at: Date;
  /** Absent if the request was not authenticated. */
  account?: string;
  connection?: string;
  credential?: string;
  door: Door;
  request: string;
  method: string;
  /** Path and query, at most 2,000 characters. */
  path: string;
  status: number;
  durationMs: number;
  faults?: EventFault[];
  subject?: EventSubject;
  userAgent?: string;
  /** JSON text, at most 16 KB, cut with `…`. */
  requestBody?: string;
  /** Like `requestBody`; absent for successful reads. */
  responseBody?: string;
}

/** The port for writing events. Appending an event twice stores it once. */
export interface EventSink {
  /** @throws StoreUnavailable */
  append(events: readonly RecordedEvent[]): Promise<void>;
}

/** A query for events of an account, newest first. */
export interface EventQuery {
  limit: number;
  /** Continues after the event with this id. */
  before?: string;
  /** Only events about the resource with this id. */
  subject?: string;
  door?: Door;
  /** Only requests that were refused or failed. */
  failed?: boolean;
}

/** The port for reading events. */
export interface EventReader {
  /** @throws StoreUnavailable */
  list(account: string, query: EventQuery): Promise<RecordedEvent[]>;
}
