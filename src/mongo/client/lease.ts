// Leases: the process that may work on a document, stored in two fields of that document. The lease of a killed process expires, by the
// database's clock ($$NOW), because those of the servers may differ. Every write of a holder is conditional on still holding the lease.

import type { Collection, Document, Filter, Sort, UpdateFilter, WithId } from 'mongodb';
import { isDuplicate } from './mongo-errors.ts';

/** The fields of a document that contain the holder and the expiry of its lease. */
export interface LeaseFields {
  holder: string;
  until: string;
  /** The fields that a release removes; both by default. */
  released?: readonly string[];
}

/** What a claim, renewal or release writes in addition to the lease. */
interface LeaseUpdate {
  $set?: Document;
  $unset?: Document;
  $inc?: Document;
  $min?: Document;
}

/** Leases on the documents of one collection. Every method throws what the driver throws. */
export interface Lease<T extends Document> {
  /** The condition that a document has no current lease. */
  free(): Document;
  /**
   * Claims the document with this id, and creates it if it does not exist. A holder may claim a document again.
   * @param open a further condition; returns false if the document does not meet it
   */
  claim(id: string, leaseHolder: string, leaseMs: number, open?: Document): Promise<boolean>;
  /** Claims the first document that meets `open` and returns it as updated; undefined if there is none. */
  claimFirst(
    open: Document,
    sort: Sort,
    leaseHolder: string,
    leaseMs: number,
    update?: LeaseUpdate,
  ): Promise<WithId<T> | undefined>;
  /** Extends the lease to `leaseMs` from now; returns false if this holder has lost it. */
  renew(id: string, leaseHolder: string, leaseMs: number, update?: LeaseUpdate): Promise<boolean>;
  /** Releases the lease together with an update; returns false if this holder had lost it. */
  release(id: string, leaseHolder: string, update?: LeaseUpdate): Promise<boolean>;
  /** The condition that this holder holds the document. */
  heldBy(id: string, leaseHolder: string): Filter<T>;
}

/** Creates the leases of a collection, stored in these fields of its documents. */
export function createLease<T extends Document & { _id: string }>(
  collection: Collection<T>,
  fields: LeaseFields,
): Lease<T> {
  // The driver's types do not support computed field names.
  const filter = (condition: Document) => condition as Filter<T>;
  const change = (update: Document) => update as UpdateFilter<T>;
  const heldBy = (id: string, leaseHolder: string) => filter({ _id: id, [fields.holder]: leaseHolder });
  const free = () => ({
    $or: [{ [fields.until]: { $exists: false } }, { $expr: { $lt: [`$${fields.until}`, '$$NOW'] } }],
  });
  const { released = [fields.holder, fields.until] } = fields;
  const removedFields = Object.fromEntries(released.map((field) => [field, '']));
  const until = (leaseMs: number) => ({ [fields.until]: { $add: ['$$NOW', leaseMs] } });
  const claiming = (leaseHolder: string, leaseMs: number) => [
    { $set: { [fields.holder]: { $literal: leaseHolder }, ...until(leaseMs) } },
  ];

  return {
    free,
    heldBy,
    async claim(id, leaseHolder, leaseMs, open = {}) {
      const claimable = { _id: id, $and: [open, { $or: [{ [fields.holder]: leaseHolder }, ...free().$or] }] };
      const claimed = await collection.updateOne(filter(claimable), claiming(leaseHolder, leaseMs));
      if (claimed.matchedCount > 0) return true;
      // An upsert can't compare with the database's clock. This one creates the document, or finds its id taken.
      const missing = { _id: id, [fields.holder]: leaseHolder, $and: [open] };
      try {
        await collection.updateOne(filter(missing), claiming(leaseHolder, leaseMs), { upsert: true });
        return true;
      } catch (error) {
        if (isDuplicate(error)) return false;
        throw error;
      }
    },
    async claimFirst(open, sort, leaseHolder, leaseMs, update = {}) {
      const stages = [...stagesOf(update), ...claiming(leaseHolder, leaseMs)];
      const claimed = await collection.findOneAndUpdate(filter(open), stages, { sort, returnDocument: 'after' });
      return claimed ?? undefined;
    },
    async renew(id, leaseHolder, leaseMs, update = {}) {
      const stages = [...stagesOf(update), { $set: until(leaseMs) }];
      return (await collection.updateOne(heldBy(id, leaseHolder), stages)).matchedCount > 0;
    },
    async release(id, leaseHolder, { $unset, ...update } = {}) {
      const end = change({ ...update, $unset: { ...$unset, ...removedFields } });
      return (await collection.updateOne(heldBy(id, leaseHolder), end)).matchedCount > 0;
    },
  };
}

/** An update as stages of a pipeline, which can be combined with the database's clock. */
function stagesOf({ $set = {}, $unset = {}, $inc = {}, $min = {} }: LeaseUpdate): Document[] {
  const changed = Object.fromEntries([
    ...Object.entries($set).map(([field, value]) => [field, { $literal: value as unknown }]),
    ...Object.entries($inc).map(([field, by]) => [field, { $add: [{ $ifNull: [`$${field}`, 0] }, by as unknown] }]),
    ...Object.entries($min).map(([field, value]) => [field, { $min: [`$${field}`, { $literal: value as unknown }] }]),
  ]) as Document;
  const removed = Object.keys($unset);
  return [
    ...(Object.keys(changed).length > 0 ? [{ $set: changed }] : []),
    ...(removed.length > 0 ? [{ $unset: removed }] : []),
  ];
}
