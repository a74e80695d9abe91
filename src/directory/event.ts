// Owns the form of an event: the redacted record of one request, also of a refused one, with its caller, subject and outcome.

import type { Door, RequestActor } from './model.ts';

/** A reason for a refusal: a fault code, a keyword of the door, or a status. */
export interface EventFault {
  code: string;
  /** The code of the door's format, such as USER_EMAIL_REQUIRED of a batch. */
  error?: string;
  detail: string;
}

/** A fault as it is stored. */
export interface RecordedFault extends EventFault {
  /** For each `"…"` in `detail`, the place of its text in the values of the event; -1 if it is not kept. See `readableFaults`. */
  quoted?: number[];
}

/** The resource that a request was about. */
export interface EventSubject {
  type: string;
  id: string;
  name?: string;
}

/** A personal value in a body of an event, which refers to it by its place in the list. An erased value has no text. */
export interface EventValue {
  /** The hash of the value; of the parts of a full name, the hash of the name. '' if it is erased. */
  hash: string;
  text?: string;
}

/** An event as it is stored, redacted. It is deleted at the end of its retention time. */
export interface RecordedEvent {
  _id: string;
  at: Date;
  /** Absent if the request was not authenticated. */
  account?: string;
  connection?: string;
  credential?: string;
  /** Who made the request. The name of an administrator has a hash, by which erasure finds it. */
  actor?: RequestActor & { hash?: string };
  door: Door;
  request: string;
  method: string;
  /** Whether the request could only read. */
  isRead?: boolean;
  /** Set if the request asked for one resource, or deleted it, and there was none: that counts as accepted. */
  foundNothing?: true;
  /** Path and query, at most 2,000 characters: known names and ids, `…` for everything else. */
  path: string;
  status: number;
  durationMs: number;
  faults?: RecordedFault[];
  subject?: EventSubject;
  /** The id of the subject, and the hashes of the identities by which the request named it, also if it was refused. */
  about?: string[];
  userAgent?: string;
  /** The personal values of both bodies, and other texts of theirs that a fault quotes. */
  values?: EventValue[];
  /** JSON text, at most 16 KB, cut with `…`, in which `@n` outside of strings is a reference to `values[n]`; see `readableBody`. */
  requestBody?: string;
  /** Like `requestBody`; absent for successful reads. */
  responseBody?: string;
}

const ERASED = '[erased]';

/** A stored body with its personal values, as JSON text. */
export function readableBody(body: string, values: readonly EventValue[] = []): string {
  return body.replace(/"(?:[^"\\]|\\.)*"?|@(\d+)/gs, (all, index: string | undefined) =>
    index === undefined ? all : JSON.stringify(values[Number(index)]?.text ?? ERASED),
  );
}

/** Stored faults as they are read, with the texts that they quote if their reader may see `values`. */
export function readableFaults(
  faults: readonly RecordedFault[],
  values: readonly EventValue[] | undefined,
): EventFault[] {
  return faults.map(({ quoted = [], detail, ...fault }) => {
    let place = 0;
    const shown = detail.replaceAll('"…"', (hidden) => {
      const value = values?.[quoted[place++] ?? -1];
      return value ? JSON.stringify(value.text ?? ERASED) : hidden;
    });
    return { ...fault, detail: shown };
  });
}

/** Requests within a minute that had no credential that was ever valid: they are counted, and are no events. */
export interface RefusedRequests {
  minute: Date;
  door: Door;
  /** The address that they came from. */
  address: string;
  reason: string;
  /** The first characters of an unknown token. */
  hint?: string;
  count: number;
}

/** The port for writing events. Appending an event twice stores it once. */
export interface EventSink {
  /** @throws StoreUnavailable */
  append(events: readonly RecordedEvent[]): Promise<void>;
  /** Adds to the counts of refused requests. @throws StoreUnavailable */
  count(refused: readonly RefusedRequests[]): Promise<void>;
}

/** A query for events of an account, newest first. */
export interface EventQuery {
  limit: number;
  /** Continues after the event with this id. */
  before?: string;
  /** Only events about the resource with this id. */
  subject?: string;
  door?: Door;
  /** Only requests of the connection with this id. */
  connection?: string;
  /** Only requests that were refused or failed. */
  failed?: boolean;
}

/** Which events of a connection are meant; all, without any of these. */
export interface EventFilter {
  outcome?: 'accepted' | 'refused' | undefined;
  method?: string | undefined;
  /** The first digit of the status, such as 4. */
  statusClass?: number | undefined;
}

/** Events of an account in the order of their ids, of which those of one connection are meant. */
interface EventSpan {
  connection: string;
  /** Begins behind this id. */
  after: string;
  /** Ends before this id. */
  before: string;
  filter: EventFilter;
  /** How many events of the account are looked at. */
  limit: number;
}

/** What was found in a span. `reached` is the id of the last event that was looked at; undefined if there was none. */
interface FoundEvents {
  events: RecordedEvent[];
  reached: string | undefined;
  /** Whether the span ended before the limit was reached. */
  isWhole: boolean;
}

/** The port for reading events. */
export interface EventReader {
  /** The events of a connection in a span, the oldest first. @throws StoreUnavailable */
  span(account: string, span: EventSpan): Promise<FoundEvents>;
  /** @throws StoreUnavailable */
  list(account: string, query: EventQuery): Promise<RecordedEvent[]>;
  /**
   * The latest `limit` calls of a SCIM connection, the newest first. @throws StoreUnavailable
   */
  calls(account: string, connection: string, limit: number): Promise<ConnectionCall[]>;
  /**
   * The last requests with tokens that were never valid and begin with one of these texts (`headOf`), since a time; undefined if there
   * were none. @throws StoreUnavailable
   */
  lastUnknown(heads: readonly string[], since: Date): Promise<Pick<RefusedRequests, 'minute' | 'hint'> | undefined>;
}

/** What a call of a connection was, and how it ended. */
export interface ConnectionCall
  extends Pick<
    RecordedEvent,
    'at' | 'credential' | 'method' | 'path' | 'status' | 'isRead' | 'foundNothing' | 'faults'
  > {
  /** Whether the answer said that the resource is not active. */
  isInactive: boolean;
}
