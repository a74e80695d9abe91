// The change relay: moves change records, which are stored with the changes themselves, into the audit collection, and removes what
// deletions leave behind (links to a group, manager ids). Every step can be repeated, because each record has an id.

import { randomUUID } from 'node:crypto';
import type { Collection, Db } from 'mongodb';
import { createBackgroundLoop } from '../background-loop.ts';
import type { ChangeRecord } from '../directory/model.ts';
import type { Tombstone } from '../directory/records.ts';
import { createLease } from './client/lease.ts';
import { isDuplicate } from './client/mongo-errors.ts';
import { type Collections, collectionsOf } from './collections.ts';
import type { AuditEntry } from './schemas/directory/audit.ts';
import { reportsOf, unsetManagers } from './users/manager-links.ts';

const PAUSE_MS = 1000;
const LEASE = 'change-relay';
const LEASE_MS = 10_000;
const BATCH = 200;
const UNLINK_STEP = 1000;
const TOMBSTONES_PER_ROUND = 20;
/** Younger changes wait, so that several changes of one resource are moved together. */
const CHANGE_AGE_MS_MIN = 2000;

/** A document with change records that have not been moved yet. */
interface Changed {
  _id: string;
  changes: ChangeRecord[];
}

/** Moves change records in the background. */
export interface ChangeRelay {
  start(): void;
  stop(): Promise<void>;
  /** Moves everything that is waiting now: for tests and shutdown. */
  drain(): Promise<void>;
}

type Resource = AuditEntry['resource'];

/** Creates the relay; nothing runs until `start()`. Only one process at a time moves records. */
export function createChangeRelay(db: Db, now: () => Date, onError: (error: unknown) => void): ChangeRelay {
  const relay = new Relay(db, now);
  const { leases } = collectionsOf(db);
  const lease = createLease(leases, { holder: 'owner', until: 'until' });
  const leaseHolder = randomUUID();
  const loop = createBackgroundLoop({
    async round() {
      if (await lease.claim(LEASE, leaseHolder, LEASE_MS)) {
        await relay.round(new Date(now().getTime() - CHANGE_AGE_MS_MIN));
      }
      return false;
    },
    pauseMs: PAUSE_MS,
    onError,
  });
  return {
    start: loop.start,
    async stop() {
      await loop.stop();
      await leases.deleteOne(lease.heldBy(LEASE, leaseHolder)).catch(() => undefined);
    },
    async drain() {
      const before = new Date(now().getTime() + 1);
      while (await relay.round(before));
    },
  };
}

class Relay {
  readonly #collections: Collections;
  readonly #now: () => Date;

  constructor(db: Db, now: () => Date) {
    this.#collections = collectionsOf(db);
    this.#now = now;
  }

  /** Moves one batch of each collection. Returns true if there is more. */
  async round(before: Date): Promise<boolean> {
    const { users, groups, stores } = this.#collections;
    let more = false;
    for (const [resource, collection] of [
      ['User', users],
      ['Group', groups],
      ['Store', stores],
    ] as const) {
      more = (await this.#drainBatch(resource, collection as unknown as Collection<Changed>, before)) || more;
    }
    more = (await this.#drainTombstones(before)) || more;
    return (await this.#clean()) || more;
  }

  async #drainTombstones(before: Date): Promise<boolean> {
    const deleted = this.#collections.tombstones as unknown as Collection<Changed & Pick<Tombstone, 'resource'>>;
    const batch = await deleted
      .find({ 'changes.at': { $lt: before } })
      .limit(BATCH)
      .toArray();
    for (const tombstone of batch)
      await this.#move(tombstone.resource, [tombstone], deleted as unknown as Collection<Changed>);
    return batch.length === BATCH;
  }

  async #drainBatch(resource: Resource, collection: Collection<Changed>, before: Date): Promise<boolean> {
    const batch = await collection
      .find({ 'changes.at': { $lt: before } }, { projection: { changes: 1 }, limit: BATCH })
      .toArray();
    if (batch.length > 0) await this.#move(resource, batch, collection);
    return batch.length === BATCH;
  }

  /** Writes records to the audit collection, then removes them from their documents. Idempotent. */
  async #move(resource: Resource, changed: Changed[], collection: Collection<Changed>): Promise<void> {
    const entries = changed.flatMap(({ _id: subject, changes }) =>
      changes.map(({ id, ...record }): AuditEntry => ({ _id: `${id}:${subject}`, resource, subject, ...record })),
    );
    try {
      await this.#collections.audit.insertMany(entries, { ordered: false });
    } catch (error) {
      if (!isDuplicate(error)) throw error;
    }
    const removals = changed.map(({ _id, changes }) => {
      const ids = changes.map((change) => change.id);
      return { updateOne: { filter: { _id }, update: { $pull: { changes: { id: { $in: ids } } } } } };
    });
    await collection.bulkWrite(removals, { ordered: false });
  }

  /** Removes links to deleted groups and the manager ids of deleted users. */
  async #clean(): Promise<boolean> {
    const { tombstones, users } = this.#collections;
    const pending = await tombstones.find({ pending: true }).limit(TOMBSTONES_PER_ROUND).toArray();
    for (const { _id, account, resource } of pending) {
      if (resource === 'Group') await this.#unlinkAll(account, _id);
      else await unsetManagers(users, reportsOf(account, _id), this.#now());
      await tombstones.updateOne({ _id }, { $set: { pending: false } });
    }
    return pending.length > 0;
  }

  async #unlinkAll(account: string, group: string): Promise<void> {
    const { users } = this.#collections;
    for (;;) {
      const linked = await users
        .find({ account, 'groups.to': group }, { projection: { _id: 1 }, limit: UNLINK_STEP })
        .toArray();
      if (linked.length === 0) return;
      await users.updateMany(
        { account, _id: { $in: linked.map((user) => user._id) } },
        { $pull: { groups: { to: group } }, $inc: { version: 1, revision: 1 }, $set: { modified: this.#now() } },
      );
    }
  }
}
