// Leases against a real database: one holder at a time, and another one once a lease has run out.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { createLease } from '../../src/mongo/client/lease.ts';
import { migrate } from '../../src/mongo/migrations.ts';
import { createOutboxStore } from '../../src/mongo/outbox.ts';
import { createRunStore } from '../../src/mongo/runs/runs.ts';
import { NO_COUNTS } from '../../src/runs/store.ts';
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

const DAY_MS = 86_400_000;

/** Servers whose clocks are a day ahead of the database's, and a day behind. */
describe('servers with wrong clocks', () => {
  const ahead = () => new Date(Date.now() + DAY_MS);
  const behind = () => new Date(Date.now() - DAY_MS);

  test('do not take a run from each other, nor let it lie', async () => {
    const [one, other] = [createRunStore(database.db, behind), createRunStore(database.db, ahead)];
    const run = {
      account: 'acc',
      connection: 'con',
      requester: 'me',
      kind: 'csv-import',
      options: {},
      counts: NO_COUNTS,
    };
    const { id } = await one.create(run as Parameters<typeof one.create>[0]);
    assert.equal((await one.claim(['csv-import'], 'one', LEASE_MS))?.id, id);
    assert.equal(await other.claim(['csv-import'], 'other', LEASE_MS), undefined);
    await database.db.collection('runs').updateOne({}, [{ $set: { 'lease.until': { $subtract: ['$$NOW', 1] } } }]);
    assert.equal((await other.claim(['csv-import'], 'other', LEASE_MS))?.id, id);
    assert.equal(await one.renew(id, 'one', LEASE_MS), false);
  });

  test('send a mail once, at once, and again when it is due', async () => {
    const [one, other] = [createOutboxStore(database.db, ahead), createOutboxStore(database.db, behind)];
    for (const store of [one, other])
      await store.add({ id: 'mail', account: 'acc', to: 'ann@example.com', subject: 'File', text: '$not a field' });
    const claimed = await other.claim('other', LEASE_MS, ['mail']);
    assert.deepEqual([claimed?.id, claimed?.text, claimed?.attempts], ['mail', '$not a field', 1]);
    assert.equal(await one.claim('one', LEASE_MS, ['mail']), undefined);
    await other.failed('mail', 'other', 'the mail server could not be reached', LEASE_MS);
    assert.equal(await one.claim('one', LEASE_MS, ['mail']), undefined, 'not before its pause has passed');
    await other.failed('mail', 'other', 'the mail server could not be reached', 0);
    assert.equal((await one.claim('one', LEASE_MS, ['mail']))?.attempts, 2);
  });

  test('run a migration one at a time', async () => {
    let running = 0;
    let left = 3;
    const step = async () => {
      running += 1;
      await sleep(20);
      assert.equal(running, 1);
      running -= 1;
      left -= 1;
      return { handled: Math.max(0, left) };
    };
    const migration = { name: 'skewed', step };
    const start = (now: () => Date) => migrate(database.db, [migration], { now, onProgress: () => undefined });
    await Promise.all([start(ahead), start(behind)]);
    assert.equal(left, 0);
  });
});
