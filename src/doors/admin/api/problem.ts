// The directory's refusals as problem details (RFC 9457): one table that the compiler checks for completeness.

import type { Fault, FaultCode } from '../../../directory/faults.ts';

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/** An answer of this door; the server adds the headers that every answer has. */
export interface AdminAnswer {
  status: number;
  headers: Record<string, string>;
  mediaType?: string;
  body?: object;
  /** Text in chunks, for answers that are too large to hold in memory. */
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

/** The status and message of each fault code. */
export const PROBLEMS: Record<FaultCode, (fault: Fault) => Words> = {
  required: (fault) => bad(ruled(fault, 'is required and has no value')),
  tooLong: (fault) => bad(`${named(fault)} is longer than ${fault.params.max} characters.`),
  tooMany: (fault) => bad(`${named(fault)} has more than ${fault.params.max} elements.`),
  wrongType: (fault) => bad(`${named(fault)} must be ${fault.params.expected}.`),
  invalidValue: (fault) => bad(ruled(fault, 'has a value that is not allowed')),
  uniqueness: (fault) => ({ status: 409, detail: ruled(fault, 'is already taken') }),
  notFound: (fault) => ({
    status: 404,
    detail: fault.path === '' ? 'Nothing with this id exists.' : `No ${fault.path} with this id exists.`,
  }),
  memberNotFound: (fault) => bad(`No user with the id ${shown(fault.params.id)} exists. Nothing was changed.`),
  nestedGroup: () => bad('A group cannot be a member of another group.'),
  mutability: (fault) => bad(ruled(fault, 'cannot be changed')),
  userLimit: (fault) => ({
    status: 403,
    detail: `The contract of this account allows ${fault.params.limit} active users, and that limit is reached.`,
  }),
  ambiguousIdentity: (fault) => ({ status: 409, detail: `${named(fault)} matches more than one user.` }),
  possibleDuplicate: (fault) => ({
    status: 409,
    detail: `${named(fault)} belongs to a user with a different external ID.`,
  }),
  unknownReference: (fault) =>
    bad(
      `${named(fault)} refers to ${kindWords(fault.params.kind)} that does not exist: ${shown(fault.params.value)}. Create it first.`,
    ),
  forbidden: (fault) => ({ status: 403, detail: ruled(fault, 'is not allowed by your role') }),
  preconditionFailed: () => ({
    status: 412,
    detail: 'The resource has changed since the version in If-Match. Read it again and retry.',
  }),
  busy: () => ({ status: 503, detail: 'Too many concurrent changes. Nothing was changed; try again.' }),
};

const TITLES: Record<number, string> = {
  400: 'The request is not valid',
  401: 'Not signed in',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  412: 'Precondition failed',
  413: 'Too large',
  415: 'Unsupported media type',
  422: 'Idempotency key reused',
  429: 'Too many requests',
  500: 'Internal server error',
  503: 'Temporarily unavailable',
};

/** A problem that is not a fault of the directory. `code` is machine-readable. @see RFC 9457 §3 */
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

/** The answer to a refusal: status and code of the first fault, and at most 20 faults in `faults`. */
export function faultProblem(faults: readonly [Fault, ...Fault[]], pathOf = (path: string) => path): AdminAnswer {
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
