// Leases: who may work on a document, kept in two fields of that document itself. A holder that is killed loses it when it runs out.
// Every write of a holder is conditional on still holding it.

import type { Collection, Document, Filter, Sort, UpdateFilter, WithId } from 'mongodb';
import { isDuplicate } from './mongo-errors.ts';

/** The fields of a document that say who holds it, and until when. */
export interface LeaseFields {
  holder: string;
  until: string;
  /** What a release removes; both fields unless this says otherwise. */
  released?: readonly string[];
}

/** What a claim or a renewal writes beside the lease. */
export interface LeaseUpdate {
  $set?: Document;
  $unset?: Document;
  $inc?: Document;
  $min?: Document;
}

/** Leases on the documents of one collection. Every method throws what the driver throws. */
export interface Lease<T extends Document> {
  /** The condition of documents that nobody holds now. */
  free(): Document;
  /**
   * Claims the document with this id, which is made if it is not there. A holder may claim again what it holds.
   * @param open what else must be true of the document; false if it is not
   */
  claim(id: string, leaseHolder: string, leaseMs: number, open?: Document): Promise<boolean>;
  /** Claims the first document that meets `open`, as it is afterwards; undefined if there is none. */
  claimFirst(
    open: Document,
    sort: Sort,
    leaseHolder: string,
    leaseMs: number,
    update?: LeaseUpdate,
  ): Promise<WithId<T> | undefined>;
  /** Holds a document for `leaseMs` from now; false if it is not this holder's any more. */
  renew(id: string, leaseHolder: string, leaseMs: number, update?: LeaseUpdate): Promise<boolean>;
  /** Gives a document up, and writes this with it; false if it was not this holder's any more. */
  release(id: string, leaseHolder: string, update?: LeaseUpdate): Promise<boolean>;
  /** The condition of one document that this holder holds. */
  heldBy(id: string, leaseHolder: string): Filter<T>;
}

/** The leases of a collection, in these fields of its documents. */
export function createLease<T extends Document & { _id: string }>(
  collection: Collection<T>,
  fields: LeaseFields,
  now: () => Date,
): Lease<T> {
  // The driver's types know no field by a computed name.
  const filter = (condition: Document) => condition as Filter<T>;
  const change = (update: Document) => update as UpdateFilter<T>;
  const heldBy = (id: string, leaseHolder: string) => filter({ _id: id, [fields.holder]: leaseHolder });
  const free = () => ({ $or: [{ [fields.until]: { $exists: false } }, { [fields.until]: { $lt: now() } }] });
  const { released = [fields.holder, fields.until] } = fields;
  const nothing = Object.fromEntries(released.map((field) => [field, '']));
  const until = (leaseMs: number) => ({ [fields.until]: new Date(now().getTime() + leaseMs) });

  return {
    free,
    heldBy,
    async claim(id, leaseHolder, leaseMs, open = {}) {
      const claimable = { _id: id, $and: [open, { $or: [{ [fields.holder]: leaseHolder }, ...free().$or] }] };
      const update = change({ $set: { [fields.holder]: leaseHolder, ...until(leaseMs) } });
      try {
        await collection.updateOne(filter(claimable), update, { upsert: true });
        return true;
      } catch (error) {
        // It is there and cannot be claimed: the upsert met its id.
        if (isDuplicate(error)) return false;
        throw error;
      }
    },
    async claimFirst(open, sort, leaseHolder, leaseMs, { $set, ...update } = {}) {
      const claimed = await collection.findOneAndUpdate(
        filter(open),
        change({ $set: { ...$set, [fields.holder]: leaseHolder, ...until(leaseMs) }, ...update }),
        { sort, returnDocument: 'after' },
      );
      return claimed ?? undefined;
    },
    async renew(id, leaseHolder, leaseMs, { $set, ...update } = {}) {
      const renewal = change({ $set: { ...$set, ...until(leaseMs) }, ...update });
      return (await collection.updateOne(heldBy(id, leaseHolder), renewal)).matchedCount > 0;
    },
    async release(id, leaseHolder, { $unset, ...update } = {}) {
      const end = change({ ...update, $unset: { ...$unset, ...nothing } });
      return (await collection.updateOne(heldBy(id, leaseHolder), end)).matchedCount > 0;
    },
  };
}
