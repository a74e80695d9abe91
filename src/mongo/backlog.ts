// How much work waits in the database, and how busy the connections to it are: for metrics.

import type { Db, MongoClient } from 'mongodb';
import { collectionsOf } from './collections.ts';
import { CHANGED_COLLECTIONS, createWaitingChanges } from './relay/waiting-changes.ts';
import { OPEN_STATES } from './schemas/operation/runs.ts';

/** Each method reads an index. They throw what the driver throws. */
export interface Backlog {
  /** The age of the oldest change record that the relay has not moved; 0 if there is none. */
  relayLagSeconds(): Promise<number>;
  openRuns(): Promise<number>;
  waitingMails(): Promise<number>;
}

const LIMIT = { maxTimeMS: 1_000 };

/** Creates the backlog of a database. */
export function createBacklog(db: Db): Backlog {
  const { runs, outbox } = collectionsOf(db);
  const waiting = createWaitingChanges(db);
  return {
    async relayLagSeconds() {
      const oldest = await Promise.all(CHANGED_COLLECTIONS.map((name) => waiting.bound(name, 'oldest', LIMIT)));
      const ages = oldest.map((at) => (at ? Date.now() - at.getTime() : 0));
      return Math.max(0, ...ages) / 1_000;
    },
    openRuns: () => runs.countDocuments({ state: { $in: OPEN_STATES } }, LIMIT),
    waitingMails: () => outbox.countDocuments({ state: 'waiting', due: { $exists: true } }, LIMIT),
  };
}

/** Counts the connections of a client from now on. */
export function watchPool(client: MongoClient): () => { open: number; inUse: number } {
  let open = 0;
  let inUse = 0;
  client.on('connectionCreated', () => (open += 1));
  client.on('connectionClosed', () => (open -= 1));
  client.on('connectionCheckedOut', () => (inUse += 1));
  client.on('connectionCheckedIn', () => (inUse -= 1));
  return () => ({ open: Math.max(0, open), inUse: Math.max(0, inUse) });
}
