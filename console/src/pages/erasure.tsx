// The erasure of a person: what would go is shown before it asks for the login name; then that it runs, and what went.

import {
  Alert,
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
import { type FormEvent, useState } from 'react';
import { type RaRecord, usePermissions, useRecordContext, useRedirect, useTranslate } from 'react-admin';
import { callAccount } from '../api.ts';
import type { Schemas } from '../operations.ts';
import { nameOf } from './user-list.tsx';

/** What an erasure takes away, in the order in which people ask for it. */
const COUNTS = [
  'events',
  'changes',
  'rows',
  'blocks',
  'mails',
  'invitations',
  'signIns',
  'reports',
  'administrators',
] as const;
type Preview = Schemas['ErasurePreview'];

/** What an erasure says that it took away. */
const ERASED = ['files', 'rows', 'events', 'mails', 'answers', 'reports', 'administrators'] as const;
type Erased = Schemas['Erased'];

/** The API counts no further. */
const COUNTED_MAX = 10_000;

/** Erases the person of the record, for those who may. */
export function EraseButton() {
  const record = useRecordContext();
  const translate = useTranslate();
  const { permissions = [] } = usePermissions<string[]>();
  const [isOpen, setIsOpen] = useState(false);
  if (!record || !permissions.includes('users.erase')) return null;
  return (
    <>
      <Button color="error" onClick={() => setIsOpen(true)}>
        {translate('mt.users.erase')}
      </Button>
      {isOpen ? <EraseDialog user={record} close={() => setIsOpen(false)} /> : null}
    </>
  );
}

function EraseDialog({ user, close }: { user: RaRecord; close: () => void }) {
  const translate = useTranslate();
  const redirect = useRedirect();
  const [erased, setErased] = useState<Erased>();
  const [typed, setTyped] = useState('');
  const [problem, setProblem] = useState('');
  const [isBusy, setBusy] = useState(false);
  const params = { user: String(user.id) };
  const preview = useQuery({
    queryKey: ['erasure', user.id],
    queryFn: async () => (await callAccount('get', '/users/{user}/erasure', { params })).json,
    gcTime: 0,
  });
  const erase = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem('');
    try {
      setErased((await callAccount('post', '/users/{user}/erase', { params })).json);
    } catch (error) {
      setProblem((error as Error).message);
    }
    setBusy(false);
  };
  if (erased) return <DoneDialog user={user} erased={erased} close={() => redirect('list', 'users')} />;
  return (
    <Dialog open onClose={isBusy ? undefined : close} aria-labelledby="erase" fullWidth>
      <form onSubmit={erase}>
        <DialogTitle id="erase">{translate('mt.users.eraseTitle')}</DialogTitle>
        <DialogContent>
          <Typography sx={{ mb: 2, overflowWrap: 'anywhere' }}>
            <strong>{nameOf(user)}</strong>: {translate('mt.users.eraseLead')}
          </Typography>
          {preview.error && !isBusy ? <Alert severity="error">{preview.error.message}</Alert> : null}
          {preview.data ? (
            <Counts preview={preview.data} />
          ) : (
            <Typography>{translate('mt.erasure.counting')}</Typography>
          )}
          {preview.data && !isBusy ? (
            <TypedName userName={String(user.userName)} typed={typed} onChange={setTyped} />
          ) : null}
          {isBusy ? (
            <>
              <Typography role="status">{translate('mt.erasure.running')}</Typography>
              <LinearProgress aria-label={translate('mt.erasure.running')} sx={{ mt: 1 }} />
            </>
          ) : null}
          {problem === '' ? null : <Alert severity="error">{problem}</Alert>}
        </DialogContent>
        <DialogActions>
          <Button onClick={close} disabled={isBusy}>
            {translate('ra.action.cancel')}
          </Button>
          <Button
            type="submit"
            color="error"
            variant="contained"
            disabled={isBusy || !preview.data || typed.trim() !== user.userName}
          >
            {translate('mt.users.erase')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

/** Says that it is over, and what went. */
function DoneDialog({ user, erased, close }: { user: RaRecord; erased: Erased; close: () => void }) {
  const translate = useTranslate();
  return (
    <Dialog open onClose={close} aria-labelledby="erase" fullWidth>
      <DialogTitle id="erase" sx={{ overflowWrap: 'anywhere' }}>
        {translate('mt.erasure.done', { name: nameOf(user) })}
      </DialogTitle>
      <DialogContent>
        <Table size="small">
          <TableBody>
            {ERASED.map((what) => (
              <TableRow key={what}>
                <TableCell component="th" scope="row">
                  {translate(`mt.erasure.erased.${what}`)}
                </TableCell>
                <TableCell align="right">{erased[what]}</TableCell>
              </TableRow>
            ))}
          </TableBody>
        </Table>
        {erased.unfinished > 0 ? (
          <Alert severity="warning" sx={{ mt: 2 }}>
            {translate('mt.erasure.unfinished', { smart_count: erased.unfinished })}
          </Alert>
        ) : null}
      </DialogContent>
      <DialogActions>
        <Button onClick={close} variant="contained">
          {translate('ra.action.close')}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

interface TypedNameProps {
  userName: string;
  typed: string;
  onChange: (typed: string) => void;
}

/** Whoever types the login name has read it. */
function TypedName({ userName, typed, onChange }: TypedNameProps) {
  const translate = useTranslate();
  return (
    <>
      <Typography id="erase-confirm" sx={{ overflowWrap: 'anywhere' }}>
        {translate('mt.erasure.confirm')} <strong>{userName}</strong>
      </Typography>
      <TextField
        label={translate('mt.users.fields.userName')}
        value={typed}
        onChange={({ target }) => onChange(target.value)}
        autoComplete="off"
        fullWidth
        slotProps={{ htmlInput: { autoCapitalize: 'none', spellCheck: false, 'aria-describedby': 'erase-confirm' } }}
      />
    </>
  );
}

function Counts({ preview }: { preview: Preview }) {
  const translate = useTranslate();
  const shown = (count: number) => (count < COUNTED_MAX ? count : translate('mt.erasure.most', { count }));
  return (
    <>
      <Typography>{translate('mt.erasure.what')}</Typography>
      <Table size="small" sx={{ my: 1 }}>
        <TableBody>
          {COUNTS.map((what) => (
            <TableRow key={what}>
              <TableCell component="th" scope="row">
                {translate(`mt.erasure.counts.${what}`)}
              </TableCell>
              <TableCell align="right">{shown(preview[what])}</TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
      <Typography variant="body2" sx={{ mb: 2 }}>
        {translate('mt.erasure.more')}
      </Typography>
    </>
  );
}
