// What an account has besides users, groups and stores: org units (a tree, as paths), roles, organizations, enrollment
// profiles. Files may name only what exists here; SCIM keeps what it is sent.

import { type Fault, fault, type Outcome } from '../faults.ts';
import { foldText } from '../schema/fold.ts';

export type ReferenceKind = 'orgUnit' | 'role' | 'organization' | 'enrollmentProfile';

/** One entry. The `code` is what files and users name: of an org unit its whole path, `Retail/Benelux/Gent`. */
export interface ReferenceItem {
  id: string;
  account: string;
  kind: ReferenceKind;
  code: string;
  /** A text to show beside the code. */
  name?: string;
  created: Date;
}

/** The port to where reference data is kept; src/mongo implements it. */
export interface ReferenceData {
  /** The entries of a kind whose folded code begins with `prefix`, in the order of their codes, at most `limit` after `after`. */
  list(
    account: string,
    kind: ReferenceKind,
    page: { prefix?: string; after?: string; limit: number },
  ): Promise<ReferenceItem[]>;
  /** Of these codes, those that exist (compared folded), as they are spelt there, by folded code. */
  known(account: string, kind: ReferenceKind, codes: string[]): Promise<Map<string, string>>;
  /** Faults: required, tooLong, uniqueness; unknownReference for an org unit whose parent does not exist. */
  add(account: string, kind: ReferenceKind, item: { code: string; name?: string }): Promise<Outcome<ReferenceItem>>;
  /** Faults: notFound; invalidValue for an org unit that has units below it. */
  remove(account: string, kind: ReferenceKind, id: string): Promise<Outcome<undefined>>;
}

export const REFERENCE_CODE_CHARS_MAX = 255;
export const ORG_UNIT_SEPARATOR = '/';

/** Faults for codes that do not exist: unknownReference, one each. */
export async function unknownReferences(
  data: Pick<ReferenceData, 'known'>,
  account: string,
  kind: ReferenceKind,
  codes: string[],
  path: string,
): Promise<Fault[]> {
  if (codes.length === 0) return [];
  const known = await data.known(account, kind, codes);
  return codes
    .filter((code) => !known.has(foldText(code)))
    .map((value) => fault('unknownReference', path, { kind, value }));
}

/** The path of the unit above, or undefined for one at the top. */
export function parentOrgUnit(code: string): string | undefined {
  const at = code.lastIndexOf(ORG_UNIT_SEPARATOR);
  return at < 0 ? undefined : code.slice(0, at);
}
