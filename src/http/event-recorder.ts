// Records every request to a door as an event. A request only adds an object to a queue; a periodic flush redacts and writes events.

import type { EventFault, EventSink, EventSubject, RecordedEvent } from '../directory/event.ts';
import { newResourceId } from '../directory/ids.ts';
import type { Door, RequestActor } from '../directory/model.ts';
import type { DoorResponse, RefusedCredential, RequestOwner } from '../doors/contract.ts';
import type { Log } from '../log.ts';
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

/** Records requests, and rows of files. */
export interface EventRecorder {
  /** Adds a row of a file to the queue; never blocks. */
  recordRow(row: RecordedRow): void;
  /** Adds a request to the queue; never blocks. */
  record(exchange: Exchange): void;
  /** Writes the waiting events for at most `graceMs`, and stops. */
  stop(graceMs: number): Promise<void>;
}

const EVENTS_MAX = 10_000;
const BATCH_MAX = 500;
const FLUSH_MS = 250;
/** Bodies wait for the flush unredacted; beyond this many bytes, events are kept without their bodies. */
const HELD_BYTES_MAX = 32 * 1024 * 1024;
const FAILED_PAUSE_MS = 1_000;
/** The assumed memory of a response body. */
const RESPONSE_BYTES_ASSUMED = 2_048;

/** Starts recording into a sink. */
export function createEventRecorder(options: { sink: EventSink; redactor: Redactor; log: Log }): EventRecorder {
  const { sink, redactor, log } = options;
  const waiting: Waiting[] = [];
  const refusals = createRefusedCounter(sink, log);
  let heldBytes = 0;
  let droppedEvents = 0;
  let reportedDrops = 0;
  let running: Promise<void> | undefined;
  let pausedUntil = 0;

  const release = ({ bytes }: Waiting) => {
    heldBytes -= bytes;
  };

  const add = (entry: Waiting): void => {
    heldBytes += entry.bytes;
    waiting.push(entry);
    if (waiting.length > EVENTS_MAX) {
      const oldest = waiting.shift();
      if (oldest) release(oldest);
      droppedEvents += 1;
    }
    if (waiting.length >= BATCH_MAX && !running && Date.now() >= pausedUntil) void flushNow();
  };

  const flush = async (): Promise<void> => {
    const batch = waiting.splice(0, BATCH_MAX);
    for (const entry of batch) release(entry);
    const events = batch.map((entry) => entry.event());
    // Events keep their ids in retries, so that a partly written batch is not stored twice.
    for (let attempt = 0; attempt < 3; attempt += 1) {
      try {
        await sink.append(events);
        return;
      } catch (error) {
        log.debug('Events could not be written', { error, events: events.length });
        await new Promise((resolve) => setTimeout(resolve, FAILED_PAUSE_MS).unref());
      }
    }
    droppedEvents += events.length;
    pausedUntil = Date.now() + FAILED_PAUSE_MS;
  };

  const flushNow = (): Promise<void> => {
    running ??= flush()
      .catch((error: unknown) => log.error('Recording events failed', { error }))
      .finally(() => {
        running = undefined;
      });
    return running;
  };

  const timer = setInterval(() => {
    void refusals.flush();
    if (waiting.length > 0 && Date.now() >= pausedUntil) void flushNow();
    if (droppedEvents > reportedDrops) log.warn('Events were dropped', { dropped: droppedEvents - reportedDrops });
    reportedDrops = droppedEvents;
  }, FLUSH_MS);
  timer.unref();

  return {
    record(exchange) {
      const { refused, at, door, address } = exchange;
      if (refused && !refused.owner) {
        refusals.add({ at, door, address, reason: refused.reason, hint: refused.hint });
        return;
      }
      exchange.requestBytes += exchange.responseBody ? RESPONSE_BYTES_ASSUMED : 0;
      if (heldBytes + exchange.requestBytes > HELD_BYTES_MAX) {
        exchange.requestBody = undefined;
        exchange.responseBody = undefined;
        exchange.requestBytes = 0;
      }
      add({ bytes: exchange.requestBytes, event: () => toEvent(exchange, redactor) });
    },
    recordRow(row) {
      const at = new Date();
      add({ bytes: 0, event: () => rowEvent(row, at, redactor) });
    },
    async stop(graceMs) {
      clearInterval(timer);
      const end = Date.now() + graceMs;
      await refusals.flush();
      while ((waiting.length > 0 || running) && Date.now() < end) {
        await Promise.race([flushNow(), new Promise((resolve) => setTimeout(resolve, end - Date.now()).unref())]);
      }
    },
  };
}

/** An event that waits to be written; it is redacted only then. */
interface Waiting {
  bytes: number;
  event: () => RecordedEvent;
}

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
    ...(faults.length > 0
      ? { faults: faults.map(({ code, detail }) => ({ code, detail: redactor.sentence(detail) })) }
      : {}),
    ...(user === undefined ? {} : { subject: { type: 'User', id: user } }),
    about: [...(user === undefined ? [] : [user]), ...identities.map((value) => redactor.subject(value))],
  };
}

function toEvent(exchange: Exchange, redactor: Redactor): RecordedEvent {
  const { caller, reasons, subject } = exchange;
  const bodies = redactor.bodies();
  const requestBody = exchange.requestBody === undefined ? {} : { requestBody: bodies.write(exchange.requestBody) };
  const isAnswered = exchange.responseBody !== undefined && !(isRead(exchange) && exchange.status < 400);
  const responseBody = isAnswered ? { responseBody: bodies.write(exchange.responseBody) } : {};
  const about = [...(subject ? [redactor.subject(subject.id)] : []), ...bodies.identities];
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
    path: redactor.url(exchange.url),
    status: exchange.status,
    durationMs: Math.round(exchange.durationMs * 10) / 10,
    ...(reasons ? { faults: reasons.map(({ code, detail }) => ({ code, detail: redactor.sentence(detail) })) } : {}),
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
