// The merge of a store into another one: who would move.

import { Alert, Button, Typography } from '@mui/material';
import { useState } from 'react';
import { usePermissions, useRecordContext, type useRedirect, useTranslate } from 'react-admin';
import { callAccount } from '../api.ts';
import type { Schemas } from '../operations.ts';
import { MergeDialog } from './merge-dialog.tsx';
import { findStores, type NamedStore, storeLabel } from './store-input.tsx';

const MERGE = '/stores/{store}/merge/{into}';

/** The button that opens the dialog, for those who may. */
export function StoreMergeButton() {
  const translate = useTranslate();
  const store = useRecordContext() as NamedStore | undefined;
  const { permissions = [] } = usePermissions<string[]>();
  const [isOpen, setOpen] = useState(false);
  if (!store || !permissions.includes('stores.edit')) return null;
  return (
    <>
      <Button onClick={() => setOpen(true)} sx={{ minHeight: 44 }}>
        {translate('mt.stores.merge.action')}
      </Button>
      {isOpen ? <MergeDialog from={store} merge={mergeOf(store)} close={() => setOpen(false)} /> : null}
    </>
  );
}

/** The merge of a store, into one that is found by the beginning of its name or ref id. */
function mergeOf(store: NamedStore) {
  const paramsOf = (into: NamedStore) => ({ params: { store: store.id, into: into.id } });
  return {
    resource: 'stores' as const,
    nameOf: ({ name, refId }: NamedStore) => name ?? refId,
    labelOf: storeLabel,
    targets: findStores,
    preview: async (into: NamedStore) => (await callAccount('get', MERGE, paramsOf(into))).json,
    moving: ({ users }: Preview) => users,
    shown: ({ users }: Preview) => <Moving store={store} users={users} />,
    async step(into: NamedStore, cursor: string | undefined) {
      const step = (await callAccount('post', MERGE, { ...paramsOf(into), query: { cursor } })).json;
      return { ...step, isOver: !step.done && step.next === undefined };
    },
    leave: (redirect: ReturnType<typeof useRedirect>) => redirect('list', 'stores'),
  };
}

type Preview = Schemas['StoreMergePreview'];

function Moving({ store, users }: { store: NamedStore; users: number }) {
  const translate = useTranslate();
  return (
    <>
      <Typography sx={{ mt: 2 }}>
        {translate('mt.stores.merge.users')}: <strong>{users}</strong>
      </Typography>
      <Alert severity="info" sx={{ mt: 2 }}>
        {translate('mt.stores.merge.source', { refId: store.refId })}
      </Alert>
    </>
  );
}
