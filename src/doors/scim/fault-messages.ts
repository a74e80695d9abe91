// The directory's refusals in SCIM's words (RFC 7644 §3.12), one table that the compiler checks for completeness,
// and the bodies of errors.

import type { Fault, FaultCode, Faults } from '../../directory/faults.ts';
import { MESSAGE, type Reason, type ScimResponse } from './exchange.ts';
import type { ScimError, ScimType } from './protocol/scim-error.ts';

/** What an Error body says. */
interface Words {
  status: number;
  scimType?: ScimType;
  detail: string;
}

const REASONS_SHOWN_MAX = 10;
const BUSY_RETRY_SECONDS = 1;
const OUTAGE_RETRY_SECONDS = 2;

function invalid(detail: string): Words {
  return { status: 400, scimType: 'invalidValue', detail };
}

function named(fault: Fault): string {
  return fault.path === '' ? 'The request' : fault.path;
}

/** `: <rule>` where the directory gave a rule in words, else the sentence of last resort. */
function ruled(fault: Fault, otherwise: string): string {
  const { rule } = fault.params;
  return rule === undefined ? `${named(fault)} ${otherwise}.` : `${named(fault)}: ${rule}.`;
}

/** How each refusal of the directory is told over SCIM. */
export const SCIM_FAULTS: Record<FaultCode, (fault: Fault) => Words> = {
  required: (fault) => invalid(ruled(fault, 'is required and has no value')),
  tooLong: (fault) => invalid(`${named(fault)} is longer than ${fault.params.max} characters.`),
  tooMany: (fault) => invalid(`${named(fault)} has more than ${fault.params.max} elements.`),
  wrongType: (fault) => invalid(`${named(fault)} must be ${fault.params.expected}.`),
  invalidValue: (fault) => invalid(ruled(fault, 'has a value that is not allowed')),
  uniqueness: (fault) => ({
    status: 409,
    scimType: 'uniqueness',
    detail: ruled(fault, 'is taken: another resource of this account has the same value'),
  }),
  notFound: (fault) => ({
    status: 404,
    detail: notFoundDetail(fault.path === '' ? 'Resource' : fault.path, fault.params.id),
  }),
  memberNotFound: (fault) => {
    const { id } = fault.params;
    return invalid(
      `User not found: ${id === undefined ? 'a member' : `the member ${JSON.stringify(shown(id))}`} does not exist in this account, so nothing was changed.`,
    );
  },
  nestedGroup: () => invalid("members: a group can't be a member of a group; user groups have no hierarchy."),
  mutability: (fault) => ({
    status: 400,
    scimType: 'mutability',
    detail: ruled(fault, "can't be written by clients"),
  }),
  userLimit: (fault) => ({
    status: 403,
    detail: `The contract of this account allows ${fault.params.limit} active users, and there are as many.`,
  }),
  ambiguousIdentity: (fault) => ({
    status: 409,
    scimType: 'uniqueness',
    detail: `${named(fault)} means more than one user of this account.`,
  }),
  possibleDuplicate: (fault) => ({
    status: 409,
    scimType: 'uniqueness',
    detail: `${named(fault)} belongs to somebody with another externalId.`,
  }),
  unknownReference: (fault) =>
    invalid(`${named(fault)} names a ${fault.params.kind ?? 'resource'} that does not exist in this account.`),
  forbidden: () => ({ status: 403, detail: 'The credential does not allow this.' }),
  preconditionFailed: () => ({
    status: 412,
    detail: 'The resource has changed since the version that the request names. Read it again, then repeat.',
  }),
  busy: () => ({ status: 503, detail: 'Too many writers at once on this resource. Nothing was changed; try again.' }),
};

function shown(value: string | number): string {
  return String(value).slice(0, 255);
}

/** The detail of a 404: `User <id> not found`. */
export function notFoundDetail(type: string | number, id: string | number | undefined): string {
  return id === undefined ? `${type} not found` : `${type} ${shown(id)} not found`;
}

/**
 * An Error answer.
 * @see RFC 7644 §3.12
 */
export function errorResponse(
  status: number,
  scimType: ScimType | undefined,
  detail: string,
  headers: Record<string, string> = {},
  reasons: Reason[] = [{ code: scimType ?? String(status), detail }],
): ScimResponse {
  return {
    status,
    headers,
    body: { schemas: [MESSAGE.error], status: String(status), ...(scimType === undefined ? {} : { scimType }), detail },
    reasons,
  };
}

/** The answer to a request that the directory refused: status and keyword of the first fault, the details of ten at most. */
export function faultResponse(faults: Readonly<Faults>): ScimResponse {
  const told = faults.map((fault) => ({ code: fault.code, words: SCIM_FAULTS[fault.code](fault) }));
  const { status, scimType } = (told[0] as (typeof told)[number]).words;
  const details = [...new Set(told.map((one) => one.words.detail))];
  const more = details.length > REASONS_SHOWN_MAX ? ` And ${details.length - REASONS_SHOWN_MAX} more.` : '';
  return errorResponse(
    status,
    scimType,
    details.slice(0, REASONS_SHOWN_MAX).join(' ') + more,
    status === 503 ? { 'Retry-After': String(BUSY_RETRY_SECONDS) } : {},
    told.slice(0, REASONS_SHOWN_MAX).map((one) => ({ code: one.code, detail: one.words.detail })),
  );
}

/** The answer to a request that the protocol layer refused. */
export function scimErrorResponse(error: ScimError): ScimResponse {
  return errorResponse(error.status, error.scimType, error.detail);
}

/** The answer while the database is away: nothing was changed, or the client can't know and repeats. */
export function unavailableResponse(): ScimResponse {
  return errorResponse(503, undefined, 'The directory is not available for the moment. Try again shortly.', {
    'Retry-After': String(OUTAGE_RETRY_SECONDS),
  });
}
