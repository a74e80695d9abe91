// The request log and the changes of an account.

import {
  BooleanInput,
  DataTable,
  DateField,
  FunctionField,
  List,
  SelectInput,
  useRecordContext,
  useTranslate,
} from 'react-admin';
import { actorOf, type ChangeEntry, Entries, type RequestEntry, reasonOf } from './history.tsx';

const DOORS = ['scim', 'csv', 'xml', 'invitations', 'links', 'learners', 'admin', 'cli'].map((id) => ({
  id,
  name: id,
}));

function RequestPanel() {
  const record = useRecordContext() as unknown as RequestEntry;
  return <Entries entries={[{ at: record.at, request: record }]} />;
}

function ChangePanel() {
  const record = useRecordContext() as unknown as ChangeEntry;
  return <Entries entries={[{ at: record.at, change: record }]} />;
}

export function EventList() {
  const translate = useTranslate();
  const filters = [
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
      parse={(on: boolean) => (on ? 'true' : undefined)}
      format={(value: unknown) => value === 'true'}
    />,
  ];
  return (
    <List filters={filters} exporter={false} sort={{ field: 'id', order: 'DESC' }}>
      <DataTable rowClick="expand" expand={<RequestPanel />} expandSingle bulkActionButtons={false}>
        <DataTable.Col label={translate('mt.events.at')} disableSort>
          <DateField source="at" showTime />
        </DataTable.Col>
        <DataTable.Col source="door" label={translate('mt.events.door')} disableSort />
        <DataTable.Col label={translate('mt.events.request')} disableSort>
          <FunctionField render={({ method, path }) => `${method} ${path}`} />
        </DataTable.Col>
        <DataTable.Col source="status" label={translate('mt.events.status')} disableSort />
        <DataTable.Col label={translate('mt.events.reason')} disableSort>
          <FunctionField render={({ faults }) => reasonOf({ faults })} />
        </DataTable.Col>
        <DataTable.Col label={translate('mt.events.actor')} disableSort>
          <FunctionField render={({ actor }) => actorOf(actor)} />
        </DataTable.Col>
      </DataTable>
    </List>
  );
}

export function AuditList() {
  const translate = useTranslate();
  return (
    <List exporter={false} sort={{ field: 'id', order: 'DESC' }}>
      <DataTable rowClick="expand" expand={<ChangePanel />} expandSingle bulkActionButtons={false}>
        <DataTable.Col label={translate('mt.events.at')} disableSort>
          <DateField source="at" showTime />
        </DataTable.Col>
        <DataTable.Col source="action" label={translate('mt.audit.action')} disableSort />
        <DataTable.Col source="resource" label={translate('mt.audit.resource')} disableSort />
        <DataTable.Col label={translate('mt.audit.attributes')} disableSort>
          <FunctionField render={({ attributes = [] }) => (attributes as string[]).join(', ')} />
        </DataTable.Col>
        <DataTable.Col label={translate('mt.audit.who')} disableSort>
          <FunctionField render={({ actor }) => actorOf(actor)} />
        </DataTable.Col>
      </DataTable>
    </List>
  );
}
