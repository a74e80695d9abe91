// The overview: what needs the administrator, and where to begin.

import { Card, CardActionArea, CardContent, Grid, Typography } from '@mui/material';
import { useQuery } from '@tanstack/react-query';
import { Link, Title, usePermissions, useTranslate } from 'react-admin';
import { accountSlug, callAccount } from '../api.ts';
import { useTimes } from '../times.tsx';
import { AccountOverview } from './health-overview.tsx';
import { Entries } from './history.tsx';
import { fill, useSupportTexts } from './lazy-texts.ts';

const LISTED = 50;

/** How many there are; `50+` if the list does not say. */
function countOf({ items, total, next }: { items: unknown[]; total?: number; next?: string }): string {
  return total === undefined ? `${items.length}${next ? '+' : ''}` : String(total);
}

interface CountProps {
  title: string;
  to: string;
  read: () => Promise<{ json: Parameters<typeof countOf>[0] }>;
}

const REFRESH_MS = 30_000;

function Count({ title, to, read }: CountProps) {
  const { data } = useQuery({
    queryKey: ['count', title],
    queryFn: async () => countOf((await read()).json),
    refetchInterval: REFRESH_MS,
  });
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
function AsOf({ of }: { of: string }) {
  const texts = useSupportTexts();
  const { time } = useTimes();
  const { dataUpdatedAt } = useQuery({ queryKey: ['count', of], enabled: false });
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
    queryFn: async () => (await callAccount('get', '/events', { query: { failed: true, limit: 10 } })).json.items,
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
          read={() => callAccount('get', '/users', { query: { status: 'incomplete', limit: LISTED } })}
          to={`/users${filterOf({ status: 'incomplete' })}`}
        />
        <Count
          title={translate('mt.home.invited')}
          read={() => callAccount('get', '/users', { query: { status: 'invited', limit: LISTED } })}
          to="/invitations"
        />
        <Count
          title={translate('mt.home.red')}
          read={() => callAccount('get', '/invitations', { query: { marker: 'red', limit: LISTED } })}
          to={`/invitations${filterOf({ marker: 'red' })}`}
        />
        {permissions.includes('mails.edit') ? (
          <Count
            title={translate('mt.home.failedMails')}
            read={() => callAccount('get', '/mails', { query: { state: 'failed', limit: LISTED } })}
            to="/invitations"
          />
        ) : null}
      </Grid>
      <AsOf of={translate('mt.home.incomplete')} />
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
