// The health of a connection over the admin API: its calls, its cadence, what fails, and what will happen if nobody does anything.

import { z } from 'zod';
import { LANGUAGES, type Language } from '../../../directory/accounts/settings.ts';
import type { ConnectionLine, ReadAccountHealth } from '../../../directory/health/account-health.ts';
import { CLIENT_NAMES } from '../../../directory/health/clients.ts';
import type { ConnectionHealth, Drift, ReadHealth } from '../../../directory/health/health.ts';
import {
  QUARANTINE_STATES,
  QUARANTINE_THRESHOLDS,
  type QuarantineForecast,
} from '../../../directory/health/quarantine.ts';
import { PROBLEMS, STATUSES } from '../../../directory/health/status.ts';
import { TOKEN_STATES } from '../../../directory/health/tokens.ts';
import { remedyOf, sectionPath } from '../../remedies.ts';
import { accountParams, dateTime, withId } from '../api/common-schemas.ts';
import { json, type Operation, operation } from '../api/operation.ts';
import { faultProblem } from '../api/problem.ts';
import { connectionSchema, renderConnection } from './connections.ts';

const whole = z.number().int();
const counts = {
  requests: whole.meta({ description: 'Requests, and rows of files' }),
  refused: whole.meta({
    description:
      'Answered with a status from 400 to 498, but for the 404 of a read or deletion of one resource, which is an answer: as `outcome` of an Event',
  }),
  failed: whole.meta({ description: 'Answered with a server error, or given up by the client' }),
};
const status = {
  status: z.enum(STATUSES),
  problems: z.array(z.enum(PROBLEMS)).meta({ description: 'What is wrong, the worst first' }),
};
const drift = z
  .object({
    here: whole.meta({ description: 'How many there are in the account now' }),
    listed: z
      .object({ total: whole, at: dateTime })
      .optional()
      .meta({ description: 'The total that the client got when it last read the whole list; absent if it has not' }),
    difference: whole.optional().meta({ description: '`here` without `listed.total`' }),
  })
  .meta({ id: 'Drift' });
const forecastSchema = z
  .object({
    state: z.enum(QUARANTINE_STATES),
    operations: whole,
    failures: whole,
    share: z.number().meta({ description: 'Failures by operations, from 0 to 1' }),
    threshold: z
      .enum(QUARANTINE_THRESHOLDS)
      .meta({ description: 'The threshold that is crossed, or the one that would be crossed next' }),
    failuresLeft: whole.meta({ description: 'How many more failures in a row cross it' }),
    hours: whole.meta({ description: 'The time that is counted' }),
    advice: z.string().meta({ description: 'What to do' }),
  })
  .meta({ id: 'QuarantineForecast' });
const tokenSchema = z.object({
  id: z.string(),
  name: z.string().optional(),
  hint: z.string(),
  lastUsed: dateTime.optional(),
  expires: dateTime.optional(),
  daysLeft: whole.optional(),
  state: z.enum(TOKEN_STATES),
});
const cadenceSchema = z.object({
  publishedMinutes: whole.optional().meta({ description: 'The interval that the maker of the client publishes' }),
  observedMinutes: whole.optional().meta({ description: 'The median of the last 48 hours' }),
  due: dateTime.optional().meta({ description: 'When the next sync should begin' }),
  overdueSince: dateTime.optional().meta({
    description:
      'When it should have begun, if a whole interval has passed since. Clients may send nothing while nothing changes',
  }),
});
const healthSchema = z
  .object({
    connection: connectionSchema,
    ...status,
    lastCall: dateTime.optional(),
    lastSuccess: dateTime.optional(),
    client: z.enum(CLIENT_NAMES).optional().meta({ description: 'The client that called last, by its User-Agent' }),
    cadence: cadenceSchema,
    hours: z.array(z.object({ hour: dateTime, ...counts })).meta({ description: 'The last 48 hours, oldest first' }),
    days: z
      .array(z.object({ day: z.iso.date(), ...counts }))
      .meta({ description: "The last 30 days in the account's time zone, oldest first" }),
    faults: z
      .array(
        z.object({
          code: z.string(),
          count: whole,
          last: dateTime,
          cause: z.string(),
          fix: z.string(),
          page: z.string(),
        }),
      )
      .meta({ description: 'What was refused most in the last 30 days, at most 10' }),
    quarantine: forecastSchema.optional().meta({ description: 'Only for Entra ID' }),
    tokens: z.array(tokenSchema).meta({ description: 'Tokens that were not revoked' }),
    users: drift,
    groups: drift,
    brought: z.object({ users: whole, groups: whole, at: dateTime }).optional().meta({
      description:
        'How many users the connection was the last to write as a whole, and how many groups it knows by an ID of its own; counted once an hour',
    }),
  })
  .meta({ id: 'ConnectionHealth' });
const lineSchema = z
  .object({
    connection: connectionSchema,
    ...status,
    lastCall: dateTime.optional(),
    lastSuccess: dateTime.optional(),
    token: z
      .object({ state: z.enum(TOKEN_STATES), expires: dateTime.optional(), daysLeft: whole.optional() })
      .optional()
      .meta({ description: 'The token that ends first and still works, or the last one that has expired' }),
    recent: z.object(counts).meta({ description: 'The last 24 hours' }),
  })
  .meta({ id: 'ConnectionLine' });
const accountHealthSchema = z
  .object({
    connections: z.array(lineSchema).meta({ description: 'Sorted by name' }),
    counted: dateTime
      .optional()
      .meta({ description: 'When users and groups were last counted; it is done once an hour' }),
    days: z
      .array(
        z.object({
          day: z.iso.date(),
          ...counts,
          users: whole.optional(),
          activeUsers: whole.optional(),
          groups: whole.optional(),
        }),
      )
      .meta({
        description:
          "The last 30 days in the account's time zone, oldest first, over all doors. Users and groups are absent for days on which they were not counted",
      }),
  })
  .meta({ id: 'AccountHealth' });

