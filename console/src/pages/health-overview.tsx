// The health of an account on the overview: connections that need somebody, and requests and users over time.

import { Alert, Box, Paper, Stack, Typography } from '@mui/material';
import { Link } from 'react-admin';
import type { HealthTexts } from '../texts/health/en.ts';
import { useTimes } from '../times.tsx';
import { Chart, type Series } from './chart.tsx';
import { callSeries, partsOf, summaryOf } from './health-charts.ts';
import { Problems, useAccountHealth } from './health-status.tsx';
import { fill, useHealthTexts, useNumbers } from './lazy-texts.ts';

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
            bars={days.map(({ day: one, users = 0, activeUsers = 0 }) => ({
              label: day(one),
              values: [activeUsers, users - activeUsers],
            }))}
            {...{ words, format: number }}
          />
        </Paper>
      ) : null}
    </Stack>
  );
}

const userSeries = (texts: HealthTexts): Series[] => [
  { label: texts.activeUsers, tone: 'calm' },
  { label: texts.inactiveUsers, tone: 'warning' },
];
