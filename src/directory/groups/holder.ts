// Names the group that holds an ID or a name that another group was refused, as far as the caller may know.

import type { Fault } from '../faults.ts';
import type { Caller } from '../model.ts';
import type { RecordsReader } from '../records.ts';
import { foldText } from '../schema/fold.ts';
import { SAME_NAME_MAX } from './plan.ts';

/**
 * Adds the holder's id (`params.holderId`) to the fault `uniqueness` of a group if the caller's own SCIM connection sent one of that
 * group's IDs.
 */
export async function withGroupHolder(
  records: Pick<RecordsReader, 'groupsByExternalId' | 'groupsByName'>,
  { account, connection, door }: Caller,
  taken: Fault,
): Promise<Fault> {
  const { code, path, params } = taken;
  if (code !== 'uniqueness' || door !== 'scim') return taken;
  const value = String(params.value);
  const candidates =
    path === 'externalId'
      ? await records.groupsByExternalId(account.id, [value])
      : await records.groupsByName(account.id, foldText(value), SAME_NAME_MAX);
  const holder = candidates.find((group) => group.claimed);
  if (!holder?.identities.some((identity) => identity.connection === connection.id)) return taken;
  return { code, path, params: { ...params, holderId: holder._id } };
}
