// Migrations: what an earlier version stored is brought up to this one, once, by one process at a time, through kills.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import type { StoredGroup, StoredUser } from '../../src/directory/model.ts';
import { searchKeysOf } from '../../src/directory/query/search-keys.ts';
import { loadSchemaCatalogue } from '../../src/directory/schema/catalogue.ts';
import type { Attribute, Attributes } from '../../src/directory/schema/schema.ts';
import { type Migration, type MigrationOptions, migrate, migrationsOf } from '../../src/mongo/migrations.ts';
import { createRecheck } from '../../src/mongo/recheck.ts';
import { openTestDirectory, patching, type TestDirectory } from '../support/directory.ts';
import { openTestDatabase, type TestDatabase } from '../support/mongod.ts';
import { packageFolder } from '../support/package-folder.ts';

const catalogue = loadSchemaCatalogue(packageFolder('scim-schemas'));

const options = (more: Partial<MigrationOptions> = {}): MigrationOptions => ({
  now: () => new Date(),
  onProgress: () => undefined,
  ...more,
});

describe('the terms that users are found by', () => {
  let directory: TestDirectory;
  const USERS = 1_300;
  beforeAll(async () => {
    directory = await openTestDirectory();
  });
  afterAll(() => directory.close());

  /** Users as a version stored them that knew no terms; the search finds none of them. */
  async function usersOfBefore(account: string): Promise<void> {
    const { db, provision } = directory;
    const caller = directory.caller({ id: account });
    await db.collection<{ _id: string; slug: string }>('accounts').insertOne({ _id: account, slug: account });
    const made = await provision.createUser(caller, {
      userName: 'first',
      name: { givenName: 'Zoë', familyName: 'Janssens' },
      displayName: 'Zoë Janssens',
      title: 'Clerk',
    });
    assert.ok(made.ok);
    const users = db.collection<StoredUser>('users');
    const { terms: _terms, ...model } = (await users.findOne({ account })) as StoredUser;
    await users.updateOne({ account }, { $unset: { terms: '' } });
    await users.insertMany(
      Array.from({ length: USERS - 1 }, (_, index): StoredUser => {
        const data = { ...model.data, userName: `user${index}` };
        return { ...model, _id: `${model._id}-${index}`, data, fold: { ...model.fold, userName: `user${index}` } };
      }),
    );
  }

  const search = async (account: string, words: string) =>
    (
      await directory.lookup.users(directory.caller({ id: account }), {
        search: words,
        page: { kind: 'cursor', count: 10 },
      })
    ).resources.length;

  test('are given to all who were stored without; versions stay', async () => {
    const { db } = directory;
    await usersOfBefore('acc_old');
    await usersOfBefore('acc_older');
    assert.equal(await search('acc_old', 'zoe'), 0);
    await db.collection('migrations').deleteMany({});
    const lines: string[] = [];
    await migrate(db, migrationsOf(catalogue), options({ onProgress: (line) => lines.push(line) }));
    assert.equal(await search('acc_old', 'zoe jans'), 10);
    assert.equal(await search('acc_older', 'user1234'), 1);
    assert.equal(await db.collection('users').countDocuments({ terms: { $exists: false } }), 0);
    assert.equal(await db.collection('users').countDocuments({ version: 1, revision: 1 }), 2 * USERS);
    assert.deepEqual(lines, [`Migration ${migrationsOf(catalogue)[0]?.name}: done, ${2 * USERS} documents`]);
  });

  test('are right where several instances start and users change meanwhile', async () => {
    const { db, provision } = directory;
    await db.collection('migrations').deleteMany({});
    await usersOfBefore('acc_busy');
    const caller = directory.caller({ id: 'acc_busy' });
    const users = db.collection<StoredUser>('users');
    const ids = (await users.find({ account: 'acc_busy' }).toArray()).map(({ _id }) => _id);
    const changes = ids
      .filter((_, index) => index % 13 === 0)
      .map((id) => provision.updateUser(caller, id, undefined, patching({ displayName: `Renamed ${id.slice(-4)}` })));
    await Promise.all([1, 2, 3, 4].map(() => migrate(db, migrationsOf(catalogue), options())));
    assert.ok((await Promise.all(changes)).every(({ ok }) => ok));
    for (const { terms, ...user } of await users.find({ account: 'acc_busy' }).toArray())
      assert.deepEqual(terms, searchKeysOf(user, catalogue.user));
  });

  test('are given also to what an earlier version wrote after the migration, until nothing more is found', async () => {
    const { db } = directory;
    const users = db.collection<StoredUser>('users');
    const records = db.collection<{ _id: string; done: Date; checked?: Date }>('migrations');
    const name = migrationsOf(catalogue)[0]?.name ?? '';
    const found: [string, number][] = [];
    const recheck = () =>
      createRecheck(db, migrationsOf(catalogue), () => new Date(), {
        onError: (error) => assert.fail(String(error)),
        onFound: (...each) => found.push(each),
      }).drain();
    const some = await users.find({ account: 'acc_older' }).limit(3).toArray();
    const [made, renamed, other] = some.map(({ _id }) => _id);
    await users.updateOne({ _id: made ?? '' }, { $unset: { terms: '' } });
    // A version that knows no terms leaves them as they are when it changes a user.
    await users.updateOne(
      { _id: renamed ?? '' },
      { $set: { 'data.displayName': 'Quite Other' }, $inc: { revision: 1 } },
    );
    await Promise.all([recheck(), recheck()]);
    assert.equal(await search('acc_older', 'quite other'), 1);
    assert.deepEqual(found, [[name, 2]]);
    assert.equal(
      (await records.findOne({ _id: name }))?.checked,
      undefined,
      'servers of the earlier version may still run',
    );
    await records.updateMany({}, { $set: { done: new Date(Date.now() - 2 * 3_600_000) } });
    await users.updateOne({ _id: other ?? '' }, { $unset: { terms: '' } });
    await recheck();
    assert.equal((await records.findOne({ _id: name }))?.checked, undefined, 'something was found');
    await recheck();
    assert.ok((await records.findOne({ _id: name }))?.checked instanceof Date);
    assert.deepEqual(found, [
      [name, 2],
      [name, 1],
    ]);
    for (const { terms, ...user } of await users.find({ account: 'acc_older' }).toArray())
      assert.deepEqual(terms, searchKeysOf(user, catalogue.user));
  });

  test('are made again where other attributes are marked; former indexes go', async () => {
    const { db } = directory;
    const users = db.collection<StoredUser>('users');
    await users.createIndex({ account: 1, words: 1, _id: 1 }, { name: 'account_words' });
    const other = {
      ...catalogue,
      user: { ...catalogue.user, searchKeyAttributes: [catalogue.user.byKey.get('title') as Attribute] },
    };
    await migrate(db, migrationsOf(other), options());
    assert.equal(await users.indexExists('account_words'), false);
    for (const { terms, ...user } of await users.find({ account: 'acc_old' }).limit(20).toArray())
      assert.deepEqual(terms, searchKeysOf(user, other.user));
    // The list as it was before: what was done for it then is done no more.
    await migrate(db, migrationsOf(catalogue), options());
    for (const { terms, ...user } of await users.find({ account: 'acc_old' }).limit(20).toArray())
      assert.deepEqual(terms, searchKeysOf(user, catalogue.user));
    const read = await users
      .find({ account: 'acc_old', _id: { $gt: '' } })
      .hint('account_id')
      .sort({ account: 1, _id: 1 })
      .limit(500)
      .explain('executionStats');
    assert.equal(read.executionStats.totalDocsExamined, 500);
  });
});

