// Connections, their tokens and set-up links. A token or an address that is shown once is shown in a dialog.

import {
  Alert,
  Button,
  Dialog,
  DialogActions,
  DialogContent,
  DialogTitle,
  TextField as MuiTextField,
  Stack,
  Typography,
} from '@mui/material';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import {
  BooleanField,
  BooleanInput,
  Create,
  DataTable,
  Edit,
  EditButton,
  FunctionField,
  List,
  Loading,
  type RaRecord,
  required,
  SaveButton,
  SelectInput,
  Show,
  SimpleForm,
  TabbedShowLayout,
  TextField,
  TextInput,
  Toolbar,
  TopToolbar,
  useGetList,
  useNotify,
  usePermissions,
  useRecordContext,
  useRefresh,
  useTranslate,
} from 'react-admin';
import { callAccount } from '../api.ts';
import { Time, useTimes } from '../times.tsx';
import { Empty } from './empty.tsx';
import { HealthPanel } from './health-panel.tsx';
import { StatusChip } from './health-status.tsx';
import { Entries } from './history.tsx';
import { Live } from './live.tsx';
import { useSaved } from './saved.ts';
import { Workbench } from './workbench.tsx';

const KINDS = ['entra', 'okta', 'csv', 'xml', 'crewplanner', 'other'].map((id) => ({ id, name: id }));

export function ConnectionList() {
  const translate = useTranslate();
  return (
    <List empty={<Empty />} exporter={false} pagination={false}>
      <DataTable rowClick="show" bulkActionButtons={false}>
        <DataTable.Col source="name" label={translate('mt.attributes.name')} disableSort />
        <DataTable.Col source="kind" label={translate('mt.connections.kind')} disableSort />
        <DataTable.Col label={translate('mt.connections.status')} disableSort>
          <FunctionField render={({ id }: RaRecord) => <StatusChip connection={id} />} />
        </DataTable.Col>
        <DataTable.Col source="lastCall" label={translate('mt.connections.lastCall')} disableSort>
          <FunctionField render={({ lastCall }: RaRecord) => <Time at={lastCall} />} />
        </DataTable.Col>
      </DataTable>
    </List>
  );
}

export function ConnectionCreate() {
  const saved = useSaved('created', 'show');
  const translate = useTranslate();
  return (
    <Create mutationOptions={saved}>
      <SimpleForm>
        <TextInput source="name" label={translate('mt.attributes.name')} validate={required()} />
        <SelectInput source="kind" label={translate('mt.connections.kind')} choices={KINDS} />
        <Settings />
        <BooleanInput source="sandbox" label={translate('mt.connections.sandbox')} />
      </SimpleForm>
    </Create>
  );
}

/** What a connection does with unknown attributes, and whether it writes stores and org units. */
function Settings() {
  const translate = useTranslate();
  const modes = (['refuse', 'ignore'] as const).map((id) => ({
    id,
    name: translate(`mt.connections.unknownModes.${id}`),
  }));
  return (
    <>
      <SelectInput
        source="unknownAttributes"
        label={translate('mt.connections.unknown')}
        choices={modes}
        emptyText={translate('mt.connections.unknownModes.default')}
        helperText={translate('mt.connections.unknownHelp')}
      />
      <BooleanInput
        source="writesStoresAndUnits"
        label={translate('mt.connections.writes')}
        helperText={translate('mt.connections.writesHelp')}
      />
    </>
  );
}

export function ConnectionEdit() {
  const saved = useSaved('updated', 'show');
  const translate = useTranslate();
  return (
    <Edit mutationOptions={saved} mutationMode="pessimistic">
      <SimpleForm toolbar={<SaveToolbar />}>
        <TextField source="name" />
        <SelectInput source="kind" label={translate('mt.connections.kind')} choices={KINDS} validate={required()} />
        <Settings />
      </SimpleForm>
    </Edit>
  );
}

/** A connection can't be deleted: what it brought names it. */
function SaveToolbar() {
  return (
    <Toolbar>
      <SaveButton />
    </Toolbar>
  );
}

/** A secret that is shown once, with a button that copies it. */
function Once({ text, lead, onClose }: { text: string; lead: string; onClose: () => void }) {
  const translate = useTranslate();
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
  };
  return (
    <Dialog open onClose={onClose} fullWidth aria-labelledby="once-title">
      <DialogTitle id="once-title">{lead}</DialogTitle>
      <DialogContent>
        <MuiTextField
          value={text}
          fullWidth
          margin="dense"
          multiline
          slotProps={{ htmlInput: { readOnly: true, 'aria-label': lead, spellCheck: false } }}
        />
      </DialogContent>
      <DialogActions>
        <Button onClick={copy}>{translate(copied ? 'mt.timeline.copied' : 'mt.timeline.copy')}</Button>
        <Button onClick={onClose}>{translate('ra.action.close')}</Button>
      </DialogActions>
    </Dialog>
  );
}

