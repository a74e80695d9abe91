// The dialogs of questions that come up while something is saved.

import {
  Alert,
  Button,
  Dialog,
  DialogActions,
  DialogContent,
  DialogTitle,
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableRow,
  TextField,
  Typography,
} from '@mui/material';
import { type FormEvent, useState, useSyncExternalStore } from 'react';
import { useTranslate } from 'react-admin';
import { currentSession, signIn } from '../api.ts';
import { type Answer, type OtherChange, openQuestion, subscribe } from '../questions.ts';

/** Shows the open question, if there is one. */
export function Questions() {
  const asked = useSyncExternalStore(subscribe, openQuestion);
  if (!asked) return null;
  const { question, answer } = asked;
  return question.kind === 'signIn' ? (
    <SignInAgain answer={answer} />
  ) : (
    <Conflict changes={question.changes} answer={answer} />
  );
}

function SignInAgain({ answer }: { answer: (answer: Answer) => void }) {
  const translate = useTranslate();
  const [problem, setProblem] = useState('');
  const email = currentSession()?.administrator.email ?? '';
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const password = String(new FormData(event.currentTarget).get('password') ?? '');
    try {
      await signIn(email, password);
      answer('done');
    } catch (error) {
      setProblem((error as Error).message);
    }
  };
  return (
    <Dialog open aria-labelledby="sign-in-again">
      <form onSubmit={submit}>
        <DialogTitle id="sign-in-again">{translate('mt.session.title')}</DialogTitle>
        <DialogContent>
          <Typography sx={{ mb: 2 }}>{translate('mt.session.lead')}</Typography>
          <Typography sx={{ mb: 1 }}>{email}</Typography>
          <TextField
            name="password"
            type="password"
            label={translate('ra.auth.password')}
            autoComplete="current-password"
            autoFocus
            fullWidth
            required
          />
          {problem === '' ? null : (
            <Alert severity="error" sx={{ mt: 1 }}>
              {problem}
            </Alert>
          )}
        </DialogContent>
        <DialogActions>
          <Button onClick={() => answer('cancel')}>{translate('ra.action.cancel')}</Button>
          <Button type="submit" variant="contained">
            {translate('ra.auth.sign_in')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function Conflict({ changes, answer }: { changes: OtherChange[]; answer: (answer: Answer) => void }) {
  const translate = useTranslate();
  const isBoth = changes.some(({ yours }) => yours !== undefined);
  return (
    <Dialog open onClose={() => answer('cancel')} aria-labelledby="conflict" maxWidth="md">
      <DialogTitle id="conflict">{translate('mt.conflict.title')}</DialogTitle>
      <DialogContent>
        <Typography sx={{ mb: 2 }}>{translate(isBoth ? 'mt.conflict.lead' : 'mt.conflict.apart')}</Typography>
        <Table size="small">
          <TableHead>
            <TableRow>
              <TableCell>{translate('mt.conflict.field')}</TableCell>
              <TableCell>{translate('mt.conflict.theirs')}</TableCell>
              <TableCell>{translate('mt.conflict.yours')}</TableCell>
            </TableRow>
          </TableHead>
          <TableBody>
            {changes.map(({ field, theirs, yours }) => (
              <TableRow key={field}>
                <TableCell>{field}</TableCell>
                <TableCell sx={{ overflowWrap: 'anywhere' }}>{theirs === '' ? '–' : theirs}</TableCell>
                <TableCell sx={{ overflowWrap: 'anywhere' }}>{yours ?? translate('mt.conflict.unchanged')}</TableCell>
              </TableRow>
            ))}
          </TableBody>
        </Table>
      </DialogContent>
      <DialogActions>
        <Button onClick={() => answer('cancel')}>{translate('mt.conflict.back')}</Button>
        {isBoth ? <Button onClick={() => answer('theirs')}>{translate('mt.conflict.takeTheirs')}</Button> : null}
        <Button variant="contained" onClick={() => answer('mine')}>
          {translate(isBoth ? 'mt.conflict.keepMine' : 'mt.conflict.save')}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
