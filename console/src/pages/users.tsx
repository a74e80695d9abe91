// One user: what is known, who put it there, what is missing, what happened, and what can be done.

import { Alert, Button, Stack, Typography } from '@mui/material';
import { useQuery } from '@tanstack/react-query';
import {
  ArrayInput,
  AutocompleteArrayInput,
  Create,
  Edit,
  EditButton,
  FunctionField,
  Link,
  type RaRecord,
  ReferenceArrayInput,
  required,
  Show,
  SimpleForm,
  SimpleFormIterator,
  TabbedShowLayout,
  TextInput,
  TopToolbar,
  useNotify,
  usePermissions,
  useRecordContext,
  useRefresh,
  useTranslate,
  type Validator,
} from 'react-admin';
import { callAccount } from '../api.ts';
import { useAttributeWords } from '../attribute-words.ts';
import type { Schemas } from '../operations.ts';
import type { SupportTexts } from '../texts/support/en.ts';
import { Time, useTimes } from '../times.tsx';
import { CustomInputs, CustomValues } from './attributes.tsx';
import { EditToolbar } from './edit-toolbar.tsx';
import { type ChangeEntry, rowPage, valueWords } from './entries.ts';
import { EraseButton } from './erasure.tsx';
import { fill, useSupportTexts } from './lazy-texts.ts';
import { useSaved } from './saved.ts';
import { PersonHistory } from './timeline.tsx';
import { nameOf, Status } from './user-list.tsx';

const TEXTS = [
  'title',
  'companyId',
  'employeeNumber',
  'department',
  'organizationalUnit',
  'preferredLanguage',
  'manager',
] as const;
const LABELS: Readonly<Record<string, string>> = { organizationalUnit: 'orgUnit', preferredLanguage: 'language' };
const labelOf = (key: string) => `mt.users.fields.${LABELS[key] ?? key}`;

const listed = (values: { value?: string }[] = []) => values.map(({ value }) => value).join(', ');

type Verb = 'activate' | 'deactivate' | 'block' | 'unblock';

function StateButton({ verb, needs, isShown }: { verb: Verb; needs: string; isShown: boolean }) {
  const record = useRecordContext();
  const translate = useTranslate();
  const notify = useNotify();
  const refresh = useRefresh();
  const { permissions = [] } = usePermissions<string[]>();
  if (!record || !isShown || !permissions.includes(needs)) return null;
  const act = async () => {
    try {
      await callAccount('post', `/users/{user}/${verb}`, { params: { user: String(record.id) } });
      const messageArgs = { name: nameOf(record), action: translate(`mt.users.${verb}`) };
      notify('mt.saved.acted', { type: 'success', messageArgs });
      refresh();
    } catch (error) {
      notify((error as Error).message, { type: 'error' });
    }
  };
  return <Button onClick={act}>{translate(`mt.users.${verb}`)}</Button>;
}

/** On a phone, the buttons are as high as a thumb is wide, and share the width. */
const TOOLS = {
  flexWrap: 'wrap',
  gap: 1,
  '& .MuiButtonBase-root': { minHeight: { xs: 44, sm: 0 }, minWidth: { xs: 44, sm: 0 } },
};

function Actions() {
  const record = useRecordContext();
  const { permissions = [] } = usePermissions<string[]>();
  const isActive = record?.active === true;
  const isBlocked = record?.status === 'blocked';
  return (
    <TopToolbar sx={TOOLS}>
      {permissions.includes('users.change') ? <EditButton /> : null}
      <StateButton verb="deactivate" needs="users.activate" isShown={isActive} />
      <StateButton verb="activate" needs="users.activate" isShown={!isActive} />
      <StateButton verb="block" needs="users.block" isShown={!isBlocked} />
      <StateButton verb="unblock" needs="users.block" isShown={isBlocked} />
      <EraseButton />
    </TopToolbar>
  );
}

function Missing() {
  const record = useRecordContext();
  const translate = useTranslate();
  const words = useAttributeWords();
  const missing = (record?.missing ?? []) as string[];
  if (missing.length === 0) return null;
  return (
    <Alert severity="warning" sx={{ mb: 1 }}>
      {translate('mt.users.missing')}: {missing.map((name) => words(name, true)).join(', ')}.{' '}
      {translate('mt.users.missingHelp')}
    </Alert>
  );
}

type SourcedLink = Schemas['SourcedLink'];
/** Since when something is so, and by which request. */
type Since = Pick<SourcedLink, 'at' | 'request' | 'door'>;

