// The dialog of a merge: what is merged into what, what would move, and the steps until it is over.

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
import { useNotify, useRedirect, useRefresh, useTranslate } from 'react-admin';
import { Link } from 'react-router-dom';

/** What came of a step. */
interface MergeStep {
  moved: number;
  done: boolean;
  next?: string | undefined;
  /** How many could not be moved, and some of them with the reason. */
  stayed?: number;
  refused?: Refused[];
  /** Whether only those are left who could not be moved. */
  isOver?: boolean;
}

interface Refused {
  user: string;
  userName: string;
  detail: string;
}

/** Those who could not be moved, so far. */
interface Left {
  stayed: number;
  refused: Refused[];
}

const NOBODY: Left = { stayed: 0, refused: [] };
/** How many of those who could not be moved are listed. */
const REFUSED_SHOWN_MAX = 20;

/** A merge of resources of one type. */
interface Merge<T extends { id: string }, P> {
  /** The resource, in the texts and in the addresses of the console. */
  resource: 'groups' | 'stores';
  nameOf: (one: T) => string;
  labelOf: (one: T) => string;
  /** The resources with the beginning of their name among which one is chosen. */
  targets: (search: string) => Promise<T[]>;
  preview: (into: T) => Promise<P>;
  /** How many people would move. */
  moving: (preview: P) => number;
  /** What else is said of the preview. */
  shown: (preview: P) => React.ReactNode;
  /** Does one step; `next` of the step before says where it begins. */
  step: (into: T, next: string | undefined) => Promise<MergeStep>;
  /** Shows what is there afterwards. */
  leave: (redirect: ReturnType<typeof useRedirect>, into: T) => void;
}

/** How many resources are offered at once. */
export const LISTED = 25;

interface MergeDialogProps<T extends { id: string }, P> {
  from: T;
  merge: Merge<T, P>;
  close: () => void;
}

export function MergeDialog<T extends { id: string }, P>({ from, merge, close }: MergeDialogProps<T, P>) {
  const translate = useTranslate();
  const [into, setInto] = useState<T | null>(null);
  const { run, moved, left, problem, isBusy } = useMerge(from, into, merge);
  const { data: preview } = useQuery({
    queryKey: ['merge', from.id, into?.id],
    queryFn: () => (into ? merge.preview(into) : null),
    enabled: into !== null && !isBusy,
  });
  const words = (key: string, values = {}) => translate(`mt.${merge.resource}.merge.${key}`, values);
  const total = preview ? Math.max(moved, merge.moving(preview)) : 0;
  return (
    <Dialog open onClose={isBusy ? undefined : close} aria-labelledby="merge" fullWidth>
      <DialogTitle id="merge">{words('action')}</DialogTitle>
      <DialogContent>
        <Typography sx={{ mb: 2 }}>{words('lead', { from: merge.nameOf(from) })}</Typography>
        <TargetInput from={from} merge={merge} into={into} choose={setInto} isFixed={isBusy || moved > 0} />
        {preview ? merge.shown(preview) : null}
        {isBusy ? <LinearProgress aria-label={words('action')} sx={{ mt: 2 }} /> : null}
        {moved > 0 && preview ? (
          <Typography role="status" sx={{ mt: 1 }}>
            {words('progress', { moved, total })}
          </Typography>
        ) : null}
        <Stayed left={left} lead={words('stayed', { smart_count: left.stayed })} />
        {problem === '' ? null : (
          <Alert severity="error" sx={{ mt: 2 }}>
            {problem} {moved > 0 ? words('stopped') : ''}
          </Alert>
        )}
      </DialogContent>
      <DialogActions>
        <Button onClick={close} disabled={isBusy}>
          {translate('ra.action.cancel')}
        </Button>
        <Button data-merge-submit variant="contained" color="error" onClick={run} disabled={!preview || isBusy}>
          {words('submit')}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

/** Sends the steps one after the other, until it is over or one of them is refused. */
function useMerge<T extends { id: string }, P>(from: T, into: T | null, merge: Merge<T, P>) {
  const translate = useTranslate();
  const notify = useNotify();
  const redirect = useRedirect();
  const refresh = useRefresh();
  const [moved, setMoved] = useState(0);
  const [left, setLeft] = useState(NOBODY);
  const [problem, setProblem] = useState('');
  const [isBusy, setBusy] = useState(false);
  const run = async () => {
    if (!into) return;
    setBusy(true);
    setProblem('');
    setLeft(NOBODY);
    try {
      for (let done = false, next: string | undefined; !done; ) {
        const step = await merge.step(into, next);
        setMoved((before) => before + step.moved);
        setLeft((before) => withLeft(before, step));
        if (step.isOver) return setBusy(false);
        done = step.done;
        next = step.next;
      }
      const names = { from: merge.nameOf(from), into: merge.nameOf(into) };
      notify(translate(`mt.${merge.resource}.merge.done`, names), { type: 'success' });
      merge.leave(redirect, into);
      refresh();
    } catch (error) {
      setProblem((error as Error).message);
      setBusy(false);
    }
  };
  return { run, moved, left, problem, isBusy };
}

const withLeft = (before: Left, { stayed = 0, refused = [] }: MergeStep): Left => ({
  stayed: before.stayed + stayed,
  refused: [...before.refused, ...refused].slice(0, REFUSED_SHOWN_MAX),
});

/** Who could not be moved, and why. */
function Stayed({ left: { stayed, refused }, lead }: { left: Left; lead: string }) {
  if (stayed === 0) return null;
  return (
    <Alert severity="warning" sx={{ mt: 2 }}>
      {lead}
      <ul>
        {refused.map(({ user, userName, detail }) => (
          <li key={user}>
            <Link to={`/users/${user}/show`}>{userName}</Link>: {detail}
          </li>
        ))}
      </ul>
    </Alert>
  );
}

interface TargetInputProps<T extends { id: string }, P> extends Pick<MergeDialogProps<T, P>, 'from' | 'merge'> {
  into: T | null;
  choose: (one: T | null) => void;
  isFixed: boolean;
}

function TargetInput<T extends { id: string }, P>({ from, merge, into, choose, isFixed }: TargetInputProps<T, P>) {
  const translate = useTranslate();
  const [search, setSearch] = useState('');
  const { data = [], isLoading } = useQuery({
    queryKey: ['merge targets', from.id, search],
    queryFn: () => merge.targets(search.trim()),
  });
  return (
    <Autocomplete
      options={data.filter(({ id }) => id !== from.id)}
      value={into}
      disabled={isFixed}
      loading={isLoading}
      getOptionLabel={merge.labelOf}
      getOptionKey={({ id }) => id}
      isOptionEqualToValue={(a, b) => a.id === b.id}
      filterOptions={(options) => options}
      noOptionsText={translate(`mt.${merge.resource}.merge.none`)}
      onChange={(_event, chosen) => choose(chosen)}
      onInputChange={(_event, text, reason) => {
        if (reason === 'input') setSearch(text);
      }}
      renderInput={(params) => <TextField {...params} label={translate(`mt.${merge.resource}.merge.into`)} />}
    />
  );
}
