// Looks again for documents as earlier versions store them, after a migration: servers of an earlier version may have run beside this one
// for some time. One process at a time passes over the documents, in the background, until a pass finds none.

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from 'mongodb';
import { type BackgroundLoop, createBackgroundLoop } from '../background-loop.ts';
import { createLease } from './client/lease.ts';
import { guarded } from './client/mongo-errors.ts';
import { collectionsOf } from './collections.ts';
import type { Migration } from './migrations.ts';

/** How a recheck reports. */
export interface RecheckReports {
  onError: (error: unknown) => void;
  /** A pass has migrated so many documents. */
  onFound: (migration: string, documents: number) => void;
}

const LEASE_MS = 60_000;
const PAUSE_MS = 300_000;
/** The last pass begins this long after the migration, when no server of an earlier version is expected to run. */
const SETTLED_MS = 3_600_000;
/** Between steps, so that requests come first. */
const STEP_PAUSE_MS = 20;

/**
 * Creates the background work; nothing runs until `start()` or `drain()`, which makes one pass. Migrations that found no document are
 * not checked, because the database was new. Rounds throw StoreUnavailable.
 */
export function createRecheck(
  db: Db,
  migrations: readonly Migration[],
  now: () => Date,
  { onError, onFound }: RecheckReports,
): BackgroundLoop {
  const records = collectionsOf(db).migrations;
  const lease = createLease(records, { holder: 'owner', until: 'until' });
  const leaseHolder = randomUUID();
  const unchecked = { done: { $exists: true }, handled: { $exists: true }, checked: { $exists: false } };

  /** Passes over all documents; returns how many were outdated, or undefined if it did not come to the end. */
  async function pass({ name, step }: Migration, signal: AbortSignal): Promise<number | undefined> {
    let outdated = 0;
    for (let after: string | undefined; ; ) {
      const taken = await step(db, after);
      outdated += taken.outdated ?? 0;
      if (taken.handled === 0) return outdated;
      after = taken.position;
      if (signal.aborted || !(await lease.renew(name, leaseHolder, LEASE_MS))) return undefined;
      await sleep(STEP_PAUSE_MS);
    }
  }

  async function check(migration: Migration, signal: AbortSignal): Promise<void> {
    const { name } = migration;
    const record = await records.findOne({ _id: name, ...unchecked }, { projection: { done: 1 } });
    if (!record?.done || !(await lease.claim(name, leaseHolder, LEASE_MS, unchecked))) return;
    const isSettled = now().getTime() - record.done.getTime() > SETTLED_MS;
    const outdated = await pass(migration, signal);
    const isLast = isSettled && outdated === 0;
    await lease.release(name, leaseHolder, isLast ? { $set: { checked: now() } } : {});
    if (outdated !== undefined && outdated > 0) onFound(name, outdated);
  }

  return createBackgroundLoop({
    async round(signal) {
      for (const migration of migrations) await guarded(() => check(migration, signal));
      return false;
    },
    pauseMs: PAUSE_MS,
    onError,
  });
}
