// The health of a connection, on its page: facts, calls over time, the forecast of quarantine, and what fails most.

import { Alert, Box, Paper, Stack, ToggleButton, ToggleButtonGroup, Typography } from '@mui/material';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useLocaleState, usePermissions } from 'react-admin';
import { callAccount } from '../api.ts';
import type { Schemas } from '../operations.ts';
import type { HealthTexts } from '../texts/health/en.ts';
import { useTimes } from '../times.tsx';
import { type Bar, Chart } from './chart.tsx';
import { type Counts, callSeries, partsOf, summaryOf } from './health-charts.ts';
import { Problems, REFRESH_MS, StatusWord } from './health-status.tsx';
import { ServerLink } from './history.tsx';
import { fill, useHealthTexts, useNumbers, useSupportTexts } from './lazy-texts.ts';

type ConnectionHealth = Schemas['ConnectionHealth'];
type Language = Schemas['Invitation']['language'];

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
        <StatusWord texts={texts} status={data.status} />
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
