// What a door is to the HTTP server: how it answers, and how it words the refusals that happen before it is asked.

import type { IncomingHttpHeaders } from 'node:http';
import type { EventFault } from '../directory/event.ts';
import type { Account, Caller, Connection, Door } from '../directory/model.ts';

/** Why a request is refused on its way to the door. */
export type HttpRefusal =
  | { kind: 'unauthenticated' }
  | { kind: 'forbidden'; detail: string }
  | { kind: 'unavailable' }
  | { kind: 'overloaded'; scope: 'account' | 'server' }
  | { kind: 'tooLarge'; bytesMax: number }
  | { kind: 'mediaType'; detail: string }
  | { kind: 'syntax'; detail: string }
  | { kind: 'internal' };

/** A request as a door gets it: authenticated, its body read and parsed. */
export interface DoorRequest<S = unknown> {
  method: string;
  /** What follows the door's base, raw, without the query. */
  path: string;
  /** The query string, raw, without its question mark. */
  query: string;
  ifMatch: string | undefined;
  ifNoneMatch: string | undefined;
  headers: IncomingHttpHeaders;
  /** The address that the request came from, as the server sees it. */
  remoteAddress: string;
  /** Parsed JSON; undefined without a body, and where the door takes the bytes. */
  body: unknown;
  /** The body as it arrives, where the door takes it so (`takesBytes`). */
  bytes?: AsyncIterable<Uint8Array>;
  caller: Caller;
  /** What authentication found out beyond the caller. */
  session: S;
}

/** A door's answer: at most one of `body`, `bytes` and `stream`. */
export interface DoorResponse {
  status: number;
  headers: Record<string, string>;
  /** Instead of the door's own media type. */
  mediaType?: string;
  body?: object;
  /** The body as it goes out; events keep nothing of it. */
  bytes?: Uint8Array;
  /** JSON (or other) text in pieces. */
  stream?: AsyncIterable<string>;
  reasons?: EventFault[];
  /** What the request says is not to be kept with its event. */
  isConfidential?: boolean;
  subject?: { type: string; id: string; name?: string; externalId?: string };
}

export interface DoorBinding<S = unknown> {
  readonly door: Door;
  readonly mediaType: string;
  /** A refusal that needs no body: unknown path, wrong method. */
  preflight(method: string, path: string): DoorResponse | undefined;
  /** How large a body may be on this path, inflated, in bytes. */
  bodyBytesMax(path: string): number;
  /** Whether the door takes the body of this request as bytes, bounded by itself. */
  takesBytes?(method: string, path: string): boolean;
  refuse(refusal: HttpRefusal): DoorResponse;
  /** Never rejects. */
  handle(request: DoorRequest<S>): Promise<DoorResponse>;
}

/** Whose a request is, for admission and events. */
export interface RequestOwner {
  account: Account;
  connection: Connection;
  credentialId: string;
}

/** What authentication says of a request. A `refusal` is for who is known and still may not come in. */
export type Admittance<S = unknown> =
  | { ok: true; caller: RequestOwner; session: S }
  | { ok: false; challenge: string }
  | { ok: false; refusal: HttpRefusal; caller?: RequestOwner };
