// The directory's refusals as problem details (RFC 9457): one table that the compiler checks for completeness.

import type { Fault, FaultCode, Faults } from '../../../directory/faults.ts';

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/** An answer of this door; the server adds what every answer has. */
export interface AdminAnswer {
  status: number;
  headers: Record<string, string>;
  mediaType?: string;
  body?: object;
  /** Text in pieces, for answers that must not stand in memory. */
  stream?: AsyncIterable<string>;
  reasons?: { code: string; detail: string }[];
  isConfidential?: boolean;
  subject?: { type: string; id: string; name?: string; externalId?: string };
}

interface Words {
  status: number;
  detail: string;
}

const FAULTS_SHOWN_MAX = 20;
const BUSY_RETRY_SECONDS = 1;
const TEXT_SHOWN_MAX = 255;

function bad(detail: string): Words {
  return { status: 400, detail };
}

function named(fault: Fault): string {
  return fault.path === '' ? 'The request' : fault.path;
}

function ruled(fault: Fault, otherwise: string): string {
  const { rule } = fault.params;
  return rule === undefined ? `${named(fault)} ${otherwise}.` : `${named(fault)}: ${rule}.`;
}

function shown(value: string | number | undefined): string {
  return JSON.stringify(String(value ?? '').slice(0, TEXT_SHOWN_MAX));
}

const KINDS: Readonly<Record<string, string>> = {
  orgUnit: 'an org unit',
  enrollmentProfile: 'an enrollment profile',
  organization: 'an organization',
  group: 'a user group',
};

function kindWords(kind: string | number | undefined): string {
  return KINDS[String(kind)] ?? `a ${kind ?? 'resource'}`;
}

/** How each refusal of the directory is told over the admin API. */
export const PROBLEMS: Record<FaultCode, (fault: Fault) => Words> = {
  required: (fault) => bad(ruled(fault, 'is required and has no value')),
  tooLong: (fault) => bad(`${named(fault)} is longer than ${fault.params.max} characters.`),
  tooMany: (fault) => bad(`${named(fault)} has more than ${fault.params.max} elements.`),
  wrongType: (fault) => bad(`${named(fault)} must be ${fault.params.expected}.`),
  invalidValue: (fault) => bad(ruled(fault, 'has a value that is not allowed')),
  uniqueness: (fault) => ({ status: 409, detail: ruled(fault, 'is taken: another one has the same value') }),
  notFound: (fault) => ({
    status: 404,
    detail: `${fault.path === '' ? 'There is nothing' : `There is no ${fault.path}`} of this id here.`,
  }),
  memberNotFound: (fault) => bad(`There is no user with the id ${shown(fault.params.id)}, so nothing was changed.`),
  nestedGroup: () => bad("A group can't be a member of a group."),
  mutability: (fault) => bad(ruled(fault, "can't be written")),
  userLimit: (fault) => ({
    status: 403,
    detail: `The contract of this account allows ${fault.params.limit} active users, and there are as many.`,
  }),
  ambiguousIdentity: (fault) => ({ status: 409, detail: `${named(fault)} means more than one user.` }),
  possibleDuplicate: (fault) => ({
    status: 409,
    detail: `${named(fault)} belongs to somebody with another external ID.`,
  }),
  unknownReference: (fault) =>
    bad(
      `${named(fault)} names ${kindWords(fault.params.kind)} that does not exist: ${shown(fault.params.value)}. Make it first.`,
    ),
  forbidden: (fault) => ({ status: 403, detail: ruled(fault, "is beyond this administrator's role") }),
  preconditionFailed: () => ({
    status: 412,
    detail: 'It has changed since the version that the request names. Read it again, then repeat.',
  }),
  busy: () => ({ status: 503, detail: 'Too many writers at once. Nothing was changed; try again.' }),
};

const TITLES: Record<number, string> = {
  400: 'The request is not valid',
  401: 'Sign in first',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  412: 'Changed meanwhile',
  413: 'Too large',
  415: 'Unsupported media type',
  422: 'The key was used for something else',
  429: 'Too many requests',
  500: 'The server failed',
  503: 'Not available for the moment',
};

/** A problem without a fault of the directory. `code` is a word for programs. @see RFC 9457 §3 */
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

/** The answer to what the directory refused: status and code of the first fault, twenty of them at most in `faults`. */
export function faultProblem(faults: Readonly<Faults>, pathOf = (path: string) => path): AdminAnswer {
  const told = faults.slice(0, FAULTS_SHOWN_MAX).map((fault) => {
    const own = { ...fault, path: pathOf(fault.path) };
    return { code: fault.code, path: own.path, words: PROBLEMS[fault.code](own) };
  });
  const [first] = told as [(typeof told)[number], ...typeof told];
  const { status, detail } = first.words;
  const details = [...new Set(told.map((one) => one.words.detail))];
  const answer = problem(status, first.code, details.length === 1 ? detail : details.join(' '));
  return {
    ...answer,
    headers: status === 503 ? { 'Retry-After': String(BUSY_RETRY_SECONDS) } : {},
    body: {
      ...answer.body,
      faults: told.map(({ code, path, words }) => ({ code, path, detail: words.detail })),
    },
    reasons: told.map(({ code, words }) => ({ code, detail: words.detail })),
  };
}
