// What operations that check a password share: the browser of a request, and the answer if it was not checked.

import type { Postponed } from '../../../auth/attempts.ts';
import type { Browser } from '../../../auth/sessions.ts';
import type { AdminRequest } from '../api/operation.ts';
import { type AdminAnswer, problem } from '../api/problem.ts';

/** The browser that sent a request. */
export function browserOf({
  remoteAddress,
  headers,
}: Pick<AdminRequest<unknown, unknown, unknown>, 'remoteAddress' | 'headers'>): Browser {
  return { address: remoteAddress, userAgent: headers['user-agent'] };
}

/** The answer if a password was not checked: 429 after too many wrong ones, 503 if too many are checked at the same time. */
export function postponed({ reason, waitSeconds }: Postponed): AdminAnswer {
  const headers = { 'Retry-After': String(waitSeconds) };
  const wait = waitSeconds < 120 ? `${waitSeconds} s` : `${Math.ceil(waitSeconds / 60)} min`;
  return reason === 'limited'
    ? problem(429, 'tooManySignIns', `Too many wrong passwords. Try again in ${wait}.`, headers)
    : problem(503, 'overloaded', `Too many people sign in at the same time. Try again in ${wait}.`, headers);
}
