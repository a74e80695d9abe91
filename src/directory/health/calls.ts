// Owns what is counted of the calls of a connection in an hour. Counts are stored apart from events: they stay when events expire, and reading
// them costs the same however many calls there were.

import type { EventFault } from '../event.ts';
import { type EndedRequest, foundNothing, outcomeOf, REFUSED_FROM, type RequestOutcome } from '../request-outcome.ts';
import type { ClientName } from './clients.ts';

/** A list without a filter that a client read: how many resources the response counted. */
export interface ListedResources {
  type: 'User' | 'Group';
  total: number;
}

/** A call as it is counted: a request, a row of a file, or a command. */
export interface Call extends EndedRequest {
  account: string;
  connection: string;
  at: Date;
  faults?: readonly EventFault[] | undefined;
  /** The token was valid once: it has expired or was revoked. */
  isTokenRefused?: boolean;
  client?: ClientName | undefined;
  listed?: ListedResources | undefined;
}

/** How often a fault occurred, and when last. */
export interface FaultCount {
  count: number;
  last: Date;
}

/** How many resources a list had when it was last read. */
export interface ListedCount {
  total: number;
  at: Date;
}

/** The counts of one connection in one hour. */
export interface HourCounts {
  account: string;
  connection: string;
  /** The start of the hour (UTC). */
  hour: Date;
  requests: number;
  /** See `RequestOutcome`, likewise for `failed`. */
  refused: number;
  failed: number;
  /** What a client counts as an operation: writes, and reads that failed. */
  operations: number;
  /** Operations that failed for the client. */
  failures: number;
  /** Of these, those that failed only because a member or a manager is unknown. */
  referenceFailures: number;
  /** The minutes with calls, as bits: 0 to 29 and 30 to 59. */
  minutes: [early: number, late: number];
  lastCall: Date;
  lastSuccess?: Date;
  /** The last call with a token that has expired or was revoked. */
  lastTokenRefused?: Date;
  /** By code. */
  faults: Record<string, FaultCount>;
  client?: ClientName;
  listedUsers?: ListedCount;
  listedGroups?: ListedCount;
}

/** The port for writing counts. Adding a batch twice adds it once. */
export interface CallSink {
  /** Adds to the counts of each hour. @param batch names the batch in repetitions @throws StoreUnavailable */
  addCalls(batch: string, hours: readonly HourCounts[]): Promise<void>;
}

/** Requests in a piece of time. */
export interface CallCounts {
  requests: number;
  refused: number;
  failed: number;
}

/** The calls of a connection in some hours, with what is known of a longer time. */
export interface ConnectionCalls extends CallCounts {
  operations: number;
  failures: number;
  referenceFailures: number;
  lastCall: Date;
  lastSuccess?: Date;
  lastTokenRefused?: Date;
}

/** The port for reading counts. */
export interface CallReader {
  /** The counts of an account by hour, over all connections. @throws StoreUnavailable */
  byHour(account: string, from: Date): Promise<(CallCounts & { hour: Date })[]>;
  /**
   * The calls of each connection of an account from the hour `recent` on; the times of its last calls from `from` on.
   * @throws StoreUnavailable
   */
  byConnection(account: string, from: Date, recent: Date): Promise<Map<string, ConnectionCalls>>;
  /** The counts of a connection from an hour on, oldest first. @throws StoreUnavailable */
  hoursOf(account: string, connection: string, from: Date): Promise<HourCounts[]>;
}

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const CODE = /^[A-Za-z0-9_-]{1,64}$/;
const OTHER_CODE = 'other';
const REFERENCES: ReadonlySet<string> = new Set(['memberNotFound', 'unknownReference']);

/** The start of an hour (UTC). */
export function hourOf(at: Date): Date {
  return new Date(at.getTime() - (at.getTime() % HOUR_MS));
}

/** Counts of an hour without calls. */
export function emptyHour({ account, connection, at }: Pick<Call, 'account' | 'connection' | 'at'>): HourCounts {
  return {
    account,
    connection,
    hour: hourOf(at),
    requests: 0,
    refused: 0,
    failed: 0,
    operations: 0,
    failures: 0,
    referenceFailures: 0,
    minutes: [0, 0],
    lastCall: at,
    faults: {},
  };
}

/** Adds a call to the counts of its hour. */
export function countCall(counts: HourCounts, call: Call): void {
  const { at, status, faults = [], listed } = call;
  const outcome = outcomeOfCall(call);
  counts.requests += 1;
  if (outcome !== 'accepted') counts[outcome] += 1;
  countOperation(counts, call);
  const minute = Math.floor((at.getTime() % HOUR_MS) / MINUTE_MS);
  counts.minutes[minute < 30 ? 0 : 1] |= 1 << (minute % 30);
  counts.lastCall = later(counts.lastCall, at);
  if (status < REFUSED_FROM) counts.lastSuccess = later(counts.lastSuccess, at);
  if (call.isTokenRefused) counts.lastTokenRefused = later(counts.lastTokenRefused, at);
  // The notes of an accepted request are no failures.
  if (outcome !== 'accepted') for (const code of new Set(faults.map(codeOf))) countFault(counts, code, at);
  if (call.client !== undefined) counts.client = call.client;
  if (listed?.type === 'User') counts.listedUsers = { total: listed.total, at };
  if (listed?.type === 'Group') counts.listedGroups = { total: listed.total, at };
}

function outcomeOfCall(call: Call): RequestOutcome {
  return outcomeOf({ status: call.status, foundNothing: foundNothing(call) });
}

function countOperation(counts: HourCounts, call: Call): void {
  const { isRead, isTokenRefused, faults = [] } = call;
  const hasFailed = outcomeOfCall(call) !== 'accepted' && !isTokenRefused;
  if (!isRead || hasFailed) counts.operations += 1;
  if (!hasFailed) return;
  counts.failures += 1;
  if (faults.length > 0 && faults.every(({ code }) => REFERENCES.has(code))) counts.referenceFailures += 1;
}

function countFault({ faults }: HourCounts, code: string, at: Date): void {
  const known = faults[code];
  faults[code] = { count: (known?.count ?? 0) + 1, last: later(known?.last, at) };
}

/** A code is the name of a field of the stored counts. */
function codeOf({ code }: EventFault): string {
  return CODE.test(code) ? code : OTHER_CODE;
}

/** The later of two times. */
export function later(one: Date | undefined, other: Date): Date {
  return one !== undefined && one > other ? one : other;
}
