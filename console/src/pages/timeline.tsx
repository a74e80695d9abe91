// The timeline: one search for a person, the verdict as the first sentence, and everything that happened.

import { Alert, Box, Button, Card, CardContent, FormControlLabel, Switch, TextField, Typography } from '@mui/material';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Link, Loading, Title, useTranslate } from 'react-admin';
import { useSearchParams } from 'react-router-dom';
import { accountSlug, callAccount } from '../api.ts';
import type { Schemas } from '../operations.ts';
import { Entries, type Entry, reasonOf, useTime } from './history.tsx';

type User = Schemas['User'];

/** The first sentence: what to know, and what to do. */
function useVerdict() {
  const translate = useTranslate();
  const time = useTime();
  return (
    entries: readonly Entry[],
    user: User | undefined,
  ): { severity: 'success' | 'warning' | 'error' | 'info'; text: string } => {
    const [latest] = entries;
    const request = entries.find((entry) => entry.request !== undefined)?.request;
    const last = { time: time(latest?.at) };
    if (request && request.status >= 400)
      return {
        severity: 'error',
        text: translate('mt.timeline.refused', { time: time(request.at), reason: reasonOf(request) }),
      };
    if (!latest && !user) return { severity: 'warning', text: translate('mt.timeline.never') };
    if (!user) return { severity: 'info', text: translate('mt.timeline.gone', last) };
    if (user.status === 'blocked') return { severity: 'warning', text: translate('mt.timeline.blocked') };
    if (user.status === 'inactive') return { severity: 'warning', text: translate('mt.timeline.inactive', last) };
    if (user.status === 'invited') return { severity: 'info', text: translate('mt.timeline.invited') };
    if (user.missing.length > 0)
      return { severity: 'warning', text: translate('mt.timeline.missing', { missing: user.missing.join(', ') }) };
    return { severity: 'success', text: translate('mt.timeline.fine', last) };
  };
}

/** The user whom the entries are about, or whom the text names. */
async function userOf(text: string, entries: readonly Entry[]): Promise<User | undefined> {
  const subjects = entries.flatMap(({ request, change }) => {
    if (request?.subject?.type === 'User') return request.subject.id;
    return change?.resource === 'User' ? change.subject : [];
  });
  const [id] = subjects;
  if (id !== undefined)
    return callAccount('get', '/users/{user}', { params: { user: id } }).then(
      ({ json }) => json,
      () => undefined,
    );
  const { items } = (await callAccount('get', '/users', { query: { search: text, limit: 1 } })).json;
  return items[0];
}

/** What happened to the person whom a text names. @param name what the verdict is headed by, with the account */
export function PersonHistory({ text, name }: { text: string; name?: string }) {
  const translate = useTranslate();
  const verdictOf = useVerdict();
  const [reads, setReads] = useState(false);
  const history = useInfiniteQuery({
    queryKey: ['history', text, reads],
    queryFn: async ({ pageParam }) =>
      (
        await callAccount('get', '/history', {
          query: { search: text, limit: 50, reads: reads || undefined, cursor: pageParam },
        })
      ).json,
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next,
  });
  const entries = history.data?.pages.flatMap(({ items }) => items) ?? [];
  const user = useQuery({
    queryKey: ['history-user', text, history.data !== undefined],
    queryFn: async () => (await userOf(text, entries)) ?? null,
    enabled: history.data !== undefined,
  });
  if (history.error) return <Alert severity="error">{history.error.message}</Alert>;
  if (!history.data || user.data === undefined) return <Loading />;
  const verdict = verdictOf(entries, user.data ?? undefined);
  return (
    <Box>
      <Alert severity={verdict.severity} sx={{ my: 2, overflowWrap: 'anywhere' }}>
        {name === undefined ? null : (
          <strong>
            {name} ({accountSlug()}):{' '}
          </strong>
        )}
        {verdict.text} {user.data ? <Link to={`/users/${user.data.id}/show`}>{user.data.userName}</Link> : null}
      </Alert>
      <FormControlLabel
        control={<Switch checked={reads} onChange={(_event, checked) => setReads(checked)} />}
        label={translate('mt.timeline.reads')}
      />
      <Entries entries={entries} />
      {history.hasNextPage ? (
        <Button onClick={() => history.fetchNextPage()}>{translate('mt.timeline.more')}</Button>
      ) : null}
    </Box>
  );
}

export function Timeline() {
  const translate = useTranslate();
  const [query, setQuery] = useSearchParams();
  const wanted = query.get('search') ?? '';
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const text = String(new FormData(event.currentTarget).get('search') ?? '').trim();
    if (text !== '') setQuery({ search: text });
  };
  return (
    <Card sx={{ mt: 2 }}>
      <Title title={translate('mt.pages.timeline')} />
      <CardContent>
        <Box
          component="form"
          role="search"
          onSubmit={submit}
          sx={{ display: 'flex', gap: 1, alignItems: 'flex-start', flexWrap: 'wrap' }}
        >
          <TextField
            label={translate('mt.timeline.search')}
            helperText={translate('mt.timeline.lead')}
            // Another address, also by the Back button, is another search: the box says whose verdict this is.
            key={wanted}
            name="search"
            defaultValue={wanted}
            sx={{ flex: 1, minWidth: 240 }}
            margin="none"
          />
          <Button type="submit" variant="contained" sx={{ minHeight: 44 }}>
            {translate('ra.action.search')}
          </Button>
        </Box>
        {wanted === '' ? (
          <Typography sx={{ mt: 2 }}> </Typography>
        ) : (
          <PersonHistory key={wanted} text={wanted} name={wanted} />
        )}
      </CardContent>
    </Card>
  );
}