function Tokens() {
  const connection = useRecordContext();
  const translate = useTranslate();
  const { time } = useTimes();
  const notify = useNotify();
  const refresh = useRefresh();
  const { permissions = [] } = usePermissions<string[]>();
  const [secret, setSecret] = useState<{ text: string; lead: string }>();
  const { data = [], isPending } = useGetList('credentials', { filter: { connection: connection?.id } });
  if (!connection || isPending) return <Loading />;
  const mayEdit = permissions.includes('connections.edit');
  const params = { connection: String(connection.id) };
  const attempt = async (act: () => Promise<void>) => {
    try {
      await act();
      refresh();
    } catch (error) {
      notify((error as Error).message, { type: 'error' });
    }
  };
  const makeToken = () =>
    attempt(async () => {
      const body = { name: 'console', expiresInDays: 365 };
      const { json } = await callAccount('post', '/connections/{connection}/credentials', { params, body });
      setSecret({ text: json.token, lead: translate('mt.connections.tokenOnce') });
    });
  const makeLink = () =>
    attempt(async () => {
      const { json } = await callAccount('post', '/connections/{connection}/setup-links', { params, body: {} });
      setSecret({ text: json.url, lead: translate('mt.connections.setupOnce', { time: time(json.expires) }) });
    });
  const revoke = (credential: string) =>
    attempt(async () => void (await callAccount('delete', '/credentials/{credential}', { params: { credential } })));
  return (
    <Stack spacing={1}>
      {data.map(({ id, name, hint, expires, lastUsed, revoked }: RaRecord) => (
        <Stack key={id} direction={{ xs: 'column', sm: 'row' }} spacing={2} sx={{ alignItems: { sm: 'center' } }}>
          <Typography sx={{ minWidth: 160 }}>
            {name ?? ''} <code>{hint}</code>
          </Typography>
          <Typography sx={{ flex: 1 }}>
            {revoked
              ? translate('mt.connections.revoked')
              : `${translate('mt.connections.expires')}: ${time(expires) || '–'} · ${translate('mt.connections.lastUsed')}: ${time(lastUsed) || '–'}`}
          </Typography>
          {mayEdit && !revoked ? (
            <Button color="error" onClick={() => revoke(String(id))}>
              {translate('mt.connections.revoke')}
            </Button>
          ) : null}
        </Stack>
      ))}
      {mayEdit ? (
        <Stack direction="row" spacing={1}>
          <Button variant="contained" onClick={makeToken}>
            {translate('mt.connections.newToken')}
          </Button>
          <Button variant="outlined" onClick={makeLink}>
            {translate('mt.connections.setupLink')}
          </Button>
        </Stack>
      ) : null}
      {secret ? <Once {...secret} onClose={() => setSecret(undefined)} /> : null}
    </Stack>
  );
}

const LATEST = 50;

/** The latest requests of the connection, read again every few seconds. */
function LatestRequests() {
  const connection = useRecordContext();
  const { data, error } = useQuery({
    queryKey: ['requests', connection?.id],
    queryFn: async () =>
      (await callAccount('get', '/events', { query: { connection: String(connection?.id), limit: LATEST } })).json
        .items,
    enabled: connection !== undefined,
    refetchInterval: 5_000,
  });
  if (error) return <Alert severity="error">{error.message}</Alert>;
  return <Entries entries={(data ?? []).map((request) => ({ at: request.at, request }))} />;
}

export function ConnectionShow() {
  const translate = useTranslate();
  const { permissions = [] } = usePermissions<string[]>();
  const actions = permissions.includes('connections.edit') ? (
    <TopToolbar>
      <EditButton />
    </TopToolbar>
  ) : (
    false
  );
  return (
    <Show actions={actions}>
      <TabbedShowLayout>
        <TabbedShowLayout.Tab label={translate('mt.users.summary')}>
          <TextField source="name" label={translate('mt.attributes.name')} />
          <TextField source="kind" label={translate('mt.connections.kind')} />
          <FunctionField
            label={translate('mt.connections.unknown')}
            render={({ unknownAttributes }: RaRecord) => translate(`mt.connections.unknownModes.${unknownAttributes}`)}
          />
          <BooleanField source="writesStoresAndUnits" label={translate('mt.connections.writes')} />
          <BooleanField source="sandbox" label={translate('mt.connections.sandbox')} />
          <FunctionField
            label={translate('mt.connections.health')}
            render={({ id }: RaRecord) => <HealthPanel connection={String(id)} />}
          />
          <FunctionField label={translate('mt.connections.tokens')} render={() => <Tokens />} />
          {permissions.includes('events.read') ? (
            <FunctionField label={translate('mt.connections.requests')} render={() => <LatestRequests />} />
          ) : null}
        </TabbedShowLayout.Tab>
        {permissions.includes('connections.watch') ? (
          <TabbedShowLayout.Tab label={translate('mt.live.title')} path="live">
            <Live />
          </TabbedShowLayout.Tab>
        ) : null}
        {permissions.includes('connections.edit') ? (
          <TabbedShowLayout.Tab label={translate('mt.workbench.title')} path="workbench">
            <Workbench />
          </TabbedShowLayout.Tab>
        ) : null}
      </TabbedShowLayout>
    </Show>
  );
}
