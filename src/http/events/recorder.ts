// Records every request to a door as an event. A request only adds an object to a queue; a periodic flush writes what waits.

import { setTimeout as sleep } from 'node:timers/promises';
import { administratorsConnection } from '../../directory/accounts/accounts.ts';
import type { EventSink } from '../../directory/event.ts';
import type { Call, CallSink } from '../../directory/health/calls.ts';
import { clientOf } from '../../directory/health/clients.ts';
import type { RequestOwner } from '../../doors/contract.ts';
import type { Log } from '../../log.ts';
import { type CallCounter, createCallCounter } from './call-counter.ts';
import {
  type EndedExchange,
  type EventWriter,
  type Exchange,
  isOfOne,
  isRead,
  type RecordedCommand,
  type RecordedRow,
  ROW_STATUS,
  SYSTEM,
} from './occurrence.ts';
import { createEventQueue } from './queue.ts';
import { createRefusedCounter } from './refused-counter.ts';

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

/** Starts recording: events by a writer, counts into a sink. */
export function createEventRecorder(options: {
  writer: EventWriter;
  counts: Pick<EventSink, 'count'> & CallSink;
  log: Log;
}): EventRecorder {
  const { writer, counts, log } = options;
  const queue = createEventQueue(writer, log);
  const refusals = createRefusedCounter(counts, log);
  const calls = createCallCounter(counts, log);
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
      queue.add({ kind: 'request', request: endedExchange(exchange) }, exchange.requestBytes);
    },
    recordCommand(command) {
      calls.add(commandCall(command));
      queue.add({ kind: 'command', command, durationMs: Date.now() - command.at.getTime() }, 0);
    },
    recordRow(row) {
      const at = new Date();
      calls.add(rowCall(row, at));
      queue.add({ kind: 'row', row, at }, 0);
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

/** What remains of a request that has ended: nothing that only serves requests. */
function endedExchange({ caller, refused: _refused, address: _address, ...exchange }: Exchange): EndedExchange {
  const owner = caller && {
    account: caller.account.id,
    connection: caller.connection.id,
    credential: caller.credentialId,
    by: caller.by,
  };
  const { listed: _listed, ...request } = exchange;
  return { ...request, owner };
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
