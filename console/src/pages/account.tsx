// The settings of the account.

import { Card, CardContent, Typography } from '@mui/material';
import { useQuery } from '@tanstack/react-query';
import {
  BooleanInput,
  Loading,
  NumberInput,
  SaveButton,
  SelectInput,
  SimpleForm,
  TextInput,
  Title,
  Toolbar,
  useNotify,
  useTranslate,
} from 'react-admin';
import { callAccount } from '../api.ts';
import type { Schemas } from '../operations.ts';

type Settings = Schemas['Account'];

const TEXT_SETTINGS = [
  'name',
  'timeZone',
  'importTime',
  'importEncoding',
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
  importDelimiter: [';', ',', 'tab', 'detect'],
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
  const labelOf = (name: string) => translate(`mt.settings.labels.${name}`);
  /** Names of algorithms and signs are the same in every language. */
  const choiceOf = (id: string) => translate(`mt.settings.choices.${id}`, { _: id });
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
            <TextInput key={name} source={name} label={labelOf(name)} helperText={words[name] || false} />
          ))}
          {CHOICE_SETTINGS.map((name) => (
            <SelectInput
              key={name}
              source={name}
              label={labelOf(name)}
              helperText={words[name] || false}
              choices={CHOICES[name].map((id) => ({ id, name: choiceOf(id) }))}
            />
          ))}
          <NumberInput
            source="inviteLifetimeDays"
            label={labelOf('inviteLifetimeDays')}
            helperText={words.inviteLifetimeDays || false}
          />
          {FLAGS.map((name) => (
            <BooleanInput key={name} source={name} label={labelOf(name)} helperText={words[name] || false} />
          ))}
        </SimpleForm>
      </CardContent>
    </Card>
  );
}
