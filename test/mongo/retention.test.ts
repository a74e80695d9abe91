// The retention of audit records and tombstones: what is too old goes, in batches, once a day; what is still needed stays.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from '@jest/globals';
import type { Tombstone } from '../../src/directory/records.ts';
import { createErasureMemory } from '../../src/mongo/erasure-memory.ts';
import { createRetention } from '../../src/mongo/retention.ts';
import type { AuditEntry } from '../../src/mongo/schemas/directory/audit.ts';
import { openTestDirectory, type TestDirectory } from '../support/directory.ts';

const DAY_MS = 86_400_000;
const ACCOUNTS = ['acc_one', 'acc_two'];
let directory: TestDirectory;
let today = Date.now();
beforeAll(async () => {
  directory = await openTestDirectory();
  const accounts = directory.db.collection<{ _id: string; slug: string }>('accounts');
  await accounts.insertMany(ACCOUNTS.map((_id) => ({ _id, slug: _id })));
});
afterAll(() => directory.close());

const audit = () => directory.db.collection<AuditEntry>('audit');
const tombstones = () => directory.db.collection<Tombstone>('tombstones');
const fail = (error: unknown) => assert.fail(String(error));
/** One round on the next day, with a server's clock that is years ahead. */
const round = async () => {
  today += DAY_MS;
  await createRetention(
    directory.db,
    { audit: 10, tombstones: 20 },
    () => new Date(today + 4_000 * DAY_MS),
    fail,
  ).drain();
};
const daysAgo = (days: number) => new Date(Date.now() - days * DAY_MS);

async function deletedUser(account: string, userName: string): Promise<string> {
  const caller = directory.caller({ id: account });
  const made = await directory.provision.createUser(caller, { userName });
  assert.ok(made.ok);
  assert.ok((await directory.provision.deleteUser(caller, made.value.id, undefined)).ok);
  return made.value.id;
}

test('old audit records go in batches, newer ones stay, and an erasure still finds who was deleted', async () => {
  const id = await deletedUser('acc_one', 'ada@example.com');
  await directory.relay.drain();
  const [model] = await audit().find({ subject: id }).toArray();
  assert.ok(model);
  await audit().insertMany(
    Array.from({ length: 2_300 }, (_, index) => ({
      ...model,
      _id: `filler ${index}`,
      account: ACCOUNTS[index % 2] ?? '',
      at: daysAgo(index < 2_200 ? 11 : 9),
    })),
  );
  await audit().updateMany({ subject: id, _id: { $not: /^filler/ } }, { $set: { at: daysAgo(15) } });
  await tombstones().updateOne({ _id: id }, { $set: { deleted: daysAgo(15) } });
  await round();
  assert.equal(await audit().countDocuments({}), 100);
  assert.equal(await audit().countDocuments({ at: { $lt: daysAgo(10) } }), 0);
  const hash = await directory.identityHash();
  const memory = createErasureMemory(directory.db, () => new Date());
  const known = { ids: [], hashes: [hash('ada@example.com')] };
  assert.deepEqual(
    (await memory.deletedUsers('acc_one', known)).map((user) => user.id),
    [id],
  );

  await tombstones().updateOne({ _id: id }, { $set: { deleted: daysAgo(21) } });
  await createRetention(
    directory.db,
    { audit: 10, tombstones: 20 },
    () => new Date(today + 4_000 * DAY_MS),
    fail,
  ).drain();
  assert.equal(await tombstones().countDocuments({ _id: id }), 1, 'once a day');
  await round();
  assert.equal(await tombstones().countDocuments({ _id: id }), 0);
});

test('a tombstone stays while its change records or the links to it wait', async () => {
  const id = await deletedUser('acc_two', 'bo@example.com');
  await tombstones().updateOne({ _id: id }, { $set: { deleted: daysAgo(30), pending: false } });
  await round();
  assert.equal(await tombstones().countDocuments({ _id: id }), 1);
  await directory.relay.drain();
  await tombstones().updateOne({ _id: id }, { $set: { pending: true } });
  await round();
  assert.equal(await tombstones().countDocuments({ _id: id }), 1);
  await directory.relay.drain();
  await round();
  assert.equal(await tombstones().countDocuments({ _id: id }), 0);
});

test('a batch is found by its index, without reading what stays', async () => {
  const at = { $expr: { $lt: ['$at', { $subtract: ['$$NOW', 10 * DAY_MS] }] } };
  const { executionStats } = await audit()
    .find({ account: 'acc_one', ...at }, { hint: 'account_at' })
    .explain('executionStats');
  assert.ok(executionStats.totalDocsExamined <= 1 && (await audit().countDocuments({ account: 'acc_one' })) > 40);
});
