// The health of connections: a panel on the page of a connection, and the lines and charts of the overview.

import CheckCircle from '@mui/icons-material/CheckCircle';
import ErrorIcon from '@mui/icons-material/Error';
import Schedule from '@mui/icons-material/Schedule';
import Warning from '@mui/icons-material/Warning';
import { Alert, Box, Chip, Paper, Stack, ToggleButton, ToggleButtonGroup, Typography } from '@mui/material';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useLocaleState, usePermissions } from 'react-admin';
import { accountSlug, callAccount } from '../api.ts';
import type { Schemas } from '../operations.ts';
import type { HealthTexts } from '../texts/health/en.ts';
import { useTimes } from '../times.tsx';
import { type Bar, Chart, type Series } from './chart.tsx';
import { ServerLink } from './history.tsx';
import { fill, useHealthTexts, useNumbers, useSupportTexts } from './lazy-texts.ts';

type ConnectionHealth = Schemas['ConnectionHealth'];
type Status = ConnectionHealth['status'];
type Problem = ConnectionHealth['problems'][number];
type Counts = Schemas['ConnectionLine']['recent'];
type Language = Schemas['Invitation']['language'];
type Token = NonNullable<Schemas['ConnectionLine']['token']>;

const REFRESH_MS = 30_000;

/** The health of the account; undefined until it is read. */
function useAccountHealth(isShown = true) {
  return useQuery({
    queryKey: ['account health', accountSlug()],
    queryFn: async () => (await callAccount('get', '/health')).json,
    enabled: isShown,
    refetchInterval: REFRESH_MS,
  });
}

const COLOURS = { ok: 'success', warning: 'warning', problem: 'error', unused: 'default' } as const;

const ICONS = { ok: <CheckCircle />, warning: <Warning />, problem: <ErrorIcon />, unused: <Schedule /> } as const;

/** A status in a word; the colour and the sign say it once more. */
function Status({ texts, status }: { texts: HealthTexts; status: Status }) {
  return (
    <Chip
      size="small"
      variant="outlined"
      color={COLOURS[status]}
      icon={ICONS[status]}
      label={texts.status[status]}
      sx={{ '& .MuiChip-label': { color: 'text.primary' } }}
    />
  );
}

/** The status of a connection in a list. */
export function StatusChip({ connection }: { connection: unknown }) {
  const texts = useHealthTexts();
  const { data } = useAccountHealth();
  const line = data?.connections.find((one) => one.connection.id === connection);
  if (!texts || !line) return null;
  return <Status texts={texts} status={line.status} />;
}

/** What is wrong, with what to do. */
function Problems({ texts, problems, token }: { texts: HealthTexts; problems: Problem[]; token: Token | undefined }) {
  const number = useNumbers();
  const left = token?.daysLeft ?? 0;
  const days = left === 1 ? texts.oneDay : fill(texts.days, { n: number(left) });
  const severe: ReadonlySet<Problem> = new Set(['inQuarantine', 'tokenExpired']);
  return problems.map((problem) => (
    <Alert key={problem} severity={severe.has(problem) ? 'error' : problem === 'neverCalled' ? 'info' : 'warning'}>
      {fill(texts.problems[problem], { days })}
    </Alert>
  ));
}

/** Warnings on the overview, and requests and users over time. */
export function AccountOverview() {
  const texts = useHealthTexts();
  const number = useNumbers();
  const { shortDay: day, time } = useTimes();
  const { data, error } = useAccountHealth();
  if (error) return <Alert severity="error">{error.message}</Alert>;
  if (!texts || !data) return <Typography>{texts?.loading ?? '…'}</Typography>;
  const { connections, days, counted: at } = data;
  const ill = connections.filter(({ status }) => status === 'problem' || status === 'warning');
  const counted = days.filter(({ users }) => users !== undefined);
  const [latest] = counted.slice(-1);
  const words = { time: texts.time, table: texts.table };
  return (
    <Stack spacing={2} sx={{ my: 2 }}>
      {connections.length > 0 ? (
        <Box component="section">
          <Typography variant="h6" component="h2">
            {texts.overview}
          </Typography>
          {ill.length === 0 ? <Typography>{texts.allWork}</Typography> : null}
          <Stack spacing={1}>
            {ill.map(({ connection, problems, token }) => (
              <Stack key={connection.id} spacing={1}>
                <Link to={`/connections/${encodeURIComponent(connection.id)}/show`}>{connection.name}</Link>
                <Problems {...{ texts, problems, token }} />
              </Stack>
            ))}
          </Stack>
        </Box>
      ) : null}
      <Paper variant="outlined" sx={{ p: 2 }}>
        <Chart
          title={texts.requestsOverTime}
          summary={summaryOf(texts, days, number)}
          series={callSeries(texts)}
          bars={days.map((counts) => ({ label: day(counts.day), values: partsOf(counts) }))}
          {...{ words, format: number }}
        />
      </Paper>
      {latest ? (
        <Paper variant="outlined" sx={{ p: 2 }}>
          <Chart
            title={texts.usersOverTime}
            summary={fill(texts.usersSummary, {
              users: number(latest.users ?? 0),
              active: number(latest.activeUsers ?? 0),
              time: time(at),
            })}
            series={userSeries(texts)}
            bars={days.map(({ day: at, users = 0, activeUsers = 0 }) => ({
              label: day(at),
              values: [activeUsers, users - activeUsers],
            }))}
            {...{ words, format: number }}
          />
        </Paper>
      ) : null}
    </Stack>
  );
}

