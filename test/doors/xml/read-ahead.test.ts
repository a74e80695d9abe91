// Blocks whose users were read ahead together, and yet see what the blocks before them did; simulated, they say the same.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from '@jest/globals';
import { createAccounts } from '../../../src/mongo/accounts/accounts.ts';
import { documentOf, goodBlock, openTestBatch, type TestBatch } from '../../support/batch.ts';

let batch: TestBatch;
beforeAll(async () => {
  batch = await openTestBatch();
});
afterAll(() => batch.close());

/** Simulates a file, then runs it: what both said of each block. */
async function both(...blocks: string[]) {
  const { account, door, worker, runs } = batch;
  async function* content() {
    yield Buffer.from(documentOf(...blocks));
  }
  const { connection } = batch.caller();
  const file = { account, connection, fileset: 'ahead', fileName: 'ahead.xml', requestedBy: 'a test' };
  const said = [];
  for (const simulate of [true, false]) {
    const submitted = await door.submit({ ...file, content: content(), simulate });
    assert.ok(submitted.ok);
    await worker.drain();
    const rows = await runs.rows(submitted.run, { limit: 1000 });
    said.push(rows.map(({ outcome, faults = [] }) => [outcome, ...faults.map(({ code }) => code)].join(' ')));
  }
  assert.deepEqual(said[0], said[1]);
  return said[1];
}

test('a user of several blocks, a manager who comes later, one who is there', async () => {
  const said = await both(
    goodBlock('one', { ManagerUserId: 'Boss' }),
    goodBlock('ONE', { LanguageCode: 'nl' }),
    goodBlock('boss'),
    goodBlock('two', { ManagerUserId: 'boss' }),
    goodBlock('ONE', { LanguageCode: 'nl' }),
    goodBlock('two', { Email: 'x@@example.com' }),
  );
  assert.deepEqual(said, ['created', 'updated', 'created', 'created', 'unchanged', 'refused invalidValue']);
  const users = await batch.directory.db.collection('users').find({ account: batch.account.id }).toArray();
  const boss = users.find((user) => user.data.userName === 'boss')?._id;
  const managers = users.filter((user) => user._id !== boss).map(({ manager }) => manager);
  assert.deepEqual(managers, [boss, boss]);
});

test('where the contract has a limit, who comes first counts', async () => {
  const active = await batch.directory.db.collection('users').countDocuments({ account: batch.account.id });
  await createAccounts(batch.directory.connection).setAccount('shop', { userLimit: active + 3 });
  const said = await both(...Array.from({ length: 8 }, (_, index) => goodBlock(`limited${index}`)));
  assert.deepEqual(said, [...Array(3).fill('created'), ...Array(5).fill('refused userLimit')]);
});
