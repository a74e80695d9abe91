// Administrators of the account: who they are, what they may do, how they sign in, and their sessions and tokens.

import {
  Alert,
  Button,
  Chip,
  Stack,
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableRow,
  Typography,
} from '@mui/material';
import { useQuery } from '@tanstack/react-query';
import {
  AutocompleteInput,
  Create,
  DataTable,
  DeleteWithConfirmButton,
  Edit,
  email,
  FormDataConsumer,
  FunctionField,
  List,
  type RaRecord,
  ReferenceInput,
  required,
  SaveButton,
  SelectInput,
  SimpleForm,
  TextInput,
  Toolbar,
  useNotify,
  usePermissions,
  useRecordContext,
  useRedirect,
  useRefresh,
  useTranslate,
} from 'react-admin';
import { callAccount, currentSession } from '../api.ts';
import { Time, useTimes } from '../times.tsx';
import { Empty } from './empty.tsx';
import { useRemoved, useSaved } from './saved.ts';
import { nameOf } from './user-list.tsx';

const ROLES = [
  'superior',
  'orgUnitAssistant',
  'orgUnitAdministrator',
  'subdomainAdministrator',
  'customerAdministrator',
] as const;
/** The path of an administrator. */
const ONE = '/administrators/{administrator}' as const;
const IN_ORG_UNIT = new Set(['orgUnitAssistant', 'orgUnitAdministrator', 'subdomainAdministrator']);

/** Nobody changes the own rights or removes themselves. */
const isOneself = (administrator: RaRecord | undefined) => administrator?.id === currentSession()?.administrator.id;

/** Does something to an administrator, and says that it is done, or why not. */
function useAct() {
  const notify = useNotify();
  const refresh = useRefresh();
  return async (work: () => Promise<unknown>, done = 'mt.users.done') => {
    try {
      await work();
      notify(done, { type: 'success' });
      refresh();
    } catch (error) {
      notify((error as Error).message, { type: 'error' });
    }
  };
}

function State() {
  const administrator = useRecordContext();
  const translate = useTranslate();
  return administrator?.disabled ? (
    <Chip
      size="small"
      color="warning"
      variant="outlined"
      label={translate('mt.administrators.disabled')}
      sx={{ '& .MuiChip-label': { color: 'text.primary' } }}
    />
  ) : null;
}

export function AdministratorList() {
  const translate = useTranslate();
  const { permissions = [] } = usePermissions<string[]>();
  return (
    <List empty={<Empty />} exporter={false}>
      <DataTable rowClick={permissions.includes('administrators.edit') ? 'edit' : false} bulkActionButtons={false}>
        <DataTable.Col source="email" label={translate('mt.users.fields.email')} disableSort />
        <DataTable.Col source="name" label={translate('mt.attributes.name')} disableSort />
        <DataTable.Col label={translate('mt.administrators.role')} disableSort>
          <FunctionField render={({ role }) => translate(`mt.administrators.roles.${role}`)} />
        </DataTable.Col>
        <DataTable.Col label={translate('mt.administrators.lastSignIn')} disableSort>
          <FunctionField
            render={({ lastSignIn }) => (lastSignIn ? <Time at={lastSignIn} /> : translate('mt.administrators.never'))}
          />
        </DataTable.Col>
        <DataTable.Col label={translate('mt.imports.state')} disableSort>
          <State />
        </DataTable.Col>
      </DataTable>
    </List>
  );
}

