// Migrations: one-time changes to documents of earlier versions, made before this version serves requests. The collection `migrations`
// records which have run. One process at a time runs them; the others wait until all are complete.

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { AnyBulkWriteOperation, Collection, Db, Document, Filter as MongoFilter } from 'mongodb';
import { identityFields } from '../directory/groups/identities.ts';
import type { GroupIdentity, StoredGroup, StoredUser } from '../directory/model.ts';
import { SEARCH_KEYS_VERSION, searchKey, searchKeysOf } from '../directory/query/search-keys.ts';
import { ACCOUNT_KEY } from '../directory/schema/account-attributes.ts';
import type { SchemaCatalogue } from '../directory/schema/catalogue.ts';
import type { ResourceSchema } from '../directory/schema/schema.ts';
import { createLease } from './client/lease.ts';
import { collectionsOf } from './collections.ts';

/**
 * One migration. New ones are appended to the list; a name is never reused.
 * `step` handles a bounded number of documents, found by an index, from the position that the step before it returned, and returns
 * how many it handled; 0 means that nothing is left. It is called again after a crash, with the last stored position, and may run in
 * two processes at the same time: repeating it must do no harm, and it must not overwrite what changed since it was read.
 */
export interface Migration {
  name: string;
  /** The first word of the name, if each migration of a series undoes the others; the first step of one deletes the records of the others. */
  series?: string;
  step: (db: Db, after: string | undefined) => Promise<MigrationStep>;
}

/** What a step did. */
interface MigrationStep {
  /** The number of documents that were looked at; 0 at the end. */
  handled: number;
  /** How many of them were as an earlier version stores them. */
  outdated?: number;
  /** From where the next step continues. */
  position?: string;
}

/** The options of `migrate`. */
export interface MigrationOptions {
  now: () => Date;
  /** Receives a line of progress every few seconds; no requests are served until all migrations are complete. */
  onProgress: (line: string) => void;
  /** How long the other processes wait after a process was killed during a migration. */
  leaseMs?: number;
}

const STEP_DOCUMENTS = 500;
const LEASE_MS = 10_000;
const WAIT_MS = 200;
const PROGRESS_MS = 5_000;

/** All migrations, in the order in which they run. */
export function migrationsOf({ user }: Pick<SchemaCatalogue, 'user'>): readonly Migration[] {
  return [userSearchKeys(user), groupIdentities()];
}

/**
 * Runs the migrations that have not run yet; resolves when all are complete, in this process or in another one.
 * @param migrations in their order; see `migrationsOf`
 * @throws what the driver throws; the next start continues from the last stored position
 */
export async function migrate(db: Db, migrations: readonly Migration[], options: MigrationOptions): Promise<void> {
  const records = collectionsOf(db).migrations;
  const ended = await records
    .find({ _id: { $in: migrations.map(({ name }) => name) }, done: { $exists: true } }, { projection: { _id: 1 } })
    .toArray();
  const done = new Set(ended.map(({ _id }) => _id));
  for (const migration of migrations) if (!done.has(migration.name)) await runOrWait(db, migration, options);
}

function leaseOf(db: Db) {
  return createLease(collectionsOf(db).migrations, { holder: 'owner', until: 'until' });
}