describe('the IDs of groups', () => {
  let directory: TestDirectory;
  beforeAll(async () => {
    directory = await openTestDirectory();
  });
  afterAll(() => directory.close());

  test('are listed for groups that were stored with one; the former unique indexes go', async () => {
    const { db, provision } = directory;
    const account = 'acc_ids';
    const caller = directory.caller({ id: account });
    await db.collection<{ _id: string; slug: string }>('accounts').insertOne({ _id: account, slug: account });
    const groups = db.collection<StoredGroup>('groups');
    const userGroups = [{ value: 'hr-1', display: 'Ops', type: 'Department' }];
    const made = await provision.createUser(caller, { userName: 'a', mobietrain: { userGroups } });
    assert.ok(made.ok);
    const push = async (displayName: string, externalId?: string) =>
      provision.createGroup(caller, { displayName, ...(externalId === undefined ? {} : { externalId }) }, []);
    assert.ok((await push('Pushed', 'obj-1')).ok && (await push('Without')).ok);
    await groups.updateMany({ account }, { $unset: { identities: '', holdsName: '' } });
    for (const name of ['account_groupExternalId', 'account_type_name'])
      await groups.createIndex({ account: 1, [name]: 1, _id: 1 }, { name });
    await db.collection('migrations').deleteMany({});
    await migrate(db, migrationsOf(catalogue), options());
    await migrate(db, migrationsOf(catalogue), options());
    const stored = await groups.find({ account }).sort({ _id: 1 }).toArray();
    assert.deepEqual(
      stored.map(({ identities, externalId, holdsName, version }) => ({ identities, externalId, holdsName, version })),
      [
        { identities: [{ value: 'hr-1' }], externalId: 'hr-1', holdsName: true, version: 1 },
        { identities: [{ value: 'obj-1', pushed: true }], externalId: 'obj-1', holdsName: true, version: 1 },
        { identities: [], externalId: undefined, holdsName: true, version: 1 },
      ],
    );
    assert.equal(await groups.indexExists('account_type_name'), false);
    assert.equal(await groups.indexExists('account_groupExternalId'), false);
    // What was stored before works on: the ID leads to the group, and an ID that is pushed later is kept beside it.
    const [group] = stored;
    const revision = {
      mode: 'patch' as const,
      attributes: { displayName: 'Ops', externalId: 'obj-2' },
      stated: new Set(['externalId']),
      members: { kind: 'none' as const },
    };
    const changed = await provision.updateGroup(caller, String(group?._id), undefined, () => ({ ok: true, revision }));
    assert.ok(changed.ok && changed.value.attributes.externalId === 'obj-2');
    const read = await directory.lookup.user(caller, made.value.id);
    assert.ok(read);
    assert.equal((read.attributes.mobietrain as Attributes).userGroupId, 'hr-1');
  });
});

