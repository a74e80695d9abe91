// The merge of a store into another one: who would move, and the steps until it is over.

import {
  Alert,
  Autocomplete,
  Button,
  Dialog,
  DialogActions,
  DialogContent,
  DialogTitle,
  LinearProgress,
  TextField,
  Typography,
} from '@mui/material';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useNotify, usePermissions, useRecordContext, useRedirect, useRefresh, useTranslate } from 'react-admin';
import { callAccount } from '../api.ts';
import type { Schemas } from '../operations.ts';

type Store = Pick<Schemas['Store'], 'id' | 'refId' | 'name'>;

const LISTED = 25;
const labelOf = ({ name, refId }: Store) => (name === undefined ? refId : `${name} (${refId})`);

/** The button that opens the dialog, for those who may. */
export function StoreMergeButton() {
  const translate = useTranslate();
  const store = useRecordContext() as Store | undefined;
  const { permissions = [] } = usePermissions<string[]>();
  const [isOpen, setOpen] = useState(false);
  if (!store || !permissions.includes('stores.edit')) return null;
  return (
    <>
      <Button onClick={() => setOpen(true)} sx={{ minHeight: 44 }}>
        {translate('mt.stores.merge.action')}
      </Button>
      {isOpen ? <MergeDialog store={store} close={() => setOpen(false)} /> : null}
    </>
  );
}

function MergeDialog({ store, close }: { store: Store; close: () => void }) {
  const translate = useTranslate();
  const [into, setInto] = useState<Store | null>(null);
  const { run, moved, problem, isBusy } = useMerge(store, into);
  const { data: preview } = useQuery({
    queryKey: ['store merge', store.id, into?.id],
    queryFn: async () =>
      (await callAccount('get', '/stores/{store}/merge/{into}', { params: { store: store.id, into: into?.id ?? '' } }))
        .json,
    enabled: into !== null && !isBusy,
  });
  const from = store.name ?? store.refId;
  return (
    <Dialog open onClose={isBusy ? undefined : close} aria-labelledby="store-merge" fullWidth>
      <DialogTitle id="store-merge">{translate('mt.stores.merge.action')}</DialogTitle>
      <DialogContent>
        <Typography sx={{ mb: 2 }}>{translate('mt.stores.merge.lead', { from })}</Typography>
        <TargetInput store={store} into={into} choose={setInto} isFixed={isBusy || moved > 0} />
        {preview ? (
          <>
            <Typography sx={{ mt: 2 }}>
              {translate('mt.stores.merge.users')}: <strong>{preview.users}</strong>
            </Typography>
            <Alert severity="info" sx={{ mt: 2 }}>
              {translate('mt.stores.merge.source', { refId: store.refId })}
            </Alert>
          </>
        ) : null}
        {isBusy ? <LinearProgress aria-label={translate('mt.stores.merge.action')} sx={{ mt: 2 }} /> : null}
        {moved > 0 && preview ? (
          <Typography role="status" sx={{ mt: 1 }}>
            {translate('mt.stores.merge.progress', { moved, users: Math.max(moved, preview.users) })}
          </Typography>
        ) : null}
        {problem === '' ? null : (
          <Alert severity="error" sx={{ mt: 2 }}>
            {problem} {moved > 0 ? translate('mt.stores.merge.stopped') : ''}
          </Alert>
        )}
      </DialogContent>
      <DialogActions>
        <Button onClick={close} disabled={isBusy}>
          {translate('ra.action.cancel')}
        </Button>
        <Button variant="contained" color="error" onClick={run} disabled={!preview || isBusy}>
          {translate('mt.stores.merge.submit')}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

/** Sends the steps one after the other, until it is over or one of them is refused. */
function useMerge(store: Store, into: Store | null) {
  const translate = useTranslate();
  const notify = useNotify();
  const redirect = useRedirect();
  const refresh = useRefresh();
  const [moved, setMoved] = useState(0);
  const [problem, setProblem] = useState('');
  const [isBusy, setBusy] = useState(false);
  const run = async () => {
    if (!into) return;
    setBusy(true);
    setProblem('');
    const params = { store: store.id, into: into.id };
    try {
      for (let done = false; !done; ) {
        const { json } = await callAccount('post', '/stores/{store}/merge/{into}', { params });
        setMoved((before) => before + json.moved);
        done = json.done;
      }
      const names = { from: store.name ?? store.refId, into: into.name ?? into.refId };
      notify(translate('mt.stores.merge.done', names), { type: 'success' });
      redirect('list', 'stores');
      refresh();
    } catch (error) {
      setProblem((error as Error).message);
      setBusy(false);
    }
  };
  return { run, moved, problem, isBusy };
}

interface TargetInputProps {
  store: Store;
  into: Store | null;
  choose: (store: Store | null) => void;
  isFixed: boolean;
}

/** Stores by the beginning of their name or ref id. */
function TargetInput({ store, into, choose, isFixed }: TargetInputProps) {
  const translate = useTranslate();
  const [search, setSearch] = useState('');
  const { data = [], isLoading } = useQuery({
    queryKey: ['store merge targets', search],
    queryFn: async () => {
      const text = search.trim();
      const query = { limit: LISTED, ...(text === '' ? {} : { search: text }) };
      return (await callAccount('get', '/stores', { query })).json.items;
    },
  });
  return (
    <Autocomplete
      options={data.filter(({ id }) => id !== store.id)}
      value={into}
      disabled={isFixed}
      loading={isLoading}
      getOptionLabel={labelOf}
      getOptionKey={({ id }) => id}
      isOptionEqualToValue={(a, b) => a.id === b.id}
      filterOptions={(options) => options}
      noOptionsText={translate('mt.stores.merge.none')}
      onChange={(_event, chosen) => choose(chosen)}
      onInputChange={(_event, text, reason) => {
        if (reason === 'input') setSearch(text);
      }}
      renderInput={(params) => <TextField {...params} label={translate('mt.stores.merge.into')} />}
    />
  );
}
