// Lets an application that runs in a browser call what it asks with its own access token from its own origin (Fetch Standard, "CORS protocol").
// Every origin may: the browser sends no cookie with such a request, and without the token there is no answer to read.

import type { NextFunction, Request, Response } from 'express';

const PREFLIGHT_SECONDS = 7_200;
const METHODS = 'GET, HEAD';
const REQUEST_HEADERS = 'Authorization, If-None-Match, X-Request-Id';
const RESPONSE_HEADERS = 'ETag, Retry-After, WWW-Authenticate, X-Request-Id';

/** Adds the headers, and answers the question before a request: which methods and headers the path takes. */
export function crossOrigin(request: Request, response: Response, next: NextFunction): void {
  response.setHeader('Access-Control-Allow-Origin', '*');
  response.setHeader('Access-Control-Expose-Headers', RESPONSE_HEADERS);
  if (request.method !== 'OPTIONS' || !request.headers['access-control-request-method']) {
    next();
    return;
  }
  response.writeHead(204, {
    'Access-Control-Allow-Methods': METHODS,
    'Access-Control-Allow-Headers': REQUEST_HEADERS,
    'Access-Control-Max-Age': PREFLIGHT_SECONDS,
  });
  response.end();
}
