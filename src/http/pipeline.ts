// The steps of every request to a door, in this order: authenticate, route, body, admission, the door's work, response,
// event. A request is authenticated before anything else in it is acted on.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { EventFault } from '../directory/event.ts';
import { StoreUnavailable } from '../directory/faults.ts';
import type {
  Authenticate,
  Door,
  DoorRequest,
  DoorResponse,
  Refusal,
  RefusedCredential,
  Route,
  RouteMatch,
} from '../doors/contract.ts';
import { type Log, runWithRequestId } from '../log.ts';
import type { Admission } from './admission.ts';
import { readJsonBody } from './body.ts';
import { allowFileTime } from './body-time.ts';
import { type ClientAddress, createClientAddress } from './client-address.ts';
import type { EventRecorder, Exchange } from './event-recorder.ts';
import { recordedRequestId } from './request-id.ts';
import { send } from './send.ts';

/** The options of a pipeline. */
export interface PipelineOptions<S, R extends Route<S>> {
  door: Door<S, R>;
  authenticate: Authenticate<S, R>;
  admission: Admission;
  /** The address of a request's client; by default that of the connection. */
  clientAddress?: ClientAddress;
  /** Records every request as an event; if undefined, requests are not recorded. */
  recorder: EventRecorder | undefined;
  log: Log;
}

/** The response to a request before it is written, and the slot to release afterwards. */
interface Answered {
  response: DoorResponse;
  release?: () => void;
}

/** Creates the handler for all requests below a door's base path, which `request.url` does not include. */
export function createPipeline<S, R extends Route<S>>(options: PipelineOptions<S, R>) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const id = recordedRequestId(request, response);
    runWithRequestId(id, () => {
      serve(options, request, response, id).catch((error: unknown) => {
        options.log.warn('A response was interrupted', { error });
      });
    });
  };
}

async function serve<S, R extends Route<S>>(
  options: PipelineOptions<S, R>,
  request: IncomingMessage,
  response: ServerResponse,
  requestId: string,
): Promise<void> {
  const startedAt = performance.now();
  const exchange = newExchange(options.door, request, requestId);
  const answered = await answer(options, request, exchange).catch((error: unknown) =>
    answerToError(options, exchange, error),
  );
  try {
    if (answered) await send(response, answered.response, options.door.mediaType, exchange.method === 'HEAD');
  } finally {
    answered?.release?.();
    exchange.durationMs = performance.now() - startedAt;
    complete(exchange, request.errored ? undefined : answered?.response.status, answered?.response);
    options.recorder?.record(exchange);
    options.log.debug('Answered', {
      method: exchange.method,
      status: exchange.status,
      ms: Math.round(exchange.durationMs),
    });
  }
}

function newExchange(door: Pick<Door, 'name'>, request: IncomingMessage, requestId: string): Exchange {
  return {
    at: new Date(),
    door: door.name,
    requestId,
    method: request.method ?? 'GET',
    url: request.url ?? '/',
    userAgent: request.headers['user-agent'],
    address: '',
    caller: undefined,
    refused: undefined,
    status: 0,
    durationMs: 0,
    requestBody: undefined,
    requestBytes: 0,
    responseBody: undefined,
    reasons: undefined,
    subject: undefined,
  };
}

/** Records the outcome of a request; status 499 if the client disconnected before it was answered. */
function complete(exchange: Exchange, status: number | undefined, response: DoorResponse | undefined): void {
  exchange.status = status ?? 499;
  exchange.reasons = response?.reasons;
  exchange.subject = response?.subject;
  // Responses of successful reads are not recorded, because holding them until the next flush would cost memory.
  exchange.responseBody = isRead(exchange.method) && exchange.status < 400 ? undefined : response?.body;
  if (!response?.isConfidential) return;
  exchange.requestBody = undefined;
  exchange.responseBody = undefined;
}

function answerToError<S, R extends Route<S>>(
  { door, log }: PipelineOptions<S, R>,
  { method }: Exchange,
  error: unknown,
): Answered {
  if (error instanceof StoreUnavailable) return { response: door.refuse({ kind: 'unavailable' }) };
  log.error('A request failed', { error, method });
  return { response: door.refuse({ kind: 'internal' }) };
}

async function answer<S, R extends Route<S>>(
  { door, authenticate, admission, clientAddress = connectionAddress }: PipelineOptions<S, R>,
  request: IncomingMessage,
  exchange: Exchange,
): Promise<Answered | undefined> {
  const refuse = (refusal: Refusal): Answered => ({ response: door.refuse(refusal) });
  const [path, query] = splitUrl(exchange.url);
  let found: RouteMatch<R> | undefined;
  const match = () => {
    found ??= door.match(exchange.method, path);
    return found;
  };
  const admitted = await authenticate(request, match);
  if (!admitted.ok && 'refusal' in admitted) {
    exchange.caller = admitted.caller;
    return refuse(admitted.refusal);
  }
  if (!admitted.ok) {
    exchange.refused = admitted.refused;
    exchange.address = clientAddress(request);
    exchange.caller = admitted.refused.owner;
    const { response } = refuse({ kind: 'unauthenticated' });
    const headers = { ...response.headers, 'WWW-Authenticate': admitted.challenge };
    return { response: { ...response, headers, reasons: [credentialReason(admitted.refused)] } };
  }
  exchange.caller = admitted.caller;
  const matched = match();
  if (!matched.ok) return { response: matched.response };
  const { route } = matched;
  const read = await readBody(request, route);
  if (!read.ok) return read.refusal && refuse(read.refusal);
  exchange.requestBody = read.body;
  exchange.requestBytes = read.bytes;
  const slot = await admission.enter(admitted.caller.account.id);
  if (!slot.ok) return refuse({ kind: 'overloaded', scope: slot.scope });
  const doorRequest: DoorRequest<S> = {
    method: exchange.method,
    path,
    query,
    ifMatch: request.headers['if-match'],
    ifNoneMatch: request.headers['if-none-match'],
    headers: request.headers,
    remoteAddress: clientAddress(request),
    body: read.body,
    ...(route.takesBytes ? { bytes: request } : {}),
    session: admitted.session,
    caller: { ...admitted.caller, door: door.name, requestId: exchange.requestId },
  };
  return { response: await route.handle(doorRequest), release: slot.release };
}

const connectionAddress = createClientAddress();

const NO_BODY = { ok: true, body: undefined, bytes: 0 } as const;

async function readBody(request: IncomingMessage, route: Pick<Route, 'takesBytes' | 'bodyBytesMax'>) {
  if (route.takesBytes) {
    allowFileTime(request);
    return NO_BODY;
  }
  return takesBody(request.method) ? readJsonBody(request, route.bodyBytesMax) : NO_BODY;
}

const CREDENTIAL_REASONS: Readonly<Record<string, string>> = {
  revoked: 'The token of this request was revoked. Create a new one for the connection and give it to the client.',
  expired: 'The token of this request has expired. Create a new one for the connection and give it to the client.',
};

/** Why a credential was refused, in words for an administrator. The client is told less. */
function credentialReason({ reason }: RefusedCredential): EventFault {
  return { code: reason, detail: CREDENTIAL_REASONS[reason] ?? 'The request had no valid credential.' };
}

function isRead(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}

function takesBody(method: string | undefined): boolean {
  return method === 'POST' || method === 'PUT' || method === 'PATCH';
}

function splitUrl(url: string): [path: string, query: string] {
  const queryStart = url.indexOf('?');
  return queryStart < 0 ? [url, ''] : [url.slice(0, queryStart), url.slice(queryStart + 1)];
}
