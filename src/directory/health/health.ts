// Owns the health of a connection: what its counts, its tokens and its lists say, in one picture.

import { fault, type Outcome, refused } from '../faults.ts';
import { timeZoneOf, todayIn } from '../invitations/days.ts';
import type { Account, Caller, Connection } from '../model.ts';
import type { Lookup } from '../ports.ts';
import { type Cadence, cadenceOf } from './cadence.ts';
import { type CallCounts, type CallReader, type HourCounts, hourOf, type ListedCount, later } from './calls.ts';
import type { BroughtBy, CensusStore } from './census.ts';
import type { ClientName } from './clients.ts';
import { countsByDay, lastDays } from './days.ts';
import { forecastQuarantine, type QuarantineForecast } from './quarantine.ts';
import { type ConnectionStatus, statusOf } from './status.ts';
import { type ExpiringToken, expiryOf, soonestExpiry, type TokenExpiry } from './tokens.ts';

/** A fault that occurred, how often, and when last. */
interface FrequentFault {
  code: string;
  count: number;
  last: Date;
}

/** What there is here, beside what the client saw when it last read a whole list. */
export interface Drift {
  here: number;
  /** Absent if the client has not read a list without a filter in the last 30 days. */
  listed?: ListedCount;
}

export interface ConnectionHealth extends ConnectionStatus {
  connection: Connection;
  lastCall?: Date;
  lastSuccess?: Date;
  /** The client that called last, by its User-Agent. */
  client?: ClientName;
  cadence: Cadence;
  /** Hours with and without calls, oldest first; the last one is the current hour. */
  hours: (CallCounts & { hour: Date })[];
  /** Days in the account's time zone, likewise. */
  days: (CallCounts & { day: string })[];
  /** The most frequent first. */
  faults: FrequentFault[];
  /** Only of connections of Entra ID; over the last 24 hours. */
  quarantine?: QuarantineForecast;
  /** Tokens that were not revoked. */
  tokens: (ExpiringToken & TokenExpiry)[];
  users: Drift;
  groups: Drift;
  /** What the connection has brought, when it was last counted; absent until then. */
  brought?: Omit<BroughtBy, 'connection'> & { at: Date };
}

export interface HealthDependencies {
  calls: CallReader;
  census: CensusStore;
  connections: {
    listConnections(account: Account): Promise<(Connection & { lastCall?: Date })[]>;
    listCredentials(account: Account): Promise<(ExpiringToken & { connection: string })[]>;
  };
  lookup: Pick<Lookup, 'users' | 'groups'>;
  now: () => Date;
}

/** Reads the health of a connection of the caller's account. Faults: notFound. @throws StoreUnavailable */
export type ReadHealth = (caller: Caller, connection: string) => Promise<Outcome<ConnectionHealth>>;

const HOUR_MS = 3_600_000;
const HOURS = 48;
const DAYS = 30;
const FAULTS_MAX = 10;
/** The forecast looks at a whole day: within it, Entra ID has retried every object that fails. */
export const FORECAST_HOURS = 24;

/** Creates the reader of the health of connections. */
export function createReadHealth({ calls, census, connections, lookup, now }: HealthDependencies): ReadHealth {
  return async (caller, id) => {
    const { account } = caller;
    const at = now();
    const found = (await connections.listConnections(account)).find((one) => one.id === id);
    if (!found) return refused(fault('notFound', 'Connection', { id }));
    const [hours, credentials, counted, users, groups] = await Promise.all([
      calls.hoursOf(account.id, id, new Date(hourOf(at).getTime() - DAYS * 24 * HOUR_MS)),
      connections.listCredentials(account),
      census.days(account.id, todayIn(account, new Date(at.getTime() - 24 * HOUR_MS))),
      lookup.users(caller, NOTHING_BUT_TOTAL),
      lookup.groups(caller, NOTHING_BUT_TOTAL),
    ]);
    const tokens = credentials
      .filter(({ connection, revoked }) => connection === id && !revoked)
      .map((token) => ({ ...token, ...expiryOf(token, at) }));
    const here = { users: users.total, groups: groups.total };
    const value = healthOf(account, found, hours, { tokens, here, at });
    const last = counted.at(-1);
    const { users: own = 0, groups: ownGroups = 0 } = last?.connections.find((one) => one.connection === id) ?? {};
    const brought = last ? { brought: { users: own, groups: ownGroups, at: last.at } } : {};
    return { ok: true, value: { ...value, ...brought }, effect: 'unchanged' };
  };
}

