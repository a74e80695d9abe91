// The merge of a store into another one: who would move.

import { Alert, Button, Typography } from '@mui/material';
import { useState } from 'react';
import { usePermissions, useRecordContext, type useRedirect, useTranslate } from 'react-admin';
import { callAccount } from '../api.ts';
import type { Schemas } from '../operations.ts';
import { LISTED, MergeDialog } from './merge-dialog.tsx';

type Store = Pick<Schemas['Store'], 'id' | 'refId' | 'name'>;

const MERGE = '/stores/{store}/merge/{into}';

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
      {isOpen ? <MergeDialog from={store} merge={mergeOf(store)} close={() => setOpen(false)} /> : null}
    </>
  );
}

/** The merge of a store, into one that is found by the beginning of its name or ref id. */
function mergeOf(store: Store) {
  const paramsOf = (into: Store) => ({ params: { store: store.id, into: into.id } });
  return {
    resource: 'stores' as const,
    nameOf: ({ name, refId }: Store) => name ?? refId,
    labelOf: ({ name, refId }: Store) => (name === undefined ? refId : `${name} (${refId})`),
    async targets(search: string): Promise<Store[]> {
      const query = { limit: LISTED, search: search || undefined };
      return (await callAccount('get', '/stores', { query })).json.items;
    },
    preview: async (into: Store) => (await callAccount('get', MERGE, paramsOf(into))).json,
    moving: ({ users }: Preview) => users,
    shown: ({ users }: Preview) => <Moving store={store} users={users} />,
    async step(into: Store, cursor: string | undefined) {
      const step = (await callAccount('post', MERGE, { ...paramsOf(into), query: { cursor } })).json;
      return { ...step, isOver: !step.done && step.next === undefined };
    },
    leave: (redirect: ReturnType<typeof useRedirect>) => redirect('list', 'stores'),
  };
}

type Preview = Schemas['StoreMergePreview'];

function Moving({ store, users }: { store: Store; users: number }) {
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
