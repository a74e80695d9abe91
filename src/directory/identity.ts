// Whom a file means: the identity rules of systems.md §4 (CSV) and §5 (XML). A SCIM POST never matches; it conflicts.

import { type Fault, fault } from './faults.ts';
import type { UserIdentity } from './ports.ts';
import type { Records } from './records.ts';

/** The user that was found, nobody, or why that can't be told. */
export type Identified = { ok: true; id: string | undefined } | { ok: false; faults: [Fault, ...Fault[]] };

/**
 * Finds the user that an identity names.
 * Faults: ambiguousIdentity (several hits), possibleDuplicate (the e-mail of somebody with another External ID).
 */
export async function identify(
  records: Pick<Records, 'usersWith'>,
  account: string,
  identity: UserIdentity,
): Promise<Identified> {
  if (identity.by === 'userName')
    return one(await records.usersWith(account, 'userName', identity.userName, 2), 'userName');
  const byId = await identifyByExternalId(records, account, identity);
  if (!byId.ok || byId.id !== undefined || identity.userName === undefined) return byId;
  return one(await records.usersWith(account, 'userName', identity.userName, 2), 'userName');
}

async function identifyByExternalId(
  records: Pick<Records, 'usersWith'>,
  account: string,
  { externalId, email }: UserIdentity & { by: 'file' },
): Promise<Identified> {
  if (externalId !== undefined) return one(await records.usersWith(account, 'externalId', externalId, 2), 'externalId');
  if (email === undefined) return { ok: true, id: undefined };
  const asExternalId = one(await records.usersWith(account, 'externalId', email, 2), 'externalId');
  if (!asExternalId.ok || asExternalId.id !== undefined) return asExternalId;
  const unnamed = one(await records.usersWith(account, 'emailWithoutExternalId', email, 2), 'emails');
  if (!unnamed.ok || unnamed.id !== undefined) return unnamed;
  const others = await records.usersWith(account, 'email', email, 1);
  if (others.length === 0) return { ok: true, id: undefined };
  return { ok: false, faults: [fault('possibleDuplicate', 'emails', { value: email })] };
}

function one(ids: string[], path: string): Identified {
  if (ids.length > 1) return { ok: false, faults: [fault('ambiguousIdentity', path, { hits: ids.length })] };
  return { ok: true, id: ids[0] };
}
