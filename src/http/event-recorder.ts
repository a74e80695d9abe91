// Records every request to a door as an event. A request only adds an object to a queue; a periodic flush redacts and writes events.

import { setTimeout as sleep } from 'node:timers/promises';
import { administratorsConnection } from '../directory/accounts/accounts.ts';
import type { EventFault, EventSink, EventSubject, RecordedEvent, RecordedFault } from '../directory/event.ts';
import type { Call, CallSink } from '../directory/health/calls.ts';
import { clientOf } from '../directory/health/clients.ts';
import { newResourceId } from '../directory/ids.ts';
import type { Door, RequestActor } from '../directory/model.ts';
import { type EndedRequest, foundNothing, isOfOneResource } from '../directory/request-outcome.ts';
import type { DoorResponse, RefusedCredential, RequestOwner } from '../doors/contract.ts';
import type { Log } from '../log.ts';
import { type CallCounter, createCallCounter } from './call-counter.ts';
import { createEventQueue } from './event-queue.ts';
import type { Redactor } from './redaction.ts';
import { createRefusedCounter } from './refused-counter.ts';

/** A request and its result, not yet redacted. */
export interface Exchange {
  at: Date;
  door: Door;
  requestId: string;
  method: string;
  url: string;
  userAgent: string | undefined;
  /** The address of the client, if the credential was refused. */
  address: string;
  caller: RequestOwner | undefined;
  /** Why the credential of the request was refused. */
  refused: RefusedCredential | undefined;
  status: number;
  durationMs: number;
  requestBody: unknown;
  requestBytes: number;
  /** Undefined for a successful read. */
  responseBody: object | undefined;
  reasons: DoorResponse['reasons'];
  subject: DoorResponse['subject'];
  listed: DoorResponse['listed'];
}

/** A row of a run over a file, as an event records it. */
export interface RecordedRow {
  door: Door;
  account: string;
  connection: string;
  /** The run, and who requested it. */
  run: { id: string; requestedBy: string };
  number: number;
  outcome: 'created' | 'updated' | 'refused';
  /** The id of the user, unless the row was refused. */
  user?: string | undefined;
  /** The values by which the row names its user; only their hashes are stored. */
  identities: readonly string[];
  faults: readonly EventFault[];
}

/** A command of the command line, as an event records it. */
interface RecordedCommand {
  at: Date;
  by: RequestActor;
  /** The account that it acted on; undefined if it is of no account. */
  account: string | undefined;
  /** The words of the command, such as `/user/export`, without its arguments. */
  path: string;
  isRead: boolean;
  status: number;
  /** What it acted on. */
  subject: Exchange['subject'];
  /** The texts by which it named people; only their hashes are stored. */
  identities: readonly string[];
  faults: readonly EventFault[];
}

/** Records requests, commands, and rows of files. */
export interface EventRecorder {
  /** Adds a command to the queue; never blocks. */
  recordCommand(command: RecordedCommand): void;
  /** Adds a row of a file to the queue; never blocks. */
  recordRow(row: RecordedRow): void;
  /** Adds a request to the queue; never blocks. */
  record(exchange: Exchange): void;
  /** Writes the waiting events for at most `graceMs`, and stops. */
  stop(graceMs: number): Promise<void>;
}

const FLUSH_MS = 250;
const COUNTS_FLUSH_MS = 1_000;
const STOP_PAUSE_MS = 50;
/** Bodies wait for the flush unredacted; beyond this many bytes, events are kept without their bodies. */
const HELD_BYTES_MAX = 32 * 1024 * 1024;
/** The assumed memory of a response body. */
const RESPONSE_BYTES_ASSUMED = 2_048;

