// What a simulation would have written, put away in a collection of its own: it goes with the simulation, or by itself after a day.

import { randomUUID } from 'node:crypto';
import type { Db, IndexDescription } from 'mongodb';
import type { ShelfEntry, SimulationShelves } from '../../directory/simulation/overlay.ts';
import { guarded } from '../client/mongo-errors.ts';

interface PutAway extends ShelfEntry {
  /** `simulation:kind:id` */
  _id: string;
  simulation: string;
  /** `kind:key`, each. */
  keys: string[];
  /** The id of the document. */
  of: string;
  created: Date;
}

const COLLECTION = 'simulations';
const LIFETIME_SECONDS = 86_400;

export const simulationIndexes: { collection: string; indexes: IndexDescription[] }[] = [
  {
    collection: COLLECTION,
    indexes: [
      { key: { simulation: 1, keys: 1 }, name: 'simulation_keys' },
      { key: { 'document.account': 1 }, name: 'account' },
      { key: { created: 1 }, name: 'retention', expireAfterSeconds: LIFETIME_SECONDS },
    ],
  },
];

/** Shelves for one simulation. Every method throws StoreUnavailable if the database is unavailable. */
export function createSimulationShelves(db: Db, now: () => Date): SimulationShelves {
  const simulation = randomUUID();
  // A simulation whose database fails begins again: nothing of it needs to be durable.
  const entries = db.collection<PutAway>(COLLECTION, { writeConcern: { w: 1 } });
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
    activeUsers: (account) => guarded(() => db.collection('users').countDocuments({ account, 'data.active': true })),
    async close() {
      if (used) await guarded(() => entries.deleteMany({ simulation }));
    },
  };
}
