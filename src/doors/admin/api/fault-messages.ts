// The directory's faults as problems: status and detail. The table has an entry for every fault code.

import type { Fault, FaultCode } from '../../../directory/faults.ts';
import { sentenceAbout, sentenceOf, shown } from '../../fault-sentences.ts';

/** The variable parts of a problem. */
export interface FaultMessage {
  status: number;
  detail: string;
}

function about(fault: Fault): string {
  return sentenceAbout(fault.path === '' ? 'The request' : fault.path, fault);
}

function badRequest(fault: Fault): FaultMessage {
  return { status: 400, detail: about(fault) };
}

function conflict(fault: Fault): FaultMessage {
  return { status: 409, detail: about(fault) };
}

/** The status and detail of each fault. */
export const FAULT_MESSAGES: Record<FaultCode, (fault: Fault) => FaultMessage> = {
  required: badRequest,
  tooLong: badRequest,
  tooMany: badRequest,
  wrongType: badRequest,
  invalidValue: badRequest,
  mutability: badRequest,
  nestedGroup: (fault) => ({ status: 400, detail: `${sentenceOf(fault)}.` }),
  uniqueness: conflict,
  ambiguousIdentity: conflict,
  inUse: conflict,
  possibleDuplicate: conflict,
  notFound: ({ path, params: { value } }) => {
    const what = path === '' ? 'resource' : noun(path);
    return { status: 404, detail: `No ${what} ${value === undefined ? 'with this id' : shown(value)} exists.` };
  },
  memberNotFound: (fault) => ({ status: 400, detail: `${sentenceOf(fault)}. Nothing was changed.` }),
  unknownReference: (fault) => ({
    status: 400,
    detail: `${fault.path} ${sentenceOf(fault)}: ${shown(fault.params.value ?? '')}. Create it first.`,
  }),
  forbidden: (fault) => ({ status: 403, detail: about(fault) }),
  userLimit: (fault) => ({ status: 403, detail: `${sentenceOf(fault)}.` }),
  preconditionFailed: (fault) => ({
    status: 412,
    detail: `${sentenceOf(fault)}. Read it again, then repeat the request.`,
  }),
  busy: (fault) => ({ status: 503, detail: `${sentenceOf(fault)}. Wait a moment, then try again.` }),
};

/** `OrgUnit` as it is written in a sentence: `org unit`. */
function noun(type: string): string {
  return type.replace(/\B[A-Z]/g, ' $&').toLowerCase();
}