const originsOf = (texts: SupportTexts, origins: SourcedLink['origins']) =>
  origins
    .map(({ kind, connection, attribute }) =>
      fill(texts.origins[kind], { name: connection?.name ?? connection?.id ?? attribute ?? '' }),
    )
    .join(', ');

/** The time since when something is so, as a link to what made it so: the row of a file, or the history. */
function SinceLink({ at, request = '', door }: Since) {
  const record = useRecordContext();
  const texts = useSupportTexts();
  const { time, exact } = useTimes();
  const { permissions = [] } = usePermissions<string[]>();
  if (!texts || at === undefined) return null;
  const words = fill(texts.since, { time: time(at) });
  const [run = '', number] = request.split(':');
  const isRow = (door === 'csv' || door === 'xml') && number !== undefined && permissions.includes('imports.read');
  const history = permissions.includes('events.read') ? `/users/${record?.id}/show/history` : undefined;
  const to = isRow ? rowPage(run, Number(number)) : history;
  return to === undefined ? (
    <span title={exact(at)}>{words}</span>
  ) : (
    <Link to={to} title={exact(at)}>
      {words}
    </Link>
  );
}

function WhoPutWhat() {
  const record = useRecordContext();
  const translate = useTranslate();
  const texts = useSupportTexts();
  const words = useAttributeWords();
  const { data, error } = useQuery({
    queryKey: ['sources', record?.id],
    queryFn: async () =>
      (await callAccount('get', '/users/{user}/sources', { params: { user: String(record?.id) } })).json,
    enabled: record !== undefined,
  });
  if (error) return <Alert severity="error">{error.message}</Alert>;
  if (!data || !texts) return null;
  const links = (title: string, found: SourcedLink[]) => (
    <>
      <Typography variant="subtitle1" component="h2" sx={{ fontWeight: 600 }}>
        {translate(title)}
      </Typography>
      {found.length === 0 ? <Typography>{translate('mt.users.fields.none')}</Typography> : null}
      {found.map(({ id, name, origins, ...since }) => (
        <Typography key={id ?? name}>
          {name ?? id}: {originsOf(texts, origins)} <SinceLink {...since} />
        </Typography>
      ))}
    </>
  );
  return (
    <Stack spacing={1} sx={{ overflowWrap: 'anywhere' }}>
      {links('mt.users.fields.groups', data.groups)}
      {links('mt.users.fields.stores', data.stores)}
      <Typography variant="subtitle1" component="h2" sx={{ fontWeight: 600 }}>
        {texts.attributes}
      </Typography>
      {Object.entries(data.status)
        .filter(isTold)
        .map(([attribute, change]) => (
          <StatusLine key={attribute} {...{ texts, attribute, change }} name={words(attribute)} />
        ))}
      {data.attributes.map(({ attribute, connection, ...since }) => (
        <Typography key={attribute}>
          {words(attribute)}: {connection.name ?? connection.id} <SinceLink {...since} />
        </Typography>
      ))}
    </Stack>
  );
}

/** Who was never blocked has no change to tell of. */
const isTold = ([attribute, { values = [] }]: [string, ChangeEntry]) =>
  attribute !== 'blocked' || values.some((one) => one.attribute === 'blocked');

interface StatusLineProps {
  texts: SupportTexts;
  attribute: string;
  name: string;
  change: ChangeEntry;
}

/** Who last changed whether the user is active, or blocked. */
function StatusLine({ texts, attribute, name, change }: StatusLineProps) {
  const { values = [], actor, connectionName, door, at, request } = change;
  const value = values.find((one) => one.attribute === attribute)?.after;
  const who = actor?.name ?? connectionName ?? door;
  return (
    <Typography>
      {[name, ...(value === undefined ? [] : [valueWords(value, [], texts.gone)]), who].join(': ')}{' '}
      <SinceLink {...{ at, request, door }} />
    </Typography>
  );
}

function UserHistory() {
  const record = useRecordContext();
  return record ? <PersonHistory text={String(record.id)} /> : null;
}

