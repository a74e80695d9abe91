// The SCIM door as the HTTP server mounts it: query strings read, refusals of the server worded in SCIM (RFC 7644 §3.12).

import type { Caller } from '../../directory/model.ts';
import type { ScimDoor } from './door.ts';
import { SCIM_MEDIA_TYPE, type ScimResponse } from './exchange.ts';
import { errorResponse, unavailableResponse } from './fault-messages.ts';

/** What the server tells of a request. */
interface HttpRequest {
  method: string;
  path: string;
  query: string;
  ifMatch: string | undefined;
  ifNoneMatch: string | undefined;
  body: unknown;
  caller: Caller;
}

/** Why the server refuses a request before the door is asked. */
type Refusal =
  | { kind: 'unauthenticated' }
  | { kind: 'forbidden'; detail: string }
  | { kind: 'unavailable' }
  | { kind: 'overloaded'; scope: 'account' | 'server' }
  | { kind: 'tooLarge'; bytesMax: number }
  | { kind: 'mediaType'; detail: string }
  | { kind: 'syntax'; detail: string }
  | { kind: 'internal' };

const PARAMETERS_MAX = 100;
const OVERLOAD_RETRY_SECONDS = 2;

/** Binds the door; sizes in bytes after inflating, that of Bulk apart. */
export function bindScimDoor(door: ScimDoor, sizes: { bodyBytesMax: number; bulkBodyBytesMax: number }) {
  return {
    door: 'scim' as const,
    mediaType: SCIM_MEDIA_TYPE,
    preflight: (method: string, path: string) => door.preflight(method, path),
    bodyBytesMax: (path: string) =>
      path === '/Bulk' || path === '/Bulk/' ? sizes.bulkBodyBytesMax : sizes.bodyBytesMax,
    refuse,
    handle: async ({ query, ...request }: HttpRequest): Promise<ScimResponse> => {
      const parameters = parseQuery(query);
      if (parameters) return door.handle({ ...request, query: parameters });
      return errorResponse(400, 'invalidValue', "The query has a percent-encoding that can't be decoded.");
    },
  };
}

function refuse(refusal: Refusal): ScimResponse {
  switch (refusal.kind) {
    case 'unauthenticated':
      return errorResponse(401, undefined, 'A valid bearer token is needed: Authorization: Bearer <token>.');
    case 'forbidden':
      return errorResponse(403, undefined, refusal.detail);
    case 'unavailable':
      return unavailableResponse();
    case 'overloaded': {
      const [status, detail] =
        refusal.scope === 'account'
          ? [429, 'Too many requests of this account at once.']
          : [503, 'Too many requests at once.'];
      return errorResponse(status as number, undefined, `${detail} Try again shortly.`, {
        'Retry-After': String(OVERLOAD_RETRY_SECONDS),
      });
    }
    case 'tooLarge':
      return errorResponse(413, undefined, `The body is larger than ${refusal.bytesMax} bytes.`);
    case 'mediaType':
      return errorResponse(415, undefined, refusal.detail);
    case 'syntax':
      return errorResponse(400, 'invalidSyntax', refusal.detail);
    case 'internal':
      return errorResponse(500, undefined, 'The server failed on this request; the error has been logged.');
  }
}

/** The body of an answer to what is no request at all. */
export function connectionErrorBody(status: number): string {
  const detail =
    status === 431
      ? 'The address and headers of the request are too long.'
      : status === 408
        ? 'The request did not arrive in time.'
        : 'This is not a valid HTTP request.';
  return JSON.stringify(errorResponse(status, undefined, detail).body);
}

/** The parameters of a query string, `+` and `%20` both a space; undefined where an encoding can't be decoded. */
export function parseQuery(query: string): URLSearchParams | undefined {
  const parameters = new URLSearchParams();
  try {
    for (const pair of query.split('&', PARAMETERS_MAX)) {
      if (pair === '') continue;
      const at = pair.indexOf('=');
      const [name, value] = at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
      parameters.append(decode(name), decode(value));
    }
    return parameters;
  } catch {
    return undefined;
  }
}

/** @throws URIError */
function decode(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}
