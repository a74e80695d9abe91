// Records every request to a door as an event. A request only adds an object to a queue; a periodic flush redacts and writes events.

import type { EventSink, EventSubject, RecordedEvent } from '../directory/event.ts';
import { newResourceId } from '../directory/ids.ts';
import type { Account, Connection, Door } from '../directory/model.ts';
import type { DoorResponse } from '../doors/contract.ts';
import type { Log } from '../log.ts';
import type { Redactor } from './redaction.ts';

/** A request and its result, not yet redacted. */
export interface Exchange {
  at: Date;
  door: Door;
  requestId: string;
  method: string;
  url: string;
  userAgent: string | undefined;
  caller: { account: Account; connection: Connection; credentialId: string } | undefined;
  status: number;
  durationMs: number;
  requestBody: unknown;
  requestBytes: number;
  /** Undefined for a successful read. */
  responseBody: object | undefined;
  reasons: DoorResponse['reasons'];
  subject: DoorResponse['subject'];
}

/** Records requests. */
export interface EventRecorder {
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
  const waiting: Exchange[] = [];
  let heldBytes = 0;
  let droppedEvents = 0;
  let reportedDrops = 0;
  let running: Promise<void> | undefined;
  let pausedUntil = 0;

  const release = (exchange: Exchange) => {
    heldBytes -= exchange.requestBytes;
  };

  const flush = async (): Promise<void> => {
    const batch = waiting.splice(0, BATCH_MAX);
    for (const exchange of batch) release(exchange);
    const events = batch.map((exchange) => toEvent(exchange, redactor));
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
    if (waiting.length > 0 && Date.now() >= pausedUntil) void flushNow();
    if (droppedEvents > reportedDrops) log.warn('Events were dropped', { dropped: droppedEvents - reportedDrops });
    reportedDrops = droppedEvents;
  }, FLUSH_MS);
  timer.unref();

  return {
    record(exchange) {
      exchange.requestBytes += exchange.responseBody ? RESPONSE_BYTES_ASSUMED : 0;
      if (heldBytes + exchange.requestBytes > HELD_BYTES_MAX) {
        exchange.requestBody = undefined;
        exchange.responseBody = undefined;
        exchange.requestBytes = 0;
      }
      heldBytes += exchange.requestBytes;
      waiting.push(exchange);
      if (waiting.length > EVENTS_MAX) {
        const oldest = waiting.shift();
        if (oldest) release(oldest);
        droppedEvents += 1;
      }
      if (waiting.length >= BATCH_MAX && !running && Date.now() >= pausedUntil) void flushNow();
    },
    async stop(graceMs) {
      clearInterval(timer);
      const end = Date.now() + graceMs;
      while ((waiting.length > 0 || running) && Date.now() < end) {
        await Promise.race([flushNow(), new Promise((resolve) => setTimeout(resolve, end - Date.now()).unref())]);
      }
    },
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

function subjectOf({ type, id, name }: NonNullable<Exchange['subject']>, redactor: Redactor): EventSubject {
  return { type, id: redactor.id(id), ...(name === undefined ? {} : { name: name.slice(0, 255) }) };
}
