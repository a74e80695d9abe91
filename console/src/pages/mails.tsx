// Mails: those that failed or wait, and the texts that the account writes instead of the server's.

import {
  Alert,
  Button,
  Card,
  CardContent,
  Dialog,
  DialogActions,
  DialogContent,
  DialogTitle,
  MenuItem,
  Stack,
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableRow,
  TextField,
  Typography,
} from '@mui/material';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Loading, Title, useNotify, usePermissions, useTranslate } from 'react-admin';
import { callAccount } from '../api.ts';
import type { Schemas } from '../operations.ts';
import { Time } from '../times.tsx';
import { MailFrame } from './mail-frame.tsx';

type Mail = Schemas['Mail'];
type Template = Schemas['MailTemplate'];
type Draft = Schemas['MailTemplateDraft'];

const PATH = '/mail-templates/{kind}/{language}';
const STATES = ['failed', 'waiting', 'kept'] as const;
const KINDS = ['invite', 'reminder', 'reset', 'tokenExpiry'] as const;
const LANGUAGES = ['en', 'nl', 'fr', 'de'] as const;
/** What each kind can say, beside the link. */
const PLACEHOLDERS: Readonly<Record<(typeof KINDS)[number], string>> = {
  invite: 'account name url lastDay',
  reminder: 'account name url lastDay',
  reset: 'account name url loginName',
  tokenExpiry: 'account name url connection token lastDay',
};

/** Which template: its kind and its language. */
interface TemplateOf {
  kind: (typeof KINDS)[number];
  language: (typeof LANGUAGES)[number];
}

export function Mails() {
  const translate = useTranslate();
  const { permissions = [] } = usePermissions<string[]>();
  return (
    <Stack spacing={2} sx={{ mt: 2 }}>
      <Title title={translate('mt.pages.mails')} />
      {permissions.includes('mails.edit') ? <Outbox /> : null}
      {permissions.includes('account.change') ? <Templates /> : null}
    </Stack>
  );
}

function Choice<Value extends string>({
  label,
  value,
  values,
  nameOf,
  onChange,
}: {
  label: string;
  value: Value;
  values: readonly Value[];
  nameOf: (value: Value) => string;
  onChange: (value: Value) => void;
}) {
  return (
    <TextField
      select
      label={label}
      value={value}
      onChange={({ target }) => onChange(target.value as Value)}
      size="small"
      margin="none"
      sx={{ minWidth: 200 }}
    >
      {values.map((each) => (
        <MenuItem key={each} value={each}>
          {nameOf(each)}
        </MenuItem>
      ))}
    </TextField>
  );
}

interface MailLineProps {
  mail: Mail;
  onResend: ((id: string) => Promise<void>) | undefined;
  onShow: ((id: string) => void) | undefined;
}

function MailLine({ mail, onResend, onShow }: MailLineProps) {
  const translate = useTranslate();
  const { id, to, subject, created, reason = '', attempts } = mail;
  return (
    <TableRow>
      <TableCell>
        <Time at={created} />
      </TableCell>
      <TableCell>{to}</TableCell>
      <TableCell>{subject}</TableCell>
      <TableCell sx={{ overflowWrap: 'anywhere' }}>{reason}</TableCell>
      <TableCell>{attempts}</TableCell>
      <TableCell>
        {onResend ? (
          <Button size="small" onClick={() => onResend(id)}>
            {translate('mt.mails.resend')}
          </Button>
        ) : null}
        {onShow ? (
          <Button size="small" onClick={() => onShow(id)}>
            {translate('ra.action.show')}
          </Button>
        ) : null}
      </TableCell>
    </TableRow>
  );
}

function Outbox() {
  const translate = useTranslate();
  const notify = useNotify();
  const { permissions = [] } = usePermissions<string[]>();
  const [state, setState] = useState<(typeof STATES)[number]>('failed');
  const [opened, setOpened] = useState<string>();
  const { data, refetch } = useQuery({
    queryKey: ['mails', state],
    queryFn: async () => (await callAccount('get', '/mails', { query: { state, limit: 100 } })).json.items,
  });
  const resend = async (id: string) => {
    try {
      await callAccount('post', '/mails/{mail}/resend', { params: { mail: id } });
      notify('mt.users.done', { type: 'success' });
      await refetch();
    } catch (error) {
      notify((error as Error).message, { type: 'error' });
    }
  };
  return (
    <Card>
      <CardContent sx={{ overflowX: 'auto' }}>
        <Stack direction={{ xs: 'column', sm: 'row' }} spacing={2} sx={{ alignItems: { sm: 'center' }, mb: 1 }}>
          <Typography variant="h6" component="h2">
            {translate('mt.mails.outbox')}
          </Typography>
          <Choice
            label={translate('mt.imports.state')}
            value={state}
            values={STATES}
            nameOf={(each) => translate(`mt.mails.${each}`)}
            onChange={setState}
          />
        </Stack>
        {data?.length === 0 ? <Typography>{translate('mt.mails.none')}</Typography> : null}
        {data && data.length > 0 ? (
          <Table size="small">
            <TableHead>
              <TableRow>
                {['created', 'to', 'subject', 'reason', 'attempts'].map((name) => (
                  <TableCell key={name}>{translate(`mt.mails.${name}`)}</TableCell>
                ))}
                <TableCell>{translate('mt.columns.actions')}</TableCell>
              </TableRow>
            </TableHead>
            <TableBody>
              {data.map((mail) => (
                <MailLine
                  key={mail.id}
                  mail={mail}
                  onResend={state === 'failed' ? resend : undefined}
                  onShow={state === 'kept' && permissions.includes('mails.preview') ? setOpened : undefined}
                />
              ))}
            </TableBody>
          </Table>
        ) : null}
        {opened === undefined ? null : <KeptMail id={opened} close={() => setOpened(undefined)} />}
      </CardContent>
    </Card>
  );
}

