// The requests of a connection as they come in. A list that stops while somebody reads it, and that a screen reader hears summed up.

import { Alert, Box, Button, MenuItem, Stack, TextField, Typography } from '@mui/material';
import { useEffect, useRef, useState } from 'react';
import { HttpError, useRecordContext, useTranslate } from 'react-admin';
import { type StreamMessage, streamAccount } from '../api.ts';
import { eventIdAt } from '../workbench.ts';
import { Entries, type Entry, type RequestEntry } from './history.tsx';

const ROWS_MAX = 500;
/** How often the list is drawn while requests come in. */
const DRAW_MS = 400;
/** How often a screen reader is told how many have come. */
const TELL_MS = 10_000;
/** The list begins with what came in so long before. */
const BEFORE_MS = 60_000;
const RETRY_MS_MIN = 2_000;
const RETRY_MS_MAX = 30_000;

const CHOICES = {
  outcome: ['accepted', 'refused'],
  method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
  status: ['2xx', '4xx', '5xx'],
} as const;

type Filter = { [Name in keyof typeof CHOICES]?: (typeof CHOICES)[Name][number] | undefined };

/** What a page shows of the connection to the stream. */
type State = { kind: 'connecting' | 'open' } | { kind: 'again' | 'over'; reason: string };

interface Followed {
  state: State;
  /** The newest first. */
  entries: readonly Entry[];
  /** How many have come since the list was stopped. */
  waiting: number;
  /** All that have come. */
  count: number;
}

/** Why a stream ended that must not be opened again. */
class Over extends Error {}