async function runOrWait(db: Db, migration: Migration, options: MigrationOptions): Promise<void> {
  const { leaseMs = LEASE_MS } = options;
  const lease = leaseOf(db);
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

/** Runs steps until nothing is left, or until this process has lost the lease. */
async function run(
  db: Db,
  { name, series, step }: Migration,
  leaseHolder: string,
  options: MigrationOptions,
): Promise<void> {
  const { now, onProgress, leaseMs = LEASE_MS } = options;
  const records = collectionsOf(db).migrations;
  const lease = leaseOf(db);
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

/** Indexes that search keys have replaced. */
const FORMER_INDEXES = ['words', 'stores', 'manager', 'managerReference', 'awaits', 'orgUnit', 'endDate', 'missing'];

/** What the search keys of custom attributes begin with. */
const OWN_KEYS = searchKey(`${ACCOUNT_KEY}.`, '').trimEnd();

/** The search keys with those of the account's custom attributes, which the server's schemas do not have. */
function withOwnKeys(searchKeys: string[], stored: readonly string[] = []): string[] {
  const own = stored.filter((key) => key.startsWith(OWN_KEYS));
  return own.length > 0 ? [...searchKeys, ...own].sort() : searchKeys;
}

/**
 * Stores the search keys of all users who have none or outdated ones. Visible attributes and versions do not change. A different list
 * of attributes with search keys is a different migration.
 */
function userSearchKeys(schema: ResourceSchema): Migration {
  const keys = schema.searchKeyAttributes.map(({ key }) => key);
  return {
    name: `user-terms ${SEARCH_KEYS_VERSION} ${keys.join(' ')}`,
    series: 'user-terms',
    async step(db, after) {
      const { users } = collectionsOf(db);
      const documents = await nextOf(db, users, after);
      const last = documents.at(-1);
      if (!last) {
        for (const key of [...FORMER_INDEXES, ...keys]) await dropIndex(users, `account_${key}`);
        return { handled: 0 };
      }
      const writes = documents.flatMap((user): AnyBulkWriteOperation<StoredUser>[] => {
        const searchKeys = withOwnKeys(searchKeysOf(user, schema), user.terms);
        if (isDeepStrictEqual(searchKeys, user.terms)) return [];
        // A change of the user in the meantime has written newer search keys.
        const filter = { _id: user._id, revision: user.revision };
        return [
          {
            updateOne: { filter, update: { $set: { terms: searchKeys }, $unset: { words: '' } as Record<string, ''> } },
          },
        ];
      });
      if (writes.length > 0) await users.bulkWrite(writes, { ordered: false });
      return { handled: documents.length, outdated: writes.length, position: `${last.account} ${last._id}` };
    },
  };
}

/** The unique indexes of groups from before a group could have several IDs. */
const FORMER_GROUP_INDEXES = ['account_groupExternalId', 'account_type_name'];

/** A group as it was stored before it could have several IDs. */
type FormerGroup = Omit<StoredGroup, 'identities' | 'holdsName'> & Partial<Pick<StoredGroup, 'identities'>>;

/**
 * Stores the list of IDs of all groups. The ID of a claimed group was pushed; that of any other group was stated by users of a
 * connection that is no longer known. Names were unique within their type, so each group holds its name.
 */
function groupIdentities(): Migration {
  return {
    name: 'group-identities',
    async step(db, after) {
      const { groups } = collectionsOf(db);
      const documents: FormerGroup[] = await nextOf(db, groups, after);
      const last = documents.at(-1);
      if (!last) {
        for (const name of FORMER_GROUP_INDEXES) await dropIndex(groups, name);
        return { handled: 0 };
      }
      const writes = documents.flatMap((group): AnyBulkWriteOperation<StoredGroup>[] => {
        if (group.identities) return [];
        const filter = { _id: group._id, version: group.version, identities: { $exists: false } };
        return [{ updateOne: { filter, update: { $set: { ...formerIdentities(group), holdsName: true } } } }];
      });
      if (writes.length > 0) await groups.bulkWrite(writes, { ordered: false });
      return { handled: documents.length, outdated: writes.length, position: `${last.account} ${last._id}` };
    },
  };
}

function formerIdentities({ externalId, claimed }: FormerGroup) {
  const identities: GroupIdentity[] = [];
  if (externalId !== undefined) identities.push({ value: externalId, ...(claimed ? { pushed: true } : {}) });
  return identityFields(identities, claimed);
}

/** The documents after a position, within one account; positions are ordered by account and id. */
async function nextOf<T extends StoredUser | StoredGroup>(
  db: Db,
  collection: Collection<T>,
  after: string | undefined,
): Promise<T[]> {
  const [account = '', id = ''] = after?.split(' ') ?? [];
  const { accounts } = collectionsOf(db);
  for await (const { _id } of accounts.find({ _id: { $gte: account } }, { projection: { _id: 1 } }).sort({ _id: 1 })) {
    const query = { account: _id, ...(_id === account ? { _id: { $gt: id } } : {}) };
    const found = await collection
      .find<T>(query as MongoFilter<T>, { projection: { changes: 0 } })
      .hint('account_id')
      .sort({ account: 1, _id: 1 })
      .limit(STEP_DOCUMENTS)
      .toArray();
    if (found.length > 0) return found;
  }
  return [];
}

async function dropIndex<T extends Document>(collection: Collection<T>, name: string): Promise<void> {
  if (await collection.indexExists(name)) await collection.dropIndex(name);
}
