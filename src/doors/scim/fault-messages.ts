// The directory's faults as SCIM Error responses (RFC 7644 §3.12). The table has an entry for every fault code.

import type { EventFault } from '../../directory/event.ts';
import type { Fault, FaultCode, Faults } from '../../directory/faults.ts';
import type { DoorResponse } from '../contract.ts';
import { sentenceAbout, sentenceOf, shown } from '../fault-sentences.ts';
import { MESSAGE } from './protocol/messages.ts';
import type { ScimType } from './protocol/scim-error.ts';

/** The variable parts of an Error response. */
interface ErrorMessage {
  status: number;
  scimType?: ScimType;
  detail: string;
}

const REASONS_SHOWN_MAX = 10;
const ID_CHARS_MAX = 255;
const BUSY_RETRY_SECONDS = 1;

function about(fault: Fault): string {
  return sentenceAbout(fault.path === '' ? 'The request' : fault.path, fault);
}

function invalidValue(fault: Fault): ErrorMessage {
  return { status: 400, scimType: 'invalidValue', detail: about(fault) };
}

/** A name is part of the detail; an external ID is not, since details are recorded. */
function conflict(fault: Fault): ErrorMessage {
  const { path, params } = fault;
  const isShown = params.holder !== undefined && params.value !== undefined;
  const name = isShown ? `${path} ${shown(params.value ?? '')}` : path;
  return { status: 409, scimType: 'uniqueness', detail: sentenceAbout(name === '' ? 'The request' : name, fault) };
}

/** The status, keyword and detail of each fault. */
const FAULT_MESSAGES: Record<FaultCode, (fault: Fault) => ErrorMessage> = {
  required: invalidValue,
  tooLong: invalidValue,
  tooMany: invalidValue,
  wrongType: invalidValue,
  invalidValue,
  uniqueness: conflict,
  ambiguousIdentity: conflict,
  possibleDuplicate: conflict,
  inUse: (fault) => ({ status: 409, detail: about(fault) }),
  unknownReference: invalidValue,
  nestedGroup: (fault) => ({ status: 400, scimType: 'invalidValue', detail: `${sentenceOf(fault)}.` }),
  notFound: ({ path, params }) => ({ status: 404, detail: notFoundDetail(path === '' ? 'Resource' : path, params.id) }),
  // Clients look for the words "User not found".
  memberNotFound: (fault) => ({
    status: 400,
    scimType: 'invalidValue',
    detail: `User not found: ${sentenceOf(fault)}. Nothing was changed.`,
  }),
  mutability: (fault) => ({ status: 400, scimType: 'mutability', detail: about(fault) }),
  userLimit: (fault) => ({ status: 403, detail: `${sentenceOf(fault)}.` }),
  forbidden: (fault) => ({
    status: 403,
    detail: fault.params.rule === undefined ? 'The credential does not allow this.' : `${sentenceOf(fault)}.`,
  }),
  preconditionFailed: (fault) => ({
    status: 412,
    detail: `${sentenceOf(fault)}. Read it again, then repeat the request.`,
  }),
  busy: (fault) => ({ status: 503, detail: `${sentenceOf(fault)}. Wait a moment, then try again.` }),
};

/** The detail of a 404: `User <id> not found`, which clients look for. */
export function notFoundDetail(type: string | number, id: string | number | undefined): string {
  return id === undefined ? `${type} not found` : `${type} ${String(id).slice(0, ID_CHARS_MAX)} not found`;
}

/**
 * An Error response.
 * @see RFC 7644 §3.12
 */
export function errorResponse(
  status: number,
  scimType: ScimType | undefined,
  detail: string,
  headers: Record<string, string> = {},
  reasons: DoorResponse['reasons'] = [{ code: scimType ?? String(status), detail }],
): DoorResponse {
  return {
    status,
    headers,
    body: { schemas: [MESSAGE.error], status: String(status), ...(scimType === undefined ? {} : { scimType }), detail },
    ...(reasons ? { reasons } : {}),
  };
}

/** The response to faults of the directory: status and keyword of the first one, the details of at most ten. */
export function faultResponse(faults: Readonly<Faults>): DoorResponse {
  const messages = faults.map((fault) => ({ code: fault.code, ...FAULT_MESSAGES[fault.code](fault) }));
  const { status, scimType } = FAULT_MESSAGES[faults[0].code](faults[0]);
  const details = [...new Set(messages.map(({ detail }) => detail))];
  const more = details.length > REASONS_SHOWN_MAX ? ` And ${details.length - REASONS_SHOWN_MAX} more.` : '';
  return errorResponse(
    status,
    scimType,
    details.slice(0, REASONS_SHOWN_MAX).join(' ') + more,
    status === 503 ? { 'Retry-After': String(BUSY_RETRY_SECONDS) } : {},
    messages.slice(0, REASONS_SHOWN_MAX).map(({ code, detail }) => ({ code, detail })),
  );
}

/** A fault of a request that was carried out, for its event. */
export function noteOf(fault: Fault): EventFault {
  return { code: fault.code, detail: `${FAULT_MESSAGES[fault.code](fault).detail} It was not applied.` };
}
