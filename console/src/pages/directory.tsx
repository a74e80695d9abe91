// Groups, stores and courses.

import { Stack, Typography } from '@mui/material';
import { useQuery } from '@tanstack/react-query';
import {
  Create,
  DataTable,
  DateTimeInput,
  Edit,
  EditButton,
  FunctionField,
  List,
  Loading,
  required,
  SaveButton,
  SearchInput,
  SelectInput,
  Show,
  SimpleForm,
  SimpleShowLayout,
  TextField,
  TextInput,
  Toolbar,
  TopToolbar,
  usePermissions,
  useRecordContext,
  useTranslate,
} from 'react-admin';
import { Link } from 'react-router-dom';
import { callAccount } from '../api.ts';
import { EditToolbar } from './edit-toolbar.tsx';
import { Empty } from './empty.tsx';
import { MergeButton } from './group-merge.tsx';
import { RemoveButton } from './removal.tsx';
import { useSaved } from './saved.ts';
import { StoreMergeButton } from './store-merge.tsx';
import { nameOf } from './user-list.tsx';
import { GroupsInput } from './users.tsx';

const search = [<SearchInput key="search" source="search" alwaysOn />];
const BY_ID = { field: 'id', order: 'ASC' } as const;

export function GroupList() {
  const translate = useTranslate();
  return (
    <List empty={<Empty />} filters={search} sort={BY_ID} exporter={false}>
      <DataTable rowClick="show" bulkActionButtons={false}>
        <DataTable.Col source="name" label={translate('mt.attributes.name')} disableSort />
        <DataTable.Col source="type" label={translate('mt.groups.type')} disableSort />
        <DataTable.Col source="externalId" label={translate('mt.groups.externalId')} disableSort />
        <DataTable.Col label={translate('mt.columns.origin')} disableSort>
          <FunctionField
            render={({ claimed, derived }) =>
              derived ? translate('mt.groups.derived') : claimed ? translate('mt.groups.claimed') : ''
            }
          />
        </DataTable.Col>
      </DataTable>
    </List>
  );
}

function Members() {
  const group = useRecordContext();
  const { data } = useQuery({
    queryKey: ['members', group?.id],
    queryFn: async () => (await callAccount('get', '/users', { query: { group: String(group?.id), limit: 100 } })).json,
    enabled: group !== undefined,
  });
  if (!data) return <Loading />;
  return (
    <>
      <Typography>{data.total ?? data.items.length}</Typography>
      {data.items.map((user) => (
        <Typography key={user.id}>
          <Link to={`/users/${user.id}/show`}>{nameOf(user)}</Link>
        </Typography>
      ))}
    </>
  );
}

function GroupActions() {
  return (
    <TopToolbar>
      <MergeButton />
      <EditButton />
    </TopToolbar>
  );
}

export function GroupShow() {
  const translate = useTranslate();
  return (
    <Show actions={<GroupActions />}>
      <SimpleShowLayout>
        <TextField source="name" label={translate('mt.attributes.name')} />
        <TextField source="sourceName" label={translate('mt.groups.source')} />
        <TextField source="type" label={translate('mt.groups.type')} />
        <TextField source="externalId" label={translate('mt.groups.externalId')} />
        <FunctionField label={translate('mt.groups.members')} render={() => <Members />} />
      </SimpleShowLayout>
    </Show>
  );
}

export function GroupEdit() {
  const saved = useSaved('updated', 'show');
  const translate = useTranslate();
  return (
    <Edit mutationMode="pessimistic" mutationOptions={saved}>
      <SimpleForm toolbar={<EditToolbar needs="groups.edit" />}>
        <TextInput source="sourceName" label={translate('mt.groups.source')} disabled />
        <TextInput source="adminName" label={translate('mt.catalogues.shown')} />
        <TextInput source="type" label={translate('mt.groups.type')} />
        <TextInput source="externalId" label={translate('mt.groups.externalId')} />
      </SimpleForm>
    </Edit>
  );
}

export function GroupCreate() {
  const saved = useSaved('created', 'show');
  const translate = useTranslate();
  return (
    <Create mutationOptions={saved}>
      <SimpleForm>
        <TextInput source="name" label={translate('mt.attributes.name')} validate={required()} />
        <TextInput source="type" label={translate('mt.groups.type')} />
        <TextInput source="externalId" label={translate('mt.groups.externalId')} />
      </SimpleForm>
    </Create>
  );
}

