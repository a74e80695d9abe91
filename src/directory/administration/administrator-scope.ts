// Owns what the scope of an administrator may refer to: an org unit and a user of their account.

import { type Fault, fault } from '../faults.ts';
import type { Caller } from '../model.ts';
import type { Lookup } from '../ports.ts';
import { type ReferenceData, unknownReferences } from '../reference-data/reference-data.ts';

interface ScopeReaders {
  lookup: Pick<Lookup, 'user'>;
  referenceData: ReferenceData;
}

/** Checks that the org unit and the user that an administrator is limited to exist in the caller's account. Faults: unknownReference. */
export async function scopeFaults(
  { lookup, referenceData }: ScopeReaders,
  caller: Caller,
  { orgUnit, user }: { orgUnit?: string | null | undefined; user?: string | null | undefined },
): Promise<Fault[]> {
  const faults: Fault[] = [];
  if (orgUnit)
    faults.push(...(await unknownReferences(referenceData, caller.account.id, 'orgUnit', [orgUnit], 'orgUnit')));
  if (user && !(await lookup.user(caller, user)))
    faults.push(fault('unknownReference', 'user', { kind: 'user', value: user }));
  return faults;
}
