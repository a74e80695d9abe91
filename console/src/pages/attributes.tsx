// The attributes that the account adds to its users: the list of them, and their fields in the pages of a user.

import { Alert, Typography } from '@mui/material';
import { useQuery } from '@tanstack/react-query';
import {
  BooleanInput,
  Create,
  DataTable,
  DateTimeInput,
  DeleteWithConfirmButton,
  FunctionField,
  Labeled,
  List,
  NullableBooleanInput,
  NumberInput,
  type RaRecord,
  required,
  SelectInput,
  SimpleForm,
  TextArrayInput,
  TextInput,
  usePermissions,
  useRecordContext,
  useTranslate,
} from 'react-admin';
import { callAccount } from '../api.ts';
import type { Schemas } from '../operations.ts';
import { Empty } from './empty.tsx';
import { useSaved } from './saved.ts';

type CustomAttribute = Schemas['CustomAttribute'];

const TYPES = ['string', 'integer', 'decimal', 'boolean', 'dateTime'] as const;

function useCustomAttributes(): CustomAttribute[] {
  const { data } = useQuery({
    queryKey: ['custom-attributes'],
    queryFn: async () => (await callAccount('get', '/attributes')).json.items,
  });
  return data ?? [];
}

export function AttributeList() {
  const translate = useTranslate();
  const { permissions = [] } = usePermissions<string[]>();
  const mark = (name: string) => <FunctionField render={(record: RaRecord) => (record[name] ? '✓' : '')} />;
  return (
    <List empty={<Empty />} exporter={false} pagination={false}>
      <DataTable rowClick={false} bulkActionButtons={false}>
        <DataTable.Col source="name" label={translate('mt.attributes.name')} disableSort />
        <DataTable.Col source="description" label={translate('mt.attributes.description')} disableSort />
        <DataTable.Col label={translate('mt.attributes.type')} disableSort>
          <FunctionField
            render={({ type, multiValued }) =>
              multiValued ? `${type}, ${translate('mt.attributes.several')}` : String(type)
            }
          />
        </DataTable.Col>
        <DataTable.Col label={translate('mt.attributes.required')} disableSort>
          {mark('required')}
        </DataTable.Col>
        <DataTable.Col label={translate('mt.attributes.matching')} disableSort>
          {mark('matching')}
        </DataTable.Col>
        <DataTable.Col source="path" label="SCIM" disableSort />
        {permissions.includes('account.change') ? (
          <DataTable.Col label={translate('mt.columns.actions')} disableSort>
            <DeleteWithConfirmButton mutationMode="pessimistic" confirmContent="mt.attributes.removeLead" />
          </DataTable.Col>
        ) : null}
      </DataTable>
    </List>
  );
}

export function AttributeCreate() {
  const saved = useSaved('created', 'list');
  const translate = useTranslate();
  const word = (key: string) => translate(`mt.attributes.${key}`);
  return (
    <Create mutationOptions={saved}>
      <SimpleForm defaultValues={{ type: 'string', multiValued: false, required: false, matching: false }}>
        <Alert severity="info">{word('lead')}</Alert>
        <TextInput source="name" label={word('name')} validate={required()} helperText={word('nameHelp')} />
        <TextInput source="description" label={word('description')} />
        <SelectInput
          source="type"
          label={word('type')}
          choices={TYPES.map((id) => ({ id, name: id }))}
          validate={required()}
        />
        <BooleanInput source="multiValued" label={word('several')} />
        <BooleanInput source="required" label={word('required')} helperText={word('requiredHelp')} />
        <BooleanInput source="matching" label={word('matching')} helperText={word('matchingHelp')} />
      </SimpleForm>
    </Create>
  );
}

/** The values of a user, each with its name; nothing if the account has no custom attributes. */
export function CustomValues() {
  const attributes = useCustomAttributes();
  const record = useRecordContext();
  const values = (record?.customAttributes ?? {}) as Record<string, unknown>;
  return attributes.map(({ name }) => {
    const value = values[name];
    const shown = Array.isArray(value) ? value.join(', ') : String(value ?? '');
    return (
      <Labeled key={name} label={name}>
        <Typography variant="body2">{shown === '' ? '–' : shown}</Typography>
      </Labeled>
    );
  });
}

/** The fields of a form of a user. */
export function CustomInputs() {
  return useCustomAttributes().map((attribute) => <CustomInput key={attribute.name} {...attribute} />);
}

function CustomInput({ name, type, multiValued }: CustomAttribute) {
  const shared = { source: `customAttributes.${name}`, label: name };
  if (multiValued) return <TextArrayInput {...shared} />;
  switch (type) {
    case 'boolean':
      return <NullableBooleanInput {...shared} />;
    case 'integer':
    case 'decimal':
      return <NumberInput {...shared} step={type === 'integer' ? 1 : 'any'} />;
    case 'dateTime':
      return <DateTimeInput {...shared} parse={(text: string) => (text ? new Date(text).toISOString() : null)} />;
    default:
      return <TextInput {...shared} />;
  }
}
