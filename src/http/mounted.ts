// Mounts a handler that reads and answers requests itself, such as the OpenID provider, behind the protections of the doors: a place
// among those of its address, security headers, an event, metrics and a log of failures.

import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Door } from '../directory/model.ts';
import type { DoorResponse, Refusal, RequestOwner } from '../doors/contract.ts';
import { type Log, runWithRequestId } from '../log.ts';
import { type ClientAddress, createClientAddress } from './client-address.ts';
import type { EventRecorder } from './events/recorder.ts';
import { logFailure, newExchange } from './exchange.ts';
import type { Observe } from './pipeline.ts';
import type { Places } from './places.ts';
import { expectBody } from './request-check.ts';
import { recordedRequestId } from './request-id.ts';
import { send } from './send.ts';

/** The options of a mounted handler. */
export interface MountedOptions {
  name: Door;
  /** Answers a request; the promise of a handler resolves when it has. */
  handler: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  /** The public URL: links are made from it, whatever host a request states. */
  publicUrl: string;
  /** How long a request may take in milliseconds. */
  answerMsMax: number;
  refuse: (refusal: Refusal) => DoorResponse;
  mediaType: string;
  /** Whose account a request was about, once it is answered. */
  ownerOf: (request: IncomingMessage) => RequestOwner | undefined;
  /** What a request is, without ids: for metrics. */
  routeOf: (path: string) => string;
  places: Places;
  clientAddress?: ClientAddress;
  recorder: EventRecorder;
  observe: Observe;
  log: Log;
}

/** Creates the listener. */
export function createMounted(options: MountedOptions): RequestListener {
  return (request, response) => {
    const id = recordedRequestId(request, response);
    runWithRequestId(id, () => {
      serve(options, request, response, id).catch((error: unknown) => {
        options.log.error('A request failed', { error });
        response.destroy();
      });
    });
  };
}

/** Scripts are named by the handler that needs one; nothing else is loaded. */
const POLICY = "default-src 'none'; script-src 'none'; base-uri 'none'; frame-ancestors 'none'";

async function serve(
  options: MountedOptions,
  request: IncomingMessage,
  response: ServerResponse,
  requestId: string,
): Promise<void> {
  const { places, clientAddress = createClientAddress(), publicUrl } = options;
  const exchange = newExchange(options.name, request, requestId);
  const startedAt = performance.now();
  const place = places.of({ account: '', person: clientAddress(request), reserved: 'open' });
  response.setHeader('Content-Security-Policy', POLICY);
  response.setHeader('Referrer-Policy', 'same-origin');
  stateHost(request, publicUrl);
  const timer = setTimeout(() => response.destroy(), options.answerMsMax);
  try {
    const taken = await place.work();
    if (taken.ok) {
      expectBody(request);
      await options.handler(request, response);
    } else
      await send(response, options.refuse(taken.refusal), {
        mediaType: options.mediaType,
        isHead: false,
        mayWait: () => false,
      });
  } finally {
    clearTimeout(timer);
    place.release();
    exchange.durationMs = performance.now() - startedAt;
    exchange.status = response.headersSent ? response.statusCode : 499;
    exchange.caller = options.ownerOf(request);
    const route = options.routeOf(exchange.url.split('?', 1)[0] ?? '');
    const { method, status, durationMs: ms } = exchange;
    options.observe({ door: options.name, method, route, status, ms });
    if (status >= 500) logFailure(options.log, { exchange, route }, undefined);
    options.recorder.record(exchange);
  }
}

/** The handler sees the public host and scheme, so that no header of a client or a proxy leads its links elsewhere. */
function stateHost({ headers }: IncomingMessage, publicUrl: string): void {
  const { host, protocol } = new URL(publicUrl);
  headers.host = host;
  headers['x-forwarded-proto'] = protocol.slice(0, -1);
  delete headers['x-forwarded-host'];
}