/** The fields of the form; a role that is limited needs to know to whom. */
function Fields() {
  const translate = useTranslate();
  const choices = ROLES.map((id) => ({ id, name: translate(`mt.administrators.roles.${id}`) }));
  return (
    <>
      <TextInput source="name" label={translate('mt.attributes.name')} validate={required()} />
      <SelectInput source="role" label={translate('mt.administrators.role')} choices={choices} validate={required()} />
      <FormDataConsumer>
        {({ formData: { role } }) => (
          <>
            {role ? <Typography sx={{ mb: 2 }}>{translate(`mt.administrators.may.${role}`)}</Typography> : null}
            {IN_ORG_UNIT.has(role) ? (
              <TextInput source="orgUnit" label={translate('mt.users.fields.orgUnit')} validate={required()} />
            ) : null}
            {role === 'superior' ? (
              <ReferenceInput source="user" reference="users" sort={{ field: 'id', order: 'ASC' }}>
                <AutocompleteInput
                  label={translate('mt.administrators.user')}
                  helperText={translate('mt.administrators.userHelp')}
                  optionText={(user: RaRecord) => [nameOf(user), user.userName].filter(Boolean).join(' · ')}
                  filterToQuery={(search: string) => (search === '' ? {} : { search })}
                  validate={required()}
                />
              </ReferenceInput>
            ) : null}
          </>
        )}
      </FormDataConsumer>
    </>
  );
}

/** A new administrator gets a link to set a password. */
export function AdministratorCreate() {
  const translate = useTranslate();
  const notify = useNotify();
  const redirect = useRedirect();
  const onSuccess = async ({ id }: RaRecord) => {
    try {
      await callAccount('post', `${ONE}/password-link`, { params: { administrator: String(id) } });
      notify('mt.administrators.linkSent', { type: 'success' });
    } catch (error) {
      notify((error as Error).message, { type: 'warning' });
    }
    redirect('list', 'administrators');
  };
  return (
    <Create mutationOptions={{ onSuccess }}>
      <SimpleForm>
        <TextInput
          source="email"
          label={translate('mt.users.fields.email')}
          helperText={translate('mt.administrators.linkHelp')}
          type="email"
          validate={[required(), email()]}
        />
        <Fields />
      </SimpleForm>
    </Create>
  );
}

function EditTools() {
  const removed = useRemoved();
  const administrator = useRecordContext();
  return (
    <Toolbar sx={{ justifyContent: 'space-between' }}>
      <SaveButton />
      {isOneself(administrator) ? null : (
        <DeleteWithConfirmButton mutationMode="pessimistic" successMessage={removed} />
      )}
    </Toolbar>
  );
}

export function AdministratorEdit() {
  const saved = useSaved('updated', 'list');
  const translate = useTranslate();
  return (
    <Edit mutationMode="pessimistic" mutationOptions={saved}>
      <Access />
      <SimpleForm toolbar={<EditTools />}>
        <TextInput source="email" label={translate('mt.users.fields.email')} type="email" validate={email()} />
        <Fields />
      </SimpleForm>
      <SignedIn />
    </Edit>
  );
}

/** Whether and how an administrator gets in. */
function Access() {
  const administrator = useRecordContext();
  const translate = useTranslate();
  const act = useAct();
  if (!administrator) return null;
  const { id, disabled } = administrator;
  const params = { administrator: String(id) };
  const set = (value: boolean) => act(() => callAccount('patch', ONE, { params, body: { disabled: value } }));
  const link = () => act(() => callAccount('post', `${ONE}/password-link`, { params }), 'mt.administrators.linkSent');
  return (
    <Stack spacing={1} sx={{ p: 2 }}>
      {disabled ? <Alert severity="warning">{translate('mt.administrators.disabledLead')}</Alert> : null}
      <Stack direction={{ xs: 'column', sm: 'row' }} spacing={1}>
        <Button variant="outlined" onClick={link} sx={{ minHeight: 44 }}>
          {translate('mt.administrators.link')}
        </Button>
        {isOneself(administrator) ? null : (
          <Button
            variant="outlined"
            color={disabled ? 'primary' : 'error'}
            onClick={() => set(!disabled)}
            sx={{ minHeight: 44 }}
          >
            {translate(disabled ? 'mt.administrators.enable' : 'mt.administrators.disable')}
          </Button>
        )}
      </Stack>
    </Stack>
  );
}

