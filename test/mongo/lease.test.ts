// Leases against a real database: one holder at a time, and another one once a lease has run out.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { createLease } from '../../src/mongo/client/lease.ts';
import { openTestDatabase, type TestDatabase } from '../support/mongod.ts';

interface Task {
  _id: string;
  owner?: string;
  until?: Date;
  done?: number;
}

const LEASE_MS = 60_000;
let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

function leases() {
  const tasks = database.db.collection<Task>('tasks');
  return { tasks, lease: createLease(tasks, { holder: 'owner', until: 'until' }) };
}

/** Leases count by the database's clock: time passes by moving what is stored. */
const later = (ms: number) =>
  database.db
    .collection<Task>('tasks')
    .updateMany({ until: { $exists: true } }, [{ $set: { until: { $subtract: ['$until', ms] } } }]);

describe('a lease', () => {
  test('is claimed by one of many at the same time, and by another one when it has run out', async () => {
    const { tasks, lease } = leases();
    const claims = await Promise.all(['a', 'b', 'c', 'd'].map((holder) => lease.claim('one', holder, LEASE_MS)));
    assert.equal(claims.filter(Boolean).length, 1);
    const first = (await tasks.findOne({ _id: 'one' }))?.owner ?? '';
    assert.equal(await lease.claim('one', first, LEASE_MS), true, 'its holder claims it again');
    assert.equal(await lease.claim('one', 'other', LEASE_MS), false);
    await later(LEASE_MS + 1);
    assert.equal(await lease.claim('one', 'other', LEASE_MS), true);
    assert.equal(await lease.renew('one', first, LEASE_MS, { $set: { done: 1 } }), false);
    assert.equal(await lease.release('one', first), false);
    assert.equal((await tasks.findOne({ _id: 'one' }))?.done, undefined, 'who lost it writes nothing');
  });

  test('is renewed, and released with what is written with it', async () => {
    const { tasks, lease } = leases();
    await lease.claim('two', 'a', LEASE_MS);
    await later(LEASE_MS / 2);
    assert.equal(await lease.renew('two', 'a', LEASE_MS, { $inc: { done: 2 } }), true);
    await later(LEASE_MS / 2);
    assert.equal(await lease.claim('two', 'b', LEASE_MS), false);
    assert.equal(await lease.release('two', 'a', { $inc: { done: 1 } }), true);
    assert.deepEqual(await tasks.findOne({ _id: 'two' }), { _id: 'two', done: 3 });
    assert.equal(await lease.claim('two', 'b', LEASE_MS, { done: 4 }), false, 'it does not meet the condition');
    assert.equal(await lease.claim('two', 'b', LEASE_MS, { done: 3 }), true);
  });

  test('is claimed on the first document that is free', async () => {
    const { tasks, lease } = leases();
    await tasks.deleteMany({});
    await tasks.insertMany([{ _id: 'x' }, { _id: 'y' }]);
    const claim = async (holder: string) =>
      (await lease.claimFirst(lease.free(), { _id: 1 }, holder, LEASE_MS, { $inc: { done: 1 } }))?._id;
    assert.deepEqual([await claim('a'), await claim('b'), await claim('c')], ['x', 'y', undefined]);
    await later(LEASE_MS + 1);
    assert.equal(await claim('c'), 'x');
    assert.equal((await tasks.findOne({ _id: 'x' }))?.done, 2);
  });
});
