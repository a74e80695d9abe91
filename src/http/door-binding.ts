// What a door is to the HTTP server: how it answers, and how it words the refusals that happen before it is asked.

import type { EventFault } from '../directory/event.ts';
import type { Account, Caller, Connection, Door } from '../directory/model.ts';

/** Why a request is refused on its way to the door. */
export type HttpRefusal =
  | { kind: 'unauthenticated' }
  | { kind: 'unavailable' }
  | { kind: 'overloaded'; scope: 'account' | 'server' }
  | { kind: 'tooLarge'; bytesMax: number }
  | { kind: 'mediaType'; detail: string }
  | { kind: 'syntax'; detail: string }
  | { kind: 'internal' };

/** A request as a door gets it: authenticated, its body read and parsed. */
export interface DoorRequest {
  method: string;
  /** What follows the door's base, raw, without the query. */
  path: string;
  /** The query string, raw, without its question mark. */
  query: string;
  ifMatch: string | undefined;
  ifNoneMatch: string | undefined;
  /** Parsed JSON; undefined without a body. */
  body: unknown;
  caller: Caller;
}

/** A door's answer: at most one of `body` and `stream`. */
export interface DoorResponse {
  status: number;
  headers: Record<string, string>;
  body?: object;
  /** JSON text in pieces. */
  stream?: AsyncIterable<string>;
  reasons?: EventFault[];
  subject?: { type: string; id: string; name?: string; externalId?: string };
}

export interface DoorBinding {
  readonly door: Door;
  readonly mediaType: string;
  /** A refusal that needs no body: unknown path, wrong method. */
  preflight(method: string, path: string): DoorResponse | undefined;
  /** How large a body may be on this path, inflated, in bytes. */
  bodyBytesMax(path: string): number;
  refuse(refusal: HttpRefusal): DoorResponse;
  /** Never rejects. */
  handle(request: DoorRequest): Promise<DoorResponse>;
}

/** What authentication says of a request. */
export type Admittance =
  | { ok: true; caller: { account: Account; connection: Connection; credentialId: string } }
  | { ok: false; challenge: string };
