// A store of a form, found by the beginning of its name or ref id.

import { Autocomplete, TextField } from '@mui/material';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { TextInput, useInput, usePermissions, useTranslate } from 'react-admin';
import { callAccount } from '../api.ts';
import type { Schemas } from '../operations.ts';
import { LISTED } from './merge-dialog.tsx';

export type NamedStore = Pick<Schemas['Store'], 'id' | 'refId' | 'name'>;

export const storeLabel = ({ name, refId }: NamedStore) => (name === undefined ? refId : `${name} (${refId})`);

/** The stores whose name or ref id begins with a text. */
export async function findStores(search: string): Promise<NamedStore[]> {
  const query = { limit: LISTED, search: search || undefined };
  return (await callAccount('get', '/stores', { query })).json.items;
}

/** Sets the ref id of a store, which is chosen by those who may read stores and typed by others. */
export function StoreInput({ source, label }: { source: string; label: string }) {
  const translate = useTranslate();
  const { permissions = [] } = usePermissions<string[]>();
  return permissions.includes('stores.read') ? (
    <StoreChoice source={source} label={label} />
  ) : (
    <TextInput source={source} label={`${label}: ${translate('mt.stores.refId')}`} />
  );
}

function StoreChoice({ source, label }: { source: string; label: string }) {
  const translate = useTranslate();
  const { field, fieldState } = useInput({ source });
  const [chosen, setChosen] = useState<NamedStore | null>(null);
  const [search, setSearch] = useState('');
  const { data = [], isLoading } = useQuery({
    queryKey: ['stores', search],
    queryFn: () => findStores(search.trim()),
    placeholderData: (before) => before,
  });
  return (
    <Autocomplete
      fullWidth
      options={data}
      value={chosen}
      loading={isLoading}
      getOptionLabel={storeLabel}
      getOptionKey={({ id }) => id}
      isOptionEqualToValue={(a, b) => a.id === b.id}
      filterOptions={(options) => options}
      noOptionsText={translate('ra.navigation.no_results')}
      onChange={(_event, store) => {
        setChosen(store);
        field.onChange(store?.refId ?? '');
      }}
      onInputChange={(_event, text, reason) => {
        if (reason !== 'reset') setSearch(text);
      }}
      renderInput={(params) => (
        <TextField {...params} label={label} error={fieldState.invalid} helperText={fieldState.error?.message ?? ' '} />
      )}
    />
  );
}
