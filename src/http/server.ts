// The HTTP server: time and header limits, responses to invalid HTTP, listening, and draining.

import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import { type AddressInfo, Server as NetServer, type Socket } from 'node:net';
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import { BODY_TIMES, type BodyTimes, limitBodyTime } from './body-time.ts';

const HEADER_BYTES_MAX = 32 * 1024;
const HEADERS_MS_MAX = 15_000;
/** Longer than the idle timeout of common load balancers, so that they close connections first. */
const KEEP_ALIVE_MS = 70_000;
const CHECK_MS = 2_000;
/** How long load balancers have to notice that the server is not ready, and then clients to send one more request per connection. */
const DRAIN_NOTICE_MS = 1_000;

const SERVER_OPTIONS: ServerOptions = {
  maxHeaderSize: HEADER_BYTES_MAX,
  headersTimeout: HEADERS_MS_MAX,
  // body-time.ts limits the time of bodies, because files take longer.
  requestTimeout: 0,
  keepAliveTimeout: KEEP_ALIVE_MS,
  connectionsCheckingInterval: CHECK_MS,
  noDelay: true,
  // Node.js would refuse a request without it before the listener, and without a body.
  requireHostHeader: false,
};

/** An HTTP server whose listener can be replaced. */
export interface HttpServer {
  /** Listens; returns the port. @throws Error with `code` EADDRINUSE and the like */
  listen(port: number, host: string): Promise<number>;
  /** Replaces the listener for all further requests. */
  serve(listener: RequestListener): void;
  /** Stops accepting connections after a short notice; resolves once all are closed, or after `graceMs`. */
  drain(graceMs: number): Promise<void>;
}

/**
 * Creates a server.
 * @param errorBody returns the JSON text for a status, for errors that occur before a request reaches the listener
 */
export function createHttpServer(
  listener: RequestListener,
  errorBody: (status: number) => string,
  bodyTimes: BodyTimes = BODY_TIMES,
): HttpServer {
  let current = listener;
  const server = createServer(SERVER_OPTIONS, (request, response) => {
    // After the server has stopped listening, the client's next request must use a new connection, to another instance.
    if (!server.listening) response.setHeader('Connection', 'close');
    limitBodyTime(request, bodyTimes, () => {
      if (response.headersSent) request.socket.destroy();
      else refuseConnection(request.socket, 408, errorBody);
    });
    if (lacksHost(request)) refuse(response, 400, errorBody);
    else current(request, response);
  });
  // An expectation other than 100-continue (RFC 9110 §10.1.1), which Node.js would refuse without a body.
  server.on('checkExpectation', (_request, response) => refuse(response, 417, errorBody));
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    refuseConnection(socket, statusOf(error.code), errorBody);
  });
  return {
    listen: (port, host) => listen(server, port, host),
    serve(next) {
      current = next;
    },
    drain: (graceMs) => drain(server, graceMs),
  };
}

function statusOf(code: string | undefined): number {
  if (code === 'HPE_HEADER_OVERFLOW') return 431;
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
}

/** HTTP/1.1 requires a Host header (RFC 9112 §3.2). */
function lacksHost({ headers, httpVersion }: IncomingMessage): boolean {
  return headers.host === undefined && httpVersion === '1.1';
}

/** Refuses a request that was read but that the listener does not get. */
function refuse(response: ServerResponse, status: number, errorBody: (status: number) => string): void {
  const body = errorBody(status);
  response.writeHead(status, {
    'Content-Type': 'application/scim+json; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
    Connection: 'close',
  });
  response.end(body);
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
  const end = Date.now() + graceMs;
  await pause(Math.min(DRAIN_NOTICE_MS, graceMs / 2));
  // One more turn of the event loop accepts the connections in the kernel's queue, which closing would reset.
  await nextTurn();
  const closed = new Promise<void>((resolve) => {
    // Only stops listening. `close` of an HTTP server also closes connections whose first request has not arrived yet.
    NetServer.prototype.close.call(server, () => resolve());
  });
  await Promise.race([closed, pause(Math.min(DRAIN_NOTICE_MS, Math.max(0, end - Date.now())))]);
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), Math.max(0, end - Date.now()));
  await closed;
  clearTimeout(timer);
  // Ends the interval that checks for slow connections.
  server.close();
}
