// The server's Express routers: headers, health checks, pages, the doors, and the handlers for unknown paths and errors.

import type { RequestListener } from 'node:http';
import { gunzipSync } from 'node:zlib';
import express, { type NextFunction, type Request, type Response, type Router } from 'express';
import helmet from 'helmet';
import type { Log } from '../log.ts';
import { crossOrigin } from './cross-origin.ts';
import { requestId } from './request-id.ts';
import type { ErrorBody } from './server.ts';

/** A document that never changes while the server runs: a text, or bytes that are compressed with gzip. */
export type Page = {
  path: string;
  mediaType: string;
  /** Its Content-Security-Policy; by default it allows nothing. */
  policy?: string;
} & ({ text: string } | { gzip: Uint8Array });

/** The options of `createApp`. */
export interface AppOptions {
  /** The doors with their base paths, such as `/scim/v2`. */
  doors: { base: string; router: Router | RequestListener }[];
  /** The paths that applications in browsers call from their own origins. */
  crossOriginPaths: string[];
  /** What there is at this server, by path: `/` names it, and leads a browser to the console, or to the documentation without one. */
  entrances: { scim: string; docs: string; console?: string };
  /** Documents that are open to everyone, such as `/docs`. */
  pages: readonly Page[];
  /** Whether requests can be served now: false while draining or without a database. */
  isReady: () => Promise<boolean>;
  isDraining: () => boolean;
  /** Whether a later version uses the database, so that this one only reads. */
  isReadOnly: () => boolean;
  /** The body of the refusal of a write. */
  errorBody: ErrorBody;
  log: Log;
}

/**
 * Creates the request listener of the server. It is an Express router instead of an application, because an application changes the
 * prototypes of every request and response, which costs as much time as the door itself (docs/decisions/0007).
 */
export function createApp({
  doors,
  crossOriginPaths,
  pages,
  entrances,
  isReady,
  isDraining,
  isReadOnly,
  errorBody,
  log,
}: AppOptions): RequestListener {
  const app = express.Router();
  app.use(requestId);
  app.use(dataHeaders());
  app.use(crossOriginPaths, crossOrigin);
  app.use(refuseWrites(isReadOnly, errorBody));
  for (const { base, router } of doors) app.use(base, router as Router);
  app.use(pageHeaders());
  app.use(healthRouter(isReady, isDraining));
  app.use(pageRouter(pages, entrances));
  app.use(notFound);
  app.use(errorHandler(log));
  return (request, response) => {
    // A router uses only the properties of Node's own request and response.
    app(request as Request, response as Response, () => response.destroy());
  };
}

const READING: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);
const RETRY_SECONDS = 2;

function refuseWrites(isReadOnly: () => boolean, errorBody: ErrorBody) {
  return (request: Request, response: Response, next: NextFunction): void => {
    const path = request.url.split('?', 1)[0] ?? '';
    if (!isReadOnly() || READING.has(request.method) || path.endsWith('/.search')) {
      next();
      return;
    }
    const { mediaType, text } = errorBody(503, path);
    response.writeHead(503, { 'Content-Type': mediaType, 'Retry-After': RETRY_SECONDS, 'Cache-Control': 'no-store' });
    response.end(text);
  };
}

/** The security headers for data; the other headers of helmet concern pages. */
function dataHeaders() {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    },
    strictTransportSecurity: true,
    xContentTypeOptions: true,
    xFrameOptions: { action: 'deny' },
    crossOriginOpenerPolicy: false,
    crossOriginResourcePolicy: false,
    originAgentCluster: false,
    referrerPolicy: false,
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xPermittedCrossDomainPolicies: false,
    xPoweredBy: false,
    xXssProtection: false,
  });
}

function pageHeaders() {
  return helmet({ contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"] } } });
}

function healthRouter(isReady: () => Promise<boolean>, isDraining: () => boolean): Router {
  const router = express.Router();
  router.get(['/livez', '/healthz'], (_request, response) => sendJson(response, 200, { status: 'ok' }));
  router.get('/readyz', async (_request, response) => {
    const ready = !isDraining() && (await isReady());
    sendJson(response, ready ? 200 : 503, { status: ready ? 'ok' : 'unavailable' });
  });
  return router;
}

function pageRouter(pages: readonly Page[], entrances: AppOptions['entrances']): Router {
  const router = express.Router();
  for (const page of pages) {
    const { path, mediaType, policy } = page;
    router.get(path, (request, response) => {
      if (policy !== undefined) response.setHeader('Content-Security-Policy', policy);
      response.setHeader('Content-Type', mediaType);
      response.setHeader('Cache-Control', 'no-cache');
      if ('text' in page) response.end(page.text);
      else sendCompressed(request, response, page.gzip);
    });
  }
  // A person who opens the address of the server in a browser is led on; a program such as curl gets the paths.
  router.get('/', (request, response) => {
    response.setHeader('Vary', 'Accept');
    if (!(request.headers.accept ?? '').includes('text/html')) return sendJson(response, 200, entrances);
    response.writeHead(302, { Location: entrances.console ?? entrances.docs, 'Cache-Control': 'no-cache' });
    response.end();
  });
  return router;
}

/** Sends bytes that are compressed already. The content of their path never changes, so browsers keep them. */
function sendCompressed(request: Request, response: Response, bytes: Uint8Array): void {
  response.setHeader('Cache-Control', 'public, max-age=31536000, immutable');
  response.setHeader('Vary', 'Accept-Encoding');
  if (/\bgzip\b/.test(request.headers['accept-encoding'] ?? '')) {
    response.setHeader('Content-Encoding', 'gzip');
    response.end(bytes);
  } else response.end(gunzipSync(bytes));
}

function notFound(_request: Request, response: Response): void {
  sendJson(response, 404, { status: 404, detail: 'Nothing exists at this path.' });
}

/** Express recognizes an error handler by its four parameters. */
function errorHandler(log: Log) {
  return (error: unknown, _request: Request, response: Response, _next: NextFunction): void => {
    log.error('A request failed', { error });
    if (response.headersSent) response.destroy();
    else
      sendJson(response, 500, {
        status: 500,
        detail: 'The server failed to process this request. The error has been logged.',
      });
  };
}

function sendJson(response: Response, status: number, body: object): void {
  const text = Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': text.length,
    'Cache-Control': 'no-store',
  });
  response.end(text);
}
