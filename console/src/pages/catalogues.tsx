// The catalogues that users and files refer to: roles, organizations, enrollment profiles, and org units as a tree.

import { Button, Typography } from '@mui/material';
import {
  Create,
  DataTable,
  Edit,
  FunctionField,
  List,
  type RaRecord,
  required,
  SaveButton,
  SearchInput,
  SimpleForm,
  TextInput,
  Toolbar,
  usePermissions,
  useRecordContext,
  useResourceContext,
  useTranslate,
} from 'react-admin';
import { Link } from 'react-router-dom';
import { Empty } from './empty.tsx';
import { RemoveButton, usersOf } from './removal.tsx';
import { useSaved } from './saved.ts';

const search = [<SearchInput key="search" source="search" alwaysOn />];
const BY_ID = { field: 'id', order: 'ASC' } as const;

/** The page of a resource, and what changes it. */
const TEXTS: Readonly<Record<string, string>> = {
  'org-units': 'orgUnits',
  'enrollment-profiles': 'enrollmentProfiles',
};
const neededBy = (resource: string) => (resource === 'org-units' ? 'orgUnits.edit' : 'catalogues.edit');

/** Org units are in order of their paths, so that indentation makes the tree. */
function codeOf(resource: string, code: string) {
  if (resource !== 'org-units') return code;
  const steps = code.split('/');
  return <span style={{ paddingLeft: `${(steps.length - 1) * 1.5}rem` }}>{steps.at(-1)}</span>;
}

export function CatalogueList() {
  const translate = useTranslate();
  const resource = useResourceContext() ?? '';
  const { permissions = [] } = usePermissions<string[]>();
  return (
    <>
      <Typography sx={{ mt: 2, maxWidth: '70ch' }}>
        {translate(`mt.catalogues.lead.${TEXTS[resource] ?? resource}`)}
      </Typography>
      <List empty={<Empty />} filters={search} sort={BY_ID} perPage={100} exporter={false}>
        <DataTable rowClick={permissions.includes(neededBy(resource)) ? 'edit' : false} bulkActionButtons={false}>
          <DataTable.Col
            label={translate(resource === 'org-units' ? 'mt.orgUnits.code' : 'mt.catalogues.code')}
            disableSort
          >
            <FunctionField render={({ code }) => codeOf(resource, String(code))} />
          </DataTable.Col>
          <DataTable.Col source="name" label={translate('mt.catalogues.shown')} disableSort />
          {permissions.includes('users.read') ? (
            <DataTable.Col label={translate('mt.catalogues.users')} disableSort>
              <FunctionField
                render={(record: RaRecord) => (
                  <Link to={usersOf(resource, record)} onClick={(event) => event.stopPropagation()}>
                    {translate('mt.catalogues.show')}
                  </Link>
                )}
              />
            </DataTable.Col>
          ) : null}
        </DataTable>
      </List>
    </>
  );
}

export function CatalogueCreate() {
  const saved = useSaved('created', 'list');
  const translate = useTranslate();
  const resource = useResourceContext() ?? '';
  return (
    <Create mutationOptions={saved}>
      <SimpleForm>
        <TextInput
          source="code"
          label={translate(resource === 'org-units' ? 'mt.orgUnits.code' : 'mt.catalogues.code')}
          helperText={translate('mt.catalogues.codeHelp')}
          validate={required()}
        />
        <TextInput source="name" label={translate('mt.catalogues.shown')} />
      </SimpleForm>
    </Create>
  );
}

function UsedBy() {
  const record = useRecordContext();
  const resource = useResourceContext() ?? '';
  const translate = useTranslate();
  if (!record) return null;
  const users = Number(record.users ?? 0);
  if (users === 0) return <Typography sx={{ mb: 2 }}>{translate('mt.catalogues.usedByNobody')}</Typography>;
  return (
    <Typography sx={{ mb: 2 }}>
      {translate('mt.catalogues.usedBy', { smart_count: users })}{' '}
      <Button component={Link} to={usersOf(resource, record)}>
        {translate('mt.catalogues.show')}
      </Button>
    </Typography>
  );
}

export function CatalogueEdit() {
  const saved = useSaved('updated', 'list');
  const translate = useTranslate();
  return (
    <Edit mutationMode="pessimistic" mutationOptions={saved}>
      <SimpleForm
        toolbar={
          <Toolbar sx={{ justifyContent: 'space-between' }}>
            <SaveButton />
            <RemoveButton />
          </Toolbar>
        }
      >
        <TextInput source="code" label={translate('mt.catalogues.code')} readOnly />
        <TextInput source="name" label={translate('mt.catalogues.shown')} />
        <UsedBy />
      </SimpleForm>
    </Edit>
  );
}
