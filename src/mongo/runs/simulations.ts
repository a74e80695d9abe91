// The documents that a simulation would have written, in their own collection; deleted with the simulation, or after a day.

import { randomUUID } from 'node:crypto';
import type { Db } from 'mongodb';
import type { OverlayEntry, OverlayKind, SimulationStore } from '../../directory/simulation/overlay.ts';
import { guarded } from '../client/mongo-errors.ts';
import { collectionsOf } from '../collections.ts';
import type { SimulatedDocument } from '../schemas/operation/simulations.ts';

/** The maximum number of entries that `all` reads at once. */
const BATCH = 200;

/** Creates the store of one simulation. Every method throws StoreUnavailable if the database is unreachable. */
export function createSimulationStore(db: Db, now: () => Date): SimulationStore {
  const simulation = randomUUID();
  const { simulations: entries, users } = collectionsOf(db);
  let hasEntries = false;
  return {
    async put(kind, batch) {
      hasEntries = true;
      const created = now();
      const replacements = batch.map(({ _id: of, keys, ...entry }) => {
        const replacement = { simulation, of, keys: keys.map((key) => `${kind}:${key}`), ...entry, created };
        return { replaceOne: { filter: { _id: `${simulation}:${kind}:${of}` }, replacement, upsert: true } };
      });
      await guarded(() => entries.bulkWrite(replacements, { ordered: false }));
    },
    async find(kind, { ids, keys }) {
      const byId = { _id: { $in: ids.map((id) => `${simulation}:${kind}:${id}`) } };
      const byKey = { simulation, keys: { $in: keys.map((key) => `${kind}:${key}`) } };
      const conditions = [...(ids.length > 0 ? [byId] : []), ...(keys.length > 0 ? [byKey] : [])];
      const [only = byId] = conditions;
      const found = await guarded(() => entries.find(conditions.length > 1 ? { $or: conditions } : only).toArray());
      return found.map((entry) => entryOf(kind, entry));
    },
    async *all(kind) {
      const prefix = `${simulation}:${kind}:`;
      let after = prefix;
      for (;;) {
        const range = { _id: { $gt: after, $lt: `${prefix}\u{10ffff}` } };
        const batch = await guarded(() => entries.find(range, { sort: { _id: 1 }, limit: BATCH }).toArray());
        for (const entry of batch) yield entryOf(kind, entry);
        if (batch.length < BATCH) return;
        after = batch.at(-1)?._id ?? after;
      }
    },
    activeUsers: (account) => guarded(() => users.countDocuments({ account, 'data.active': true })),
    async close() {
      if (hasEntries) await guarded(() => entries.deleteMany({ simulation }));
    },
  };
}

function entryOf(kind: OverlayKind, { of, keys, revision, document }: SimulatedDocument): OverlayEntry {
  return {
    _id: of,
    keys: keys.map((key) => key.slice(kind.length + 1)),
    revision,
    ...(document ? { document } : {}),
  };
}
