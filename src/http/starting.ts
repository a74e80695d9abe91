// What the server answers between listening and serving: it is alive, and not ready yet.

import type { IncomingMessage, ServerResponse } from 'node:http';

const RETRY_SECONDS = 2;

/** 200 for `/livez`, else 503 with Retry-After. */
export function answerStarting(request: IncomingMessage, response: ServerResponse): void {
  const isAlive = request.url === '/livez';
  response.writeHead(isAlive ? 200 : 503, {
    'Content-Type': 'application/json; charset=utf-8',
    'Retry-After': String(RETRY_SECONDS),
  });
  response.end(JSON.stringify({ status: isAlive ? 'ok' : 'starting' }));
}
