// The HTTP server itself: limits on time and headers, answers to what is no HTTP, listening, and draining.

import { createServer, type RequestListener, type Server, STATUS_CODES } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

const HEADER_BYTES_MAX = 32 * 1024;
const HEADERS_MS_MAX = 15_000;
const REQUEST_MS_MAX = 30_000;
/** Longer than the idle time of common balancers, so that they close first. */
const KEEP_ALIVE_MS = 70_000;
const CHECK_MS = 2_000;
/** How long busy connections get told to close, and new ones are still taken, after a drain begins. */
const DRAIN_NOTICE_MS = 1_000;

export interface HttpServer {
  /** Listens; returns the port. @throws Error with `code` EADDRINUSE and the like */
  listen(port: number, host: string): Promise<number>;
  /** From now on answers close their connections; resolves when none is left, or after `graceMs`. */
  drain(graceMs: number): Promise<void>;
}

/**
 * Makes a server. `errorBody` words what happens before there is a request: JSON text for a status.
 */
export function createHttpServer(handler: RequestListener, errorBody: (status: number) => string): HttpServer {
  const server = createServer(
    {
      maxHeaderSize: HEADER_BYTES_MAX,
      headersTimeout: HEADERS_MS_MAX,
      requestTimeout: REQUEST_MS_MAX,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: CHECK_MS,
      noDelay: true,
    },
    handler,
  );
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    refuseConnection(socket, statusOf(error.code), errorBody);
  });
  return {
    listen: (port, host) => listen(server, port, host),
    drain: (graceMs) => drain(server, graceMs),
  };
}

function statusOf(code: string | undefined): number {
  if (code === 'HPE_HEADER_OVERFLOW') return 431;
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
}

function refuseConnection(socket: Socket, status: number, errorBody: (status: number) => string): void {
  if (!socket.writable || socket.destroyed) {
    socket.destroy();
    return;
  }
  const body = errorBody(status);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Error'}`,
    'Content-Type: application/scim+json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroySoon());
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

async function drain(server: Server, graceMs: number): Promise<void> {
  const notice = Math.min(DRAIN_NOTICE_MS, graceMs / 2);
  await new Promise((resolve) => setTimeout(resolve, notice));
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  const timer = setTimeout(() => server.closeAllConnections(), graceMs - notice);
  await closed;
  clearTimeout(timer);
}
