// The request log and the changes of an account.

import {
  BooleanInput,
  List,
  ReferenceInput,
  SelectInput,
  usePermissions,
  useTranslate,
  WithListContext,
} from 'react-admin';
import { Empty } from './empty.tsx';
import { type ChangeEntry, Entries, type RequestEntry } from './history.tsx';

const DOORS = ['scim', 'csv', 'xml', 'invitations', 'links', 'learners', 'admin', 'cli'].map((id) => ({
  id,
  name: id,
}));
const NEWEST = { field: 'id', order: 'DESC' } as const;

export function EventList() {
  const translate = useTranslate();
  const { permissions = [] } = usePermissions<string[]>();
  const ofConnection = (
    <ReferenceInput key="connection" source="connection" reference="connections" alwaysOn>
      <SelectInput label={translate('mt.events.connection')} optionText="name" emptyText={translate('mt.users.all')} />
    </ReferenceInput>
  );
  const filters = [
    ...(permissions.includes('connections.read') ? [ofConnection] : []),
    <SelectInput
      key="door"
      source="door"
      alwaysOn
      label={translate('mt.events.door')}
      choices={DOORS}
      emptyText={translate('mt.users.all')}
    />,
    <BooleanInput
      key="failed"
      source="failed"
      alwaysOn
      label={translate('mt.events.failed')}
      parse={(on: boolean) => (on ? 'true' : null)}
      format={(value: unknown) => value === 'true'}
    />,
  ];
  return (
    <List empty={<Empty />} filters={filters} exporter={false} sort={NEWEST} perPage={25}>
      <WithListContext
        render={({ data = [] }) => (
          <Entries entries={(data as unknown as RequestEntry[]).map((request) => ({ at: request.at, request }))} />
        )}
      />
    </List>
  );
}

export function AuditList() {
  return (
    <List empty={<Empty />} exporter={false} sort={NEWEST} perPage={25}>
      <WithListContext
        render={({ data = [] }) => (
          <Entries entries={(data as unknown as ChangeEntry[]).map((change) => ({ at: change.at, change }))} />
        )}
      />
    </List>
  );
}