/** A mail that is only shown instead of being sent. */
function KeptMail({ id, close }: { id: string; close: () => void }) {
  const translate = useTranslate();
  const { data, error } = useQuery({
    queryKey: ['kept mail', id],
    queryFn: async () => (await callAccount('get', '/mails/{mail}', { params: { mail: id } })).json,
    gcTime: 0,
  });
  return (
    <Dialog open onClose={close} fullWidth maxWidth="md" aria-labelledby="kept-mail">
      <DialogTitle id="kept-mail" sx={{ overflowWrap: 'anywhere' }}>
        {translate('mt.mails.to')}: {data?.to ?? '…'}
      </DialogTitle>
      <DialogContent>
        {error ? <Alert severity="error">{error.message}</Alert> : null}
        {data ? <MailFrame mail={data} /> : null}
      </DialogContent>
      <DialogActions>
        <Button onClick={close}>{translate('ra.action.close')}</Button>
      </DialogActions>
    </Dialog>
  );
}

function Templates() {
  const translate = useTranslate();
  const [kind, setKind] = useState<(typeof KINDS)[number]>('invite');
  const [language, setLanguage] = useState<(typeof LANGUAGES)[number]>('en');
  const { data, refetch } = useQuery({
    queryKey: ['mail-templates'],
    queryFn: async () => (await callAccount('get', '/mail-templates')).json.items,
  });
  if (!data) return <Loading />;
  const written = data.find((each) => each.kind === kind && each.language === language);
  return (
    <Card>
      <CardContent>
        <Typography variant="h6" component="h2">
          {translate('mt.mails.templates')}
        </Typography>
        <Typography sx={{ mb: 2 }}>{translate('mt.mails.lead')}</Typography>
        <Stack direction={{ xs: 'column', sm: 'row' }} spacing={2} sx={{ mb: 2 }}>
          <Choice
            label={translate('mt.mails.kind')}
            value={kind}
            values={KINDS}
            nameOf={(each) => translate(`mt.mails.kinds.${each}`)}
            onChange={setKind}
          />
          <Choice
            label={translate('mt.users.fields.language')}
            value={language}
            values={LANGUAGES}
            nameOf={(each) => each}
            onChange={setLanguage}
          />
        </Stack>
        <TemplateForm
          key={`${kind} ${language} ${written === undefined}`}
          template={{ kind, language }}
          placeholders={PLACEHOLDERS[kind]}
          written={written}
          onChanged={() => void refetch()}
        />
      </CardContent>
    </Card>
  );
}

/** The mail as people will see it, written as far as it is; without a text, the server's. */
function Preview({ template, body }: { template: TemplateOf; body: Draft | undefined }) {
  const translate = useTranslate();
  const shown = useQuery({
    queryKey: ['mail-preview', template, body],
    queryFn: async () =>
      (await callAccount('post', '/mail-templates/{kind}/{language}/preview', { params: template, body })).json,
    retry: false,
    placeholderData: (before) => before,
  });
  return (
    <>
      <Typography variant="subtitle1" component="h3">
        {translate('mt.mails.preview')}
      </Typography>
      {shown.error ? <Alert severity="warning">{shown.error.message}</Alert> : null}
      {shown.data && !shown.error ? <MailFrame mail={shown.data} /> : null}
    </>
  );
}

interface TemplateFormProps {
  template: TemplateOf;
  placeholders: string;
  written: Template | undefined;
  onChanged: () => void;
}

function TemplateForm({ template, placeholders, written, onChanged }: TemplateFormProps) {
  const translate = useTranslate();
  const notify = useNotify();
  const [draft, setDraft] = useState({
    subject: written?.subject ?? '',
    text: written?.text ?? '',
    senderName: written?.senderName ?? '',
  });
  const isEmpty = draft.subject === '' && draft.text === '';
  const body = {
    subject: draft.subject,
    text: draft.text,
    ...(draft.senderName ? { senderName: draft.senderName } : {}),
  };
  const act = async (change: () => Promise<unknown>) => {
    try {
      await change();
      notify('mt.settings.saved', { type: 'success' });
      onChanged();
    } catch (error) {
      notify((error as Error).message, { type: 'error', autoHideDuration: 15_000 });
    }
  };
  const save = (event: FormEvent) => {
    event.preventDefault();
    void act(() => callAccount('put', PATH, { params: template, body }));
  };
  const field = (name: 'subject' | 'text' | 'senderName', lines = 1) => (
    <TextField
      label={translate(`mt.mails.${name}`)}
      value={draft[name]}
      onChange={({ target }) => setDraft({ ...draft, [name]: target.value })}
      multiline={lines > 1}
      minRows={lines}
      required={name !== 'senderName'}
      fullWidth
      margin="dense"
      helperText={name === 'text' ? `${translate('mt.mails.placeholders')} ${placeholders}` : undefined}
    />
  );
  return (
    <form onSubmit={save}>
      {field('subject')}
      {field('senderName')}
      {field('text', 8)}
      <Stack direction="row" spacing={2} sx={{ my: 1 }}>
        <Button type="submit" variant="contained" disabled={isEmpty}>
          {translate('ra.action.save')}
        </Button>
        {written ? (
          <Button onClick={() => act(() => callAccount('delete', PATH, { params: template }))}>
            {translate('mt.mails.back')}
          </Button>
        ) : null}
      </Stack>
      <Preview template={template} body={isEmpty ? undefined : body} />
    </form>
  );
}
