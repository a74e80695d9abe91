// The responses of the server between listening and serving: alive, but not ready.

import type { IncomingMessage, ServerResponse } from 'node:http';

const RETRY_SECONDS = 2;

/** Responds with 200 to `/livez` and `/healthz`, otherwise with 503 and Retry-After. */
export function answerStarting(request: IncomingMessage, response: ServerResponse): void {
  const isAlive = request.url === '/livez' || request.url === '/healthz';
  response.writeHead(isAlive ? 200 : 503, {
    'Content-Type': 'application/json; charset=utf-8',
    'Retry-After': String(RETRY_SECONDS),
  });
  response.end(JSON.stringify({ status: isAlive ? 'ok' : 'starting' }));
}
