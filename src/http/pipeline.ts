// The way of every request to a door, in this order: authenticate, path and method, body, a place to work, the door,
// the answer, the event. Nothing of a request is looked at before its credential.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { StoreUnavailable } from '../directory/faults.ts';
import { type Log, runWithRequestId } from '../log.ts';
import type { Admission } from './admission.ts';
import { readJsonBody } from './body.ts';
import { takesFile } from './body-time.ts';
import type { Admittance, DoorBinding, DoorResponse, HttpRefusal } from './door-binding.ts';
import type { EventRecorder, Exchange } from './event-recorder.ts';
import { recordedRequestId } from './request-id.ts';
import { send } from './send.ts';

export interface FrontOptions<S> {
  binding: DoorBinding<S>;
  /** @throws StoreUnavailable */
  authenticate: (request: IncomingMessage) => Promise<Admittance<S>>;
  admission: Admission;
  recorder: EventRecorder;
  log: Log;
}

/** What a request came to, before it is written. */
interface Answered {
  answer: DoorResponse;
  leave?: () => void;
}

/** The handler of everything under a door's base; `request.url` starts behind the base. */
export function createFront<S>(options: FrontOptions<S>) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const id = recordedRequestId(request, response);
    runWithRequestId(id, () => {
      serve(options, request, response, id).catch((error: unknown) => {
        options.log.warn('An answer broke off', { error });
      });
    });
  };
}

async function serve<S>(
  options: FrontOptions<S>,
  request: IncomingMessage,
  response: ServerResponse,
  requestId: string,
): Promise<void> {
  const startedAt = performance.now();
  const method = request.method ?? 'GET';
  const url = request.url ?? '/';
  const exchange: Exchange = {
    at: new Date(),
    door: options.binding.door,
    requestId,
    method,
    url,
    userAgent: request.headers['user-agent'],
    caller: undefined,
    status: 0,
    durationMs: 0,
    requestBody: undefined,
    requestBytes: 0,
    responseBody: undefined,
    reasons: undefined,
    subject: undefined,
  };
  const answered = await answer(options, request, exchange).catch((error: unknown): Answered | undefined => {
    if (error instanceof StoreUnavailable) return { answer: options.binding.refuse({ kind: 'unavailable' }) };
    options.log.error('A request failed', { error, method });
    return { answer: options.binding.refuse({ kind: 'internal' }) };
  });
  try {
    if (answered) await send(response, answered.answer, options.binding.mediaType, method === 'HEAD');
  } finally {
    answered?.leave?.();
    // 499: the client went away before it could be answered.
    exchange.status = (request.errored ? undefined : answered?.answer.status) ?? 499;
    exchange.durationMs = performance.now() - startedAt;
    // What was read is not recorded: holding it until the next flush would be paid for in memory.
    exchange.responseBody = isRead(method) && exchange.status < 400 ? undefined : answered?.answer.body;
    exchange.reasons = answered?.answer.reasons;
    if (answered?.answer.isConfidential) {
      exchange.requestBody = undefined;
      exchange.responseBody = undefined;
    }
    exchange.subject = answered?.answer.subject;
    options.recorder.record(exchange);
    options.log.debug('Answered', { method, status: exchange.status, ms: Math.round(exchange.durationMs) });
  }
}

async function answer<S>(
  options: FrontOptions<S>,
  request: IncomingMessage,
  exchange: Exchange,
): Promise<Answered | undefined> {
  const { binding } = options;
  const refuse = (refusal: HttpRefusal): Answered => ({ answer: binding.refuse(refusal) });
  const admitted = await options.authenticate(request);
  if (!admitted.ok && 'refusal' in admitted) {
    exchange.caller = admitted.caller;
    return refuse(admitted.refusal);
  }
  if (!admitted.ok) {
    const refusal = binding.refuse({ kind: 'unauthenticated' });
    return { answer: { ...refusal, headers: { ...refusal.headers, 'WWW-Authenticate': admitted.challenge } } };
  }
  exchange.caller = admitted.caller;
  const [path, query] = split(exchange.url);
  const early = binding.preflight(exchange.method, path);
  if (early) return { answer: early };
  const takesBytes = binding.takesBytes?.(exchange.method, path) ?? false;
  if (takesBytes) takesFile(request);
  const read =
    takesBody(exchange.method) && !takesBytes
      ? await readJsonBody(request, binding.bodyBytesMax(path))
      : { ok: true as const, body: undefined, bytes: 0 };
  if (!read.ok) return read.refusal && refuse(read.refusal);
  exchange.requestBody = read.body;
  exchange.requestBytes = read.bytes;
  const place = await options.admission.enter(admitted.caller.account.id);
  if (!place.ok) return refuse({ kind: 'overloaded', scope: place.scope });
  const handled = await binding.handle({
    method: exchange.method,
    path,
    query,
    ifMatch: request.headers['if-match'],
    ifNoneMatch: request.headers['if-none-match'],
    headers: request.headers,
    remoteAddress: request.socket.remoteAddress ?? '',
    body: read.body,
    ...(takesBytes ? { bytes: request } : {}),
    session: admitted.session,
    caller: { ...admitted.caller, door: binding.door, requestId: exchange.requestId },
  });
  return { answer: handled, leave: place.leave };
}

function isRead(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}

function takesBody(method: string): boolean {
  return method === 'POST' || method === 'PUT' || method === 'PATCH';
}

function split(url: string): [path: string, query: string] {
  const mark = url.indexOf('?');
  return mark < 0 ? [url, ''] : [url.slice(0, mark), url.slice(mark + 1)];
}
