// What a simulation would have written, put away in a collection of its own: it goes with the simulation, or by itself after a day.

import { randomUUID } from 'node:crypto';
import type { Db } from 'mongodb';
import type { SimulationShelves } from '../../directory/simulation/overlay.ts';
import { guarded } from '../client/mongo-errors.ts';
import { collectionsOf } from '../collections.ts';

/** Shelves for one simulation. Every method throws StoreUnavailable where the database is away. */
export function createSimulationShelves(db: Db, now: () => Date): SimulationShelves {
  const simulation = randomUUID();
  const { simulations: entries, users } = collectionsOf(db);
  let used = false;
  return {
    async put(kind, batch) {
      used = true;
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
      return found.map(({ of, keys: kept, revision, document }) => ({
        _id: of,
        keys: kept.map((key) => key.slice(kind.length + 1)),
        revision,
        ...(document ? { document } : {}),
      }));
    },
    activeUsers: (account) => guarded(() => users.countDocuments({ account, 'data.active': true })),
    async close() {
      if (used) await guarded(() => entries.deleteMany({ simulation }));
    },
  };
}
