// The merge of a group into another one: what would move, and the steps until it is over.

import {
  Alert,
  Autocomplete,
  Button,
  Dialog,
  DialogActions,
  DialogContent,
  DialogTitle,
  LinearProgress,
  Table,
  TableBody,
  TableCell,
  TableRow,
  TextField,
  Typography,
} from '@mui/material';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useNotify, usePermissions, useRecordContext, useRedirect, useRefresh, useTranslate } from 'react-admin';
import { callAccount } from '../api.ts';
import type { Schemas } from '../operations.ts';

type Group = Schemas['Group'];
type Preview = Schemas['GroupMergePreview'];

const LISTED = 25;
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
      {isOpen ? <MergeDialog group={group} close={() => setOpen(false)} /> : null}
    </>
  );
}

function MergeDialog({ group, close }: { group: Group; close: () => void }) {
  const translate = useTranslate();
  const [into, setInto] = useState<Group | null>(null);
  const { run, moved, problem, isBusy } = useMerge(group, into);
  const { data: preview } = useQuery({
    queryKey: ['merge', group.id, into?.id],
    queryFn: async () => (await callAccount('get', MERGE, { params: { group: group.id, into: into?.id ?? '' } })).json,
    enabled: into !== null && !isBusy,
  });
  const from = group.name;
  return (
    <Dialog open onClose={isBusy ? undefined : close} aria-labelledby="merge" fullWidth>
      <DialogTitle id="merge">{translate('mt.groups.merge.action')}</DialogTitle>
      <DialogContent>
        <Typography sx={{ mb: 2 }}>{translate('mt.groups.merge.lead', { from })}</Typography>
        <TargetInput group={group} into={into} choose={setInto} isFixed={isBusy || moved > 0} />
        {preview ? <Counts group={group} preview={preview} /> : null}
        {isBusy ? <LinearProgress aria-label={translate('mt.groups.merge.action')} sx={{ mt: 2 }} /> : null}
        {moved > 0 && preview ? (
          <Typography role="status" sx={{ mt: 1 }}>
            {translate('mt.groups.merge.progress', { moved, members: Math.max(moved, preview.members) })}
          </Typography>
        ) : null}
        {problem === '' ? null : (
          <Alert severity="error" sx={{ mt: 2 }}>
            {problem} {moved > 0 ? translate('mt.groups.merge.stopped') : ''}
          </Alert>
        )}
      </DialogContent>
      <DialogActions>
        <Button onClick={close} disabled={isBusy}>
          {translate('ra.action.cancel')}
        </Button>
        <Button data-merge-submit variant="contained" color="error" onClick={run} disabled={!preview || isBusy}>
          {translate('mt.groups.merge.submit')}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

/** Sends the steps one after the other, until it is over or one of them is refused. */
function useMerge(group: Group, into: Group | null) {
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
    try {
      for (let done = false; !done; ) {
        const { json } = await callAccount('post', MERGE, { params: { group: group.id, into: into.id } });
        setMoved((before) => before + json.moved);
        done = json.done;
      }
      notify(translate('mt.groups.merge.done', { from: group.name, into: into.name }), { type: 'success' });
      redirect('show', 'groups', into.id);
      refresh();
    } catch (error) {
      setProblem((error as Error).message);
      setBusy(false);
    }
  };
  return { run, moved, problem, isBusy };
}

interface TargetInputProps {
  group: Group;
  into: Group | null;
  choose: (group: Group | null) => void;
  isFixed: boolean;
}

/** Groups of the same type by the beginning of their name. */
function TargetInput({ group, into, choose, isFixed }: TargetInputProps) {
  const translate = useTranslate();
  const [search, setSearch] = useState('');
  const type = group.type || undefined;
  const { data = [], isLoading } = useQuery({
    queryKey: ['merge targets', type, search],
    queryFn: async () => {
      const query = { limit: LISTED, type, search: search.trim() || undefined };
      return (await callAccount('get', '/groups', { query })).json.items;
    },
  });
  const sameType = data.filter((one) => one.id !== group.id && !one.derived && (one.type || undefined) === type);
  return (
    <Autocomplete
      options={sameType}
      value={into}
      disabled={isFixed}
      loading={isLoading}
      getOptionLabel={({ name }) => name}
      getOptionKey={({ id }) => id}
      isOptionEqualToValue={(a, b) => a.id === b.id}
      filterOptions={(options) => options}
      noOptionsText={translate('mt.groups.merge.none')}
      onChange={(_event, chosen) => choose(chosen)}
      onInputChange={(_event, text, reason) => {
        if (reason === 'input') setSearch(text);
      }}
      renderInput={(params) => <TextField {...params} label={translate('mt.groups.merge.into')} />}
    />
  );
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
