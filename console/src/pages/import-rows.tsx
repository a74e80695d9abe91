// The rows of an import or a simulation: the outcome of each, what it changes as before and after, and why it was refused.

import {
  Box,
  Button,
  Chip,
  MenuItem,
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableRow,
  TextField,
  Typography,
} from '@mui/material';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useTranslate } from 'react-admin';
import { useSearchParams } from 'react-router-dom';
import { callAccount } from '../api.ts';
import type { Schemas } from '../operations.ts';

type Row = Schemas['ImportRow'];
type Outcome = Row['outcome'];

const ROWS = 100;
const OUTCOMES = ['created', 'updated', 'unchanged', 'refused'] as const;
const COLOURS = { created: 'success', updated: 'info', unchanged: 'default', refused: 'error' } as const;

/** Why a row was refused, or what its user lacks although it was applied. */
const reasonsOf = ({ faults = [] }: Row) =>
  faults.map(({ at, error, words }) => `${[error, at].filter(Boolean).join(' ')}: ${words}`);

/** What a row changes: each column with its value before and after. */
function Changes({ fields }: { fields: NonNullable<Row['fields']> }) {
  const translate = useTranslate();
  return (
    <Table size="small" sx={{ maxWidth: 900 }}>
      <TableHead>
        <TableRow>
          {(['column', 'before', 'after'] as const).map((name) => (
            <TableCell key={name}>{translate(`mt.imports.${name}`)}</TableCell>
          ))}
        </TableRow>
      </TableHead>
      <TableBody>
        {fields.map(({ name, from = '–', to = '–' }) => (
          <TableRow key={name}>
            <TableCell component="th" scope="row">
              {name}
            </TableCell>
            <TableCell sx={{ overflowWrap: 'anywhere' }}>{from}</TableCell>
            <TableCell sx={{ overflowWrap: 'anywhere' }}>{to}</TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}

/** A row with its outcome, what it changes or why it failed, and the block of a batch. */
function RowLine({ row, isSimulated }: { row: Row; isSimulated: boolean }) {
  const translate = useTranslate();
  const { outcome, line, number, identity, user, fields = [], block } = row;
  const isLink = user !== undefined && !(isSimulated && outcome === 'created');
  return (
    <Box sx={{ py: 1, borderTop: 1, borderColor: 'divider' }}>
      <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap', alignItems: 'center' }}>
        <Typography>
          {translate('mt.imports.row')} {line ?? number}:{' '}
          {isLink ? <Link to={`/users/${user}/show`}>{identity}</Link> : identity}
        </Typography>
        <Chip
          size="small"
          variant="outlined"
          color={COLOURS[outcome]}
          label={translate(`mt.imports.outcomes.${outcome}`)}
          sx={{ '& .MuiChip-label': { color: 'text.primary' } }}
        />
      </Box>
      {reasonsOf(row).map((reason) => (
        <Typography
          key={reason}
          variant="body2"
          color={outcome === 'refused' ? 'error' : undefined}
          sx={{ overflowWrap: 'anywhere' }}
        >
          {reason}
        </Typography>
      ))}
      {fields.length > 0 ? <Changes fields={fields} /> : null}
      {block === undefined ? null : (
        <details>
          <summary>{translate('mt.imports.block')}</summary>
          <Typography component="pre" variant="body2" sx={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere', m: 0 }}>
            {block}
          </Typography>
        </details>
      )}
    </Box>
  );
}

/** The rows of a run, all or those of one outcome, page by page. */
export function Rows({ run, isRunning }: { run: Schemas['Import']; isRunning: boolean }) {
  const translate = useTranslate();
  const [shown, setShown] = useState<Outcome | 'faulty' | ''>('');
  const [query] = useSearchParams();
  // A link to a row shows the rows from it on.
  const first = Number(query.get('row') ?? 1) - 1;
  const [after, setAfter] = useState(Number.isSafeInteger(first) && first > 0 ? first : 0);
  const which = shown === 'faulty' ? ({ faulty: 'true' } as const) : shown === '' ? {} : { outcome: shown };
  const { data } = useQuery({
    queryKey: ['rows', run.id, shown, after, run.counts.done],
    queryFn: async () =>
      (
        await callAccount('get', '/imports/{run}/rows', {
          params: { run: run.id },
          query: { limit: ROWS, ...which, ...(after > 0 ? { after } : {}) },
        })
      ).json.items,
    placeholderData: (before) => before,
  });
  const last = data?.at(-1)?.number;
  const { refused, noted } = run.counts;
  return (
    <Box sx={{ mt: 2 }}>
      <TextField
        select
        label={translate('mt.imports.outcome')}
        value={shown}
        onChange={({ target }) => {
          setAfter(0);
          setShown(target.value as Outcome | 'faulty' | '');
        }}
        size="small"
        sx={{ minWidth: 260 }}
      >
        <MenuItem value="">{translate('mt.users.all')}</MenuItem>
        {OUTCOMES.map((one) => (
          <MenuItem key={one} value={one}>
            {translate(`mt.imports.outcomes.${one}`)} ({run.counts[one]})
          </MenuItem>
        ))}
        <MenuItem value="faulty">
          {translate('mt.imports.faulty')} ({refused + noted})
        </MenuItem>
      </TextField>
      {data?.length === 0 && !isRunning ? <Typography>{translate('ra.navigation.no_results')}</Typography> : null}
      {(data ?? []).map((row) => (
        <RowLine key={row.number} row={row} isSimulated={run.kind === 'csv-simulation'} />
      ))}
      {!isRunning && data?.length === ROWS && last !== undefined ? (
        <Button onClick={() => setAfter(last)}>{translate('ra.navigation.next')}</Button>
      ) : null}
      {after > 0 ? <Button onClick={() => setAfter(0)}>{translate('ra.navigation.first')}</Button> : null}
    </Box>
  );
}
