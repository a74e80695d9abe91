// The record of a request while it is served, and the log of those that fail.

import type { IncomingMessage } from 'node:http';
import type { Door } from '../directory/model.ts';
import type { DoorResponse } from '../doors/contract.ts';
import type { Log } from '../log.ts';
import type { Exchange } from './events/occurrence.ts';

/** The record of a request that begins. */
export function newExchange(door: Door, request: IncomingMessage, requestId: string): Exchange {
  return {
    at: new Date(),
    door,
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
    listed: undefined,
  };
}

const CAUSES_MAX = 3;

/** One line for every 5xx, so that an operator finds the request that a client asks about. */
export function logFailure(
  log: Log,
  { exchange, route }: { exchange: Exchange; route: string | undefined },
  answered: DoorResponse | undefined,
): void {
  const { door, method, status, caller, durationMs } = exchange;
  const causes: string[] = [];
  let cause = answered?.cause;
  for (; cause instanceof Error && causes.length < CAUSES_MAX; cause = cause.cause) causes.push(cause.message);
  log.warn('A request was answered with a server error', {
    door,
    method,
    route,
    status,
    account: caller?.account.slug,
    connection: caller?.connection.name,
    ms: Math.round(durationMs),
    cause: causes.length > 0 ? causes.join(': ') : answered?.reasons?.[0]?.detail,
  });
}
