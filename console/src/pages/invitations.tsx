// Invitations: who is invited and for how long, and inviting somebody.

import { Box, Button, Chip, Stack } from '@mui/material';
import { useState } from 'react';
import {
  BooleanInput,
  Confirm,
  Create,
  DataTable,
  email,
  FunctionField,
  List,
  type RaRecord,
  required,
  SelectInput,
  SimpleForm,
  TextInput,
  useNotify,
  usePermissions,
  useRecordContext,
  useRefresh,
  useTranslate,
} from 'react-admin';
import { callAccount } from '../api.ts';
import { useTimes } from '../times.tsx';
import { Empty } from './empty.tsx';
import { GroupsInput } from './users.tsx';

const COLOURS = { none: 'default', yellow: 'warning', red: 'error' } as const;

function InvitationActions() {
  const invitation = useRecordContext();
  const translate = useTranslate();
  const { time } = useTimes();
  const notify = useNotify();
  const refresh = useRefresh();
  const { permissions = [] } = usePermissions<string[]>();
  const [isOpen, setIsOpen] = useState(false);
  if (!invitation || !permissions.includes('users.invite')) return null;
  const options = { params: { invitation: String(invitation.id) } };
  const act = async (change: () => Promise<unknown>) => {
    setIsOpen(false);
    try {
      await change();
      notify('mt.users.done', { type: 'success' });
    } catch (error) {
      notify((error as Error).message, { type: 'error' });
    }
    refresh();
  };
  const from = invitation.resendableFrom as string | undefined;
  return (
    <Stack direction="row" spacing={1}>
      <Button
        size="small"
        disabled={from !== undefined}
        title={from === undefined ? undefined : translate('mt.invitations.resendFrom', { time: time(from) })}
        onClick={() => act(() => callAccount('post', '/invitations/{invitation}/resend', options))}
      >
        {translate('mt.invitations.resend')}
      </Button>
      <Button size="small" color="error" onClick={() => setIsOpen(true)}>
        {translate('mt.invitations.revoke')}
      </Button>
      <Confirm
        isOpen={isOpen}
        title="mt.invitations.revokeTitle"
        content="mt.invitations.revokeLead"
        onConfirm={() => act(() => callAccount('delete', '/invitations/{invitation}', options))}
        onClose={() => setIsOpen(false)}
      />
    </Stack>
  );
}

const personOf = ({ user }: RaRecord) => [user.givenName, user.familyName].filter(Boolean).join(' ') || user.userName;

export function InvitationList() {
  const translate = useTranslate();
  const { day } = useTimes();
  const filters = [
    <SelectInput
      key="marker"
      source="marker"
      alwaysOn
      label={translate('mt.invitations.daysLeft')}
      emptyText={translate('mt.users.all')}
      choices={[
        { id: 'red', name: '≤ 3' },
        { id: 'yellow', name: '≤ 7' },
        { id: 'none', name: '> 7' },
      ]}
    />,
  ];
  return (
    <List empty={<Empty />} filters={filters} sort={{ field: 'lastDay', order: 'ASC' }} exporter={false}>
      <Box sx={{ overflowX: 'auto', maxWidth: 'calc(100vw - 32px)' }}>
        <DataTable rowClick={false} bulkActionButtons={false}>
          <DataTable.Col label={translate('mt.users.fields.familyName')} disableSort>
            <FunctionField render={personOf} />
          </DataTable.Col>
          <DataTable.Col label={translate('mt.users.fields.email')} disableSort>
            <FunctionField render={({ user }) => user.email ?? user.phone ?? ''} />
          </DataTable.Col>
          <DataTable.Col label={translate('mt.invitations.lastDay')} disableSort>
            <FunctionField
              render={({ lastDay, daysLeft, marker }) => (
                <Chip
                  size="small"
                  color={COLOURS[marker as keyof typeof COLOURS]}
                  label={`${day(lastDay)} (${daysLeft})`}
                />
              )}
            />
          </DataTable.Col>
          <DataTable.Col label={translate('mt.invitations.mail')} disableSort>
            <FunctionField
              render={({ mail }) =>
                mail ? [translate(`mt.invitations.states.${mail.state}`), mail.reason].filter(Boolean).join(': ') : ''
              }
            />
          </DataTable.Col>
          <DataTable.Col label={translate('mt.columns.actions')} disableSort>
            <InvitationActions />
          </DataTable.Col>
        </DataTable>
      </Box>
    </List>
  );
}

const LANGUAGES = ['en', 'nl', 'fr', 'de'].map((id) => ({ id, name: id }));

/** The form as the API takes it. */
function bodyOf({ address, phone, store, ...rest }: Record<string, unknown>) {
  return {
    ...rest,
    ...(address ? { emails: [{ value: address, type: 'work', primary: true }] } : {}),
    ...(phone ? { phoneNumbers: [{ value: phone, type: 'mobile', primary: true }] } : {}),
    ...(store ? { stores: [{ refId: store }] } : {}),
    role: rest.role === true ? 'manager' : 'user',
  };
}

export function InvitationCreate() {
  const translate = useTranslate();
  const field = (key: string) => translate(`mt.users.fields.${key}`);
  return (
    <Create redirect="list" transform={bodyOf}>
      <SimpleForm>
        <TextInput source="name.givenName" label={field('givenName')} validate={required()} />
        <TextInput source="name.familyName" label={field('familyName')} validate={required()} />
        <TextInput source="address" label={field('email')} validate={email()} type="email" />
        <TextInput source="phone" label={field('phone')} type="tel" />
        <TextInput source="title" label={field('title')} />
        <TextInput source="companyId" label={field('companyId')} />
        <GroupsInput />
        <TextInput source="store" label={`${field('stores')}: ${translate('mt.stores.refId')}`} />
        <BooleanInput source="role" label={translate('mt.invitations.manager')} />
        <SelectInput source="language" label={translate('mt.invitations.mailLanguage')} choices={LANGUAGES} />
        <BooleanInput source="userAgreement" label={translate('mt.invitations.agreement')} />
      </SimpleForm>
    </Create>
  );
}
