// The only exception of the SCIM protocol core: the content of an Error response (RFC 7644 §3.12, RFC 9865 §2).
// Parsing throws it; the door catches it in one place and writes the body.

import type { FaultCode } from '../../../directory/faults.ts';

/** The `scimType` keywords of RFC 7644 §3.12, table 9, and of RFC 9865. */
export const SCIM_TYPES = [
  'invalidFilter',
  'tooMany',
  'uniqueness',
  'mutability',
  'invalidSyntax',
  'invalidPath',
  'noTarget',
  'invalidValue',
  'invalidVers',
  'sensitive',
  'invalidCursor',
  'expiredCursor',
  'invalidCount',
] as const;

/** One of `SCIM_TYPES`. */
export type ScimType = (typeof SCIM_TYPES)[number];

const QUOTED_CHARACTERS_MAX = 120;

/** A refusal in SCIM's form: HTTP status, keyword if the RFC has one, and a sentence that an administrator can act on. `code` says why to administrators. */
export class ScimError extends Error {
  readonly status: number;
  readonly scimType: ScimType | undefined;
  readonly detail: string;
  readonly code: string;

  constructor(
    status: number,
    scimType: ScimType | undefined,
    detail: string,
    code: string = scimType ?? String(status),
  ) {
    super(detail);
    this.name = 'ScimError';
    this.status = status;
    this.scimType = scimType;
    this.detail = detail;
    this.code = code;
  }
}

/** A 400 for a name that no attribute of the resource type has. A connection may have such names ignored. */
export class UnknownAttribute extends ScimError {
  constructor(scimType: ScimType, detail: string) {
    super(400, scimType, detail);
    this.name = 'UnknownAttribute';
  }
}

/** A 400 for a value, of which the keyword says less than the directory's codes. @see RFC 7644 §3.12, table 9 */
export function badValue(
  code: Extract<FaultCode, 'wrongType' | 'tooMany' | 'invalidValue'>,
  detail: string,
): ScimError {
  return new ScimError(400, 'invalidValue', detail, code);
}

/** A 400 with its keyword, the error that nearly all parsing throws. */
export function badRequest(scimType: ScimType, detail: string): ScimError {
  return new ScimError(400, scimType, detail);
}

/** Text from a client for a detail: quoted, with control characters escaped, cut to 120 characters. */
export function quote(text: string): string {
  return JSON.stringify(text.length > QUOTED_CHARACTERS_MAX ? `${text.slice(0, QUOTED_CHARACTERS_MAX)}…` : text);
}
