// Problem details (RFC 9457), also for the directory's faults.

import type { Fault, Faults } from '../../../directory/faults.ts';
import type { DoorResponse } from '../../contract.ts';
import { connectionErrorDetail } from '../../refusals.ts';
import { FAULT_MESSAGES } from './fault-messages.ts';

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/** A response of this door; the server adds the common headers. */
export type AdminAnswer = DoorResponse;

const FAULTS_SHOWN_MAX = 20;
const BUSY_RETRY_SECONDS = 1;

const TITLES: Record<number, string> = {
  400: 'The request is not valid',
  401: 'Sign in first',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  408: 'Too slow',
  412: 'Changed in the meantime',
  413: 'Too large',
  415: 'Unsupported media type',
  417: 'Expectation failed',
  422: 'The key was used for another request',
  429: 'Too many requests',
  431: 'Headers too long',
  500: 'The server failed',
  503: 'Temporarily unavailable',
};

/** A problem that is not a fault of the directory. `code` is for programs. @see RFC 9457 §3 */
export function problem(
  status: number,
  code: string,
  detail: string,
  headers: Record<string, string> = {},
): AdminAnswer {
  return {
    status,
    headers,
    mediaType: PROBLEM_MEDIA_TYPE,
    body: { type: `urn:mobietrain:problem:${code}`, title: TITLES[status] ?? 'Error', status, detail, code },
    reasons: [{ code, detail }],
  };
}

/** The response to a request that never reaches the door, such as malformed HTTP. */
export function connectionProblem(status: number): AdminAnswer {
  return problem(status, 'http', connectionErrorDetail(status));
}

/** The sentences of faults, each once, of at most twenty. */
export function detailOf(faults: readonly Fault[]): string {
  const details = faults.slice(0, FAULTS_SHOWN_MAX).map((fault) => FAULT_MESSAGES[fault.code](fault).detail);
  return [...new Set(details)].join(' ');
}

/** The response to faults of the directory: status and code of the first one, at most twenty of them in `faults`. */
export function faultProblem(faults: Readonly<Faults>, pathOf = (path: string) => path): AdminAnswer {
  const renamed = ({ path, ...fault }: Fault): Fault => ({ ...fault, path: pathOf(path) });
  const shown = faults.slice(0, FAULTS_SHOWN_MAX).map((given) => {
    const fault = renamed(given);
    return { code: fault.code, path: fault.path, detail: FAULT_MESSAGES[fault.code](fault).detail };
  });
  const { status } = FAULT_MESSAGES[faults[0].code](renamed(faults[0]));
  const answer = problem(status, faults[0].code, detailOf(faults.map(renamed)));
  return {
    ...answer,
    headers: status === 503 ? { 'Retry-After': String(BUSY_RETRY_SECONDS) } : {},
    body: { ...answer.body, faults: shown },
    reasons: shown.map(({ code, detail }) => ({ code, detail })),
  };
}
