// The merge of a group into another one: what would move.

import { Alert, Button, Table, TableBody, TableCell, TableRow } from '@mui/material';
import { useState } from 'react';
import { usePermissions, useRecordContext, type useRedirect, useTranslate } from 'react-admin';
import { callAccount } from '../api.ts';
import type { Schemas } from '../operations.ts';
import { LISTED, MergeDialog } from './merge-dialog.tsx';

type Group = Schemas['Group'];
type Preview = Schemas['GroupMergePreview'];

const MERGE = '/groups/{group}/merge/{into}';

/** The button that opens the dialog, for those who may merge, on groups that can be. */
export function MergeButton() {
  const translate = useTranslate();
  const group = useRecordContext() as Group | undefined;
  const { permissions = [] } = usePermissions<string[]>();
  const [isOpen, setOpen] = useState(false);
  if (!group || group.derived || !permissions.includes('groups.edit')) return null;
  return (
    <>
      <Button data-merge size="small" onClick={() => setOpen(true)}>
        {translate('mt.groups.merge.action')}
      </Button>
      {isOpen ? <MergeDialog from={group} merge={mergeOf(group)} close={() => setOpen(false)} /> : null}
    </>
  );
}

/** The merge of a group, into one of the same type. */
function mergeOf(group: Group) {
  const type = group.type || undefined;
  const paramsOf = (into: Group) => ({ params: { group: group.id, into: into.id } });
  const nameOf = ({ name }: Group) => name;
  return {
    resource: 'groups' as const,
    nameOf,
    labelOf: nameOf,
    async targets(search: string) {
      const query = { limit: LISTED, type, search: search || undefined };
      const { items } = (await callAccount('get', '/groups', { query })).json;
      return items.filter((one) => !one.derived && (one.type || undefined) === type);
    },
    preview: async (into: Group) => (await callAccount('get', MERGE, paramsOf(into))).json,
    moving: ({ members }: Preview) => members,
    shown: (preview: Preview) => <Counts group={group} preview={preview} />,
    step: async (into: Group) => (await callAccount('post', MERGE, paramsOf(into))).json,
    leave: (redirect: ReturnType<typeof useRedirect>, into: Group) => redirect('show', 'groups', into.id),
  };
}

function Counts({ group, preview }: { group: Group; preview: Preview }) {
  const translate = useTranslate();
  const from = group.name;
  const rows = (['members', 'courses', 'ids'] as const).map((what) => ({ what, count: preview[what] }));
  return (
    <>
      <Table size="small" sx={{ mt: 2 }}>
        <TableBody>
          {rows.map(({ what, count }) => (
            <TableRow key={what}>
              <TableCell component="th" scope="row">
                {translate(`mt.groups.merge.${what}`)}
              </TableCell>
              <TableCell align="right">{count}</TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
      {group.claimed && preview.ids > 0 ? (
        <Alert severity="info" sx={{ mt: 2 }}>
          {translate('mt.groups.merge.claimed', { from })}
        </Alert>
      ) : null}
      {preview.ids === 0 ? (
        <Alert severity="info" sx={{ mt: 2 }}>
          {translate('mt.groups.merge.noIds', { from })}
        </Alert>
      ) : null}
    </>
  );
}