describe('migrations', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await openTestDatabase();
  });
  afterAll(() => database.close());

  const numbers = () => database.db.collection<{ _id: number; up?: boolean; times?: number }>('numbers');

  /** Sets `up` in ten numbers per step, of those that do not have it. */
  function marking(name: string, onStep: () => void = () => undefined): Migration {
    return {
      name,
      async step(): Promise<{ handled: number }> {
        onStep();
        const open = await numbers()
          .find({ up: { $exists: false } })
          .limit(10)
          .toArray();
        for (const { _id } of open) await numbers().updateOne({ _id }, { $set: { up: true }, $inc: { times: 1 } });
        return { handled: open.length };
      },
    };
  }

  async function freshNumbers(count: number): Promise<void> {
    await numbers().deleteMany({});
    await numbers().insertMany(Array.from({ length: count }, (_, _id) => ({ _id })));
  }

  test('run once, by one process at a time, in their order', async () => {
    await freshNumbers(95);
    const steps: string[] = [];
    const list = ['one', 'two'].map((name) => marking(name, () => steps.push(name)));
    await Promise.all([1, 2, 3].map(() => migrate(database.db, list, options())));
    assert.deepEqual(steps, [...Array<string>(11).fill('one'), 'two']);
    await migrate(database.db, list, options());
    assert.equal(steps.length, 12);
    assert.equal(await numbers().countDocuments({ times: 1 }), 95);
    const record = await database.db
      .collection<{ _id: string; handled?: number; done?: Date }>('migrations')
      .findOne({ _id: 'one' });
    assert.equal(record?.handled, 95);
    assert.ok(record?.done instanceof Date);
  });

  test('go on where a process was killed, once its lease has ended', async () => {
    await freshNumbers(60);
    let calls = 0;
    const killed = marking('three', () => {
      calls += 1;
      if (calls === 3) throw new Error('killed');
    });
    await assert.rejects(migrate(database.db, [killed], options({ leaseMs: 600 })), /killed/);
    assert.equal(await numbers().countDocuments({ up: true }), 20);
    const begun = Date.now();
    await migrate(database.db, [marking('three')], options());
    assert.ok(Date.now() - begun > 300, 'the lease was waited for');
    assert.equal(await numbers().countDocuments({ times: 1 }), 60);
  });
});
