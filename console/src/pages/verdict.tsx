// The verdict on a person: the first sentence of a timeline, what to do next, and a text for the customer that says both.

import { Alert, Box, Typography } from '@mui/material';
import { useQuery } from '@tanstack/react-query';
import { Link, usePermissions, useTranslate } from 'react-admin';
import { accountSlug, callAccount } from '../api.ts';
import { useAttributeWords } from '../attribute-words.ts';
import type { Schemas } from '../operations.ts';
import type { SupportTexts } from '../texts/support/en.ts';
import { useTimes } from '../times.tsx';
import { checksOf, type NeverSent, tokenWords, useCustomerTexts } from './customer-text.ts';
import { actorOf, changeOf, type Entry, type RequestEntry, reasonOf, useRow } from './entries.ts';
import { CopyButton, Reasons } from './history.tsx';
import { fill, useSupportTexts } from './lazy-texts.ts';

/** The user whom a timeline is about. */
export type FoundUser = Schemas['User'];

type Invitation = Schemas['Invitation'];

interface Verdict {
  severity: 'success' | 'warning' | 'error' | 'info';
  text: string;
  next: string;
}

interface VerdictProps {
  entries: readonly Entry[];
  user: FoundUser | undefined;
  /** What was searched for, and from when on requests are kept. */
  text: string;
  keptFrom: string;
  /** What the verdict is headed by, with the account. */
  name: string | undefined;
}

/** The doors by which a person is sent. */
const SENDING: ReadonlySet<string> = new Set(['scim', 'csv', 'xml', 'links']);

/** The last request by which the person was sent; if nobody sent the person, the last one at all. */
function lastRequest(entries: readonly Entry[]): RequestEntry | undefined {
  const requests = entries.flatMap(({ request }) => request ?? []);
  return requests.find(({ door }) => SENDING.has(door)) ?? requests[0];
}

/** The open invitation of an invited user: null if there is none, undefined until it is read. */
function useInvitation(user: FoundUser | undefined): Invitation | null | undefined {
  const isInvited = user?.status === 'invited';
  const { data } = useQuery({
    queryKey: ['invitation of', user?.id],
    queryFn: async () => {
      const query = { user: user?.id, limit: 1 };
      return (await callAccount('get', '/invitations', { query })).json.items[0] ?? null;
    },
    enabled: isInvited,
  });
  return isInvited ? data : null;
}

function useConnections(isWanted: boolean): NeverSent['connections'] | undefined {
  const { permissions = [] } = usePermissions<string[]>();
  const isAllowed = permissions.includes('connections.read');
  const { data } = useQuery({
    queryKey: ['connections that call', accountSlug()],
    queryFn: async () => (await callAccount('get', '/connections')).json.items,
    enabled: isWanted && isAllowed,
  });
  return isAllowed ? data : [];
}

/** The latest call of each connection whose token was not accepted: it may have been about anybody. */
function useRefusedTokens(isWanted: boolean): NeverSent['refusedTokens'] | undefined {
  const { permissions = [] } = usePermissions<string[]>();
  const isAllowed = permissions.includes('events.read');
  const { data } = useQuery({
    queryKey: ['calls with refused tokens', accountSlug()],
    queryFn: async () => {
      const query = { door: 'scim', failed: 'true', limit: REFUSED_READ } as const;
      const { items } = (await callAccount('get', '/events', { query })).json;
      const refused = items.filter(({ status, connectionName }) => status === 401 && connectionName !== undefined);
      return [...new Map(refused.toReversed().map((one) => [one.connection, one])).values()];
    },
    enabled: isWanted && isAllowed,
  });
  return isAllowed ? data : [];
}

/** How many of the latest refused calls are looked at. */
const REFUSED_READ = 100;

/** What is known of a user, and what to do next. */
function useUserVerdict() {
  const translate = useTranslate();
  const { time, day } = useTimes();
  const words = useAttributeWords();
  return (
    texts: SupportTexts,
    user: FoundUser | undefined,
    entries: readonly Entry[],
    invitation: Invitation | null,
  ): Verdict => {
    const last = { time: time(entries[0]?.at) };
    /** When and by whom the user became what the sentence says. */
    const since = (sentence: string, attribute: string): string => {
      const change = changeOf(entries, attribute);
      if (!change) return sentence;
      const actor = actorOf(change.actor) || change.connectionName || texts.administration;
      return `${sentence} ${fill(texts.changedBy, { time: time(change.at), actor })}`;
    };
    const said = (severity: Verdict['severity'], text: string, next: string): Verdict => ({ severity, text, next });
    if (!user) return said('info', translate('mt.timeline.gone', last), texts.next.gone);
    const { status, missing } = user;
    if (status === 'blocked')
      return said('warning', since(translate('mt.timeline.blocked'), 'blocked'), texts.next.blocked);
    if (status === 'inactive')
      return said('warning', since(translate('mt.timeline.inactive'), 'active'), texts.next.inactive);
    if (status === 'invited') return invitedVerdict(texts, translate('mt.timeline.invited'), invitation, { time, day });
    if (missing.length > 0) {
      const named = missing.map((name) => words(name, true)).join(', ');
      return said('warning', translate('mt.timeline.missing', { missing: named }), texts.next.missing);
    }
    return said(
      'success',
      translate('mt.timeline.fine', last),
      fill(texts.next.fine, { userName: user.userName ?? '' }),
    );
  };
}

