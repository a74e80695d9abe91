// Which servers run on this database, and the URL under which clients reach them. Each server registers itself with a lease, so that
// commands, which run in another environment, print links that lead to it.

import type { Collection, Db } from 'mongodb';
import { type BackgroundLoop, createBackgroundLoop } from '../background-loop.ts';
import { createLease, type Lease } from './client/lease.ts';
import { guarded } from './client/mongo-errors.ts';
import { collectionsOf } from './collections.ts';
import type { LeaseDocument } from './schemas/operation/leases.ts';

const PREFIX = 'server:';
/** All ids with the prefix are before this one. */
const PREFIX_END = 'server;';
const REGISTERED = { _id: { $gte: PREFIX, $lt: PREFIX_END } };
const LEASE_MS = 30_000;
const RENEW_MS = 10_000;

/** Creates the registration of the server with this id; `start()` registers it, `stop()` ends the registration. */
export function createRegistration(
  db: Db,
  { id, publicUrl }: { id: string; publicUrl: string },
  onError: (error: unknown) => void,
): BackgroundLoop {
  const { leases } = collectionsOf(db);
  const lease = leaseOf(leases);
  const own = `${PREFIX}${id}`;
  const renew = () => lease.renew(own, id, LEASE_MS, { $set: { publicUrl } });
  const loop = createBackgroundLoop({
    async round() {
      if (await renew()) return false;
      // Of servers that were killed, nothing is kept.
      await leases.deleteMany({ ...REGISTERED, ...lease.free() });
      await lease.claim(own, id, LEASE_MS);
      await renew();
      return false;
    },
    pauseMs: RENEW_MS,
    onError,
  });
  return {
    ...loop,
    async stop() {
      await loop.stop();
      await leases.deleteOne(lease.heldBy(own, id)).catch(() => undefined);
    },
  };
}

/** The public URLs of the servers that run on a database, each once, the one of most servers first. @throws StoreUnavailable */
export async function runningServerUrls(db: Db): Promise<string[]> {
  const { leases } = collectionsOf(db);
  const running = { ...REGISTERED, $nor: [leaseOf(leases).free()] };
  const found = await guarded(() => leases.find(running, { projection: { publicUrl: 1 } }).toArray());
  const counts = new Map<string, number>();
  for (const { publicUrl } of found)
    if (publicUrl !== undefined) counts.set(publicUrl, (counts.get(publicUrl) ?? 0) + 1);
  return [...counts].sort(([, one], [, other]) => other - one).map(([url]) => url);
}

function leaseOf(leases: Collection<LeaseDocument>): Lease<LeaseDocument> {
  return createLease(leases, { holder: 'owner', until: 'until' });
}
