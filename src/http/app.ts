// The Express application: what every answer has, health, the doors, and one place for what nobody handled.

import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import helmet from 'helmet';
import type { Log } from '../log.ts';
import { assignRequestId } from './request-id.ts';

export interface AppOptions {
  /** The doors by their base, such as `/scim/v2`. */
  doors: { base: string; front: (request: Request, response: Response) => void }[];
  /** Whether requests can be served now: false while draining or without a database. */
  isReady: () => Promise<boolean>;
  isDraining: () => boolean;
  log: Log;
}

/** Makes the application. Under a door's base its front answers everything; what no door has is 404. */
export function createApp(options: AppOptions): Express {
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