export function StoreList() {
  const translate = useTranslate();
  const { permissions = [] } = usePermissions<string[]>();
  return (
    <List empty={<Empty />} filters={search} sort={BY_ID} exporter={false}>
      <DataTable rowClick={permissions.includes('stores.edit') ? 'edit' : false} bulkActionButtons={false}>
        <DataTable.Col source="refId" label={translate('mt.stores.refId')} disableSort />
        <DataTable.Col source="name" label={translate('mt.attributes.name')} disableSort />
        <DataTable.Col source="country" label={translate('mt.stores.country')} disableSort />
      </DataTable>
    </List>
  );
}

export function StoreEdit() {
  const saved = useSaved('updated', 'list');
  const translate = useTranslate();
  return (
    <Edit mutationMode="pessimistic" mutationOptions={saved}>
      <SimpleForm
        toolbar={
          <Toolbar sx={{ justifyContent: 'space-between' }}>
            <SaveButton />
            <Stack direction="row" spacing={1} useFlexGap sx={{ flexWrap: 'wrap' }}>
              <StoreMergeButton />
              <RemoveButton />
            </Stack>
          </Toolbar>
        }
      >
        <TextInput source="refId" label={translate('mt.stores.refId')} disabled />
        <TextInput source="sourceName" label={translate('mt.groups.source')} disabled />
        <TextInput source="adminName" label={translate('mt.catalogues.shown')} />
        <TextInput source="country" label={translate('mt.stores.country')} />
      </SimpleForm>
    </Edit>
  );
}

export function StoreCreate() {
  const saved = useSaved('created', 'list');
  const translate = useTranslate();
  return (
    <Create mutationOptions={saved}>
      <SimpleForm>
        <TextInput source="refId" label={translate('mt.stores.refId')} validate={required()} />
        <TextInput source="name" label={translate('mt.attributes.name')} validate={required()} />
        <TextInput source="country" label={translate('mt.stores.country')} validate={required()} />
      </SimpleForm>
    </Create>
  );
}

export function CourseList() {
  const translate = useTranslate();
  const { permissions = [] } = usePermissions<string[]>();
  return (
    <List empty={<Empty />} sort={BY_ID} exporter={false}>
      <DataTable rowClick={permissions.includes('courses.edit') ? 'edit' : false} bulkActionButtons={false}>
        <DataTable.Col source="title" label={translate('mt.courses.title')} disableSort />
        <DataTable.Col source="language" label={translate('mt.courses.language')} disableSort />
        <DataTable.Col source="link" label={translate('mt.courses.link')} disableSort />
      </DataTable>
    </List>
  );
}

const LANGUAGES = ['en', 'nl', 'fr', 'de'].map((id) => ({ id, name: id }));

function CourseFields() {
  const translate = useTranslate();
  return (
    <>
      <TextInput source="title" label={translate('mt.courses.title')} validate={required()} />
      <TextInput source="link" label={translate('mt.courses.link')} validate={required()} type="url" />
      <SelectInput source="language" label={translate('mt.courses.language')} choices={LANGUAGES} />
      <DateTimeInput source="publishedFrom" label={translate('mt.courses.from')} parse={isoOf} />
      <DateTimeInput source="publishedTo" label={translate('mt.courses.to')} parse={isoOf} />
      <Typography variant="body2">{translate('mt.courses.groups')}</Typography>
      <GroupsInput />
    </>
  );
}

const isoOf = (text: string) => (text ? new Date(text).toISOString() : null);

export function CourseEdit() {
  const saved = useSaved('updated', 'list');
  return (
    <Edit mutationMode="pessimistic" mutationOptions={saved}>
      <SimpleForm toolbar={<EditToolbar needs="courses.edit" />}>
        <CourseFields />
      </SimpleForm>
    </Edit>
  );
}

export function CourseCreate() {
  const saved = useSaved('created', 'list');
  return (
    <Create mutationOptions={saved}>
      <SimpleForm>
        <CourseFields />
      </SimpleForm>
    </Create>
  );
}
