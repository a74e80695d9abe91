// The steps of every request to a door, in this order: authenticate, route, body, a place, the door's work, response, event. A request
// is authenticated before anything else in it is acted on.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { EventFault } from '../directory/event.ts';
import { StoreUnavailable } from '../directory/faults.ts';
import {
  type Admittance,
  type Authenticate,
  type Door,
  type DoorRequest,
  type DoorResponse,
  type Refusal,
  type RefusedCredential,
  RefusedWhileReading,
  type Route,
  type RouteMatch,
} from '../doors/contract.ts';
import { type Log, runWithRequestId } from '../log.ts';
import { readFormBody, readJsonBody } from './body.ts';
import { allowFileTime } from './body-time.ts';
import { type ClientAddress, createClientAddress } from './client-address.ts';
import type { Exchange } from './events/occurrence.ts';
import type { EventRecorder } from './events/recorder.ts';
import { logFailure, newExchange } from './exchange.ts';
import type { Places, RequestPlaces } from './places.ts';
import { expectBody } from './request-check.ts';
import { recordedRequestId } from './request-id.ts';
import { send } from './send.ts';

/** Receives the outcome of every request. `route` is undefined if the request was refused before its route counted. */
export type Observe = (outcome: {
  door: string;
  method: string;
  route: string | undefined;
  status: number;
  ms: number;
}) => void;

/** The options of a pipeline. */
export interface PipelineOptions<S, R extends Route<S>> {
  door: Door<S, R>;
  authenticate: Authenticate<S, R>;
  places: Places;
  /**
   * Runs a step that waits for the database, and rejects with StoreUnavailable if the database fails meanwhile. `spentMs` is the time that the
   * request waited before. By default, steps have no limit of their own.
   */
  deadline?: (<T>(step: () => Promise<T>, spentMs?: number) => Promise<T>) | undefined;
  /** The address of a request's client; by default that of the connection. */
  clientAddress?: ClientAddress;
  /** Records every request as an event; if undefined, requests are not recorded. */
  recorder: EventRecorder | undefined;
  /** For metrics. */
  observe?: Observe | undefined;
  log: Log;
}

/** A request in progress, and what it holds since it was authenticated. */
interface Progress {
  request: IncomingMessage;
  exchange: Exchange;
  held: RequestPlaces | undefined;
  /** The name of its route. */
  route: string | undefined;
  /** Reports to the route, whose work has begun, that its outcome did not reach the client. */
  unconfirmed: (() => void) | undefined;
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
  const exchange = newExchange(options.door.name, request, requestId);
  const progress: Progress = { request, exchange, held: undefined, route: undefined, unconfirmed: undefined };
  const answered = await answer(options, progress).catch((error: unknown) => answerToError(options, exchange, error));
  const answeredMs = performance.now() - startedAt;
  const isLive = answered?.isLive === true;
  if (answered?.status === 503) progress.unconfirmed?.();
  try {
    if (answered) {
      await send(response, answered, {
        mediaType: options.door.mediaType,
        isHead: exchange.method === 'HEAD',
        // The work is done, or continues only as fast as the client reads.
        mayWait: () => isLive || (progress.held?.slowReader().ok ?? true),
      });
    }
  } finally {
    progress.held?.release();
    exchange.durationMs = performance.now() - startedAt;
    complete(exchange, request.errored && !isLive ? undefined : answered?.status, answered);
    options.observe?.({
      door: exchange.door,
      method: knownMethod(exchange.method),
      route: progress.route,
      status: exchange.status,
      ms: isLive ? answeredMs : exchange.durationMs,
    });
    if (exchange.status >= 500) logFailure(options.log, progress, answered);
    options.recorder?.record(exchange);
    options.log.debug('Answered', {
      method: exchange.method,
      status: exchange.status,
      ms: Math.round(exchange.durationMs),
    });
  }
}

/** Records the outcome of a request; status 499 if the client disconnected before it was answered. */
function complete(exchange: Exchange, status: number | undefined, response: DoorResponse | undefined): void {
  exchange.status = status ?? 499;
  exchange.reasons = response?.reasons;
  exchange.subject = response?.subject;
  exchange.listed = response?.listed;
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
): DoorResponse {
  if (error instanceof StoreUnavailable) return { ...door.refuse({ kind: 'unavailable' }), cause: error };
  log.error('A request failed', { error, method });
  return { ...door.refuse({ kind: 'internal' }), cause: error };
}