export interface ConnectionHealthOptions {
  readHealth: ReadHealth;
  readAccountHealth: ReadAccountHealth;
}

/** The operations that read the health of a connection, and of all of an account. */
export function connectionHealthOperations(options: ConnectionHealthOptions): Operation[] {
  return [readConnectionHealth(options), readHealthOfAccount(options)];
}

function readConnectionHealth({ readHealth }: ConnectionHealthOptions): Operation {
  return operation({
    id: 'readConnectionHealth',
    tag: 'Connections',
    method: 'GET',
    path: '/accounts/{account}/connections/{connection}/health',
    summary: 'Read whether the syncs of a connection work',
    description:
      "Counts of calls by hour and day, when the next sync is due, what fails most with its cause and fix, a forecast of Entra ID's quarantine by its published thresholds, and tokens that expire. Calls are counted once a second.",
    permission: 'connections.read',
    params: accountParams.extend({ connection: withId('connection') }),
    query: z.object({
      language: z
        .enum(LANGUAGES)
        .optional()
        .meta({ description: 'The language of causes and fixes; English by default' }),
    }),
    answers: { 200: { description: 'The health', schema: healthSchema } },
    async handle({ caller, params, query: { language } }) {
      const read = await readHealth(caller, params.connection);
      return read.ok ? json(200, renderHealth(read.value, language)) : faultProblem(read.faults);
    },
  });
}

function readHealthOfAccount({ readAccountHealth }: ConnectionHealthOptions): Operation {
  return operation({
    id: 'readAccountHealth',
    tag: 'Connections',
    method: 'GET',
    path: '/accounts/{account}/health',
    summary: 'Read the health of all connections in a line each, and requests and users by day',
    permission: 'connections.read',
    params: accountParams,
    answers: { 200: { description: 'The health', schema: accountHealthSchema } },
    async handle({ caller }) {
      const { connections, days, counted } = await readAccountHealth(caller.account);
      return json(200, { connections: connections.map(renderLine), days, ...time('counted', counted) });
    },
  });
}

const time = (key: string, at: Date | undefined) => (at ? { [key]: at.toISOString() } : {});

function renderHealth(health: ConnectionHealth, language: Language | undefined) {
  const { connection, lastCall, lastSuccess, client, cadence, hours, days, faults, quarantine, tokens } = health;
  const { status: state, problems, brought } = health;
  const { due, overdueSince, ...intervals } = cadence;
  return {
    connection: renderConnection(connection),
    status: state,
    problems,
    ...time('lastCall', lastCall),
    ...time('lastSuccess', lastSuccess),
    ...(client ? { client } : {}),
    cadence: { ...intervals, ...time('due', due), ...time('overdueSince', overdueSince) },
    hours: hours.map(({ hour, ...counted }) => ({ hour: hour.toISOString(), ...counted })),
    days,
    faults: faults.map(({ code, count, last }) => ({
      code,
      count,
      last: last.toISOString(),
      ...remedyOf(code, language),
      page: sectionPath(code, language),
    })),
    ...(quarantine ? { quarantine: renderForecast(quarantine) } : {}),
    tokens: tokens.map(({ id, name, hint, lastUsed, expires, daysLeft, state }) => ({
      id,
      ...(name === undefined ? {} : { name }),
      hint,
      ...time('lastUsed', lastUsed),
      ...time('expires', expires),
      ...(daysLeft === undefined ? {} : { daysLeft }),
      state,
    })),
    users: renderDrift(health.users),
    groups: renderDrift(health.groups),
    ...(brought ? { brought: { ...brought, at: brought.at.toISOString() } } : {}),
  };
}

function renderLine({ connection, lastCall, lastSuccess, token, ...line }: ConnectionLine) {
  const { expires, ...expiry } = token ?? {};
  return {
    connection: renderConnection(connection),
    ...time('lastCall', lastCall),
    ...time('lastSuccess', lastSuccess),
    ...(token ? { token: { ...expiry, ...time('expires', expires) } } : {}),
    ...line,
  };
}

function renderDrift({ here, listed }: Drift) {
  if (!listed) return { here };
  return { here, listed: { total: listed.total, at: listed.at.toISOString() }, difference: here - listed.total };
}

const FORECAST_HOURS = 24;

function renderForecast(forecast: QuarantineForecast) {
  return {
    ...forecast,
    share: Math.round(forecast.share * 1_000) / 1_000,
    hours: FORECAST_HOURS,
    advice: adviceOn(forecast),
  };
}

const CROSSED: Record<QuarantineForecast['threshold'], string> = {
  token: 'The calls are refused because of their token',
  share: 'More than 40 % of the operations fail',
  failures: 'More than 40,000 operations have failed',
  allFailures: '60,000 operations have failed',
};

/** What the forecast means, and what to do. */
function adviceOn({ state, threshold, failuresLeft }: QuarantineForecast): string {
  if (state === 'none') return 'Nothing to do.';
  if (threshold === 'token')
    return `${CROSSED.token}, for which Entra ID quarantines the job at once. Create a new token, paste it into Entra as the Secret Token, press Test Connection, then Restart provisioning.`;
  if (state === 'approaching')
    return `After ${failuresLeft} more failures Entra ID would quarantine the job: it would run once a day, and be disabled after four weeks. Mend the most frequent fault first.`;
  return `${CROSSED[threshold]}, so Entra ID has put the job in quarantine by its published thresholds: it runs once a day, and is disabled after four weeks. Mend the most frequent fault, then press Restart provisioning in Entra.`;
}
