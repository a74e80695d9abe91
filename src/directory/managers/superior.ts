// Owns the rule of files and forms about whom a user may have as superior. SCIM and XML take every manager, since their sources decide.

import { type Fault, fault } from '../faults.ts';
import type { UserView } from '../model.ts';
import { isSuperior } from '../reference-data/references.ts';

/** A user who is named as superior. */
export interface NamedSuperior {
  id: string;
  isSuperior: boolean;
}

/** Returns a user as one who is named as superior. */
export function namedSuperior(user: UserView): NamedSuperior {
  return { id: user.id, isSuperior: isSuperior(user) };
}

/**
 * Why a user may not have a superior.
 * @param superior undefined if nobody has the reference
 * @param reference as it was written
 * @param user the id of the user, if there is one already
 * Faults: unknownReference (kind superior), invalidValue.
 */
export function superiorFault(
  superior: NamedSuperior | undefined,
  reference: string,
  user: string | undefined,
): Fault | undefined {
  if (!superior) return fault('unknownReference', 'manager', { kind: 'superior', value: reference });
  if (!superior.isSuperior)
    return fault('invalidValue', 'manager', { value: reference, rule: 'this user does not have the role Superior' });
  if (superior.id === user) return fault('invalidValue', 'manager', { rule: 'a user cannot be their own superior' });
  return undefined;
}
