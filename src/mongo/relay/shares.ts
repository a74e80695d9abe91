// The shares of the servers that move change records. Each registers itself with a lease, by the database's clock; those that are
// registered divide the documents evenly among them, by the last digit of the id, which is random. Two servers may hold the same share
// while one of them starts or ends, which costs time and nothing else.

import type { Collection, Document } from 'mongodb';
import { createLease } from '../client/lease.ts';
import type { LeaseDocument } from '../schemas/operation/leases.ts';

/** The registration of one server. */
export interface Shares {
  /**
   * Renews the registration if it is due, and returns the condition on `_id` for the documents of this server; undefined if the others
   * have all. Throws what the driver throws.
   */
  mine(): Promise<Document | undefined>;
  /** Ends the registration. */
  leave(): Promise<void>;
}

/** The options of a registration. */
export interface ShareOptions {
  /** How long others wait for a server that was killed, in milliseconds. */
  leaseMs: number;
  /** How often a server renews its registration and looks for others, in milliseconds. */
  renewMs: number;
}

const PREFIX = 'change-relay:';
/** All ids with the prefix are before this one. */
const PREFIX_END = 'change-relay;';
const DIGITS = [...'0123456789abcdef'];

/** Creates the registration of the server with this id; the first `mine()` registers it. */
export function createShares(
  leases: Collection<LeaseDocument>,
  id: string,
  { leaseMs, renewMs }: ShareOptions,
): Shares {
  const lease = createLease(leases, { holder: 'owner', until: 'until' });
  const registered = { _id: { $gte: PREFIX, $lt: PREFIX_END } };
  const own = `${PREFIX}${id}`;
  let share: Document | undefined;
  let renewedAt = Number.NEGATIVE_INFINITY;

  return {
    async mine() {
      if (performance.now() - renewedAt < renewMs) return share;
      await lease.claim(own, id, leaseMs);
      const current = await leases
        .find({ ...registered, $nor: [lease.free()] }, { projection: { _id: 1 }, sort: { _id: 1 } })
        .toArray();
      const place = current.findIndex(({ _id }) => _id === own);
      if (place === 0) await leases.deleteMany({ ...registered, ...lease.free() });
      share = shareOf(place, current.length);
      renewedAt = performance.now();
      return share;
    },
    async leave() {
      renewedAt = Number.NEGATIVE_INFINITY;
      await leases.deleteOne(lease.heldBy(own, id));
    },
  };
}

/**
 * The condition on `_id` for the documents of the server at this place among so many. The first has also the ids that do not end with a
 * digit; from the 17th on, servers have none.
 */
export function shareOf(place: number, servers: number): Document | undefined {
  if (place < 0 || place >= DIGITS.length) return undefined;
  if (servers === 1) return {};
  const divisor = Math.min(servers, DIGITS.length);
  const ending = (digits: readonly string[]) => new RegExp(`[${digits.join('')}]$`);
  const of = (index: number) => index % divisor === place;
  if (place === 0) return { _id: { $not: ending(DIGITS.filter((_digit, index) => !of(index))) } };
  return { _id: ending(DIGITS.filter((_digit, index) => of(index))) };
}
