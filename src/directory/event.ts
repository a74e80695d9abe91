// What is kept of every request on a door, refused ones included: who did what to whom, and what came of it.

import type { Door } from './model.ts';

/** A reason of a refusal: a fault code, a door's own keyword, or a status. */
export interface EventFault {
  code: string;
  detail: string;
}

/** What a request was about. The external ID is only kept hashed, for search. */
export interface EventSubject {
  type: string;
  id: string;
  name?: string;
  externalIdHash?: string;
}

/** An event as it is stored, redacted. Events go at the end of their retention time. */
export interface RecordedEvent {
  _id: string;
  at: Date;
  /** Absent where nobody was authenticated. */
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
  /** As `requestBody`; none for successful reads. */
  responseBody?: string;
}

/** Where events go; appending an event twice keeps one. */
export interface EventSink {
  /** @throws StoreUnavailable */
  append(events: readonly RecordedEvent[]): Promise<void>;
}

/** What is asked of the events of an account; newest first. */
export interface EventQuery {
  limit: number;
  /** Goes on behind the event of this id. */
  before?: string;
  /** Only about this resource. */
  subject?: string;
  door?: Door;
  /** Only what was refused or failed. */
  failed?: boolean;
}

/** Where events are read from. */
export interface EventReader {
  /** @throws StoreUnavailable */
  list(account: string, query: EventQuery): Promise<RecordedEvent[]>;
}
