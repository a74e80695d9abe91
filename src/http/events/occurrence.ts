// What becomes an event: a request, a command, a row of a file. Occurrences are plain data, so that another thread can make events of them.

import type { EventFault, RecordedEvent } from '../../directory/event.ts';
import type { Door, RequestActor } from '../../directory/model.ts';
import { isOfOneResource } from '../../directory/request-outcome.ts';
import type { DoorResponse, RefusedCredential, RequestOwner } from '../../doors/contract.ts';

/** A request and its result, not yet redacted. */
export interface Exchange {
  at: Date;
  door: Door;
  requestId: string;
  method: string;
  url: string;
  userAgent: string | undefined;
  /** The address of the client, if the credential was refused. */
  address: string;
  caller: RequestOwner | undefined;
  /** Why the credential of the request was refused. */
  refused: RefusedCredential | undefined;
  status: number;
  durationMs: number;
  requestBody: unknown;
  requestBytes: number;
  /** Undefined for a successful read. */
  responseBody: object | undefined;
  reasons: DoorResponse['reasons'];
  subject: DoorResponse['subject'];
  listed: DoorResponse['listed'];
}

/** A row of a run over a file, as an event records it. */
export interface RecordedRow {
  door: Door;
  account: string;
  connection: string;
  /** The run, and who requested it. */
  run: { id: string; requestedBy: string };
  number: number;
  outcome: 'created' | 'updated' | 'refused';
  /** The id of the user, unless the row was refused. */
  user?: string | undefined;
  /** The values by which the row names its user; only their hashes are stored. */
  identities: readonly string[];
  faults: readonly EventFault[];
}

/** A command of the command line, as an event records it. */
export interface RecordedCommand {
  at: Date;
  by: RequestActor;
  /** The account that it acted on; undefined if it is of no account. */
  account: string | undefined;
  /** The words of the command, such as `/user/export`, without its arguments. */
  path: string;
  isRead: boolean;
  status: number;
  /** What it acted on. */
  subject: Exchange['subject'];
  /** The texts by which it named people; only their hashes are stored. */
  identities: readonly string[];
  faults: readonly EventFault[];
}

/** A request that has ended, with the ids of its caller only. */
export interface EndedExchange extends Omit<Exchange, 'caller' | 'refused' | 'address' | 'listed'> {
  owner: { account: string; connection: string; credential: string; by?: RequestActor | undefined } | undefined;
}

/** What becomes an event. */
export type Occurrence =
  | { kind: 'request'; request: EndedExchange }
  | { kind: 'command'; command: RecordedCommand; durationMs: number }
  | { kind: 'row'; row: RecordedRow; at: Date }
  /** One that was made already. */
  | { kind: 'event'; event: RecordedEvent };

/** Makes events of occurrences, and stores them. */
export interface EventWriter {
  /** Writes some events; returns false if that failed for so long that they are dropped. Rejects if one cannot be made. */
  write(occurrences: readonly Occurrence[]): Promise<boolean>;
}

/** The account of what belongs to no account. */
export const SYSTEM = 'system';
export const ROW_STATUS = { created: 201, updated: 200, refused: 400 } as const;

/** A search over POST reads, too (RFC 7644 §3.4.3). */
export function isRead({ method, url }: Pick<Exchange, 'method' | 'url'>): boolean {
  return method === 'GET' || method === 'HEAD' || (method === 'POST' && /\/\.search\/?(?:\?|$)/.test(url));
}

/** Whether a request was about one resource. Outside of SCIM, a request that finds nothing says so by its code. */
export function isOfOne({ door, url, reasons = [] }: Pick<Exchange, 'door' | 'url' | 'reasons'>): boolean {
  return door === 'scim' ? isOfOneResource(url) : reasons.some(({ code }) => code === 'notFound');
}
