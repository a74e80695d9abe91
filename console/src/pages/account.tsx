// Administrators of the account, and its settings.

import { Button, Card, CardContent, Typography } from '@mui/material';
import { useQuery } from '@tanstack/react-query';
import {
  BooleanInput,
  Create,
  DataTable,
  email,
  FunctionField,
  List,
  Loading,
  NumberInput,
  required,
  SaveButton,
  SelectInput,
  SimpleForm,
  TextInput,
  Title,
  Toolbar,
  useNotify,
  useRecordContext,
  useTranslate,
} from 'react-admin';
import { callAccount } from '../api.ts';
import type { Schemas } from '../operations.ts';
import { Time } from '../times.tsx';
import { Empty } from './empty.tsx';

const ROLES = [
  'superior',
  'orgUnitAssistant',
  'orgUnitAdministrator',
  'subdomainAdministrator',
  'customerAdministrator',
].map((id) => ({ id, name: id }));

function LinkButton() {
  const administrator = useRecordContext();
  const translate = useTranslate();
  const notify = useNotify();
  const send = async () => {
    try {
      const params = { administrator: String(administrator?.id) };
      await callAccount('post', '/administrators/{administrator}/password-link', { params });
      notify('mt.administrators.linkSent', { type: 'success' });
    } catch (error) {
      notify((error as Error).message, { type: 'error' });
    }
  };
  return (
    <Button size="small" onClick={send}>
      {translate('mt.administrators.link')}
    </Button>
  );
}

export function AdministratorList() {
  const translate = useTranslate();
  return (
    <List empty={<Empty />} exporter={false}>
      <DataTable rowClick={false} bulkActionButtons={false}>
        <DataTable.Col source="email" label={translate('mt.users.fields.email')} disableSort />
        <DataTable.Col source="name" label={translate('mt.attributes.name')} disableSort />
        <DataTable.Col source="role" label={translate('mt.administrators.role')} disableSort />
        <DataTable.Col label={translate('mt.administrators.lastSignIn')} disableSort>
          <FunctionField render={({ lastSignIn }) => <Time at={lastSignIn} />} />
        </DataTable.Col>
        <DataTable.Col label={translate('mt.administrators.disabled')} disableSort>
          <FunctionField render={({ disabled }) => (disabled ? '✓' : '')} />
        </DataTable.Col>
        <DataTable.Col label={translate('mt.columns.actions')} disableSort>
          <LinkButton />
        </DataTable.Col>
      </DataTable>
    </List>
  );
}

export function AdministratorCreate() {
  const translate = useTranslate();
  return (
    <Create redirect="list">
      <SimpleForm>
        <TextInput
          source="email"
          label={translate('mt.users.fields.email')}
          type="email"
          validate={[required(), email()]}
        />
        <TextInput source="name" label={translate('mt.attributes.name')} validate={required()} />
        <SelectInput source="role" label={translate('mt.administrators.role')} choices={ROLES} validate={required()} />
        <TextInput source="orgUnit" label={translate('mt.users.fields.orgUnit')} />
        <TextInput source="user" label="User id" />
      </SimpleForm>
    </Create>
  );
}

type Settings = Schemas['Account'];

const TEXT_SETTINGS = [
  'name',
  'timeZone',
  'importTime',
  'termsVersion',
  'termsUrl',
  'contact',
  'colour',
  'crewplannerSlug',
] as const;
const FLAGS = ['passwordSync', 'inviteImported'] as const;
const CHOICES = {
  requiredData: ['enforce', 'report'],
  login: ['password', 'link'],
  endDatePolicy: ['deactivate', 'delete'],
  crewplannerAlgorithm: ['HS256', 'RS256', 'ES256'],
} as const;
const CHOICE_SETTINGS = Object.keys(CHOICES) as (keyof typeof CHOICES)[];

/** The descriptions of the settings, from the OpenAPI document: what each does is written once. */
async function descriptions(): Promise<Readonly<Record<string, string>>> {
  const answer = await fetch('/openapi.json');
  const document = (await answer.json()) as {
    components: { schemas: { AccountChange: { properties: Record<string, { description?: string }> } } };
  };
  const { properties } = document.components.schemas.AccountChange;
  return Object.fromEntries(Object.entries(properties).map(([name, { description = '' }]) => [name, description]));
}

export function Settings() {
  const translate = useTranslate();
  const notify = useNotify();
  const { data: account, refetch } = useQuery({
    queryKey: ['account'],
    queryFn: async () => (await callAccount('get', '')).json,
  });
  const { data: words } = useQuery({ queryKey: ['settings-words'], queryFn: descriptions });
  if (!account || !words) return <Loading />;
  const save = async (values: Settings) => {
    const names = [...TEXT_SETTINGS, ...FLAGS, ...CHOICE_SETTINGS, 'inviteLifetimeDays'] as const;
    const changed = names.filter((name) => (values[name] ?? null) !== (account[name] ?? null));
    const body = Object.fromEntries(changed.map((name) => [name, values[name] === '' ? null : (values[name] ?? null)]));
    try {
      if (changed.length > 0) await callAccount('patch', '', { body });
      notify('mt.settings.saved', { type: 'success' });
      await refetch();
    } catch (error) {
      notify((error as Error).message, { type: 'error', autoHideDuration: 15_000 });
    }
  };
  return (
    <Card sx={{ mt: 2 }}>
      <Title title={translate('mt.pages.settings')} />
      <CardContent>
        <Typography>{translate('mt.settings.lead')}</Typography>
        <SimpleForm
          record={account as never}
          onSubmit={(values: object) => save(values as Settings)}
          sx={{ px: 0 }}
          toolbar={
            <Toolbar>
              <SaveButton alwaysEnable />
            </Toolbar>
          }
        >
          {TEXT_SETTINGS.map((name) => (
            <TextInput key={name} source={name} label={name} helperText={words[name] || false} />
          ))}
          {CHOICE_SETTINGS.map((name) => (
            <SelectInput
              key={name}
              source={name}
              label={name}
              helperText={words[name] || false}
              choices={CHOICES[name].map((id) => ({ id, name: id }))}
            />
          ))}
          <NumberInput
            source="inviteLifetimeDays"
            label="inviteLifetimeDays"
            helperText={words.inviteLifetimeDays || false}
          />
          {FLAGS.map((name) => (
            <BooleanInput key={name} source={name} label={name} helperText={words[name] || false} />
          ))}
        </SimpleForm>
      </CardContent>
    </Card>
  );
}
