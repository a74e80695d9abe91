// Turns every error that a SCIM request throws into an Error response (RFC 7644 §3.12).

import type { EventFault } from '../../directory/event.ts';
import { type Faults, type Outcome, StoreUnavailable } from '../../directory/faults.ts';
import { QueryNotSupported, QueryTooCostly } from '../../directory/ports.ts';
import type { DoorResponse, Refusal } from '../contract.ts';
import { connectionErrorDetail, type DoorWording, wordRefusal } from '../refusals.ts';
import type { Written } from './endpoints/resource.ts';
import { errorResponse, faultResponse, noteOf } from './fault-messages.ts';
import type { ResourceView } from './protocol/renderer.ts';
import { ScimError } from './protocol/scim-error.ts';

/** The directory refused a request. */
class DirectoryRefusal extends Error {
  readonly faults: Faults;

  constructor(faults: Faults) {
    super(faults[0].code);
    this.name = 'DirectoryRefusal';
    this.faults = faults;
  }
}

/** The value of an outcome. @throws DirectoryRefusal if the directory refused */
export function accepted<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new DirectoryRefusal(outcome.faults);
  return outcome.value;
}

/** The most notes of one request. */
const NOTES_MAX = 20;

/** A written resource with its notes: those of the door, and what the directory left out. @throws DirectoryRefusal */
export function written(outcome: Outcome<ResourceView>, notes: readonly EventFault[]): Written {
  const view = accepted(outcome);
  const left = outcome.ok ? (outcome.left ?? []) : [];
  return { view, notes: [...notes, ...left.map(noteOf)].slice(0, NOTES_MAX) };
}

/** Whether the directory refused a request because another resource has one of its unique values. */
export function isConflict(error: unknown): boolean {
  return error instanceof DirectoryRefusal && error.faults.every(({ code }) => code === 'uniqueness');
}

/** Turns an error that a request threw into its response; unexpected errors go to `report`. */
export type ToResponse = (error: unknown) => DoorResponse;

export function createToResponse(report: (error: unknown) => void): ToResponse {
  return (error) => {
    if (error instanceof ScimError) return scimErrorResponse(error);
    if (error instanceof DirectoryRefusal) return faultResponse(error.faults);
    if (error instanceof QueryNotSupported)
      return errorResponse(400, 'invalidFilter', `${error.path}: ${error.message}.`);
    if (error instanceof QueryTooCostly) return costly(error);
    if (error instanceof StoreUnavailable) return { ...refusalResponse({ kind: 'unavailable' }), cause: error };
    report(error);
    return { ...refusalResponse({ kind: 'internal' }), cause: error };
  };
}

function scimErrorResponse({ status, scimType, detail, code }: ScimError): DoorResponse {
  return errorResponse(status, scimType, detail, {}, [{ code, detail }]);
}

/** @see RFC 7644 §3.12, table 9: tooMany is for filters that cost the server too much */
function costly(error: QueryTooCostly): DoorResponse {
  return error.mustWait
    ? refusalResponse({ kind: 'overloaded', scope: 'account', of: 'costly queries' })
    : errorResponse(400, 'tooMany', error.message);
}

const WORDING: DoorWording = {
  credential: 'A valid bearer token is required: Authorization: Bearer <token>.',
  mediaTypes: 'application/scim+json or application/json',
};

/** The response to a request that the server refuses before it calls the door. */
export function refusalResponse(refusal: Refusal): DoorResponse {
  const { status, detail, headers } = wordRefusal(refusal, WORDING);
  return errorResponse(status, refusal.kind === 'syntax' ? 'invalidSyntax' : undefined, detail, headers);
}

/** The response to a request that never reaches the door, such as malformed HTTP. */
export function connectionErrorResponse(status: number): DoorResponse {
  return errorResponse(status, undefined, connectionErrorDetail(status));
}