const callSeries = (texts: HealthTexts): Series[] => [
  { label: texts.accepted, tone: 'calm' },
  { label: texts.refused, tone: 'warning' },
  { label: texts.failed, tone: 'severe' },
];

const userSeries = (texts: HealthTexts): Series[] => [
  { label: texts.activeUsers, tone: 'calm' },
  { label: texts.inactiveUsers, tone: 'warning' },
];

const partsOf = ({ requests, refused, failed }: Counts) => [requests - refused - failed, refused, failed];

function summaryOf(texts: HealthTexts, counts: readonly Counts[], number: (value: number) => string): string {
  const sum = (of: (each: Counts) => number) => number(counts.reduce((total, each) => total + of(each), 0));
  return fill(texts.summary, {
    requests: sum(({ requests }) => requests),
    refused: sum(({ refused }) => refused),
    failed: sum(({ failed }) => failed),
  });
}

/** The health of one connection. */
export function HealthPanel({ connection }: { connection: string }) {
  const texts = useHealthTexts();
  const [locale] = useLocaleState();
  const { data, error } = useQuery({
    queryKey: ['connection health', connection, locale],
    queryFn: async () =>
      (
        await callAccount('get', '/connections/{connection}/health', {
          params: { connection },
          query: { language: locale as Language },
        })
      ).json,
    refetchInterval: REFRESH_MS,
  });
  if (error) return <Alert severity="error">{error.message}</Alert>;
  if (!texts || !data) return <Typography>{texts?.loading ?? '…'}</Typography>;
  const [token] = data.tokens.filter(({ state }) => state === 'expiring');
  return (
    <Stack spacing={2} component="section" aria-label={texts.title} sx={{ maxWidth: 1000, width: '100%' }}>
      <Box>
        <Status texts={texts} status={data.status} />
      </Box>
      <Problems {...{ texts, token, problems: data.problems }} />
      {data.lastCall ? <Known {...{ texts, health: data }} /> : null}
    </Stack>
  );
}

interface Part {
  texts: HealthTexts;
  health: ConnectionHealth;
}

/** What is known of a connection that has called. */
function Known({ texts, health }: Part) {
  return (
    <>
      <Facts {...{ texts, health }} />
      <Calls {...{ texts, health }} />
      {health.quarantine ? <Quarantine {...{ texts, forecast: health.quarantine }} /> : null}
      <Faults {...{ texts, connection: health.connection.id, faults: health.faults }} />
    </>
  );
}

function Facts({ texts, health }: Part) {
  const number = useNumbers();
  const { time } = useTimes();
  const { cadence, client, lastCall, lastSuccess, users, groups, brought } = health;
  const { observedMinutes, publishedMinutes, due, overdueSince } = cadence;
  const intervals = [
    ...(observedMinutes === undefined ? [] : [fill(texts.observed, { n: number(observedMinutes) })]),
    ...(publishedMinutes === undefined ? [] : [fill(texts.published, { n: number(publishedMinutes) })]),
  ];
  const next = overdueSince
    ? fill(texts.overdue, { time: time(overdueSince) })
    : due && fill(texts.due, { time: time(due) });
  const ofConnection = (n: number | undefined) =>
    n === undefined || !brought ? [] : [fill(texts.brought, { n: number(n), time: time(brought.at) })];
  const facts: [string, string][] = [
    [texts.lastCall, lastCall ? time(lastCall) : texts.never],
    [texts.lastSuccess, lastSuccess ? time(lastSuccess) : texts.never],
    [texts.client, client ? (CLIENTS[client] ?? client) : texts.unknownClient],
    [texts.interval, intervals.join(', ') || texts.unknown],
    [texts.next, next || texts.unknown],
    [texts.people, [...ofConnection(brought?.users), driftWords(texts, users, { number, time })].join('; ')],
    [texts.groups, [...ofConnection(brought?.groups), driftWords(texts, groups, { number, time })].join('; ')],
  ];
  return (
    <Box
      component="dl"
      sx={{
        m: 0,
        display: 'grid',
        gridTemplateColumns: { xs: '1fr', sm: 'max-content 1fr' },
        columnGap: 3,
        rowGap: 0.5,
      }}
    >
      {facts.map(([name, value]) => (
        <Box key={name} sx={{ display: 'contents' }}>
          <Typography component="dt" sx={{ fontWeight: 600 }}>
            {name}
          </Typography>
          <Typography component="dd" sx={{ m: 0, mb: { xs: 1, sm: 0 } }}>
            {value}
          </Typography>
        </Box>
      ))}
    </Box>
  );
}

