// The timeline: one search for a person, the verdict as the first sentence, and everything that happened.

import { Alert, Box, Button, Card, CardContent, FormControlLabel, Switch, TextField, Typography } from '@mui/material';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Loading, Title, useTranslate } from 'react-admin';
import { useSearchParams } from 'react-router-dom';
import { callAccount } from '../api.ts';
import { Entries, type Entry } from './history.tsx';
import { type FoundUser, VerdictAlert } from './verdict.tsx';

/** The user whom the entries are about, or whom the text names. */
async function userOf(text: string, entries: readonly Entry[]): Promise<FoundUser | undefined> {
  const [id] = entries.flatMap(({ request, change }) => {
    if (request?.subject?.type === 'User') return request.subject.id;
    return change?.resource === 'User' ? change.subject : [];
  });
  if (id !== undefined)
    return callAccount('get', '/users/{user}', { params: { user: id } }).then(
      ({ json }) => json,
      () => undefined,
    );
  const { items } = (await callAccount('get', '/users', { query: { search: text, limit: 2 } })).json;
  return items.length === 1 ? items[0] : undefined;
}

/** What happened to the person whom a text names. @param name what the verdict is headed by, with the account */
export function PersonHistory({ text, name }: { text: string; name?: string }) {
  const translate = useTranslate();
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
  // An employee number finds the user, whose history is known by the id.
  if (user.data && entries.length === 0 && !reads && user.data.id !== text)
    return <PersonHistory text={user.data.id} name={name ?? text} />;
  const keptFrom = history.data.pages[0]?.keptFrom ?? '';
  return (
    <Box>
      <VerdictAlert {...{ entries, text, keptFrom, name }} user={user.data ?? undefined} />
      <FormControlLabel
        control={<Switch checked={reads} onChange={(_event, checked) => setReads(checked)} />}
        label={translate('mt.timeline.reads')}
      />
      <Entries entries={entries} who={user.data?.userName ?? name} />
      {history.hasNextPage ? (
        <Button onClick={() => history.fetchNextPage()}>{translate('mt.timeline.more')}</Button>
      ) : null}
    </Box>
  );
}

export function Timeline() {
  const translate = useTranslate();
  const [query, setQuery] = useSearchParams();
  const client = useQueryClient();
  const wanted = query.get('search') ?? '';
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const text = String(new FormData(event.currentTarget).get('search') ?? '').trim();
    // Whoever searches for the same person again wants to see what came meanwhile.
    void client.invalidateQueries();
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
