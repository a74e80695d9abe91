// Imports: a file is simulated first, its rows are looked through, and then it is imported. Runs go on if the page is left.

import {
  Alert,
  Box,
  Button,
  Card,
  CardContent,
  LinearProgress,
  Link,
  MenuItem,
  Stack,
  TextField,
  Typography,
} from '@mui/material';
import { useQuery } from '@tanstack/react-query';
import { type DragEvent, type FormEvent, useRef, useState } from 'react';
import {
  DataTable,
  FunctionField,
  List,
  Show,
  useNotify,
  usePermissions,
  useRecordContext,
  useRedirect,
  useTranslate,
} from 'react-admin';
import { useSearchParams } from 'react-router-dom';
import { callAccount, downloadUrl } from '../api.ts';
import type { Schemas } from '../operations.ts';
import { Time } from '../times.tsx';

type Run = Schemas['Import'];
type Row = Schemas['ImportRow'];

const ROWS = 100;

function DelimiterSelect({ value, onChange }: { value: string; onChange: (delimiter: string) => void }) {
  const translate = useTranslate();
  return (
    <TextField
      select
      label={translate('mt.imports.delimiter')}
      value={value}
      onChange={({ target }) => onChange(target.value)}
      margin="none"
      size="small"
      sx={{ minWidth: 220 }}
    >
      <MenuItem value="">–</MenuItem>
      <MenuItem value=";">;</MenuItem>
      <MenuItem value=",">,</MenuItem>
      <MenuItem value="tab">tab</MenuItem>
    </TextField>
  );
}

/** What an upload says about its file; empty texts say nothing. */
interface FileForm {
  encoding: string;
  delimiter: string;
  fileset: string;
}

/** The fields of a file: a batch belongs to a fileset, a CSV file may have an encoding and a delimiter of its own. */
function FormFields({ isXml, form, onChange }: { isXml: boolean; form: FileForm; onChange: (form: FileForm) => void }) {
  const translate = useTranslate();
  const field = (name: 'fileset' | 'encoding') => (
    <TextField
      label={translate(`mt.imports.${name}`)}
      value={form[name]}
      onChange={({ target }) => onChange({ ...form, [name]: target.value })}
      margin="none"
      size="small"
      sx={{ minWidth: 220 }}
    />
  );
  if (isXml) return field('fileset');
  return (
    <>
      {field('encoding')}
      <DelimiterSelect value={form.delimiter} onChange={(delimiter) => onChange({ ...form, delimiter })} />
    </>
  );
}