function invitedVerdict(
  { invitation: words, next }: SupportTexts,
  text: string,
  invitation: Invitation | null,
  { time, day }: Pick<ReturnType<typeof useTimes>, 'time' | 'day'>,
): Verdict {
  if (invitation === null) return { severity: 'warning', text: `${text} ${words.ended}`, next: next.ended };
  const { created, lastDay, daysLeft, mail } = invitation;
  const open = fill(words.open, { created: time(created), lastDay: day(lastDay), days: daysLeft });
  const sent = mail ? fill(words.states[mail.state], { reason: mail.reason ?? '' }) : '';
  const isLost = mail?.state === 'failed';
  return {
    severity: isLost ? 'warning' : 'info',
    text: [text, open, sent].filter(Boolean).join(' '),
    next: isLost ? next.undelivered : next.invited,
  };
}

/** The verdict, as the first thing of a timeline. */
export function VerdictAlert({ entries, user, text, keptFrom, name }: VerdictProps) {
  const translate = useTranslate();
  const { time } = useTimes();
  const texts = useSupportTexts();
  const customer = useCustomerTexts();
  const verdictOf = useUserVerdict();
  const invitation = useInvitation(user);
  const [latest] = entries;
  const isNever = !latest && !user;
  const connections = useConnections(isNever);
  const refusedTokens = useRefusedTokens(isNever);
  const request = lastRequest(entries);
  const isRefused = request !== undefined && request.outcome !== 'accepted';
  const row = useRow(isRefused ? request : undefined);
  if (!texts || !customer || invitation === undefined || (isNever && !(connections && refusedTokens))) return null;
  const head = name ? <strong>{`${name} (${accountSlug()}): `}</strong> : null;
  const link = user ? <Link to={`/users/${user.id}/show`}>{user.userName}</Link> : null;
  if (isNever) {
    const never = { text, keptFrom, connections: connections ?? [], refusedTokens: refusedTokens ?? [] };
    return <Never head={head} never={never} texts={texts} />;
  }
  const who = name ?? user?.userName ?? text;
  if (isRefused) {
    const refused = translate('mt.timeline.refused', { time: time(request.at), reason: reasonOf(request) });
    return (
      <Alert severity="error" sx={ALERT}>
        {head}
        {refused} {link}
        <Reasons entry={request} isSaid />
        <CopyButton text={() => customer.ofRequest(request, who, row)} />
      </Alert>
    );
  }
  const { severity, text: sentence, next } = verdictOf(texts, user, entries, invitation);
  return (
    <Alert severity={severity} sx={ALERT}>
      {head}
      {sentence} {link}
      <Typography variant="body2">
        <strong>{texts.fix}:</strong> {next}
      </Typography>
      <CopyButton text={() => customer.ofVerdict(who, sentence, next, new Date().toISOString())} />
    </Alert>
  );
}

const ALERT = { my: 2, overflowWrap: 'anywhere' } as const;

function Never({ head, never, texts }: { head: React.ReactNode; never: NeverSent; texts: SupportTexts }) {
  const translate = useTranslate();
  const { time } = useTimes();
  const customer = useCustomerTexts();
  const from = time(never.keptFrom);
  return (
    <Alert severity="warning" sx={ALERT}>
      {head}
      {translate('mt.timeline.never')}
      <Typography variant="body2">
        {texts.never.period}: {fill(texts.never.periodOf, { from, to: time(new Date().toISOString()) })}.
      </Typography>
      {tokenWords(texts, never, time).map((words) => (
        <Typography variant="body2" key={words} sx={{ mt: 1, fontWeight: 600 }}>
          {words}
        </Typography>
      ))}
      {checksOf(texts, never).map(({ title, steps }) => (
        <Box key={title}>
          <Typography variant="body2" component="h2" sx={{ mt: 1, fontWeight: 600 }}>
            {title}
          </Typography>
          <Box component="ol" sx={{ m: 0, pl: 3 }}>
            {steps.map((step) => (
              <Typography component="li" variant="body2" key={step}>
                {step}
              </Typography>
            ))}
          </Box>
        </Box>
      ))}
      {customer ? <CopyButton text={() => customer.ofNever(never)} /> : null}
    </Alert>
  );
}
