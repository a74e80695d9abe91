// The workbench: a SCIM request is written, sent as a connection for tests, and seen from both sides.

import {
  Alert,
  Box,
  Button,
  Chip,
  InputAdornment,
  List,
  ListItemButton,
  ListItemText,
  MenuItem,
  Stack,
  TextField,
  Typography,
} from '@mui/material';
import { useState } from 'react';
import { Link, useRecordContext, useTranslate } from 'react-admin';
import { useTimes } from '../times.tsx';
import {
  curlOf,
  fromTemplate,
  headersOf,
  isScimPath,
  jsonFault,
  METHODS,
  recordedEvent,
  SCIM_BASE,
  type ScimAnswer,
  type ScimRequest,
  sendScim,
  TEMPLATES,
} from '../workbench.ts';
import { Body, Entries, type RequestEntry } from './history.tsx';

interface Sent {
  id: number;
  request: ScimRequest;
  answer: ScimAnswer;
  /** null: not recorded within the time for which it is waited. */
  event?: RequestEntry | null;
}

const SENT_MAX = 20;

/** What was sent since the page was loaded, by connection. Bodies may name people, so that it is not stored. */
const session = new Map<string, readonly Sent[]>();

function useSession(connection: string) {
  const [sent, setSent] = useState(session.get(connection) ?? []);
  const change = (next: (before: readonly Sent[]) => readonly Sent[]) => {
    const now = next(session.get(connection) ?? []).slice(0, SENT_MAX);
    session.set(connection, now);
    setSent(now);
  };
  const add = (request: ScimRequest, answer: ScimAnswer): Sent => {
    const one = { id: performance.now(), request, answer };
    change((before) => [one, ...before]);
    void recordedEvent(connection, answer).then((event) =>
      change((before) => before.map((each) => (each.id === one.id ? { ...each, event: event ?? null } : each))),
    );
    return one;
  };
  return { sent, add };
}

const MONOSPACE = { htmlInput: { style: { fontFamily: 'monospace', fontSize: 13 }, spellCheck: false } } as const;

interface FormProps {
  request: ScimRequest;
  onChange: (request: ScimRequest) => void;
}

function Templates({ sent, onChoose }: { sent: readonly Sent[]; onChoose: FormProps['onChange'] }) {
  const translate = useTranslate();
  const choose = (name: string) => {
    const chosen = fromTemplate(name, sent);
    if (chosen) onChoose(chosen);
  };
  return (
    <TextField
      select
      size="small"
      margin="none"
      label={translate('mt.workbench.template')}
      value=""
      onChange={({ target }) => choose(target.value)}
    >
      {Object.keys(TEMPLATES).map((name) => (
        <MenuItem key={name} value={name}>
          {translate(`mt.workbench.templates.${name}`)}
        </MenuItem>
      ))}
    </TextField>
  );
}

function MethodAndPath({ request, onChange }: FormProps) {
  const translate = useTranslate();
  const { path } = useFaults(request);
  return (
    <Stack direction={{ xs: 'column', sm: 'row' }} spacing={1}>
      <TextField
        select
        size="small"
        margin="none"
        fullWidth={false}
        label={translate('mt.live.method')}
        value={request.method}
        onChange={({ target }) => onChange({ ...request, method: target.value as ScimRequest['method'] })}
        sx={{ minWidth: 110 }}
      >
        {METHODS.map((method) => (
          <MenuItem key={method} value={method}>
            {method}
          </MenuItem>
        ))}
      </TextField>
      <TextField
        size="small"
        margin="none"
        label={translate('mt.workbench.path')}
        value={request.path}
        error={path !== undefined}
        helperText={path}
        onChange={({ target }) => onChange({ ...request, path: target.value.trim() })}
        slotProps={{
          ...MONOSPACE,
          input: { startAdornment: <InputAdornment position="start">{SCIM_BASE}</InputAdornment> },
        }}
      />
    </Stack>
  );
}

/** The form of a request. */
function Form({ request, onChange }: FormProps) {
  const translate = useTranslate();
  const { headers, body } = useFaults(request);
  return (
    <>
      <MethodAndPath request={request} onChange={onChange} />
      <TextField
        size="small"
        margin="none"
        multiline
        label={translate('mt.workbench.headers')}
        value={request.headers}
        error={headers !== undefined}
        helperText={headers ?? translate('mt.workbench.headersHelp')}
        onChange={({ target }) => onChange({ ...request, headers: target.value })}
        slotProps={MONOSPACE}
      />
      {request.method === 'GET' ? null : (
        <TextField
          size="small"
          margin="none"
          multiline
          minRows={4}
          maxRows={24}
          label={translate('mt.workbench.body')}
          value={request.body}
          error={body !== undefined}
          helperText={body}
          onChange={({ target }) => onChange({ ...request, body: target.value })}
          slotProps={MONOSPACE}
        />
      )}
    </>
  );
}

/** What keeps a request from being sent. */
function useFaults({ path, headers, body, method }: ScimRequest) {
  const translate = useTranslate();
  const read = headersOf(headers);
  const reason = method === 'GET' ? undefined : jsonFault(body);
  return {
    path: isScimPath(path) ? undefined : translate('mt.workbench.pathWrong', { base: SCIM_BASE }),
    headers: read.ok ? undefined : translate('mt.workbench.headerWrong', { line: read.line }),
    body: reason === undefined ? undefined : translate('mt.workbench.bodyWrong', { reason }),
  };
}

