// Removing something that users may have: it is refused while they do, and then the way leads to them.

import { Alert, Button, Dialog, DialogActions, DialogContent, DialogTitle, Typography } from '@mui/material';
import { useState } from 'react';
import {
  type HttpError,
  type RaRecord,
  useDelete,
  useGetRecordRepresentation,
  useNotify,
  useRecordContext,
  useRedirect,
  useResourceContext,
  useTranslate,
} from 'react-admin';
import { Link } from 'react-router-dom';

/** Which filter of the list of users finds those who have a record. */
const FILTERS: Readonly<Record<string, (record: RaRecord) => Record<string, unknown>>> = {
  stores: ({ refId }) => ({ store: refId }),
  'org-units': ({ code }) => ({ orgUnit: code }),
  roles: ({ code }) => ({ role: code }),
  organizations: ({ code }) => ({ organization: code }),
  'enrollment-profiles': ({ code }) => ({ enrollmentProfile: code }),
};

/** The address of the list of the users who have a record. */
export function usersOf(resource: string, record: RaRecord): string {
  return `/users?filter=${encodeURIComponent(JSON.stringify(FILTERS[resource]?.(record) ?? {}))}`;
}

export function RemoveButton() {
  const translate = useTranslate();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button color="error" onClick={() => setOpen(true)} sx={{ minHeight: 44 }}>
        {translate('ra.action.delete')}
      </Button>
      {isOpen ? <RemovalDialog close={() => setOpen(false)} /> : null}
    </>
  );
}

function RemovalDialog({ close }: { close: () => void }) {
  const record = useRecordContext();
  const resource = useResourceContext() ?? '';
  const translate = useTranslate();
  const notify = useNotify();
  const redirect = useRedirect();
  const nameOf = useGetRecordRepresentation(resource);
  const [problem, setProblem] = useState<HttpError>();
  const [remove, { isPending }] = useDelete<RaRecord, HttpError>();
  if (!record) return null;
  const known = Number(record.users ?? 0);
  const isUsed = known > 0 || (problem?.body as { code?: string } | undefined)?.code === 'inUse';
  const act = () =>
    remove(
      resource,
      { id: record.id, previousData: record },
      {
        mutationMode: 'pessimistic',
        onSuccess: () => {
          notify('mt.saved.deleted', { type: 'success', messageArgs: { name: String(nameOf(record)) } });
          redirect('list', resource);
        },
        onError: setProblem,
      },
    );
  return (
    <Dialog open onClose={close} aria-labelledby="removal">
      <DialogTitle id="removal">{translate('mt.removal.title', { name: String(nameOf(record)) })}</DialogTitle>
      <DialogContent>
        {isUsed || problem ? null : <Typography>{translate('mt.removal.lead')}</Typography>}
        {known > 0 ? <Alert severity="info">{translate('mt.removal.used', { smart_count: known })}</Alert> : null}
        {problem ? <Alert severity="error">{problem.message}</Alert> : null}
      </DialogContent>
      <DialogActions>
        <Button onClick={close}>{translate('ra.action.cancel')}</Button>
        {isUsed ? (
          <Button component={Link} to={usersOf(resource, record)} variant="contained">
            {translate('mt.catalogues.show')}
          </Button>
        ) : (
          <Button onClick={act} color="error" variant="contained" disabled={isPending}>
            {translate('ra.action.delete')}
          </Button>
        )}
      </DialogActions>
    </Dialog>
  );
}