async function answer<S, R extends Route<S>>(
  { door, authenticate, places, deadline = (step) => step(), clientAddress = connectionAddress }: PipelineOptions<S, R>,
  progress: Progress,
): Promise<DoorResponse | undefined> {
  const { request, exchange } = progress;
  const remoteAddress = clientAddress(request);
  const [path, query] = splitUrl(exchange.url);
  let found: RouteMatch<R> | undefined;
  const match = () => {
    found ??= door.match(exchange.method, path);
    return found;
  };
  const startedAt = performance.now();
  const admitted = await deadline(() => authenticate(request, match));
  const spentMs = performance.now() - startedAt;
  if (!admitted.ok) return refusalOf(door, admitted, exchange, remoteAddress);
  exchange.caller = admitted.caller;
  const matched = match();
  if (!matched.ok) return matched.response;
  const { route } = matched;
  progress.route = route.name;
  progress.held = places.of(requesterOf(admitted, remoteAddress));
  const taken = route.takesBytes ? takeFile(request, progress.held) : await takeBody(request, route, progress.held);
  if (!taken.ok) return taken.refusal && door.refuse(taken.refusal);
  exchange.requestBody = taken.body;
  exchange.requestBytes = taken.size;
  const doorRequest: DoorRequest<S> = {
    method: exchange.method,
    path,
    query,
    ifMatch: request.headers['if-match'],
    ifNoneMatch: request.headers['if-none-match'],
    headers: request.headers,
    remoteAddress,
    body: taken.body,
    ...(taken.bytes ? { bytes: taken.bytes } : {}),
    session: admitted.session,
    caller: { ...admitted.caller, door: door.name, requestId: exchange.requestId },
  };
  const response = await deadline(() => work(door, route, doorRequest, progress), spentMs);
  const place = response.isLive ? progress.held.stream() : undefined;
  return place?.ok === false ? door.refuse(place.refusal) : response;
}

/** The work of a route, once the request has its place. A file takes its place when all of it was received. */
async function work<S, R extends Route<S>>(
  door: Pick<Door, 'refuse'>,
  route: R,
  doorRequest: DoorRequest<S>,
  progress: Progress,
): Promise<DoorResponse> {
  const place = doorRequest.bytes ? undefined : await progress.held?.work();
  if (place?.ok === false) return door.refuse(place.refusal);
  progress.unconfirmed = () => route.unconfirmed?.(doorRequest);
  return route.handle(doorRequest);
}

const connectionAddress = createClientAddress();

function refusalOf(
  door: Pick<Door, 'refuse'>,
  refused: Extract<Admittance, { ok: false }>,
  exchange: Exchange,
  address: string,
): DoorResponse {
  if ('refusal' in refused) {
    exchange.caller = refused.caller;
    return door.refuse(refused.refusal);
  }
  const credential = refused.refused ?? UNKNOWN_CREDENTIAL;
  exchange.refused = credential;
  exchange.address = address;
  exchange.caller = credential.owner;
  const response = door.refuse({ kind: 'unauthenticated' });
  const headers = { ...response.headers, 'WWW-Authenticate': refused.challenge };
  return { ...response, headers, reasons: [credentialReason(credential)] };
}

/** What an application's own authentication refused without a reason. */
const UNKNOWN_CREDENTIAL: RefusedCredential = { reason: 'unknown' };

/** Anonymous requests share the places of their address. */
function requesterOf({ caller, person, reserved }: Extract<Admittance, { ok: true }>, address: string) {
  const anyone = reserved === 'open' ? address : undefined;
  return { account: caller.account.id, person: person ?? anyone ?? caller.credentialId, reserved };
}

/** What a route gets of a body. */
type Taken =
  | { ok: true; body: unknown; size: number; bytes?: AsyncIterable<Uint8Array> }
  | { ok: false; refusal: Refusal | undefined };

/** Reads a JSON body or a form. A request that waits for bytes holds no place. */
async function takeBody(
  request: IncomingMessage,
  { bodyBytesMax, takesForm = false }: Pick<Route, 'bodyBytesMax' | 'takesForm'>,
  held: RequestPlaces,
): Promise<Taken> {
  if (!takesBody(request.method)) return { ok: true, body: undefined, size: 0 };
  const readAs = takesForm ? readFormBody : readJsonBody;
  const read = await readAs(request, bodyBytesMax, (bytes) => held.bodyBytes(bytes));
  return read.ok ? { ok: true, body: read.body, size: read.bytes } : read;
}

/** A file waits for its bytes in one of the few places for uploads; the work on it begins when all of them have been received. */
function takeFile(request: IncomingMessage, held: RequestPlaces): Taken {
  const place = held.upload();
  if (!place.ok) return place;
  allowFileTime(request);
  return { ok: true, body: undefined, size: 0, bytes: receive(request, held) };
}

async function* receive(request: IncomingMessage, held: RequestPlaces): AsyncIterable<Uint8Array> {
  expectBody(request);
  // A route that stops reading must still be able to answer over the connection.
  yield* request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
  const place = await held.work();
  if (!place.ok) throw new RefusedWhileReading(place.refusal);
}

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Keeps the number of methods in metrics small, whatever clients send. */
function knownMethod(method: string): string {
  return METHODS.has(method) ? method : 'other';
}

const CREDENTIAL_REASONS: Readonly<Record<string, string>> = {
  revoked: 'The token of this request was revoked. Create a new one for the connection and give it to the client.',
  expired: 'The token of this request has expired. Create a new one for the connection and give it to the client.',
};

/** Why a credential was refused, in words for an administrator. The response to the client says less. */
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