/** Starts recording into a sink. */
export function createEventRecorder(options: {
  sink: EventSink & CallSink;
  redactor: Redactor;
  log: Log;
}): EventRecorder {
  const { sink, redactor, log } = options;
  const queue = createEventQueue(sink, log);
  const refusals = createRefusedCounter(sink, log);
  const calls = createCallCounter(sink, log);
  const timer = setInterval(() => {
    void refusals.flush();
    queue.flushIfDue();
  }, FLUSH_MS);
  timer.unref();
  const countsTimer = setInterval(() => void calls.flush(), COUNTS_FLUSH_MS);
  countsTimer.unref();

  return {
    record(exchange) {
      const { refused, at, door, address } = exchange;
      if (refused && !refused.owner) {
        refusals.add({ at, door, address, reason: refused.reason, hint: refused.hint });
        return;
      }
      if (exchange.caller) calls.add(callOf(exchange, exchange.caller));
      exchange.requestBytes += exchange.responseBody ? RESPONSE_BYTES_ASSUMED : 0;
      if (queue.heldBytes() + exchange.requestBytes > HELD_BYTES_MAX) {
        exchange.requestBody = undefined;
        exchange.responseBody = undefined;
        exchange.requestBytes = 0;
      }
      queue.add({ bytes: exchange.requestBytes, event: () => toEvent(exchange, redactor) });
    },
    recordCommand(command) {
      calls.add(commandCall(command));
      queue.add({ bytes: 0, event: () => commandEvent(command, redactor) });
    },
    recordRow(row) {
      const at = new Date();
      calls.add(rowCall(row, at));
      queue.add({ bytes: 0, event: () => rowEvent(row, at, redactor) });
    },
    async stop(graceMs) {
      clearInterval(timer);
      clearInterval(countsTimer);
      const end = Date.now() + graceMs;
      await refusals.flush();
      await queue.drain(end);
      await drainCounts(calls, end);
    },
  };
}

/** Writes the counts until there are none or the time `end`, in milliseconds since 1970, is over. */
async function drainCounts(calls: CallCounter, end: number): Promise<void> {
  while (calls.isWaiting()) {
    await Promise.race([calls.flush(), sleep(Math.max(0, end - Date.now()), undefined, { ref: false })]);
    if (!calls.isWaiting() || Date.now() >= end) return;
    await sleep(STOP_PAUSE_MS);
  }
}

/** Outside of SCIM, a request that finds nothing says so by its code. */
function isOfOne({ door, url, reasons = [] }: Pick<Exchange, 'door' | 'url' | 'reasons'>): boolean {
  return door === 'scim' ? isOfOneResource(url) : reasons.some(({ code }) => code === 'notFound');
}

function nothingFound(request: EndedRequest): { foundNothing?: true } {
  return foundNothing(request) ? { foundNothing: true } : {};
}

function callOf(exchange: Exchange, { account, connection }: RequestOwner): Call {
  const { at, status, method, reasons, refused, userAgent, listed } = exchange;
  return {
    account: account.id,
    connection: connection.id,
    at,
    status,
    method,
    isRead: isRead(exchange),
    isOfOne: isOfOne(exchange),
    faults: reasons,
    isTokenRefused: refused !== undefined,
    client: clientOf(userAgent),
    listed,
  };
}

function rowCall({ account, connection, outcome, faults }: RecordedRow, at: Date): Call {
  return { account, connection, at, status: ROW_STATUS[outcome], method: 'ROW', isRead: false, faults };
}

function commandCall({ at, account = SYSTEM, status, isRead: reads, faults }: RecordedCommand): Call {
  const { id: connection } = administratorsConnection({ id: account });
  return { account, connection, at, status, method: 'COMMAND', isRead: reads, isOfOne: true, faults };
}

/** The account of what belongs to no account. */
const SYSTEM = 'system';
const ROW_STATUS = { created: 201, updated: 200, refused: 400 } as const;

function rowEvent(row: RecordedRow, at: Date, redactor: Redactor): RecordedEvent {
  const { door, account, connection, run, number, outcome, user, identities, faults } = row;
  return {
    _id: newResourceId(),
    at,
    account,
    connection,
    actor: { kind: 'job', id: run.id, name: run.requestedBy },
    door,
    request: `${run.id}:${number}`,
    method: 'ROW',
    isRead: false,
    path: `/imports/${run.id}/rows/${number}`,
    status: ROW_STATUS[outcome],
    durationMs: 0,
    ...faultsOf(faults, (detail) => ({ detail: redactor.sentence(detail) })),
    ...(user === undefined ? {} : { subject: { type: 'User', id: user } }),
    about: [...(user === undefined ? [] : [user]), ...identities.map((value) => redactor.subject(value))],
  };
}

