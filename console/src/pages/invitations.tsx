// Invitations: who is invited and for how long, and inviting somebody.

import { Alert, Box, Button, Card, CardContent, Chip, Stack, Typography, useMediaQuery } from '@mui/material';
import type { Theme } from '@mui/material/styles';
import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useState } from 'react';
import {
  BooleanInput,
  Confirm,
  Create,
  DataTable,
  email,
  FormDataConsumer,
  FunctionField,
  List,
  type RaRecord,
  RecordContextProvider,
  required,
  SelectInput,
  SimpleForm,
  TextInput,
  useListContext,
  useNotify,
  usePermissions,
  useRecordContext,
  useRefresh,
  useTranslate,
} from 'react-admin';
import { callAccount } from '../api.ts';
import type { Schemas } from '../operations.ts';
import { useTimes } from '../times.tsx';
import { Empty } from './empty.tsx';
import { MailFrame } from './mail-frame.tsx';
import { personOf, useSaved } from './saved.ts';
import { StoreInput } from './store-input.tsx';
import { GroupsInput } from './users.tsx';

type Invited = Parameters<typeof personOf>[0];

const COLOURS = { none: 'default', yellow: 'warning', red: 'error' } as const;

/** On a phone, a button is as high as a thumb is wide. */
const THUMB = { minHeight: { xs: 44, sm: 0 }, flex: { xs: 1, sm: 'none' } };

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
  const act = async (verb: 'resend' | 'revoke', change: () => Promise<unknown>) => {
    setIsOpen(false);
    try {
      await change();
      const messageArgs = {
        name: personOf(invitation as RaRecord & Invited),
        action: translate(`mt.invitations.${verb}`),
      };
      notify('mt.saved.acted', { type: 'success', messageArgs });
    } catch (error) {
      notify((error as Error).message, { type: 'error' });
    }
    refresh();
  };
  const from = invitation.resendableFrom as string | undefined;
  return (
    <Stack direction="row" spacing={1} useFlexGap sx={{ flexWrap: 'wrap', alignItems: 'center' }}>
      {from === undefined ? null : (
        <Typography variant="body2" sx={{ width: '100%' }}>
          {translate('mt.invitations.resendFrom', { time: time(from) })}
        </Typography>
      )}
      <Button
        size="small"
        sx={THUMB}
        disabled={from !== undefined}
        onClick={() => act('resend', () => callAccount('post', '/invitations/{invitation}/resend', options))}
      >
        {translate('mt.invitations.resend')}
      </Button>
      <Button size="small" sx={THUMB} color="error" onClick={() => setIsOpen(true)}>
        {translate('mt.invitations.revoke')}
      </Button>
      <Confirm
        isOpen={isOpen}
        title="mt.invitations.revokeTitle"
        content="mt.invitations.revokeLead"
        onConfirm={() => act('revoke', () => callAccount('delete', '/invitations/{invitation}', options))}
        onClose={() => setIsOpen(false)}
      />
    </Stack>
  );
}

function LastDay({ invitation: { lastDay, daysLeft, marker } }: { invitation: RaRecord }) {
  const { day } = useTimes();
  const label = `${day(lastDay)} (${daysLeft})`;
  return <Chip size="small" color={COLOURS[marker as keyof typeof COLOURS]} label={label} />;
}

/** What happened to the mail, and why it failed. */
function MailState() {
  const invitation = useRecordContext();
  const translate = useTranslate();
  const mail = invitation?.mail as { state: string; reason?: string } | undefined;
  if (!mail) return null;
  return [translate(`mt.invitations.states.${mail.state}`), mail.reason].filter(Boolean).join(': ');
}

/** The list on a phone: a card a person, with buttons for a thumb. */
function Cards() {
  const translate = useTranslate();
  const { data = [] } = useListContext();
  return (
    <Stack spacing={1} sx={{ p: 1 }}>
      {data.map((invitation) => (
        <RecordContextProvider key={invitation.id} value={invitation}>
          <Card variant="outlined">
            <CardContent>
              <Stack spacing={1}>
                <Stack direction="row" spacing={1} sx={{ justifyContent: 'space-between' }}>
                  <Typography sx={{ fontWeight: 600, overflowWrap: 'anywhere', minWidth: 0 }}>
                    {personOf(invitation as RaRecord & Invited)}
                  </Typography>
                  <LastDay invitation={invitation} />
                </Stack>
                <Typography variant="body2" sx={{ overflowWrap: 'anywhere' }}>
                  {invitation.user.email ?? invitation.user.phone ?? ''}
                </Typography>
                <Typography variant="body2" sx={{ overflowWrap: 'anywhere' }}>
                  {translate('mt.invitations.mail')}: <MailState />
                </Typography>
                <InvitationActions />
              </Stack>
            </CardContent>
          </Card>
        </RecordContextProvider>
      ))}
    </Stack>
  );
}

