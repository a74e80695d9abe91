// What a simulation would have written, put away in a collection of its own: it goes with the simulation, or by itself after a day.

import { randomUUID } from 'node:crypto';
import type { Db, IndexDescription } from 'mongodb';
import type { OverlayEntry, OverlayKind, SimulationStore } from '../../directory/simulation/overlay.ts';
import { guarded } from '../client/mongo-errors.ts';

interface PutAway extends OverlayEntry {
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
/** Entries that are read at once, at most, by those who read all of them. */
const BATCH = 200;

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

/** Makes the store of one simulation. Every method throws StoreUnavailable if the database is unreachable. */
export function createSimulationStore(db: Db, now: () => Date): SimulationStore {
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
    activeUsers: (account) => guarded(() => db.collection('users').countDocuments({ account, 'data.active': true })),
    async close() {
      if (used) await guarded(() => entries.deleteMany({ simulation }));
    },
  };
}

function entryOf(kind: OverlayKind, { of, keys, revision, document }: PutAway): OverlayEntry {
  return {
    _id: of,
    keys: keys.map((key) => key.slice(kind.length + 1)),
    revision,
    ...(document ? { document } : {}),
  };
}