function commandEvent(command: RecordedCommand, redactor: Redactor): RecordedEvent {
  const { at, by, account = SYSTEM, path, isRead: reads, status, subject, identities, faults } = command;
  const about = [...(subject ? [subject.id] : []), ...identities].map((text) => redactor.subject(text));
  return {
    _id: newResourceId(),
    at,
    account,
    actor: by,
    door: 'cli',
    request: newResourceId(),
    method: 'COMMAND',
    isRead: reads,
    ...nothingFound({ status, method: 'COMMAND', isRead: reads, isOfOne: true }),
    path,
    status,
    durationMs: Date.now() - at.getTime(),
    ...faultsOf(faults, (detail) => ({ detail: redactor.sentence(detail) })),
    ...(subject ? { subject: subjectOf(subject, redactor) } : {}),
    ...(about.length > 0 ? { about } : {}),
  };
}

function faultsOf(
  faults: readonly EventFault[],
  sentence: (text: string) => Pick<RecordedFault, 'detail' | 'quoted'>,
): Pick<RecordedEvent, 'faults'> {
  if (faults.length === 0) return {};
  const stored = faults.map(({ code, error, detail }) => ({
    code,
    ...(error === undefined ? {} : { error }),
    ...sentence(detail),
  }));
  return { faults: stored };
}

function toEvent(exchange: Exchange, redactor: Redactor): RecordedEvent {
  const { caller, reasons, subject } = exchange;
  const bodies = redactor.bodies();
  const requestBody = exchange.requestBody === undefined ? {} : { requestBody: bodies.write(exchange.requestBody) };
  const isAnswered = exchange.responseBody !== undefined && !(isRead(exchange) && exchange.status < 400);
  const responseBody = isAnswered ? { responseBody: bodies.write(exchange.responseBody) } : {};
  const about = [...(subject ? [redactor.subject(subject.id)] : []), ...bodies.identities];
  // After the bodies, to which the sentences refer.
  const stored = faultsOf(reasons ?? [], (detail) => bodies.sentence(detail));
  return {
    _id: newResourceId(),
    at: exchange.at,
    ...(caller
      ? { account: caller.account.id, connection: caller.connection.id, credential: caller.credentialId }
      : {}),
    ...(caller?.by ? { actor: actorOf(caller.by, redactor) } : {}),
    door: exchange.door,
    request: exchange.requestId,
    method: exchange.method.slice(0, 20),
    isRead: isRead(exchange),
    ...nothingFound({
      status: exchange.status,
      method: exchange.method,
      isRead: isRead(exchange),
      isOfOne: isOfOne(exchange),
    }),
    path: redactor.url(exchange.url),
    status: exchange.status,
    durationMs: Math.round(exchange.durationMs * 10) / 10,
    ...stored,
    ...(subject ? { subject: subjectOf(subject, redactor) } : {}),
    ...(about.length > 0 ? { about } : {}),
    ...(exchange.userAgent === undefined ? {} : { userAgent: redactor.userAgent(exchange.userAgent) }),
    ...(bodies.values.length > 0 ? { values: bodies.values } : {}),
    ...requestBody,
    ...responseBody,
  };
}

/** A search over POST reads, too (RFC 7644 §3.4.3). */
function isRead({ method, url }: Exchange): boolean {
  return method === 'GET' || method === 'HEAD' || (method === 'POST' && /\/\.search\/?(?:\?|$)/.test(url));
}

/** The e-mail of an administrator has a hash, by which an erasure finds it. */
function actorOf(actor: RequestActor, redactor: Redactor): NonNullable<RecordedEvent['actor']> {
  if (actor.kind !== 'administrator' || actor.name === undefined) return actor;
  return { ...actor, hash: redactor.subject(actor.name) };
}

function subjectOf({ type, id, name }: NonNullable<Exchange['subject']>, redactor: Redactor): EventSubject {
  return { type, id: redactor.id(id), ...(name === undefined ? {} : { name: name.slice(0, 255) }) };
}