export function UserShow() {
  const translate = useTranslate();
  const { permissions = [] } = usePermissions<string[]>();
  return (
    <Show actions={<Actions />}>
      <TabbedShowLayout>
        <TabbedShowLayout.Tab label={translate('mt.users.summary')}>
          <Missing />
          <FunctionField label={translate('mt.attributes.name')} render={nameOf} />
          <FunctionField
            label={translate('mt.users.fields.status')}
            render={({ status }) => <Status status={status} />}
          />
          <FunctionField label={translate('mt.users.fields.userName')} render={({ userName }) => userName} />
          <FunctionField label={translate('mt.users.fields.email')} render={({ emails }) => listed(emails)} />
          <FunctionField
            label={translate('mt.users.fields.phone')}
            render={({ phoneNumbers }) => listed(phoneNumbers)}
          />
          {TEXTS.map((key) => (
            <FunctionField key={key} label={translate(labelOf(key))} render={(user: RaRecord) => user[key] ?? ''} />
          ))}
          <FunctionField
            label={translate('mt.users.fields.groups')}
            render={({ groups = [] }) => (groups as Schemas['User']['groups']).map(({ name }) => name).join(', ')}
          />
          <FunctionField
            label={translate('mt.users.fields.stores')}
            render={({ stores = [] }) =>
              (stores as Schemas['User']['stores']).map(({ name, refId }) => `${name ?? ''} (${refId})`).join(', ')
            }
          />
          <CustomValues />
          <FunctionField
            label={translate('mt.users.fields.externalId')}
            render={({ hasExternalId }) => translate(hasExternalId ? 'mt.users.fields.has' : 'mt.users.fields.none')}
          />
          <FunctionField label={translate('mt.users.fields.created')} render={({ created }) => <Time at={created} />} />
          <FunctionField
            label={translate('mt.users.fields.modified')}
            render={({ modified }) => <Time at={modified} />}
          />
        </TabbedShowLayout.Tab>
        <TabbedShowLayout.Tab label={translate('mt.users.from')} path="sources">
          <WhoPutWhat />
        </TabbedShowLayout.Tab>
        {permissions.includes('events.read') ? (
          <TabbedShowLayout.Tab label={translate('mt.users.history')} path="history">
            <UserHistory />
          </TabbedShowLayout.Tab>
        ) : null}
      </TabbedShowLayout>
    </Show>
  );
}

function UserFields() {
  const translate = useTranslate();
  const field = (key: string) => translate(`mt.users.fields.${key}`);
  return (
    <>
      <TextInput source="name.givenName" label={field('givenName')} validate={required()} />
      <TextInput source="name.familyName" label={field('familyName')} validate={required()} />
      <ArrayInput source="emails" label={field('email')}>
        <SimpleFormIterator inline disableReordering>
          <TextInput source="value" label={field('email')} helperText={false} />
        </SimpleFormIterator>
      </ArrayInput>
      <ArrayInput source="phoneNumbers" label={field('phone')}>
        <SimpleFormIterator inline disableReordering>
          <TextInput source="value" label={field('phone')} helperText={false} />
        </SimpleFormIterator>
      </ArrayInput>
      {TEXTS.map((key) => (
        <TextInput key={key} source={key} label={translate(labelOf(key))} />
      ))}
      <CustomInputs />
      <GroupsInput source="groupIds" />
      <ArrayInput source="stores" label={field('stores')}>
        <SimpleFormIterator inline disableReordering>
          <TextInput source="refId" label={translate('mt.stores.refId')} helperText={false} />
        </SimpleFormIterator>
      </ArrayInput>
    </>
  );
}

/** Groups by name, as ids. */
export function GroupsInput({ source = 'groups', validate }: { source?: string; validate?: Validator }) {
  const translate = useTranslate();
  return (
    <ReferenceArrayInput source={source} reference="groups" perPage={25} sort={{ field: 'id', order: 'ASC' }}>
      <AutocompleteArrayInput
        label={translate('mt.users.fields.groups')}
        optionText="name"
        validate={validate}
        filterToQuery={(search: string) => (search === '' ? {} : { search })}
      />
    </ReferenceArrayInput>
  );
}

export function UserEdit() {
  const notify = useNotify();
  const saved = useSaved('updated', 'show');
  const onError = (error: unknown) => {
    const { status, message } = error as { status?: number; message: string };
    // The dialog has told about a conflict, and the administrator went back to the form.
    if (status !== 412) notify(message, { type: 'error', autoHideDuration: 15_000 });
  };
  return (
    <Edit mutationMode="pessimistic" mutationOptions={{ ...saved, onError }}>
      <SimpleForm warnWhenUnsavedChanges toolbar={<EditToolbar needs="users.delete" />}>
        <UserFields />
      </SimpleForm>
    </Edit>
  );
}

export function UserCreate() {
  const saved = useSaved('created', 'show');
  const translate = useTranslate();
  return (
    <Create mutationOptions={saved}>
      <SimpleForm warnWhenUnsavedChanges>
        <TextInput source="userName" label={translate('mt.users.fields.userName')} validate={required()} />
        <TextInput source="externalId" label={translate('mt.users.fields.externalId')} />
        <UserFields />
      </SimpleForm>
    </Create>
  );
}