/** Reads the stream and opens it again until the signal ends it; `lastId` is kept from one to the next. */
async function follow(
  connection: string,
  query: Filter,
  signal: AbortSignal,
  tell: { state: (state: State) => void; request: (request: RequestEntry) => void },
): Promise<void> {
  let lastId: string | undefined = eventIdAt(Date.now() - BEFORE_MS);
  for (let waitMs = RETRY_MS_MIN; !signal.aborted; waitMs = Math.min(waitMs * 2, RETRY_MS_MAX)) {
    let pauseMs = waitMs;
    try {
      const stream: AsyncIterable<StreamMessage> = streamAccount('/connections/{connection}/stream', {
        params: { connection },
        query,
        lastId,
        signal,
      });
      for await (const { id, event, data } of stream) {
        tell.state({ kind: 'open' });
        waitMs = RETRY_MS_MIN;
        if (event === 'end' && JSON.parse(data ?? '{}').reason === 'unauthorized') throw new Over('');
        if (event === 'request' && data !== undefined) tell.request(JSON.parse(data) as RequestEntry);
        lastId = id ?? lastId;
      }
      tell.state({ kind: 'again', reason: '' });
    } catch (error) {
      if (signal.aborted) return;
      const { status, message, body } = error as Partial<HttpError> & { body?: { retryAfter?: number } };
      const isFinal = error instanceof Over || (status !== undefined && status < 500 && status !== 429);
      tell.state({ kind: isFinal ? 'over' : 'again', reason: error instanceof HttpError ? (message ?? '') : '' });
      if (isFinal) return;
      pauseMs = Math.max(waitMs, (body?.retryAfter ?? 0) * 1_000);
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

/** Follows the stream of a connection. What comes while `isPaused` waits; what is too much for the list is dropped, the oldest first. */
function useStream(connection: string, filter: Filter, isPaused: boolean): Followed {
  const [followed, setFollowed] = useState<Followed>(NOTHING);
  const pending = useRef<Entry[]>([]);
  const paused = useRef(isPaused);
  paused.current = isPaused;
  const { outcome, method, status } = filter;
  useEffect(() => {
    const stopped = new AbortController();
    pending.current = [];
    setFollowed(NOTHING);
    let count = 0;
    const draw = setInterval(() => {
      const come = pending.current;
      if (paused.current) {
        setFollowed((before) => (before.waiting === come.length ? before : { ...before, waiting: come.length, count }));
        return;
      }
      if (come.length === 0) return;
      pending.current = [];
      setFollowed((before) => {
        const entries = [...come, ...before.entries].slice(0, ROWS_MAX);
        return { ...before, entries, waiting: 0, count };
      });
    }, DRAW_MS);
    void follow(connection, { outcome, method, status }, stopped.signal, {
      state: (state) => setFollowed((before) => (before.state.kind === state.kind ? before : { ...before, state })),
      request: (request) => {
        count += 1;
        pending.current = [{ at: request.at, request }, ...pending.current].slice(0, ROWS_MAX);
      },
    });
    return () => {
      stopped.abort();
      clearInterval(draw);
    };
  }, [connection, outcome, method, status]);
  return followed;
}

const NOTHING: Followed = { state: { kind: 'connecting' }, entries: [], waiting: 0, count: 0 };

/** A sentence for screen readers, at most every ten seconds, and only if something has come. */
function Told({ count }: { count: number }) {
  const translate = useTranslate();
  const latest = useRef(count);
  latest.current = count;
  const [sentence, setSentence] = useState('');
  useEffect(() => {
    let told = 0;
    const timer = setInterval(() => {
      const come = latest.current - told;
      told = latest.current;
      setSentence(come > 0 ? translate('mt.live.come', { smart_count: come }) : '');
    }, TELL_MS);
    return () => clearInterval(timer);
  }, [translate]);
  return (
    <Box role="status" aria-live="polite" sx={HIDDEN}>
      {sentence}
    </Box>
  );
}

/** Not seen, but read aloud. */
const HIDDEN = {
  position: 'absolute',
  width: '1px',
  height: '1px',
  overflow: 'hidden',
  clipPath: 'inset(50%)',
} as const;

function Filters({ filter, onChange }: { filter: Filter; onChange: (filter: Filter) => void }) {
  const translate = useTranslate();
  return (
    <>
      {(Object.keys(CHOICES) as (keyof typeof CHOICES)[]).map((name) => (
        <TextField
          key={name}
          select
          size="small"
          margin="none"
          fullWidth={false}
          label={translate(`mt.live.${name}`)}
          value={filter[name] ?? ''}
          onChange={({ target }) => onChange({ ...filter, [name]: target.value || undefined })}
          slotProps={{ select: { displayEmpty: true }, inputLabel: { shrink: true } }}
          sx={{ minWidth: 120 }}
        >
          <MenuItem value="">{translate('mt.users.all')}</MenuItem>
          {CHOICES[name].map((value) => (
            <MenuItem key={value} value={value}>
              {name === 'outcome' ? translate(`mt.live.outcomes.${value}`) : value}
            </MenuItem>
          ))}
        </TextField>
      ))}
    </>
  );
}

function StateLine({ state }: { state: State }) {
  const translate = useTranslate();
  if (state.kind === 'over')
    return <Alert severity="error">{state.reason === '' ? translate('mt.live.over') : state.reason}</Alert>;
  if (state.kind === 'again')
    return <Alert severity="warning">{`${translate('mt.live.again')} ${state.reason}`}</Alert>;
  return (
    <Typography variant="body2" color="text.secondary">
      {translate(state.kind === 'open' ? 'mt.live.open' : 'mt.live.connecting')}
    </Typography>
  );
}

/** The tab of a connection. */
export function Live() {
  const connection = useRecordContext();
  const translate = useTranslate();
  const [filter, setFilter] = useState<Filter>({});
  const [isPaused, setPaused] = useState(false);
  const { state, entries, waiting, count } = useStream(String(connection?.id), filter, isPaused);
  return (
    <Stack spacing={1} sx={{ py: 1 }}>
      <Stack direction="row" spacing={1} useFlexGap sx={{ flexWrap: 'wrap', alignItems: 'center' }}>
        <Filters filter={filter} onChange={setFilter} />
        <Button variant="outlined" onClick={() => setPaused(!isPaused)} sx={{ minHeight: 40 }}>
          {isPaused ? translate('mt.live.continue', { waiting }) : translate('mt.live.pause')}
        </Button>
      </Stack>
      <StateLine state={state} />
      <Told count={count} />
      {entries.length === 0 && state.kind === 'open' ? <Typography>{translate('mt.live.empty')}</Typography> : null}
      <Entries entries={entries} />
      {entries.length === ROWS_MAX ? (
        <Typography variant="body2">{translate('mt.live.full', { max: ROWS_MAX })}</Typography>
      ) : null}
    </Stack>
  );
}
