// What an administrator may do to a user: by role, by scope, and by the codes that the account knows.

import { type Actor, may, scopeKind, within } from '../../../../directory/administration/permissions.ts';
import { type Fault, fault } from '../../../../directory/faults.ts';
import type { Caller, UserView } from '../../../../directory/model.ts';
import {
  type ReferenceData,
  type ReferenceKind,
  unknownReferences,
} from '../../../../directory/reference-data/reference-data.ts';
import { foldText } from '../../../../directory/schema/fold.ts';
import type { UserDraft } from '../user-schemas.ts';

/** An administrator of an org unit creates users in that unit unless the body names another one. */
export function withOwnUnit(actor: Actor, body: UserDraft): UserDraft {
  const hasUnit = scopeKind(actor.role) === 'orgUnit';
  if (!hasUnit || body.organizationalUnit || actor.orgUnit === undefined) return body;
  return { ...body, organizationalUnit: actor.orgUnit };
}

/** Refuses a user who would be outside the actor's scope afterwards. Faults: forbidden. */
export function scopeFaults(actor: Actor, after: Pick<UserView, 'attributes'>): Fault[] {
  if (within(actor, after)) return [];
  const path = scopeKind(actor.role) === 'orgUnit' ? 'organizationalUnit' : 'stores';
  return [fault('forbidden', path, { operation: 'users.change', rule: 'would move the user out of your scope' })];
}

/** Refuses values that the actor's role may not set. Faults: forbidden. */
export function roleFaults(actor: Actor, body: UserDraft): Fault[] {
  const faults: Fault[] = [];
  if (body.roles !== undefined && !may(actor, 'users.roles'))
    faults.push(fault('forbidden', 'roles', { operation: 'users.roles' }));
  if (body.active !== undefined && !may(actor, 'users.activate'))
    faults.push(fault('forbidden', 'active', { operation: 'users.activate' }));
  return faults;
}

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
