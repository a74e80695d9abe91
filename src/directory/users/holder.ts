// Describes the user who holds a login name or external ID that another user was refused, as far as the caller may know.

import { type Fault, fault } from '../faults.ts';
import type { Caller } from '../model.ts';
import type { RecordsReader } from '../records.ts';
import { statusOf } from './views.ts';

/**
 * Completes the fault `uniqueness` for SCIM callers, who see all users of the account: of a login name with the holder's status
 * (`params.holder`); of a login name or external ID that the caller's own connection wrote with the holder's id (`params.holderId`),
 * so that the client knows which of its users it means.
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
  const isOwn = holder !== undefined && (holder.sources[path] ?? holder.sources['*']) === connection.id;
  return fault(code, path, {
    ...params,
    ...(path === 'userName' ? { holder: holder ? statusOf(holder) : 'deleted' } : {}),
    ...(isOwn ? { holderId: holder._id } : {}),
  });
}
