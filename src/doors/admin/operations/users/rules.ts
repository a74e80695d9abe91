// What the form of a user demands beside the directory's rules: login names that may change, codes that the account knows.

import { type Fault, fault } from '../../../../directory/faults.ts';
import type { Caller, UserView } from '../../../../directory/model.ts';
import {
  type ReferenceData,
  type ReferenceKind,
  unknownReferences,
} from '../../../../directory/reference-data/reference-data.ts';
import { foldText } from '../../../../directory/schema/fold.ts';
import type { UserDraft } from '../user-schemas.ts';

/** Login names belong to the source unless the account lets administrators change them. Faults: mutability. */
export function loginNameFaults({ account }: Caller, current: UserView, { userName }: UserDraft): Fault[] {
  if (userName === undefined || account.loginNamesEditable || userName === current.attributes.userName) return [];
  return [fault('mutability', 'userName', { rule: 'login names cannot be changed in this account' })];
}

/** The codes in a body that do not exist in the account. Faults: unknownReference. */
export async function unknownCodes(referenceData: ReferenceData, caller: Caller, body: UserDraft): Promise<Fault[]> {
  const codesByKind: [ReferenceKind, string[], string][] = [
    ['orgUnit', body.organizationalUnit ? [body.organizationalUnit] : [], 'organizationalUnit'],
    ['enrollmentProfile', body.enrollmentProfiles ?? [], 'enrollmentProfiles'],
    ['organization', body.organizations ?? [], 'organizations'],
  ];
  const faults = await Promise.all(
    codesByKind.map(([kind, codes, path]) => unknownReferences(referenceData, caller.account.id, kind, codes, path)),
  );
  return faults.flat();
}

/** Whether the user already has the code that `unknown` complains about: it may stay, even if the account has dropped it. */
export function hasCode(current: UserView, unknown: Fault): boolean {
  const value = current.attributes.mobietrain;
  const stored = typeof value === 'object' && value !== null && !Array.isArray(value) ? value[unknown.path] : undefined;
  const codes = Array.isArray(stored) ? stored : [stored];
  return codes.some((code) => typeof code === 'string' && foldText(code) === foldText(String(unknown.params.value)));
}