export function InvitationList() {
  const translate = useTranslate();
  const isPhone = useMediaQuery<Theme>((theme) => theme.breakpoints.down('sm'));
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
      {isPhone ? (
        <Cards />
      ) : (
        <DataTable rowClick={false} bulkActionButtons={false}>
          <DataTable.Col label={translate('mt.attributes.name')} disableSort>
            <FunctionField render={personOf} />
          </DataTable.Col>
          <DataTable.Col label={translate('mt.users.fields.email')} disableSort>
            <FunctionField render={({ user }) => user.email ?? user.phone ?? ''} />
          </DataTable.Col>
          <DataTable.Col label={translate('mt.invitations.lastDay')} disableSort>
            <FunctionField render={(invitation) => <LastDay invitation={invitation} />} />
          </DataTable.Col>
          <DataTable.Col label={translate('mt.invitations.mail')} disableSort>
            <MailState />
          </DataTable.Col>
          <DataTable.Col label={translate('mt.columns.actions')} disableSort>
            <InvitationActions />
          </DataTable.Col>
        </DataTable>
      )}
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

/** The mail in the language and with the name that the form has so far; without an address, the text message. */
function Preview({ form: { name: names, language, address, phone } }: { form: InvitationForm }) {
  const translate = useTranslate();
  const { day } = useTimes();
  const name = names?.givenName;
  const draft = useDeferredValue(
    JSON.stringify({
      ...(name ? { name } : {}),
      ...(language ? { language } : {}),
      channel: phone && !address ? 'sms' : 'mail',
    }),
  );
  const { data, error } = useQuery({
    queryKey: ['invitation preview', draft],
    queryFn: async () => {
      const body = JSON.parse(draft) as Schemas['InvitationPreviewDraft'];
      return (await callAccount('post', '/invitations/preview', { body })).json;
    },
    placeholderData: (before) => before,
    retry: false,
  });
  return (
    <Box component="section" sx={{ width: '100%', mt: 2 }}>
      <Typography variant="h6" component="h2">
        {translate(data?.channel === 'sms' ? 'mt.invitations.previewSms' : 'mt.invitations.preview')}
      </Typography>
      {error ? <Alert severity="warning">{error.message}</Alert> : null}
      {data ? (
        <>
          <Typography sx={{ mb: 1 }}>{translate('mt.invitations.previewUntil', { day: day(data.lastDay) })}</Typography>
          <MailFrame mail={data} />
        </>
      ) : null}
    </Box>
  );
}

/** What the preview needs of the form. */
interface InvitationForm {
  name?: { givenName?: string };
  language?: string;
  address?: string;
  phone?: string;
}

/** A switch that must be on. */
const CONFIRMED = Object.assign((value: unknown) => (value === true ? undefined : 'ra.validation.required'), {
  isRequired: true,
});

export function InvitationCreate() {
  const saved = useSaved('created', 'list');
  const translate = useTranslate();
  const field = (key: string) => translate(`mt.users.fields.${key}`);
  return (
    <Create mutationOptions={saved} transform={bodyOf}>
      <SimpleForm>
        <TextInput source="name.givenName" label={field('givenName')} validate={required()} />
        <TextInput source="name.familyName" label={field('familyName')} validate={required()} />
        <TextInput source="address" label={field('email')} validate={email()} type="email" />
        <TextInput source="phone" label={field('phone')} type="tel" />
        <TextInput source="title" label={field('title')} />
        <TextInput source="companyId" label={field('companyId')} />
        <GroupsInput validate={required()} />
        <StoreInput source="store" label={field('stores')} />
        <BooleanInput source="role" label={translate('mt.invitations.manager')} />
        <SelectInput source="language" label={translate('mt.invitations.mailLanguage')} choices={LANGUAGES} />
        <BooleanInput source="userAgreement" label={translate('mt.invitations.agreement')} validate={CONFIRMED} />
        <FormDataConsumer>{({ formData }) => <Preview form={formData as InvitationForm} />}</FormDataConsumer>
      </SimpleForm>
    </Create>
  );
}
