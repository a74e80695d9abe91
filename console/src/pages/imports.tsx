// Imports: a file is simulated first, its rows are looked through, and then it is imported. Runs go on if the page is left.

import { Alert, Button, CardContent, LinearProgress, Link, Stack, Typography } from '@mui/material';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
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
import { callAccount, downloadUrl } from '../api.ts';
import type { Schemas } from '../operations.ts';
import { Time } from '../times.tsx';
import { Empty } from './empty.tsx';
import { Rows } from './import-rows.tsx';
import { DelimiterSelect, delimiterOf, EncodingInput, Upload } from './import-upload.tsx';

type Run = Schemas['Import'];

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
      <List exporter={false} sort={{ field: 'id', order: 'DESC' }} empty={<Empty />}>
        <DataTable rowClick="show" bulkActionButtons={false}>
          <DataTable.Col source="fileName" label={translate('mt.imports.file')} disableSort />
          <DataTable.Col label={translate('mt.imports.what')} disableSort>
            <FunctionField render={({ kind }) => kindOf(kind)} />
          </DataTable.Col>
          <DataTable.Col label={translate('mt.imports.state')} disableSort>
            <FunctionField render={({ state }) => translate(`mt.imports.states.${state}`)} />
          </DataTable.Col>
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

/** How the file was read. If that is wrong, it is simulated once more as stated. */
function ReadAs({ run, mayChange }: { run: Run; mayChange: boolean }) {
  const translate = useTranslate();
  const redirect = useRedirect();
  const [isOpen, setOpen] = useState(false);
  const [form, setForm] = useState({ encoding: run.encoding ?? '', delimiter: run.delimiter ?? '' });
  const [problem, setProblem] = useState('');
  const again = async () => {
    setProblem('');
    const query = { ...(form.encoding ? { encoding: form.encoding } : {}), ...delimiterOf(form.delimiter) };
    try {
      const { json } = await callAccount('post', '/imports/{run}/simulate', { params: { run: run.id }, query });
      redirect('show', 'imports', json.id);
    } catch (error) {
      setProblem((error as Error).message);
    }
  };
  const { encoding, delimiter } = run;
  return (
    <Stack spacing={1} sx={{ my: 1, alignItems: 'flex-start' }}>
      <Typography variant="body2">
        {translate(delimiter === undefined ? 'mt.imports.readAsXml' : 'mt.imports.readAs', { encoding, delimiter })}{' '}
        {mayChange && delimiter !== undefined ? (
          <Button size="small" onClick={() => setOpen(!isOpen)} aria-expanded={isOpen}>
            {translate('mt.imports.readOtherwise')}
          </Button>
        ) : null}
      </Typography>
      {isOpen ? (
        <Stack direction={{ xs: 'column', md: 'row' }} spacing={2}>
          <EncodingInput value={form.encoding} onChange={(text) => setForm({ ...form, encoding: text })} />
          <DelimiterSelect value={form.delimiter} onChange={(text) => setForm({ ...form, delimiter: text })} />
          <Button variant="outlined" onClick={again} sx={{ minHeight: 44 }}>
            {translate('mt.imports.simulateAgain')}
          </Button>
        </Stack>
      ) : null}
      {problem === '' ? null : <Alert severity="error">{problem}</Alert>}
    </Stack>
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
  const { total, done, created, updated, unchanged, refused, noted } = run.counts;
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
      <Typography variant="body2">{translate(`mt.imports.states.${run.state}`)}</Typography>
      {run.encoding === undefined ? null : <ReadAs key={run.id} run={run} mayChange={!isRunning && mayRun} />}
      {run.reason ? <Alert severity={run.state === 'failed' ? 'error' : 'warning'}>{run.reason}</Alert> : null}
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
        {noted > 0 ? `; ${translate('mt.imports.noted', { smart_count: noted })}` : ''}
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
