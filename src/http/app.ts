// The Express application: what every answer has, health, the doors, and one place for what nobody handled.

import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import helmet from 'helmet';
import type { Log } from '../log.ts';
import { assignRequestId } from './request-id.ts';

/** A document that never changes while the server runs. */
export interface Page {
  path: string;
  mediaType: string;
  text: string;
  /** Its Content-Security-Policy; by default nothing is allowed. */
  policy?: string;
}

export interface AppOptions {
  /** The doors by their base, such as `/scim/v2`. */
  doors: { base: string; front: (request: IncomingMessage, response: ServerResponse) => void }[];
  /** Documents that are there for everybody, such as `/docs`. */
  pages: readonly Page[];
  /** Whether requests can be served now: false while draining or without a database. */
  isReady: () => Promise<boolean>;
  isDraining: () => boolean;
  log: Log;
}

/** What a browser must be told of an answer that is data and never a page; the rest of helmet's headers is about pages. */
const DATA_HEADERS = [
  ['Content-Security-Policy', "default-src 'none';frame-ancestors 'none'"],
  ['Strict-Transport-Security', 'max-age=31536000; includeSubDomains'],
  ['X-Content-Type-Options', 'nosniff'],
  ['X-Frame-Options', 'DENY'],
] as const;

/**
 * Makes the application. Under a door's base its front answers everything; what no door has is 404. Requests to a door go
 * to its front directly: a route through Express and every header of helmet costs as much as the door's own work.
 */
export function createApp(options: AppOptions): RequestListener {
  const app = createRoutes(options);
  const doors = options.doors.map(({ base, front }) => ({ base: base.toLowerCase(), front }));
  return (request, response) => {
    const url = request.url ?? '/';
    const door = doors.find(({ base }) => isUnder(url, base));
    if (!door) {
      app(request, response);
      return;
    }
    assignRequestId(request, response);
    for (const [name, value] of DATA_HEADERS) response.setHeader(name, value);
    const rest = url.slice(door.base.length);
    request.url = rest.startsWith('/') ? rest : `/${rest}`;
    door.front(request, response);
  };
}

/** Whether an address is a base (in any case) or something below it. */
function isUnder(url: string, base: string): boolean {
  if (url.slice(0, base.length).toLowerCase() !== base) return false;
  const next = url[base.length];
  return next === undefined || next === '/' || next === '?';
}

function createRoutes(options: AppOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.use((request, response, next) => {
    assignRequestId(request, response);
    next();
  });
  app.use(helmet({ contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"] } } }));
  app.get('/livez', (_request, response) => {
    answer(response, 200, { status: 'ok' });
  });
  app.get('/readyz', async (_request, response) => {
    const isReady = !options.isDraining() && (await options.isReady());
    answer(response, isReady ? 200 : 503, { status: isReady ? 'ok' : 'unavailable' });
  });
  for (const { path, mediaType, text, policy } of options.pages) {
    app.get(path, (_request, response) => {
      if (policy !== undefined) response.setHeader('Content-Security-Policy', policy);
      response.setHeader('Content-Type', mediaType);
      response.setHeader('Cache-Control', 'no-cache');
      response.end(text);
    });
  }
  for (const { base, front } of options.doors) app.use(base, front);
  app.use((_request, response) => {
    answer(response, 404, { status: 404, detail: 'There is nothing at this path.' });
  });
  // Express knows an error handler by its four parameters.
  app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
    options.log.error('A request failed', { error });
    if (response.headersSent) response.destroy();
    else
      answer(response, 500, { status: 500, detail: 'The server failed on this request; the error has been logged.' });
  });
  return app;
}

function answer(response: Response, status: number, body: object): void {
  const text = Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': text.length,
    'Cache-Control': 'no-store',
  });
  response.end(text);
}
