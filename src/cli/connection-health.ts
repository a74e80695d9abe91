// What `connection health` prints: the health of a connection in a few paragraphs of text.

import { createTable } from './frame/table.ts';

interface Counts {
  requests: number;
  refused: number;
  failed: number;
}

interface Drift {
  here: number;
  listed?: { total: number; at: string };
  difference?: number;
}

/** The health of a connection, as the admin API answers it; times are such as `2026-11-22T09:30:00.000Z`. */
export interface ShownHealth {
  connection: { name: string; kind: string };
  status: string;
  problems: string[];
  lastCall?: string;
  lastSuccess?: string;
  client?: string;
  cadence: { publishedMinutes?: number; observedMinutes?: number; due?: string; overdueSince?: string };
  hours: (Counts & { hour: string })[];
  days: (Counts & { day: string })[];
  faults: { code: string; count: number; last: string; cause: string; fix: string }[];
  quarantine?: { state: string; failures: number; operations: number; share: number; advice: string };
  tokens: { id: string; name?: string; hint: string; expires?: string; daysLeft?: number; state: string }[];
  users: Drift;
  groups: Drift;
}

const LAST_HOURS = 24;
const PROBLEMS: Readonly<Record<string, string>> = {
  inQuarantine: 'in quarantine by the published thresholds',
  tokenExpired: 'the token has expired',
  quarantineNear: 'quarantine is near',
  tokenExpiring: 'the token expires soon',
  manyRefused: 'many calls are refused',
  serverErrors: 'several server errors',
  neverCalled: 'nobody has called yet',
};
const STATES: Readonly<Record<string, string>> = {
  none: 'quarantine is not near',
  approaching: 'quarantine is near',
  inQuarantine: 'in quarantine, by the published thresholds',
};

/** The health as text. */
export function healthText(health: ShownHealth): string {
  return [general(health), faults(health), quarantine(health), tokens(health)]
    .filter((part) => part !== '')
    .join('\n\n');
}

function general(health: ShownHealth): string {
  const { connection, status, problems, lastCall, lastSuccess, client, cadence, hours, days, users, groups } = health;
  const lines: [string, string][] = [
    ['CONNECTION', `${connection.name} (${connection.kind})`],
    ['STATUS', [status, ...problems.map((problem) => PROBLEMS[problem] ?? problem)].join('; ')],
    ['CLIENT', client ?? 'not recognised'],
    ['LAST CALL', lastCall ? shortTime(lastCall) : 'never'],
    ['LAST SUCCESS', lastSuccess ? shortTime(lastSuccess) : 'never'],
    ['INTERVAL', intervalWords(cadence)],
    ['NEXT SYNC', dueWords(cadence)],
    ['LAST 24 HOURS', countWords(hours.slice(-LAST_HOURS))],
    ['LAST 30 DAYS', countWords(days)],
    ['USERS', driftWords(users)],
    ['GROUPS', driftWords(groups)],
  ];
  const width = Math.max(...lines.map(([title]) => title.length));
  return lines.map(([title, text]) => `${title.padEnd(width)}  ${text}`).join('\n');
}

function intervalWords({ publishedMinutes, observedMinutes }: ShownHealth['cadence']): string {
  const words = [
    ...(observedMinutes === undefined ? [] : [`${observedMinutes} minutes observed`]),
    ...(publishedMinutes === undefined ? [] : [`about ${publishedMinutes} minutes published`]),
  ];
  return words.length > 0 ? words.join(', ') : 'not known';
}

function dueWords({ due, overdueSince }: ShownHealth['cadence']): string {
  if (overdueSince)
    return `due since ${shortTime(overdueSince)}; a client may send nothing while nothing changes, so check it if you expect changes`;
  return due ? `due at ${shortTime(due)}` : 'not known';
}

function countWords(counts: readonly Counts[]): string {
  const sum = (of: (each: Counts) => number) => counts.reduce((total, each) => total + of(each), 0);
  return `${sum((each) => each.requests)} requests, ${sum((each) => each.refused)} refused, ${sum((each) => each.failed)} server errors`;
}

function driftWords({ here, listed, difference = 0 }: Drift): string {
  if (!listed) return `${here} here; the client has not read the whole list`;
  const change = difference === 0 ? 'no difference' : `${difference > 0 ? '+' : ''}${difference} since`;
  return `${here} here; the client last read ${listed.total} at ${shortTime(listed.at)} (${change})`;
}

function faults({ faults: found }: ShownHealth): string {
  if (found.length === 0) return '';
  return found
    .map(
      ({ code, count, last, cause, fix }) =>
        `${code}: ${count === 1 ? 'once' : `${count} times`}, last ${shortTime(last)}\n  ${cause}\n  ${fix}`,
    )
    .join('\n');
}

function quarantine({ quarantine: forecast }: ShownHealth): string {
  if (!forecast) return '';
  const { state, failures, operations, share, advice } = forecast;
  const percent = Math.round(share * 1_000) / 10;
  return `QUARANTINE  ${STATES[state] ?? state}: ${failures} of ${operations} operations failed in 24 hours (${percent} %)\n  ${advice}`;
}

function tokens({ tokens: found }: ShownHealth): string {
  if (found.length === 0) return 'No token: create one with token create.';
  return createTable(
    [
      { title: 'TOKEN', of: ({ id }) => id },
      { title: 'NAME', of: ({ name }) => name, shrinks: true },
      { title: 'BEGINS', of: ({ hint }) => hint },
      { title: 'EXPIRES', of: ({ expires }) => (expires ? shortTime(expires) : 'never') },
      { title: 'DAYS LEFT', of: ({ daysLeft }) => (daysLeft === undefined ? undefined : String(daysLeft)) },
      { title: 'STATE', of: ({ state }) => state },
    ],
    found,
  ).whole;
}

function shortTime(at: string): string {
  return at.slice(0, 16).replace('T', ' ');
}
