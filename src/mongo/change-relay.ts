// The relay: drains the change records that were written with the changes themselves into the audit collection, and clears
// away what deletions left behind (links to a group, reports of a manager). Repeatable at any point: a record has an id.

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Collection, Db } from 'mongodb';
import type { ChangeRecord } from '../directory/model.ts';
import type { Tombstone } from '../directory/records.ts';
import { isDuplicate } from './client/mongo-errors.ts';
import { collectionsOf } from './collections.ts';
import type { AuditEntry } from './schemas/directory/audit.ts';
import { reportsOf, unsetManagers } from './users/manager-links.ts';

const PAUSE_MS = 1000;
const LEASE_MS = 10_000;
const BATCH = 200;
const UNLINK_STEP = 1000;
/** Changes younger than this wait: several of one resource are drained in one go. */
const SETTLE_MS = 2000;

interface Changed {
  _id: string;
  changes: ChangeRecord[];
}

export interface ChangeRelay {
  start(): void;
  stop(): Promise<void>;
  /** Drains everything that is there now; for tests and shutdown. */
  drain(): Promise<void>;
}

export function createChangeRelay(db: Db, now: () => Date, onError: (error: unknown) => void): ChangeRelay {
  const collections = collectionsOf(db);
  const { audit, leases } = collections;
  const owner = randomUUID();
  const stopping = new AbortController();
  let running: Promise<void> = Promise.resolve();

  /** Whether this process is the one that drains; one at a time over all processes. */
  async function holdsLease(): Promise<boolean> {
    const at = now();
    const until = new Date(at.getTime() + LEASE_MS);
    try {
      const mine = { _id: 'change-relay', $or: [{ owner }, { until: { $lt: at } }] };
      await leases.updateOne(mine, { $set: { owner, until } }, { upsert: true });
      return true;
    } catch {
      // Somebody else holds it: the upsert met its id. Or the database is away: the next round will tell.
      return false;
    }
  }

  async function round(before: Date): Promise<boolean> {
    const sources = [
      ['User', collections.users],
      ['Group', collections.groups],
      ['Store', collections.stores],
    ] as const;
    let more = false;
    for (const [resource, collection] of sources) {
      more = (await drainBatch(resource, collection as unknown as Collection<Changed>, before)) || more;
    }
    more = (await drainTombstones(before)) || more;
    return (await clearAway()) || more;
  }

  async function drainTombstones(before: Date): Promise<boolean> {
    const deleted = collections.tombstones as unknown as Collection<Changed & Pick<Tombstone, 'resource'>>;
    const batch = await deleted
      .find({ 'changes.at': { $lt: before } })
      .limit(BATCH)
      .toArray();
    for (const tombstone of batch)
      await keep(tombstone.resource, [tombstone], deleted as unknown as Collection<Changed>);
    return batch.length === BATCH;
  }

  async function drainBatch(
    resource: AuditEntry['resource'],
    collection: Collection<Changed>,
    before: Date,
  ): Promise<boolean> {
    const batch = await collection
      .find({ 'changes.at': { $lt: before } }, { projection: { changes: 1 }, limit: BATCH })
      .toArray();
    if (batch.length > 0) await keep(resource, batch, collection);
    return batch.length === BATCH;
  }

  /** Writes records to the trail, then takes them off what they came with; twice is once. */
  async function keep(
    resource: AuditEntry['resource'],
    changed: Changed[],
    collection: Collection<Changed>,
  ): Promise<void> {
    const entries = changed.flatMap(({ _id: subject, changes }) =>
      changes.map(({ id, ...record }): AuditEntry => ({ _id: `${id}:${subject}`, resource, subject, ...record })),
    );
    try {
      await audit.insertMany(entries, { ordered: false });
    } catch (error) {
      if (!isDuplicate(error)) throw error;
    }
    await collection.bulkWrite(
      changed.map(({ _id, changes }) => ({
        updateOne: {
          filter: { _id },
          update: { $pull: { changes: { id: { $in: changes.map((change) => change.id) } } } },
        },
      })),
      { ordered: false },
    );
  }

  /** Takes away links to deleted groups and the manager id of deleted users, step by step. */
  async function clearAway(): Promise<boolean> {
    const pending = await collections.tombstones.find({ pending: true }).limit(20).toArray();
    for (const tombstone of pending) {
      await (tombstone.resource === 'Group' ? unlinkAll(tombstone) : unsetReports(tombstone));
      await collections.tombstones.updateOne({ _id: tombstone._id }, { $set: { pending: false } });
    }
    return pending.length > 0;
  }

  async function unsetReports({ _id: manager, account }: Tombstone): Promise<void> {
    await unsetManagers(collections.users, reportsOf(account, manager), now());
  }

  async function unlinkAll({ _id: group, account }: Tombstone): Promise<void> {
    const { users } = collections;
    for (;;) {
      const linked = await users
        .find({ account, 'groups.to': group }, { projection: { _id: 1 }, limit: UNLINK_STEP })
        .toArray();
      if (linked.length === 0) return;
      await users.updateMany(
        { account, _id: { $in: linked.map((user) => user._id) } },
        { $pull: { groups: { to: group } }, $inc: { version: 1, revision: 1 }, $set: { modified: now() } },
      );
    }
  }

  async function drain(): Promise<void> {
    const before = new Date(now().getTime() + 1);
    while (await round(before));
  }

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        if (await holdsLease()) {
          const before = new Date(now().getTime() - SETTLE_MS);
          await round(before);
        }
      } catch (error) {
        onError(error);
      }
      await sleep(PAUSE_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  return {
    start() {
      running = loop();
    },
    async stop() {
      stopping.abort();
      await running;
      await leases.deleteOne({ _id: 'change-relay', owner }).catch(() => undefined);
    },
    drain,
  };
}