const NOTHING_BUT_TOTAL = { page: { kind: 'index', startIndex: 1, count: 0 } } as const;

/** What is known beside the counts. */
interface Beside {
  tokens: ConnectionHealth['tokens'];
  here: { users: number; groups: number };
  at: Date;
}

function healthOf(
  account: Account,
  { lastCall: remembered, ...connection }: Connection & { lastCall?: Date },
  hours: readonly HourCounts[],
  { tokens, here, at }: Beside,
): ConnectionHealth {
  const counted = latest(hours, ({ lastCall }) => lastCall);
  const lastCall = remembered ? later(counted, remembered) : counted;
  const lastSuccess = latest(hours, (hour) => hour.lastSuccess);
  const client = hours.findLast((hour) => hour.client !== undefined)?.client;
  const recent = hours.filter(({ hour }) => hour.getTime() > at.getTime() - HOURS * HOUR_MS);
  const { kind, sandbox } = connection;
  const quarantine = kind === 'entra' && !sandbox ? forecastOf(hours, lastSuccess, at) : undefined;
  return {
    connection,
    ...statusOf({ quarantine, token: soonestExpiry(tokens, at), lastCall, sandbox, ...sumOf(since(hours, at)) }),
    ...(lastCall ? { lastCall } : {}),
    ...(lastSuccess ? { lastSuccess } : {}),
    ...(client ? { client } : {}),
    cadence: cadenceOf(kind, recent, lastCall, at),
    hours: byHour(recent, at),
    days: countsByDay(hours, lastDays(todayIn(account, at), DAYS), timeZoneOf(account)),
    faults: frequentFaults(hours),
    ...(quarantine ? { quarantine } : {}),
    tokens,
    users: driftOf(here.users, hours.findLast((hour) => hour.listedUsers)?.listedUsers),
    groups: driftOf(here.groups, hours.findLast((hour) => hour.listedGroups)?.listedGroups),
  };
}

function driftOf(here: number, listed: ListedCount | undefined): Drift {
  return { here, ...(listed ? { listed } : {}) };
}

function latest(hours: readonly HourCounts[], of: (hour: HourCounts) => Date | undefined): Date | undefined {
  return hours.reduce<Date | undefined>((found, hour) => {
    const at = of(hour);
    return at ? later(found, at) : found;
  }, undefined);
}

function byHour(hours: readonly HourCounts[], at: Date): ConnectionHealth['hours'] {
  const known = new Map(hours.map((counts) => [counts.hour.getTime(), counts]));
  const current = hourOf(at).getTime();
  return Array.from({ length: HOURS }, (_, index) => {
    const hour = current - (HOURS - 1 - index) * HOUR_MS;
    return { hour: new Date(hour), ...countsOf(known.get(hour)) };
  });
}

function countsOf({ requests, refused: refusals, failed }: Partial<HourCounts> = {}): CallCounts {
  return { requests: requests ?? 0, refused: refusals ?? 0, failed: failed ?? 0 };
}

function frequentFaults(hours: readonly HourCounts[]): FrequentFault[] {
  const all = new Map<string, FrequentFault>();
  for (const [code, { count, last }] of hours.flatMap(({ faults }) => Object.entries(faults))) {
    const known = all.get(code);
    all.set(code, { code, count: count + (known?.count ?? 0), last: later(known?.last, last) });
  }
  return [...all.values()].sort((one, other) => other.count - one.count).slice(0, FAULTS_MAX);
}

/** The hours of the forecast. */
function since(hours: readonly HourCounts[], at: Date): HourCounts[] {
  const from = hourOf(at).getTime() - FORECAST_HOURS * HOUR_MS;
  return hours.filter(({ hour }) => hour.getTime() >= from);
}

function sumOf(hours: readonly HourCounts[]) {
  const sum = (of: (hour: HourCounts) => number) => hours.reduce((total, hour) => total + of(hour), 0);
  return {
    requests: sum(({ requests }) => requests),
    refused: sum(({ refused: refusals }) => refusals),
    failed: sum(({ failed }) => failed),
    operations: sum(({ operations }) => operations),
    failures: sum(({ failures }) => failures),
    referenceFailures: sum(({ referenceFailures }) => referenceFailures),
  };
}

function forecastOf(hours: readonly HourCounts[], lastSuccess: Date | undefined, at: Date): QuarantineForecast {
  const lastTokenRefused = latest(hours, (hour) => hour.lastTokenRefused);
  return forecastQuarantine({ ...sumOf(since(hours, at)), lastTokenRefused, lastSuccess });
}