function Shown({ sent: { answer, event } }: { sent: Sent }) {
  const translate = useTranslate();
  return (
    <Box component="section" aria-label={translate('mt.workbench.answer')}>
      <Stack direction="row" spacing={1} sx={{ alignItems: 'center' }}>
        <Typography variant="h6" component="h2">
          {translate('mt.workbench.answer')}
        </Typography>
        <Chip
          size="small"
          variant="outlined"
          color={answer.status >= 400 ? 'error' : 'success'}
          label={answer.status}
        />
        <Typography variant="body2">{answer.ms} ms</Typography>
      </Stack>
      <Body title={translate('mt.workbench.body')} text={answer.body || undefined} />
      <Body title={translate('mt.workbench.headers')} text={answer.headers} />
      <Typography variant="subtitle2" component="h3" sx={{ mt: 2 }}>
        {translate('mt.workbench.event')}
      </Typography>
      {event ? <Entries entries={[{ at: event.at, request: event }]} /> : null}
      {event === undefined ? <Typography variant="body2">{translate('mt.workbench.waits')}</Typography> : null}
      {event === null ? <Typography variant="body2">{translate('mt.workbench.unrecorded')}</Typography> : null}
    </Box>
  );
}

function SessionList({ sent, onChoose }: { sent: readonly Sent[]; onChoose: (sent: Sent) => void }) {
  const translate = useTranslate();
  const { time } = useTimes();
  if (sent.length === 0) return null;
  return (
    <Box component="nav" aria-label={translate('mt.workbench.session')}>
      <Typography variant="subtitle2" component="h2">
        {translate('mt.workbench.session')}
      </Typography>
      <List dense disablePadding>
        {sent.map((one) => (
          <li key={one.id}>
            <ListItemButton onClick={() => onChoose(one)} sx={{ px: 1 }}>
              <ListItemText
                primary={`${one.answer.status} ${one.request.method} ${one.request.path}`}
                secondary={time(one.answer.at)}
                slotProps={{ primary: { sx: { overflowWrap: 'anywhere' } } }}
              />
            </ListItemButton>
          </li>
        ))}
      </List>
    </Box>
  );
}

function Bench({ connection, name }: { connection: string; name: string }) {
  const translate = useTranslate();
  const { sent, add } = useSession(connection);
  const [request, setRequest] = useState<ScimRequest>(sent[0]?.request ?? (TEMPLATES.lookup as ScimRequest));
  const [chosen, setChosen] = useState<number | undefined>(sent[0]?.id);
  const [state, setState] = useState<{ isSending?: boolean; isCopied?: boolean; failure?: string }>({});
  const isWrong = Object.values(useFaults(request)).some((fault) => fault !== undefined);
  const shown = sent.find(({ id }) => id === chosen);
  const edit = (next: ScimRequest) => {
    setRequest(next);
    setState({});
  };
  const submit = async () => {
    setState({ isSending: true });
    try {
      setChosen(add(request, await sendScim(connection, request)).id);
      setState({});
    } catch (error) {
      setState({ failure: (error as Error).message });
    }
  };
  const copy = async () => {
    await navigator.clipboard.writeText(curlOf(request));
    setState({ isCopied: true });
  };
  return (
    <Stack spacing={2} sx={{ py: 1 }}>
      <Alert severity="warning">{translate('mt.workbench.lead', { name })}</Alert>
      <Templates sent={sent} onChoose={edit} />
      <Form request={request} onChange={edit} />
      <Stack direction="row" spacing={1}>
        <Button variant="contained" onClick={submit} disabled={isWrong || state.isSending === true}>
          {translate('mt.workbench.send')}
        </Button>
        <Button variant="outlined" onClick={copy} disabled={isWrong}>
          {translate(state.isCopied ? 'mt.timeline.copied' : 'mt.workbench.curl')}
        </Button>
      </Stack>
      {state.isCopied ? <Typography variant="body2">{translate('mt.workbench.curlToken')}</Typography> : null}
      <Box role="status" aria-live="polite">
        {state.failure === undefined ? null : <Alert severity="error">{state.failure}</Alert>}
      </Box>
      {shown ? <Shown sent={shown} /> : null}
      <SessionList
        sent={sent}
        onChoose={(one) => {
          edit(one.request);
          setChosen(one.id);
        }}
      />
    </Stack>
  );
}

const NEW = `/connections/create?source=${encodeURIComponent(JSON.stringify({ name: 'Workbench', sandbox: true }))}`;

/** The tab of a connection. */
export function Workbench() {
  const connection = useRecordContext();
  const translate = useTranslate();
  if (!connection) return null;
  if (connection.sandbox) return <Bench connection={String(connection.id)} name={String(connection.name)} />;
  return (
    <Stack spacing={2} sx={{ py: 2, alignItems: 'flex-start' }}>
      <Typography>{translate('mt.workbench.notForTests')}</Typography>
      <Button variant="contained" component={Link} to={NEW}>
        {translate('mt.workbench.create')}
      </Button>
    </Stack>
  );
}
