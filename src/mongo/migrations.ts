// Migrations: what has to be done once to documents that an earlier version stored, before this one serves. A list of steps, what
// has run of it in the collection `migrations`, and one process at a time that runs them; the others wait until all is done.

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AnyBulkWriteOperation, Collection, Db } from 'mongodb';
import type { StoredUser } from '../directory/model.ts';
import { termsOf } from '../directory/terms.ts';
import { isDuplicate } from './outage.ts';

/**
 * One migration. A new one goes to the end of the list; a name is never used again.
 * `step` handles a bounded number of documents, found by an index, and tells how many it found; 0 says that nothing is left. It
 * is called again after a kill, and may run in two processes at the same time: what it did already it must not find, and
 * what changed since it read it must not overwrite.
 */
export interface Migration {
  name: string;
  step(db: Db): Promise<number>;
}

/** What is recorded of a migration, by its name. */
interface MigrationRecord {
  _id: string;
  /** Documents that were handled so far. */
  handled?: number;
  /** When nothing was left. */
  done?: Date;
  owner?: string;
  until?: Date;
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
export const MIGRATIONS: readonly Migration[] = [{ name: 'user-terms', step: giveTerms }];

/**
 * Runs what has not run yet, and comes back when all of it is done, here or in another process.
 * @param migrations in their order; `MIGRATIONS`
 * @throws what the driver throws; the next start goes on where this one was
 */
export async function migrate(db: Db, migrations: readonly Migration[], options: MigrationOptions): Promise<void> {
  const records = recordsOf(db);
  const ended = await records.find({ done: { $exists: true } }, { projection: { _id: 1 } }).toArray();
  const done = new Set(ended.map(({ _id }) => _id));
  for (const migration of migrations) if (!done.has(migration.name)) await runOrWait(db, migration, options);
}

function recordsOf(db: Db) {
  return db.collection<MigrationRecord>('migrations', { writeConcern: { w: 'majority', journal: true } });
}

async function runOrWait(db: Db, migration: Migration, options: MigrationOptions): Promise<void> {
  const owner = randomUUID();
  while (!(await isDone(db, migration.name))) {
    if (await takeTurn(db, migration.name, owner, options)) await run(db, migration, owner, options);
    else await sleep(WAIT_MS);
  }
}

async function isDone(db: Db, name: string): Promise<boolean> {
  return (await recordsOf(db).findOne({ _id: name, done: { $exists: true } }, { projection: { _id: 1 } })) !== null;
}

/** Whether the turn is this process's: nobody has it, or whoever had it has not been heard of for the lease. */
async function takeTurn(
  db: Db,
  name: string,
  owner: string,
  { now, leaseMs = LEASE_MS }: MigrationOptions,
): Promise<boolean> {
  const at = now();
  const open = {
    _id: name,
    done: { $exists: false },
    $or: [{ owner }, { owner: { $exists: false } }, { until: { $lt: at } }],
  };
  const lease = { owner, until: new Date(at.getTime() + leaseMs) };
  try {
    await recordsOf(db).updateOne(open, { $set: lease }, { upsert: true });
    return true;
  } catch (error) {
    // It is there and not open: the upsert met its id.
    if (isDuplicate(error)) return false;
    throw error;
  }
}

/** Steps until nothing is left, or until another process took the turn of one that was away for too long. */
async function run(db: Db, { name, step }: Migration, owner: string, options: MigrationOptions): Promise<void> {
  const { now, onProgress, leaseMs = LEASE_MS } = options;
  const records = recordsOf(db);
  let told = now().getTime();
  for (let handled = 0; ; ) {
    const found = await step(db);
    if (found === 0) {
      await records.updateOne({ _id: name }, { $set: { done: now() }, $unset: { owner: '', until: '' } });
      if (handled > 0) onProgress(`Migration ${name}: done, ${handled} documents`);
      return;
    }
    handled += found;
    const until = new Date(now().getTime() + leaseMs);
    const mine = await records.updateOne({ _id: name, owner }, { $set: { until }, $inc: { handled: found } });
    if (mine.matchedCount === 0) return;
    if (now().getTime() - told < PROGRESS_MS) continue;
    told = now().getTime();
    onProgress(`Migration ${name}: ${handled} documents so far`);
  }
}

/** Indexes of what is found by terms now. */
const FORMER_INDEXES = [
  'account_words',
  'account_managerReference',
  'account_awaits',
  'account_orgUnit',
  'account_endDate',
  'account_missing',
];

/** Users that were stored before they were found by terms get theirs; what can be seen of them and their versions stay. */
async function giveTerms(db: Db): Promise<number> {
  const users = db.collection<StoredUser>('users', { writeConcern: { w: 'majority', journal: true } });
  for await (const { _id: account } of db
    .collection<{ _id: string }>('accounts')
    .find({}, { projection: { _id: 1 } })) {
    const without = await users
      .find({ account, terms: { $exists: false } }, { projection: { data: 1, fold: 1, missing: 1, revision: 1 } })
      .hint('account_terms')
      .limit(STEP_DOCUMENTS)
      .toArray();
    if (without.length === 0) continue;
    await users.bulkWrite(
      without.map(
        ({ _id, revision, ...user }): AnyBulkWriteOperation<StoredUser> => ({
          // Whoever changes the user in the meantime writes terms that are newer than these.
          updateOne: {
            filter: { _id, revision, terms: { $exists: false } },
            update: { $set: { terms: termsOf(user) }, $unset: { words: '' } as Record<string, ''> },
          },
        }),
      ),
      { ordered: false },
    );
    return without.length;
  }
  for (const name of FORMER_INDEXES) await dropIndex(users, name);
  return 0;
}

async function dropIndex(users: Collection<StoredUser>, name: string): Promise<void> {
  if (await users.indexExists(name)) await users.dropIndex(name);
}
