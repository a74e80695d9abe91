// Makes the event of a request, a command or a row: redacted, as it is stored.

import type { EventFault, EventSubject, RecordedEvent, RecordedFault } from '../../directory/event.ts';
import { newResourceId } from '../../directory/ids.ts';
import type { RequestActor } from '../../directory/model.ts';
import { type EndedRequest, foundNothing } from '../../directory/request-outcome.ts';
import type { Redactor } from '../redaction.ts';
import {
  type EndedExchange,
  isOfOne,
  isRead,
  type Occurrence,
  type RecordedCommand,
  type RecordedRow,
  ROW_STATUS,
  SYSTEM,
} from './occurrence.ts';

/** Makes the event of an occurrence, with a new id. */
export function eventOf(occurrence: Occurrence, redactor: Redactor): RecordedEvent {
  if (occurrence.kind === 'event') return occurrence.event;
  if (occurrence.kind === 'row') return rowEvent(occurrence.row, occurrence.at, redactor);
  if (occurrence.kind === 'command') return commandEvent(occurrence.command, occurrence.durationMs, redactor);
  return requestEvent(occurrence.request, redactor);
}

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

function commandEvent(command: RecordedCommand, durationMs: number, redactor: Redactor): RecordedEvent {
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
    durationMs,
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

function requestEvent(exchange: EndedExchange, redactor: Redactor): RecordedEvent {
  const { owner, reasons, subject } = exchange;
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
    ...(owner ? { account: owner.account, connection: owner.connection, credential: owner.credential } : {}),
    ...(owner?.by ? { actor: actorOf(owner.by, redactor) } : {}),
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

function nothingFound(request: EndedRequest): { foundNothing?: true } {
  return foundNothing(request) ? { foundNothing: true } : {};
}

/** The e-mail of an administrator has a hash, by which an erasure finds it. */
function actorOf(actor: RequestActor, redactor: Redactor): NonNullable<RecordedEvent['actor']> {
  if (actor.kind !== 'administrator' || actor.name === undefined) return actor;
  return { ...actor, hash: redactor.subject(actor.name) };
}

function subjectOf({ type, id, name }: NonNullable<EndedExchange['subject']>, redactor: Redactor): EventSubject {
  return { type, id: redactor.id(id), ...(name === undefined ? {} : { name: name.slice(0, 255) }) };
}
