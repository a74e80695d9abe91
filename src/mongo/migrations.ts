// Migrations: what has to be done once to documents that an earlier version stored, before this one serves. A list of steps, what
// has run of it in the collection `migrations`, and one process at a time that runs them; the others wait until all is done.

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { AnyBulkWriteOperation, Collection, Db } from 'mongodb';
import type { StoredUser } from '../directory/model.ts';
import { TERMS_VERSION, termsOf } from '../directory/query/search-keys.ts';
import type { SchemaCatalogue } from '../directory/schema/catalogue.ts';
import type { ResourceSchema } from '../directory/schema/schema.ts';
import { createLease } from './client/lease.ts';
import { collectionsOf } from './collections.ts';

/**
 * One migration. A new one goes to the end of the list; a name is never used again.
 * `step` handles a bounded number of documents, found by an index, from the position on that the step before it told, and tells
 * how many it found; 0 says that nothing is left. It is called again after a kill, with the last position that was noted, and
 * may run in two processes at the same time: what it did already does no harm, and what changed since it read it it must not overwrite.
 */
export interface Migration {
  name: string;
  /** The first word of the name, where each migration of a series undoes what the others did: one that begins forgets that they ran. */
  series?: string;
  step: (db: Db, after: string | undefined) => Promise<{ handled: number; position?: string }>;
}

export interface MigrationOptions {
  now: () => Date;
  /** Told what goes on, one line each: these are minutes in which nothing is served. */
  onProgress: (line: string) => void;
  /** How long a process that is killed in the middle keeps the others waiting. */
  leaseMs?: number;
}

const STEP_DOCUMENTS = 500;
const LEASE_MS = 10_000;
const WAIT_MS = 200;
const PROGRESS_MS = 5_000;

/** Every migration there is, in the order in which they run. */
export function migrationsOf({ user }: Pick<SchemaCatalogue, 'user'>): readonly Migration[] {
  return [userTerms(user)];
}

/**
 * Runs what has not run yet, and comes back when all of it is done, here or in another process.
 * @param migrations in their order; `migrationsOf`
 * @throws what the driver throws; the next start goes on where this one was
 */
export async function migrate(db: Db, migrations: readonly Migration[], options: MigrationOptions): Promise<void> {
  const records = collectionsOf(db).migrations;
  const ended = await records
    .find({ _id: { $in: migrations.map(({ name }) => name) }, done: { $exists: true } }, { projection: { _id: 1 } })
    .toArray();
  const done = new Set(ended.map(({ _id }) => _id));
  for (const migration of migrations) if (!done.has(migration.name)) await runOrWait(db, migration, options);
}

function leaseOf(db: Db, now: () => Date) {
  return createLease(collectionsOf(db).migrations, { holder: 'owner', until: 'until' }, now);
}

async function runOrWait(db: Db, migration: Migration, options: MigrationOptions): Promise<void> {
  const { now, leaseMs = LEASE_MS } = options;
  const lease = leaseOf(db, now);
  const leaseHolder = randomUUID();
  while (!(await isDone(db, migration.name))) {
    const isMine = await lease.claim(migration.name, leaseHolder, leaseMs, { done: { $exists: false } });
    if (isMine) await run(db, migration, leaseHolder, options);
    else await sleep(WAIT_MS);
  }
}

async function isDone(db: Db, name: string): Promise<boolean> {
  return (
    (await collectionsOf(db).migrations.findOne({ _id: name, done: { $exists: true } }, { projection: { _id: 1 } })) !==
    null
  );
}

/** Runs steps until nothing is left, or until another process has claimed a lease that ran out here. */
async function run(
  db: Db,
  { name, series, step }: Migration,
  leaseHolder: string,
  options: MigrationOptions,
): Promise<void> {
  const { now, onProgress, leaseMs = LEASE_MS } = options;
  const records = collectionsOf(db).migrations;
  const lease = leaseOf(db, now);
  let reportedAt = now().getTime();
  if (series !== undefined) await records.deleteMany({ _id: { $gte: `${series} `, $lt: `${series}!`, $ne: name } });
  let after = (await records.findOne({ _id: name }))?.position;
  for (let total = 0; ; ) {
    const { handled, position } = await step(db, after);
    if (handled === 0) {
      await lease.release(name, leaseHolder, { $set: { done: now() } });
      if (total > 0) onProgress(`Migration ${name}: done, ${total} documents`);
      return;
    }
    total += handled;
    const progress = { $set: position === undefined ? {} : { position }, $inc: { handled } };
    if (!(await lease.renew(name, leaseHolder, leaseMs, progress))) return;
    after = position;
    if (now().getTime() - reportedAt < PROGRESS_MS) continue;
    reportedAt = now().getTime();
    onProgress(`Migration ${name}: ${total} documents so far`);
  }
}

/** Indexes of what is found by terms now. */
const FORMER_INDEXES = ['words', 'stores', 'manager', 'managerReference', 'awaits', 'orgUnit', 'endDate', 'missing'];

/**
 * Gives all users the terms that they are found by, where they have none or were stored while others were made. What can be
 * seen of them and their versions stay. Another list of marked attributes is another migration.
 */
function userTerms(schema: ResourceSchema): Migration {
  const keys = schema.marked.map(({ key }) => key);
  return {
    name: `user-terms ${TERMS_VERSION} ${keys.join(' ')}`,
    series: 'user-terms',
    async step(db, after) {
      const { users } = collectionsOf(db);
      const found = await nextUsers(db, users, after);
      const last = found.at(-1);
      if (!last) {
        for (const key of [...FORMER_INDEXES, ...keys]) await dropIndex(users, `account_${key}`);
        return { handled: 0 };
      }
      const writes = found.flatMap((user): AnyBulkWriteOperation<StoredUser>[] => {
        const terms = termsOf(user, schema);
        if (isDeepStrictEqual(terms, user.terms)) return [];
        // Whoever changes the user in the meantime writes terms that are newer than these.
        const filter = { _id: user._id, revision: user.revision };
        return [{ updateOne: { filter, update: { $set: { terms }, $unset: { words: '' } as Record<string, ''> } } }];
      });
      if (writes.length > 0) await users.bulkWrite(writes, { ordered: false });
      return { handled: found.length, position: `${last.account} ${last._id}` };
    },
  };
}

/** The users after a position, within one account; positions go by account and id. */
async function nextUsers(db: Db, users: Collection<StoredUser>, after: string | undefined): Promise<StoredUser[]> {
  const [account = '', id = ''] = after?.split(' ') ?? [];
  const { accounts } = collectionsOf(db);
  for await (const { _id } of accounts.find({ _id: { $gte: account } }, { projection: { _id: 1 } }).sort({ _id: 1 })) {
    const found = await users
      .find({ account: _id, ...(_id === account ? { _id: { $gt: id } } : {}) }, { projection: { changes: 0 } })
      .hint('account_id')
      .sort({ account: 1, _id: 1 })
      .limit(STEP_DOCUMENTS)
      .toArray();
    if (found.length > 0) return found;
  }
  return [];
}

async function dropIndex(users: Collection<StoredUser>, name: string): Promise<void> {
  if (await users.indexExists(name)) await users.dropIndex(name);
}
