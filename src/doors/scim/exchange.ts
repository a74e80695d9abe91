// A SCIM request and its answer, free of HTTP libraries and of the store: what the door's dispatcher takes and gives.

import type { Caller } from '../../directory/model.ts';

/** A request after authentication and reading of its body. */
export interface ScimRequest {
  /** Upper case, as HTTP has it. */
  method: string;
  /** What follows the base, raw: percent-encoded, with or without a slash at its end. */
  path: string;
  query: URLSearchParams;
  ifMatch: string | undefined;
  ifNoneMatch: string | undefined;
  /** The parsed JSON; undefined where the request had no body. */
  body: unknown;
  caller: Caller;
}

/** One reason of a refusal as events keep it: a fault code of the directory, or a SCIM keyword or status. */
export interface Reason {
  code: string;
  detail: string;
}

/** What a request was about, for the event. */
export interface Subject {
  type: 'User' | 'Group';
  id: string;
  /** The login or group name, where the answer has it. */
  name?: string;
  externalId?: string;
}

/** An answer: at most one of `body`, `bytes` and `stream`. */
export interface ScimResponse {
  status: number;
  headers: Record<string, string>;
  body?: object;
  /** The body as bytes of JSON text. */
  bytes?: Uint8Array;
  /** JSON text in pieces, for answers that must not stand in memory. */
  stream?: AsyncIterable<string>;
  reasons?: Reason[];
  subject?: Subject;
}

/** The media type of every SCIM body. @see RFC 7644 §3.1 */
export const SCIM_MEDIA_TYPE = 'application/scim+json; charset=utf-8';

/** The URNs of the protocol's messages. @see RFC 7644 §8.2 */
export const MESSAGE = {
  error: 'urn:ietf:params:scim:api:messages:2.0:Error',
  list: 'urn:ietf:params:scim:api:messages:2.0:ListResponse',
  search: 'urn:ietf:params:scim:api:messages:2.0:SearchRequest',
  patch: 'urn:ietf:params:scim:api:messages:2.0:PatchOp',
  bulkRequest: 'urn:ietf:params:scim:api:messages:2.0:BulkRequest',
  bulkResponse: 'urn:ietf:params:scim:api:messages:2.0:BulkResponse',
} as const;