const CLIENTS: Readonly<Record<string, string>> = {
  entra: 'Microsoft Entra ID',
  okta: 'Okta',
  onelogin: 'OneLogin',
  jumpcloud: 'JumpCloud',
  ping: 'Ping Identity',
};

interface Formats {
  number: (value: number) => string;
  time: (at: string) => string;
}

function driftWords(
  texts: HealthTexts,
  { here, listed, difference = 0 }: Schemas['Drift'],
  { number, time }: Formats,
): string {
  const first = fill(texts.here, { n: number(here) });
  if (!listed) return `${first}; ${texts.notListed}`;
  const changed = difference > 0 ? texts.more : texts.fewer;
  const words = difference === 0 ? texts.same : fill(changed, { n: number(Math.abs(difference)) });
  const seen = fill(texts.listed, { n: number(listed.total), time: time(listed.at), difference: words });
  return `${first}; ${seen}`;
}

function Calls({ texts, health: { hours, days } }: Part) {
  const [span, setSpan] = useState<'hours' | 'days'>('hours');
  const number = useNumbers();
  const { shortDay: day, hour } = useTimes();
  const counts: readonly Counts[] = span === 'hours' ? hours : days;
  const bars: Bar[] =
    span === 'hours'
      ? hours.map((one) => ({ label: hour(one.hour), values: partsOf(one) }))
      : days.map((one) => ({ label: day(one.day), values: partsOf(one) }));
  return (
    <Paper variant="outlined" sx={{ p: 2 }}>
      <ToggleButtonGroup
        size="small"
        exclusive
        value={span}
        aria-label={texts.calls}
        onChange={(_event, chosen: 'hours' | 'days' | null) => chosen && setSpan(chosen)}
      >
        <ToggleButton value="hours">{texts.hours}</ToggleButton>
        <ToggleButton value="days">{texts.month}</ToggleButton>
      </ToggleButtonGroup>
      <Chart
        title={`${texts.calls}: ${span === 'hours' ? texts.hours : texts.month}`}
        summary={summaryOf(texts, counts, number)}
        series={callSeries(texts)}
        bars={bars}
        words={{ time: texts.time, table: texts.table }}
        format={number}
      />
    </Paper>
  );
}

function Quarantine({
  texts,
  forecast,
}: {
  texts: HealthTexts;
  forecast: NonNullable<ConnectionHealth['quarantine']>;
}) {
  const number = useNumbers();
  const { state, threshold, operations, failures, failuresLeft, share, hours } = forecast;
  const reached = texts.thresholds[threshold];
  return (
    <Box component="section">
      <Typography variant="h6" component="h2">
        {texts.quarantine}: {texts.forecast[state]}
      </Typography>
      <Typography>
        {fill(texts.counted, {
          failures: number(failures),
          operations: number(operations),
          hours,
          share: number(share * 100),
        })}{' '}
        {state === 'inQuarantine'
          ? fill(texts.crossed, { threshold: reached })
          : fill(texts.left, { n: number(failuresLeft), threshold: reached })}
      </Typography>
      {state === 'none' ? null : <Typography>{texts.restart}</Typography>}
    </Box>
  );
}

/** The list of requests, only those of a connection that were refused. */
const refusedOf = (connection: string) =>
  `/events?filter=${encodeURIComponent(JSON.stringify({ connection, failed: 'true' }))}`;

function Faults({
  texts,
  connection,
  faults,
}: {
  texts: HealthTexts;
  connection: string;
  faults: ConnectionHealth['faults'];
}) {
  const number = useNumbers();
  const { time } = useTimes();
  const { permissions = [] } = usePermissions<string[]>();
  const support = useSupportTexts();
  return (
    <Box component="section">
      <Typography variant="h6" component="h2">
        {texts.faults}
      </Typography>
      {faults.length === 0 ? <Typography>{texts.noFaults}</Typography> : null}
      <Box component="ul" sx={{ m: 0, p: 0, listStyle: 'none' }}>
        {faults.map(({ code, count, last, cause, fix, page }) => (
          <Box component="li" key={code} sx={{ py: 1 }}>
            <Typography sx={{ fontWeight: 600 }}>
              <code>{code}</code> ·{' '}
              {fill(count === 1 ? texts.once : texts.times, { n: number(count), time: time(last) })}
            </Typography>
            <Typography>{cause}</Typography>
            <Typography>
              → {fix} {support ? <ServerLink to={page}>{`${support.more}: ${code}`}</ServerLink> : null}
            </Typography>
          </Box>
        ))}
      </Box>
      {faults.length > 0 && permissions.includes('events.read') ? (
        <Link to={refusedOf(connection)}>{texts.showRefused}</Link>
      ) : null}
    </Box>
  );
}
