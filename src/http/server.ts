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
import { holdBody, refusedStatus, toOriginForm, withOneSlash } from './request-check.ts';

const HEADER_BYTES_MAX = 32 * 1024;
const HEADERS_MS_MAX = 15_000;
/** Longer than the idle timeout of common load balancers, so that they close connections first. */
const KEEP_ALIVE_MS = 70_000;
const CHECK_MS = 2_000;
const REQUEST_LINE_BYTES_MAX = 1_100;
/** How long clients have to send one more request on their connections, which tells them to use another. */
const LAST_REQUESTS_MS = 1_000;

const SERVER_OPTIONS: ServerOptions = {
  maxHeaderSize: HEADER_BYTES_MAX,
  headersTimeout: HEADERS_MS_MAX,
  // body-time.ts limits the time of bodies, because files take longer.
  requestTimeout: 0,
  keepAliveTimeout: KEEP_ALIVE_MS,
  connectionsCheckingInterval: CHECK_MS,
  // request-check.ts checks it and answers with a body.
  requireHostHeader: false,
  noDelay: true,
};

/** An HTTP server whose listener can be replaced. */
export interface HttpServer {
  /** Listens; returns the port. @throws Error with `code` EADDRINUSE and the like */
  listen(port: number, host: string): Promise<number>;
  /** Replaces the listener for all further requests. */
  serve(listener: RequestListener): void;
  /**
   * Stops accepting connections after `noticeMs`, in which load balancers notice that the server is not ready; resolves once all are
   * closed, at the latest `graceMs` after that.
   */
  drain(noticeMs: number, graceMs: number): Promise<void>;
}

/** The body of an error that occurs before a request reaches the listener. `path` is undefined if it is not known. */
export type ErrorBody = (status: number, path: string | undefined) => { mediaType: string; text: string };

/** Creates a server. */
export function createHttpServer(
  listener: RequestListener,
  errorBody: ErrorBody,
  bodyTimes: BodyTimes = BODY_TIMES,
): HttpServer {
  let current = listener;
  const accept = (request: IncomingMessage, response: ServerResponse): void => {
    request.url = withOneSlash(toOriginForm(request.url ?? '/'));
    const refused = refusedStatus(request);
    if (refused !== undefined) {
      refuseConnection(request.socket, errorBody, refused, request.url);
      return;
    }
    // After the server has stopped listening, the client's next request must use a new connection, to another instance.
    if (!server.listening) response.setHeader('Connection', 'close');
    limitBodyTime(request, bodyTimes, () => {
      if (response.headersSent) request.socket.destroy();
      else refuseConnection(request.socket, errorBody, 408, request.url);
    });
    current(request, response);
  };
  const server = createServer(SERVER_OPTIONS, accept);
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    holdBody(request, response);
    accept(request, response);
  });
  server.on('checkExpectation', ({ socket, url }: IncomingMessage) => refuseConnection(socket, errorBody, 417, url));
  server.on('connect', ({ url }: IncomingMessage, socket: Socket) => refuseConnection(socket, errorBody, 405, url));
  server.on('clientError', (error: NodeJS.ErrnoException & { rawPacket?: Buffer }, socket: Socket) => {
    refuseConnection(socket, errorBody, statusOf(error.code), pathIn(error.rawPacket));
  });
  return {
    listen: (port, host) => listen(server, port, host),
    serve(next) {
      current = next;
    },
    drain: (noticeMs, graceMs) => drain(server, noticeMs, graceMs),
  };
}

function statusOf(code: string | undefined): number {
  if (code === 'HPE_HEADER_OVERFLOW') return 431;
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW') return 413;
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
}

/** The path in the first line of what could not be parsed. */
function pathIn(packet: Buffer | undefined): string | undefined {
  const line = packet?.subarray(0, REQUEST_LINE_BYTES_MAX).toString('latin1');
  return line === undefined ? undefined : /^[A-Z]{1,20} (\S{1,1000})/.exec(line)?.[1];
}

function refuseConnection(socket: Socket, errorBody: ErrorBody, status: number, path: string | undefined): void {
  if (!socket.writable || socket.destroyed) {
    socket.destroy();
    return;
  }
  const { mediaType, text } = errorBody(status, path);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Error'}`,
    `Content-Type: ${mediaType}`,
    `Content-Length: ${Buffer.byteLength(text)}`,
    'Cache-Control: no-store',
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${text}`, () => socket.destroySoon());
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

async function drain(server: Server, noticeMs: number, graceMs: number): Promise<void> {
  await pause(noticeMs);
  const end = Date.now() + graceMs;
  // One more turn of the event loop accepts the connections in the kernel's queue, which closing would reset.
  await nextTurn();
  const closed = new Promise<void>((resolve) => {
    // Only stops listening. `close` of an HTTP server also closes connections whose first request has not arrived yet.
    NetServer.prototype.close.call(server, () => resolve());
  });
  await Promise.race([closed, pause(Math.min(LAST_REQUESTS_MS, graceMs / 2))]);
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), Math.max(0, end - Date.now()));
  await closed;
  clearTimeout(timer);
  // Ends the interval that checks for slow connections.
  server.close();
}
