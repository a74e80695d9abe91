// Users: one search for any identifier, and filters that are always there.

import { Chip, useMediaQuery } from '@mui/material';
import type { Theme } from '@mui/material/styles';
import {
  CreateButton,
  DataTable,
  ExportButton,
  FilterButton,
  FunctionField,
  List,
  type RaRecord,
  SearchInput,
  SelectInput,
  SimpleList,
  TextInput,
  TopToolbar,
  usePermissions,
  useTranslate,
} from 'react-admin';
import { downloadUrl } from '../api.ts';
import type { Schemas } from '../operations.ts';
import { Empty } from './empty.tsx';

const STATUSES = ['active', 'incomplete', 'invited', 'inactive', 'blocked'] as const;
const COLOURS = {
  active: 'success',
  incomplete: 'warning',
  invited: 'info',
  inactive: 'default',
  blocked: 'error',
} as const;

/** The name of a person, or the login name. */
export function nameOf({ name, displayName, userName }: RaRecord): string {
  const { givenName = '', familyName = '' } = (name ?? {}) as NonNullable<Schemas['User']['name']>;
  return `${givenName} ${familyName}`.trim() || displayName || userName || '';
}

/** The status as a coloured word. */
export function Status({ status }: { status: keyof typeof COLOURS }) {
  const translate = useTranslate();
  return (
    <Chip
      size="small"
      variant="outlined"
      color={COLOURS[status]}
      label={translate(`mt.users.status.${status}`)}
      sx={{ '& .MuiChip-label': { color: 'text.primary' } }}
    />
  );
}

const firstOf = (values: { value?: string }[] | undefined) => values?.[0]?.value ?? '';

const Actions = () => {
  const { permissions = [] } = usePermissions<string[]>();
  return (
    <TopToolbar>
      <FilterButton />
      {permissions.includes('users.create') ? <CreateButton /> : null}
      {permissions.includes('imports.run') ? (
        <ExportButton exporter={() => window.location.assign(downloadUrl('/exports/users.csv'))} />
      ) : null}
    </TopToolbar>
  );
};

export function UserList() {
  const translate = useTranslate();
  const isPhone = useMediaQuery<Theme>((theme) => theme.breakpoints.down('sm'));
  const filters = [
    <SearchInput
      key="search"
      source="search"
      alwaysOn
      placeholder={translate('mt.users.search')}
      sx={{ minWidth: 280 }}
    />,
    <SelectInput
      key="status"
      source="status"
      alwaysOn
      label={translate('mt.users.fields.status')}
      emptyText={translate('mt.users.all')}
      choices={STATUSES.map((id) => ({ id, name: translate(`mt.users.status.${id}`) }))}
    />,
    <TextInput key="store" source="store" label={translate('mt.stores.refId')} />,
    <TextInput key="orgUnit" source="orgUnit" label={translate('mt.orgUnits.code')} />,
    <TextInput key="role" source="role" label={translate('resources.roles.name', { smart_count: 1 })} />,
    <TextInput key="org" source="organization" label={translate('resources.organizations.name', { smart_count: 1 })} />,
    <TextInput
      key="profile"
      source="enrollmentProfile"
      label={translate('resources.enrollment-profiles.name', { smart_count: 1 })}
    />,
  ];
  return (
    <List
      empty={<Empty />}
      filters={filters}
      actions={<Actions />}
      sort={{ field: 'id', order: 'ASC' }}
      perPage={25}
      exporter={false}
    >
      {isPhone ? (
        <SimpleList
          primaryText={nameOf}
          secondaryText={({ userName, emails }) => firstOf(emails) || userName}
          tertiaryText={({ status }) => <Status status={status} />}
          rowClick="show"
        />
      ) : (
        <DataTable rowClick="show" bulkActionButtons={false}>
          <DataTable.Col label={translate('mt.attributes.name')} disableSort>
            <FunctionField render={nameOf} />
          </DataTable.Col>
          <DataTable.Col source="userName" label={translate('mt.users.fields.userName')} />
          <DataTable.Col label={translate('mt.users.fields.email')} disableSort>
            <FunctionField render={({ emails }) => firstOf(emails)} />
          </DataTable.Col>
          <DataTable.Col label={translate('mt.users.fields.stores')} disableSort>
            <FunctionField
              render={({ stores = [] }) =>
                (stores as Schemas['User']['stores']).map(({ name, refId }) => name ?? refId).join(', ')
              }
            />
          </DataTable.Col>
          <DataTable.Col label={translate('mt.users.fields.status')} disableSort>
            <FunctionField render={({ status }) => <Status status={status} />} />
          </DataTable.Col>
        </DataTable>
      )}
    </List>
  );
}
