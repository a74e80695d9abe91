// The overview: what needs the administrator, and where to begin.

import { Card, CardActionArea, CardContent, Grid, Typography } from '@mui/material';
import { useQuery } from '@tanstack/react-query';
import { Link, Title, usePermissions, useTranslate } from 'react-admin';
import { accountSlug, callAccount } from '../api.ts';
import { useTimes } from '../times.tsx';
import { AccountOverview } from './health.tsx';
import { Entries, type RequestEntry } from './history.tsx';
import { fill, useSupportTexts } from './lazy-texts.ts';

interface Counted {
  items: unknown[];
  total?: number;
  next?: string;
}

/** How many there are; `50+` if the list does not say. */
async function countOf(path: string, query: Record<string, string>): Promise<string> {
  const { items, total, next } = (await callAccount<Counted>(path, { query: { ...query, limit: 50 } })).json;
  return total === undefined ? `${items.length}${next ? '+' : ''}` : String(total);
}

const REFRESH_MS = 30_000;

function useCount(path: string, query: Record<string, string>) {
  return useQuery({
    queryKey: ['count', path, query],
    queryFn: () => countOf(path, query),
    refetchInterval: REFRESH_MS,
  });
}

function Count({ title, path, query, to }: { title: string; path: string; query: Record<string, string>; to: string }) {
  const { data } = useCount(path, query);
  return (
    <Grid size={{ xs: 12, sm: 6, md: 3 }}>
      <Card>
        <CardActionArea component={Link} to={to}>
          <CardContent>
            <Typography variant="h4" component="p">
              {data ?? '…'}
            </Typography>
            <Typography>{title}</Typography>
          </CardContent>
        </CardActionArea>
      </Card>
    </Grid>
  );
}

const filterOf = (filter: object) => `?filter=${encodeURIComponent(JSON.stringify(filter))}`;

/** When the counts were read. */
function AsOf() {
  const texts = useSupportTexts();
  const { time } = useTimes();
  const { dataUpdatedAt } = useCount('/users', { status: 'incomplete' });
  if (!texts || dataUpdatedAt === 0) return null;
  return (
    <Typography variant="body2" color="text.secondary" sx={{ mt: 1 }}>
      {fill(texts.asOf, { time: time(new Date(dataUpdatedAt).toISOString()) })}
    </Typography>
  );
}

export function Home() {
  const translate = useTranslate();
  const { permissions = [] } = usePermissions<string[]>();
  const seesEvents = permissions.includes('events.read');
  const texts = useSupportTexts();
  const { data: refused } = useQuery({
    queryKey: ['refused'],
    queryFn: async () =>
      (await callAccount<{ items: RequestEntry[] }>('/events', { query: { failed: true, limit: 10 } })).json.items,
    enabled: seesEvents,
    refetchInterval: REFRESH_MS,
  });
  return (
    <>
      <Title title={translate('mt.pages.home')} />
      <Typography sx={{ my: 2 }}>{translate('mt.home.lead', { account: accountSlug() })}</Typography>
      <Grid container spacing={2}>
        <Count
          title={translate('mt.home.incomplete')}
          path="/users"
          query={{ status: 'incomplete' }}
          to={`/users${filterOf({ status: 'incomplete' })}`}
        />
        <Count title={translate('mt.home.invited')} path="/users" query={{ status: 'invited' }} to="/invitations" />
        <Count
          title={translate('mt.home.red')}
          path="/invitations"
          query={{ marker: 'red' }}
          to={`/invitations${filterOf({ marker: 'red' })}`}
        />
        {permissions.includes('mails.edit') ? (
          <Count title={translate('mt.home.failedMails')} path="/mails" query={{ state: 'failed' }} to="/invitations" />
        ) : null}
      </Grid>
      <AsOf />
      <Typography sx={{ my: 2 }}>{translate('mt.home.start')}</Typography>
      {permissions.includes('connections.read') ? <AccountOverview /> : null}
      {seesEvents && refused ? (
        <>
          <Typography variant="h6" component="h2" sx={{ mt: 2 }}>
            {translate('mt.home.refused')}
          </Typography>
          {texts ? (
            <Typography variant="body2" color="text.secondary">
              {texts.refusedMeans}
            </Typography>
          ) : null}
          {refused.length === 0 ? <Typography>{translate('mt.home.nothing')}</Typography> : null}
          <Entries entries={refused.map((request) => ({ at: request.at, request }))} />
        </>
      ) : null}
    </>
  );
}
