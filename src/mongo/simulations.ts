// What a simulation would have written, put away in a collection of its own: it goes with the simulation, or by itself after a day.

import { randomUUID } from 'node:crypto';
import type { Db, IndexDescription } from 'mongodb';
import type { SimulationShelves } from '../directory/simulation-shelf.ts';
import { guarded } from './outage.ts';

interface PutAway {
  /** `simulation:kind:id` */
  _id: string;
  simulation: string;
  document: { _id: string };
  created: Date;
}

const COLLECTION = 'simulations';
const LIFETIME_SECONDS = 86_400;

export const simulationIndexes: { collection: string; indexes: IndexDescription[] }[] = [
  {
    collection: COLLECTION,
    indexes: [
      { key: { simulation: 1 }, name: 'simulation' },
      { key: { created: 1 }, name: 'retention', expireAfterSeconds: LIFETIME_SECONDS },
    ],
  },
];

/** Shelves for one simulation. Every method throws StoreUnavailable where the database is away. */
export function createSimulationShelves(db: Db, now: () => Date): SimulationShelves {
  const simulation = randomUUID();
  const documents = db.collection<PutAway>(COLLECTION, { writeConcern: { w: 1 } });
  let used = false;
  return {
    async put(kind, batch) {
      used = true;
      const created = now();
      await guarded(() =>
        documents.bulkWrite(
          batch.map((document) => {
            const _id = `${simulation}:${kind}:${document._id}`;
            return { replaceOne: { filter: { _id }, replacement: { simulation, document, created }, upsert: true } };
          }),
          { ordered: false },
        ),
      );
    },
    async get(kind, ids) {
      const keys = ids.map((id) => `${simulation}:${kind}:${id}`);
      const found = await guarded(() => documents.find({ _id: { $in: keys } }).toArray());
      return found.map(({ document }) => document);
    },
    activeUsers: (account) => guarded(() => db.collection('users').countDocuments({ account, 'data.active': true })),
    async close() {
      if (used) await guarded(() => documents.deleteMany({ simulation }));
    },
  };
}
