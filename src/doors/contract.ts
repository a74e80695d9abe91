// The contract between the HTTP server and a door: the request that a door gets, the response that it returns, its routes, and
// how it formats refusals that the server issues before it calls the door.

import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { EventFault } from '../directory/event.ts';
import type { ListedResources } from '../directory/health/calls.ts';
import type { Account, Caller, Connection, Door as DoorName, RequestActor } from '../directory/model.ts';

/** Why a request is refused before it reaches its route. */
export type Refusal =
  | { kind: 'unauthenticated' }
  | { kind: 'forbidden'; detail: string }
  | { kind: 'unavailable' }
  | { kind: 'overloaded'; scope: 'account' | 'server'; of: 'requests' | 'uploads' | 'costly queries' | 'live streams' }
  | { kind: 'tooLarge'; bytesMax: number }
  | { kind: 'mediaType'; part: 'type' | 'encoding' }
  | { kind: 'syntax'; detail: string }
  | { kind: 'internal' };

/** Thrown while a route reads the bytes of a body: the server has no place for the work that follows. The door says the refusal. */
export class RefusedWhileReading extends Error {
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusal.kind);
    this.name = 'RefusedWhileReading';
    this.refusal = refusal;
  }
}

/** A request as a route gets it: authenticated, its body read and parsed. */
export interface DoorRequest<S = unknown> {
  method: string;
  /** The raw path below the door's base, without the query. */
  path: string;
  /** The query string, raw, without its question mark. */
  query: string;
  ifMatch: string | undefined;
  ifNoneMatch: string | undefined;
  headers: IncomingHttpHeaders;
  /** The address that the request came from, as the server sees it. */
  remoteAddress: string;
  /** Parsed JSON, or the fields of a form; undefined if there is no body, or if the route takes bytes. */
  body: unknown;
  /** The body as a stream, if the route takes bytes. */
  bytes?: AsyncIterable<Uint8Array>;
  caller: Caller;
  /** What authentication returned besides the caller. */
  session: S;
}

/** What a request was about, for its event. */
export interface Subject {
  type: string;
  id: string;
  /** The login or display name, if the response has it. */
  name?: string;
  externalId?: string;
}

/** A door's response: at most one of `body`, `bytes` and `stream`. */
export interface DoorResponse {
  status: number;
  headers: Record<string, string>;
  /** Values of Set-Cookie, if there are several. */
  cookies?: string[];
  /** Instead of the door's own media type. */
  mediaType?: string;
  body?: object;
  /** The body as it is sent; its event keeps nothing of it. */
  bytes?: Uint8Array;
  /** Text in pieces, for bodies that must not be held in memory as a whole. */
  stream?: AsyncIterable<string>;
  /**
   * The stream goes on until its reader leaves: it holds none of the places for work, and a reader who leaves is normal. Empty pieces
   * are not sent; after each of them the server sees whether the reader is still there.
   */
  isLive?: boolean;
  /** Why the request was refused, for its event: fault codes of the directory, or keywords of the door. */
  reasons?: EventFault[];
  /** The bodies are not kept with the event. */
  isConfidential?: boolean;
  /** Why the server failed, for the log. */
  cause?: unknown;
  subject?: Subject;
  /** What a list without a filter counted. */
  listed?: ListedResources;
}

/** What a method and a path lead to. */
export interface Route<S = unknown> {
  /** What the route is, without ids: for logs and metrics. */
  readonly name: string;
  /** How large a JSON body may be, in bytes after decompression. */
  readonly bodyBytesMax: number;
  /** The route takes the body as bytes and bounds it itself. */
  readonly takesBytes: boolean;
  /** The body is that of an HTML form: `body` is an object of texts. */
  readonly takesForm?: boolean;
  /** Never rejects: every error becomes a response. */
  handle(request: DoorRequest<S>): Promise<DoorResponse>;
  /** Called when a request was answered 503 although it may have taken effect. */
  unconfirmed?(request: DoorRequest<S>): void;
}

/** The route of a request, or the response to an unknown path or an unsupported method. */
export type RouteMatch<R> = { ok: true; route: R } | { ok: false; response: DoorResponse };

export interface Door<S = unknown, R extends Route<S> = Route<S>> {
  readonly name: DoorName;
  readonly mediaType: string;
  /** Finds the route of a request, once per request. `path` is raw and follows the door's base. */
  match(method: string, path: string): RouteMatch<R>;
  /** Formats a refusal of the server. */
  refuse(refusal: Refusal): DoorResponse;
}

/** Who sent the request. */
export interface RequestOwner {
  account: Account;
  connection: Connection;
  credentialId: string;
  by?: RequestActor;
}

/** Why a credential was refused. */
export interface RefusedCredential {
  /** Such as `missing`, `unknown`, `expired` or `revoked`. */
  reason: string;
  /** Whose credential it was, if it was valid once. */
  owner?: RequestOwner;
  /** The first characters of an unknown token. */
  hint?: string;
}

/**
 * The result of authentication. A `refusal` is for a caller who is known but may not proceed. `person` is the administrator; without
 * it, limits by person count the credential. `reserved`: the request comes from no account and takes places that accounts can't take.
 */
export type Admittance<S = unknown> =
  | { ok: true; caller: RequestOwner; session: S; person?: string; reserved?: 'system' | 'open' }
  | { ok: false; challenge: string; refused?: RefusedCredential }
  | { ok: false; refusal: Refusal; caller?: RequestOwner };

/**
 * Authenticates a request, before its route counts and before its body is read. `match` finds the route, for a door that
 * has routes open to everyone.
 * @throws StoreUnavailable
 */
export type Authenticate<S = unknown, R = Route<S>> = (
  request: IncomingMessage,
  match: () => RouteMatch<R>,
) => Promise<Admittance<S>>;
