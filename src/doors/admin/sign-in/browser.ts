// What operations that check a password share: the browser of a request, and the answer to too many wrong passwords.

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

/** 429 after too many wrong passwords. */
export function tooManyPasswords(waitSeconds: number): AdminAnswer {
  const wait = waitSeconds < 120 ? `${waitSeconds} s` : `${Math.ceil(waitSeconds / 60)} min`;
  return problem(429, 'tooManySignIns', `Too many wrong passwords. Try again in ${wait}.`, {
    'Retry-After': String(waitSeconds),
  });
}
