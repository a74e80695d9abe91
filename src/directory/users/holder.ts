// Names the user who holds a login name or external ID that another user was refused, as far as the caller may know.

import type { Fault } from '../faults.ts';
import type { Caller } from '../model.ts';
import type { RecordsReader } from '../records.ts';

/**
 * Adds the holder's id (`params.holder`) to the fault `uniqueness` of a login name or external ID if the caller's own SCIM connection
 * wrote that value: the client then knows which of its users it means.
 */
export async function withUserHolder(
  records: Pick<RecordsReader, 'usersWith' | 'userForChange'>,
  { account, connection, door }: Caller,
  taken: Fault,
): Promise<Fault> {
  const { code, path, params } = taken;
  if (code !== 'uniqueness' || door !== 'scim' || (path !== 'userName' && path !== 'externalId')) return taken;
  const [id] = await records.usersWith(account.id, path, String(params.value), 1);
  const holder = id === undefined ? undefined : await records.userForChange(account.id, id);
  if (!holder || (holder.sources[path] ?? holder.sources['*']) !== connection.id) return taken;
  return { code, path, params: { ...params, holder: holder._id } };
}
