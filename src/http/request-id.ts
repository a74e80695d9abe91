// The id by which a request is found in logs, events and change records: it begins with the client's own where that is harmless.

import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { v4 } from 'uuid';

const HEADER = 'X-Request-Id';
const HARMLESS = /^[A-Za-z0-9._-]{1,64}$/;

/** Gives a request its id, and gives the id back in the answer. */
export function assignRequestId(request: IncomingMessage, response: ServerResponse): void {
  const given = request.headers['x-request-id'];
  response.setHeader(HEADER, typeof given === 'string' && HARMLESS.test(given) ? given : v4());
}

/**
 * The id under which a request is recorded. Change records are unique by it, and a client may send one id twice: so a
 * client's id gets an ending of our own.
 */
export function recordedRequestId(request: IncomingMessage, response: ServerResponse): string {
  const id = String(response.getHeader(HEADER));
  return request.headers['x-request-id'] === id ? `${id}~${randomBytes(6).toString('hex')}` : id;
}