/** Where an administrator is signed in, and with which tokens scripts act in their name. */
function SignedIn() {
  const administrator = useRecordContext();
  const translate = useTranslate();
  const { time } = useTimes();
  const act = useAct();
  const params = { administrator: String(administrator?.id) };
  const sessions = useQuery({
    queryKey: ['administrators', 'sessions', administrator?.id],
    queryFn: async () => (await callAccount('get', `${ONE}/sessions`, { params })).json.items,
    enabled: administrator !== undefined,
  });
  const tokens = useQuery({
    queryKey: ['administrators', 'tokens', administrator?.id],
    queryFn: async () => (await callAccount('get', `${ONE}/tokens`, { params })).json.items,
    enabled: administrator !== undefined,
  });
  if (!administrator || !sessions.data || !tokens.data) return null;
  const end = async (work: () => Promise<unknown>) => {
    await act(work);
    await Promise.all([sessions.refetch(), tokens.refetch()]);
  };
  const endSession = (session: string) =>
    end(() => callAccount('delete', `${ONE}/sessions/{session}`, { params: { ...params, session } }));
  const removeToken = (token: string) =>
    end(() => callAccount('delete', `${ONE}/tokens/{token}`, { params: { ...params, token } }));
  const isCurrent = sessions.data.some(({ current }) => current);
  return (
    <Stack spacing={2} sx={{ p: 2 }}>
      <Ended
        title={translate('mt.administrators.sessions')}
        none={translate('mt.administrators.noSessions')}
        columns={['signedIn', 'ends', 'from']}
        rows={sessions.data.map(({ id, created, expires, address = '', userAgent = '', current }) => ({
          id,
          cells: [time(created), time(expires), `${address} ${userAgent}`.trim()],
          end: current ? undefined : () => endSession(id),
        }))}
        action={translate('mt.administrators.end')}
      />
      {sessions.data.length > 1 && !isCurrent ? (
        <Button
          color="error"
          onClick={() => end(() => callAccount('delete', `${ONE}/sessions`, { params }))}
          sx={{ alignSelf: 'flex-start', minHeight: 44 }}
        >
          {translate('mt.administrators.endAll')}
        </Button>
      ) : null}
      <Ended
        title={translate('mt.administrators.tokens')}
        none={translate('mt.administrators.noTokens')}
        columns={['token', 'ends', 'used']}
        rows={tokens.data.map(({ id, name, hint, expires, lastUsed }) => ({
          id,
          cells: [`${name} (${hint}…)`, time(expires), time(lastUsed)],
          end: () => removeToken(id),
        }))}
        action={translate('ra.action.delete')}
      />
    </Stack>
  );
}

interface EndedProps {
  title: string;
  none: string;
  columns: readonly string[];
  rows: readonly { id: string; cells: readonly string[]; end: (() => Promise<void>) | undefined }[];
  action: string;
}

/** A table of what can be ended. */
function Ended({ title, none, columns, rows, action }: EndedProps) {
  const translate = useTranslate();
  return (
    <section aria-label={title}>
      <Typography variant="h6" component="h2">
        {title}
      </Typography>
      {rows.length === 0 ? <Typography>{none}</Typography> : null}
      {rows.length === 0 ? null : (
        <Table size="small">
          <TableHead>
            <TableRow>
              {columns.map((column) => (
                <TableCell key={column}>{translate(`mt.administrators.columns.${column}`)}</TableCell>
              ))}
              <TableCell>{translate('mt.columns.actions')}</TableCell>
            </TableRow>
          </TableHead>
          <TableBody>
            {rows.map(({ id, cells, end }) => (
              <TableRow key={id}>
                {columns.map((column, index) => (
                  <TableCell key={column} sx={{ overflowWrap: 'anywhere' }}>
                    {cells[index]}
                  </TableCell>
                ))}
                <TableCell>
                  {end ? (
                    <Button size="small" onClick={end}>
                      {action}
                    </Button>
                  ) : (
                    translate('mt.administrators.thisOne')
                  )}
                </TableCell>
              </TableRow>
            ))}
          </TableBody>
        </Table>
      )}
    </section>
  );
}
