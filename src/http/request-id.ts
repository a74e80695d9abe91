// The id of a request in logs, events and change records. An id from the client is kept if it is safe to log.

import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { v4 } from 'uuid';

const HEADER = 'X-Request-Id';
const SAFE = /^[A-Za-z0-9._-]{1,64}$/;

/** Express middleware that assigns the id of a request and returns it in the response. */
export function requestId(request: IncomingMessage, response: ServerResponse, next: () => void): void {
  assignRequestId(request, response);
  next();
}

/**
 * The id under which a request is recorded. Change records are unique by it, and a client may send an id twice, so a
 * client's id gets a random suffix. Assigns an id if no middleware has.
 */
export function recordedRequestId(request: IncomingMessage, response: ServerResponse): string {
  const assigned = response.getHeader(HEADER);
  const id = typeof assigned === 'string' ? assigned : assignRequestId(request, response);
  return request.headers['x-request-id'] === id ? `${id}~${randomBytes(6).toString('hex')}` : id;
}

function assignRequestId(request: IncomingMessage, response: ServerResponse): string {
  const given = request.headers['x-request-id'];
  const id = typeof given === 'string' && SAFE.test(given) ? given : v4();
  response.setHeader(HEADER, id);
  return id;
}
