// The status of connections: in a word, as on the list of connections, and what is wrong with what to do.

import CheckCircle from '@mui/icons-material/CheckCircle';
import ErrorIcon from '@mui/icons-material/Error';
import Schedule from '@mui/icons-material/Schedule';
import Warning from '@mui/icons-material/Warning';
import { Alert, Chip } from '@mui/material';
import { useQuery } from '@tanstack/react-query';
import { accountSlug, callAccount } from '../api.ts';
import type { Schemas } from '../operations.ts';
import type { HealthTexts } from '../texts/health/en.ts';
import { fill, useHealthTexts, useNumbers } from './lazy-texts.ts';

/** How a connection is. */
export type Status = ConnectionLine['status'];
/** What is wrong with it. */
type Problem = ConnectionLine['problems'][number];
type ConnectionLine = Schemas['ConnectionLine'];
type Token = NonNullable<ConnectionLine['token']>;

/** How often the health is read again. */
export const REFRESH_MS = 30_000;

/** The health of the account; undefined until it is read. */
export function useAccountHealth(isShown = true) {
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
export function StatusWord({ texts, status }: { texts: HealthTexts; status: Status }) {
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
  return <StatusWord texts={texts} status={line.status} />;
}

/** What is wrong, with what to do. */
export function Problems({
  texts,
  problems,
  token,
}: {
  texts: HealthTexts;
  problems: Problem[];
  token: Token | undefined;
}) {
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
