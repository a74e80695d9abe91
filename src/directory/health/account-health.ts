// Owns the health of an account: each connection in a line, and requests and users by day.

import { timeZoneOf, todayIn } from '../invitations/days.ts';
import type { Account, Connection } from '../model.ts';
import { type CallCounts, type CallReader, type ConnectionCalls, hourOf, later } from './calls.ts';
import type { CensusStore } from './census.ts';
import { countsByDay, lastDays } from './days.ts';
import { FORECAST_HOURS, type HealthDependencies } from './health.ts';
import { forecastQuarantine } from './quarantine.ts';
import { type ConnectionStatus, statusOf } from './status.ts';
import { soonestExpiry } from './tokens.ts';

/** A connection in a line. */
export interface ConnectionLine extends ConnectionStatus {
  connection: Connection;
  lastCall?: Date;
  lastSuccess?: Date;
  token?: ReturnType<typeof soonestExpiry>;
  /** The last 24 hours. */
  recent: CallCounts;
}

interface AccountHealth {
  connections: ConnectionLine[];
  /** When users and groups were last counted; absent if never. */
  counted?: Date;
  /** The last 30 days in the account's time zone, oldest first. The census is absent for days on which nobody was counted. */
  days: (CallCounts & { day: string; users?: number; activeUsers?: number; groups?: number })[];
}

/** Reads the health of an account. @throws StoreUnavailable */
export type ReadAccountHealth = (account: Account) => Promise<AccountHealth>;

const HOUR_MS = 3_600_000;
const DAYS = 30;

/** Creates the reader of the health of accounts. */
export function createReadAccountHealth({
  calls,
  connections,
  census,
  now,
}: Pick<HealthDependencies, 'connections' | 'now'> & { calls: CallReader; census: CensusStore }): ReadAccountHealth {
  return async (account) => {
    const at = now();
    const days = lastDays(todayIn(account, at), DAYS);
    const from = new Date(hourOf(at).getTime() - DAYS * 24 * HOUR_MS);
    const recent = new Date(hourOf(at).getTime() - FORECAST_HOURS * HOUR_MS);
    const [known, credentials, byHour, byConnection, counted] = await Promise.all([
      connections.listConnections(account),
      connections.listCredentials(account),
      calls.byHour(account.id, from),
      calls.byConnection(account.id, from, recent),
      census.days(account.id, days[0] ?? ''),
    ]);
    const last = counted.at(-1);
    return {
      ...(last ? { counted: last.at } : {}),
      connections: known.map((connection) => {
        const tokens = credentials.filter((token) => token.connection === connection.id);
        return lineOf(connection, byConnection.get(connection.id), soonestExpiry(tokens, at));
      }),
      days: countsByDay(byHour, days, timeZoneOf(account)).map((counts) => {
        const there = counted.find((one) => one.day === counts.day);
        const people = there ? { users: there.users, activeUsers: there.activeUsers, groups: there.groups } : {};
        return { ...counts, ...people };
      }),
    };
  };
}

function lineOf(
  { lastCall: remembered, ...connection }: Connection & { lastCall?: Date },
  calls: ConnectionCalls | undefined,
  token: ReturnType<typeof soonestExpiry>,
): ConnectionLine {
  const lastCall = remembered ? later(calls?.lastCall, remembered) : calls?.lastCall;
  const recent = { requests: calls?.requests ?? 0, refused: calls?.refused ?? 0, failed: calls?.failed ?? 0 };
  const { kind, sandbox } = connection;
  const quarantine = kind === 'entra' && !sandbox && calls ? forecastQuarantine(calls) : undefined;
  return {
    connection,
    ...(lastCall ? { lastCall } : {}),
    ...(calls?.lastSuccess ? { lastSuccess: calls.lastSuccess } : {}),
    ...(token ? { token } : {}),
    recent,
    ...statusOf({ quarantine, token, lastCall, sandbox, ...recent }),
  };
}