function Upload() {
  const translate = useTranslate();
  const notify = useNotify();
  const redirect = useRedirect();
  const input = useRef<HTMLInputElement>(null);
  const [file, setFile] = useState<File>();
  const [form, setForm] = useState<FileForm>({ encoding: '', delimiter: '', fileset: '' });
  const isXml = /[.]xml$/i.test(file?.name ?? '');
  const send = async (simulate: boolean) => {
    if (!file) return;
    try {
      const stated = isXml ? { fileset: form.fileset } : { encoding: form.encoding, delimiter: form.delimiter };
      const named = Object.entries(stated).filter(([, value]) => value !== '');
      const query = { simulate, fileName: file.name, ...Object.fromEntries(named) };
      const path = isXml ? '/imports/xml' : '/imports/csv';
      const { json } = await callAccount('post', path, { file, query });
      redirect('show', 'imports', json.id);
    } catch (error) {
      notify((error as Error).message, { type: 'error', autoHideDuration: 20_000 });
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void send(true);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setFile(event.dataTransfer.files[0]);
  };
  return (
    <Card sx={{ my: 2 }} onDragOver={(event) => event.preventDefault()} onDrop={drop}>
      <CardContent>
        <Box component="form" onSubmit={submit}>
          <Stack direction={{ xs: 'column', md: 'row' }} spacing={2} sx={{ alignItems: { md: 'center' } }}>
            <input
              ref={input}
              type="file"
              accept=".csv,.xml,text/csv,application/xml"
              hidden
              onChange={({ target }) => setFile(target.files?.[0])}
            />
            <Button variant="outlined" sx={{ minHeight: 44, flex: 'none' }} onClick={() => input.current?.click()}>
              {file?.name ?? translate('mt.imports.drop')}
            </Button>
            <FormFields isXml={isXml} form={form} onChange={setForm} />
            <Button type="submit" variant="contained" disabled={!file} sx={{ minHeight: 44, flex: 'none' }}>
              {translate('mt.imports.simulate')}
            </Button>
            {isXml ? (
              <Button variant="outlined" sx={{ minHeight: 44, flex: 'none' }} onClick={() => send(false)}>
                {translate('mt.imports.importNow')}
              </Button>
            ) : null}
          </Stack>
        </Box>
        <Stack direction="row" spacing={2} sx={{ mt: 2 }}>
          <Link href={downloadUrl('/exports/template.csv')}>{translate('mt.imports.template')}</Link>
          <Link href={downloadUrl('/exports/users.csv')}>{translate('mt.imports.exportUsers')}</Link>
        </Stack>
      </CardContent>
    </Card>
  );
}

function useKind() {
  const translate = useTranslate();
  return (kind: string) => {
    if (kind === 'csv-simulation') return translate('mt.imports.simulated');
    return translate(kind === 'csv-import' ? 'mt.imports.imported' : 'mt.imports.review');
  };
}

export function ImportList() {
  const translate = useTranslate();
  const kindOf = useKind();
  const { permissions = [] } = usePermissions<string[]>();
  return (
    <>
      {permissions.includes('imports.run') ? <Upload /> : null}
      <List exporter={false} sort={{ field: 'id', order: 'DESC' }} empty={false}>
        <DataTable rowClick="show" bulkActionButtons={false}>
          <DataTable.Col source="fileName" label={translate('mt.imports.file')} disableSort />
          <DataTable.Col label={translate('mt.imports.what')} disableSort>
            <FunctionField render={({ kind }) => kindOf(kind)} />
          </DataTable.Col>
          <DataTable.Col source="state" label={translate('mt.imports.state')} disableSort />
          <DataTable.Col label={translate('mt.imports.counts')} disableSort>
            <FunctionField render={({ counts }) => `${counts?.done ?? 0} / ${counts?.total ?? '?'}`} />
          </DataTable.Col>
          <DataTable.Col label={translate('mt.imports.outcomes.refused')} disableSort>
            <FunctionField render={({ counts }) => counts?.refused ?? 0} />
          </DataTable.Col>
          <DataTable.Col label={translate('mt.users.fields.created')} disableSort>
            <FunctionField render={({ created }) => <Time at={created} />} />
          </DataTable.Col>
        </DataTable>
      </List>
    </>
  );
}

const whatOf = ({ fields = [], faults = [] }: Row) => [
  ...faults.map(({ at, error, words }) => `${[error, at].filter(Boolean).join(' ')}: ${words}`),
  ...fields.map(({ name, from = '–', to = '–' }) => `${name}: ${from} → ${to}`),
];

/** A row with its outcome, what it changes or why it failed, and the block of a batch. */
function RowLine({ row }: { row: Row }) {
  const translate = useTranslate();
  return (
    <Box sx={{ py: 1, borderTop: 1, borderColor: 'divider' }}>
      <Typography>
        {translate('mt.imports.row')} {row.line ?? row.number}: {row.identity ?? ''} –{' '}
        <strong>{translate(`mt.imports.outcomes.${row.outcome}`)}</strong>
      </Typography>
      {whatOf(row).map((line) => (
        <Typography
          key={line}
          variant="body2"
          color={row.outcome === 'refused' ? 'error' : undefined}
          sx={{ overflowWrap: 'anywhere' }}
        >
          {line}
        </Typography>
      ))}
      {row.block === undefined ? null : (
        <details>
          <summary>{translate('mt.imports.block')}</summary>
          <Typography component="pre" variant="body2" sx={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere', m: 0 }}>
            {row.block}
          </Typography>
        </details>
      )}
    </Box>
  );
}

function Rows({ run, isRunning }: { run: Run; isRunning: boolean }) {
  const translate = useTranslate();
  const [outcome, setOutcome] = useState<Row['outcome'] | ''>('');
  const [query] = useSearchParams();
  // A link to a row shows the rows from it on.
  const first = Number(query.get('row') ?? 1) - 1;
  const [after, setAfter] = useState(Number.isSafeInteger(first) && first > 0 ? first : 0);
  const { data } = useQuery({
    queryKey: ['rows', run.id, outcome, after, run.counts.done],
    queryFn: async () =>
      (
        await callAccount('get', '/imports/{run}/rows', {
          params: { run: run.id },
          query: { limit: ROWS, outcome: outcome || undefined, after: after || undefined },
        })
      ).json.items,
    placeholderData: (before) => before,
  });
  const last = data?.at(-1)?.number;
  return (
    <Box sx={{ mt: 2 }}>
      <TextField
        select
        label={translate('mt.imports.outcome')}
        value={outcome}
        onChange={({ target }) => {
          setAfter(0);
          setOutcome(target.value as Row['outcome'] | '');
        }}
        size="small"
        sx={{ minWidth: 200 }}
      >
        <MenuItem value="">{translate('mt.users.all')}</MenuItem>
        {(['created', 'updated', 'unchanged', 'refused'] as const).map((one) => (
          <MenuItem key={one} value={one}>
            {translate(`mt.imports.outcomes.${one}`)} ({run.counts[one] ?? 0})
          </MenuItem>
        ))}
      </TextField>
      {(data ?? []).map((row) => (
        <RowLine key={row.number} row={row} />
      ))}
      {!isRunning && data?.length === ROWS && last !== undefined ? (
        <Button onClick={() => setAfter(last)}>{translate('ra.navigation.next')}</Button>
      ) : null}
      {after > 0 ? <Button onClick={() => setAfter(0)}>{translate('ra.navigation.first')}</Button> : null}
    </Box>
  );
}

/** What can be downloaded of a run that has ended. */
function Downloads({ run, refused }: { run: Run; refused: number }) {
  const translate = useTranslate();
  return (
    <>
      {run.kind.startsWith('csv') ? (
        <>
          <Link href={downloadUrl('/imports/{run}/result.csv', { params: { run: run.id } })}>
            {translate('mt.imports.result')}
          </Link>
          {refused > 0 ? (
            <Link
              href={downloadUrl('/imports/{run}/result.csv', { params: { run: run.id }, query: { part: 'failed' } })}
            >
              {translate('mt.imports.failures')}
            </Link>
          ) : null}
        </>
      ) : null}
      {!run.kind.startsWith('csv') && refused > 0 ? (
        <Link href={downloadUrl('/imports/{run}/failures.xml', { params: { run: run.id } })}>
          {translate('mt.imports.failures')}
        </Link>
      ) : null}
    </>
  );
}

function RunView() {
  const record = useRecordContext<Run>();
  const translate = useTranslate();
  const kindOf = useKind();
  const notify = useNotify();
  const redirect = useRedirect();
  const { permissions = [] } = usePermissions<string[]>();
  const { data: run = record } = useQuery({
    queryKey: ['run', record?.id],
    queryFn: async () => (await callAccount('get', '/imports/{run}', { params: { run: record?.id ?? '' } })).json,
    enabled: record !== undefined,
    refetchInterval: ({ state }) => (state.data?.finished === undefined ? 1_000 : false),
  });
  if (!run) return null;
  const isRunning = run.finished === undefined;
  const { total, done, created, updated, unchanged, refused } = run.counts;
  const post = async (step: 'import' | 'cancel') => {
    try {
      const { json } = await callAccount('post', `/imports/{run}/${step}`, { params: { run: run.id } });
      redirect('show', 'imports', json.id);
    } catch (error) {
      notify((error as Error).message, { type: 'error' });
    }
  };
  const outcomes = { created, updated, unchanged, refused };
  const mayRun = permissions.includes('imports.run');
  return (
    <CardContent>
      <Typography variant="h6" component="h2" sx={{ overflowWrap: 'anywhere' }}>
        {kindOf(run.kind)}: {run.fileName}
      </Typography>
      <Typography variant="body2">
        {[run.state, run.encoding, run.delimiter === undefined ? undefined : `“${run.delimiter}”`]
          .filter(Boolean)
          .join(' · ')}
      </Typography>
      {run.reason ? <Alert severity="error">{run.reason}</Alert> : null}
      {isRunning ? (
        <LinearProgress
          aria-label={translate('mt.imports.state')}
          {...(total ? { variant: 'determinate', value: (100 * done) / total } : {})}
          sx={{ my: 2 }}
        />
      ) : null}
      <Typography sx={{ my: 1 }} role="status">
        {done} / {total ?? '?'}
        {(Object.keys(outcomes) as (keyof typeof outcomes)[])
          .map((one) => `, ${outcomes[one]} ${translate(`mt.imports.outcomes.${one}`)}`)
          .join('')}
      </Typography>
      <Stack direction={{ xs: 'column', sm: 'row' }} spacing={2}>
        {run.kind === 'csv-simulation' && !isRunning && mayRun ? (
          <Button variant="contained" onClick={() => post('import')}>
            {translate('mt.imports.importNow')}
          </Button>
        ) : null}
        {isRunning && mayRun ? <Button onClick={() => post('cancel')}>{translate('mt.imports.cancel')}</Button> : null}
        {isRunning ? null : <Downloads run={run} refused={refused} />}
      </Stack>
      <Rows run={run} isRunning={isRunning} />
    </CardContent>
  );
}

export const ImportShow = () => (
  <Show>
    <RunView />
  </Show>
);
