// Tokens that expire: how many days are left, from when on somebody should make a new one, and when there is a mail about it.

import { daysBetween, todayIn } from '../invitations/days.ts';
import type { Account } from '../model.ts';

/** What is read of a credential. */
export interface ExpiringToken {
  id: string;
  name?: string;
  hint: string;
  created: Date;
  expires?: Date;
  lastUsed?: Date;
  revoked?: Date;
}

/** `expiring`: the first mail about it is due (30 days before its end, or fewer for a token that was made for fewer). */
export const TOKEN_STATES = ['valid', 'expiring', 'expired'] as const;

export interface TokenExpiry {
  state: (typeof TOKEN_STATES)[number];
  /** Whole days until it expires, rounded up; 0 if it has. Absent if it never expires. */
  daysLeft?: number;
}

const DAY_MS = 86_400_000;
/** So many days before its end there is a mail about a token. */
const WARNING_DAYS = [1, 7, 30] as const;
type WarningDays = (typeof WARNING_DAYS)[number];

/** When a token ends. */
export function expiryOf({ created, expires }: Pick<ExpiringToken, 'created' | 'expires'>, now: Date): TokenExpiry {
  if (!expires) return { state: 'valid' };
  const daysLeft = Math.max(0, Math.ceil((expires.getTime() - now.getTime()) / DAY_MS));
  if (expires <= now) return { state: 'expired', daysLeft: 0 };
  const lifetimeDays = (expires.getTime() - created.getTime()) / DAY_MS;
  const warnFrom = WARNING_DAYS.findLast((days) => days < lifetimeDays) ?? 1;
  return { state: daysLeft <= warnFrom ? 'expiring' : 'valid', daysLeft };
}

/**
 * Which of the mails about a token is due, by the calendar of the account: the last one whose day has come, so that a server that was
 * down sends one. A token that was created with fewer days than that has no such mail.
 */
export function dueWarning(
  { created, expires, revoked }: Pick<ExpiringToken, 'created' | 'expires' | 'revoked'>,
  account: Pick<Account, 'timeZone'>,
  now: Date,
): WarningDays | undefined {
  if (!expires || revoked || expires <= now) return undefined;
  const lastDay = todayIn(account, expires);
  const left = daysBetween(todayIn(account, now), lastDay);
  const due = WARNING_DAYS.find((days) => left <= days);
  if (due === undefined || daysBetween(todayIn(account, created), lastDay) <= due) return undefined;
  return due;
}

/** What the tokens of a connection say together: a token that expires counts until it is revoked or has expired beside a valid one. */
export function soonestExpiry(
  tokens: readonly Pick<ExpiringToken, 'created' | 'expires' | 'revoked'>[],
  now: Date,
): (TokenExpiry & { expires?: Date }) | undefined {
  const known = tokens
    .filter(({ revoked }) => !revoked)
    .map((token) => ({ expires: token.expires, ...expiryOf(token, now) }));
  const working = known.filter(({ state }) => state !== 'expired');
  const candidates = working.length > 0 ? working : known;
  const [first] = candidates.sort((one, other) => end(one) - end(other));
  if (!first) return undefined;
  const { expires, ...expiry } = first;
  return { ...expiry, ...(expires ? { expires } : {}) };
}

function end({ expires }: { expires?: Date | undefined }): number {
  return expires?.getTime() ?? Number.POSITIVE_INFINITY;
}
