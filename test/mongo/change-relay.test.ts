// The change relay: every change is in the audit trail once, whatever happens between the steps of moving it, and also if several servers move it.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { createPerson } from '../../src/directory/erasure/person.ts';
import type { ChangeRecord } from '../../src/directory/model.ts';
import { createBacklog } from '../../src/mongo/backlog.ts';
import { collectionsOf } from '../../src/mongo/collections.ts';
import { createDatabaseTraces } from '../../src/mongo/erasure.ts';
import { createChangeRelay } from '../../src/mongo/relay/change-relay.ts';
import { createShares, shareOf } from '../../src/mongo/relay/shares.ts';
import { createWaitingChanges, type WaitingChanges } from '../../src/mongo/relay/waiting-changes.ts';
import { openTestDirectory, patching, type TestDirectory } from '../support/directory.ts';

let directory: TestDirectory;
let waiting: WaitingChanges;
beforeAll(async () => {
  directory = await openTestDirectory();
  waiting = createWaitingChanges(directory.db);
});
afterAll(() => directory.close());

let requests = 0;
const ACCOUNT = 'acc_relay';
const caller = () => ({ ...directory.caller({ id: ACCOUNT }), requestId: `request-${++requests}` });

async function create(userName: string): Promise<string> {
  const made = await directory.provision.createUser(caller(), { userName } as never);
  assert.ok(made.ok);
  return made.value.id;
}

async function retitle(id: string, title: string): Promise<void> {
  const changed = await directory.provision.updateUser(caller(), id, undefined, patching({ title }));
  assert.ok(changed.ok, JSON.stringify(changed));
}

const audited = (subject: string) =>
  collectionsOf(directory.db).audit.find({ subject }).sort({ at: 1, _id: 1 }).toArray();
const actionsOf = async (subject: string) => (await audited(subject)).map(({ action }) => action);
async function changesOf(id: string): Promise<ChangeRecord[]> {
  return (await collectionsOf(directory.db).users.findOne({ _id: id }))?.changes ?? assert.fail('no user');
}
/** What a relay has read that goes no further for now. */
async function readAll() {
  return waiting.read('users', (await waiting.bound('users', 'newest')) ?? new Date(0), {}, 10_000);
}

describe('a change is in the audit trail once', () => {
  test('if a relay was killed after it had copied the record, and another change came since', async () => {
    const id = await create('copied');
    const [{ id: record, ...copy }] = (await changesOf(id)) as [ChangeRecord];
    await collectionsOf(directory.db).audit.insertOne({
      _id: `${record}:${id}`,
      resource: 'User',
      subject: id,
      ...copy,
    });
    await retitle(id, 'Seller');
    await directory.relay.drain();
    assert.deepEqual(await actionsOf(id), ['create', 'update']);
    assert.deepEqual(await changesOf(id), []);
  });

  test('if two relays move it at once, while users go on changing', async () => {
    const ids = await Promise.all(Array.from({ length: 40 }, (_, number) => create(`twice-${number}`)));
    const other = createChangeRelay(
      directory.db,
      () => new Date(),
      (error) => assert.fail(String(error)),
    );
    let writing = true;
    const moving = [directory.relay, other].map(async (relay) => {
      while (writing) await relay.drain();
    });
    for (const title of ['Seller', 'Manager', 'Director']) await Promise.all(ids.map((id) => retitle(id, title)));
    writing = false;
    await Promise.all(moving);
    await directory.relay.drain();
    for (const id of ids) {
      assert.deepEqual(await actionsOf(id), ['create', 'update', 'update', 'update']);
      assert.deepEqual(await changesOf(id), []);
    }
  });

  test('if the change of many users reaches one of them after a relay has read it', async () => {
    const { users } = collectionsOf(directory.db);
    const [early, late] = [await create('early'), await create('late')] as const;
    const [own] = (await changesOf(early)) as [ChangeRecord];
    const shared: ChangeRecord = { ...own, id: 'request-x:group-x:update:link', action: 'link' };
    await users.updateOne({ _id: early }, { $push: { changes: shared } });
    const read = await readAll();
    await users.updateOne({ _id: late }, { $push: { changes: shared } });
    await waiting.move('users', read);
    assert.deepEqual(
      (await changesOf(late)).map(({ id }) => id),
      [shared.id],
    );
    await directory.relay.drain();
    assert.deepEqual((await actionsOf(early)).sort(), ['create', 'link']);
    assert.deepEqual((await actionsOf(late)).sort(), ['create', 'link']);
  });

  test('if a transaction holds a user: the others are not held up, and the user follows', async () => {
    const { users } = collectionsOf(directory.db);
    const [locked, free] = [await create('locked'), await create('free')] as const;
    const session = directory.connection.getClient().startSession();
    session.startTransaction();
    await users.updateOne({ _id: locked }, { $set: { blocked: true } }, { session });
    const read = await readAll();
    const others = read.filter(({ _id }) => _id === free);
    assert.deepEqual(await waiting.move('users', others), []);
    assert.ok((await waiting.move('users', read)).includes(locked));
    for (const id of [locked, free]) assert.deepEqual(await actionsOf(id), ['create']);
    const relay = directory.relay.drain();
    await session.commitTransaction();
    await session.endSession();
    await relay;
    await directory.relay.drain();
    assert.deepEqual(await actionsOf(locked), ['create']);
    assert.deepEqual(await changesOf(locked), []);
  });

  test('if its user was deleted after a relay had read it', async () => {
    const id = await create('deleted');
    const read = await readAll();
    assert.ok((await directory.provision.deleteUser(caller(), id, undefined)).ok);
    await waiting.move('users', read);
    await directory.relay.drain();
    assert.deepEqual((await actionsOf(id)).sort(), ['create', 'delete']);
  });
});

test('what a relay had read before an erasure brings no values back', async () => {
  const [during, after] = [await create('erased-1'), await create('erased-2')] as const;
  const erase = createDatabaseTraces(directory.db);
  for (const id of [during, after]) {
    await directory.relay.drain();
    await retitle(id, 'Head of secrets');
    const read = await readAll();
    assert.ok(JSON.stringify(read).includes('secrets'));
    assert.ok((await directory.provision.deleteUser(caller(), id, undefined)).ok);
    if (id === during) await waiting.move('users', read);
    await erase(caller().account, createPerson({ ids: [id] }));
    if (id === after) await waiting.move('users', read);
    await directory.relay.drain();
    assert.doesNotMatch(JSON.stringify(await audited(id)), /secrets/);
    assert.deepEqual((await actionsOf(id)).sort(), ['create', 'delete', 'update']);
  }
});

test('the lag is the age of the oldest record in any collection', async () => {
  const backlog = createBacklog(directory.db);
  await directory.relay.drain();
  assert.equal(await backlog.relayLagSeconds(), 0);
  const { stores } = collectionsOf(directory.db);
  const [record] = (await changesOf(await create('lagging'))) as [ChangeRecord];
  await directory.relay.drain();
  const at = new Date(Date.now() - 60_000);
  const waits = { ...record, id: 'r:store-x:update', at };
  const times = { created: at, modified: at };
  await stores.insertOne({ _id: 'store-x', account: ACCOUNT, version: 1, refId: 'x', ...times, changes: [waits] });
  const lag = await backlog.relayLagSeconds();
  assert.ok(lag >= 60 && lag < 120, String(lag));
  await directory.relay.drain();
  assert.equal(await backlog.relayLagSeconds(), 0);
});

describe('shares', () => {
  const ids = [...'0123456789abcdef'].map((digit) => `01a2-${digit}`).concat('store-x');
  const has = (share: ReturnType<typeof shareOf>, id: string): boolean => {
    if (share === undefined) return false;
    const condition = share._id as RegExp | { $not: RegExp } | undefined;
    if (condition === undefined) return true;
    return '$not' in condition ? !condition.$not.test(id) : condition.test(id);
  };

  for (const servers of [1, 2, 3, 16, 20])
    test(`of ${servers} contain every document once`, () => {
      const shares = Array.from({ length: servers }, (_, place) => shareOf(place, servers));
      for (const id of ids) assert.equal(shares.filter((share) => has(share, id)).length, 1, id);
    });

  test('are divided again when a server comes, ends or is killed', async () => {
    const { leases } = collectionsOf(directory.db);
    const open = (id: string) => createShares(leases, id, { leaseMs: 60_000, renewMs: 0 });
    const [one, two, three] = [open('1'), open('2'), open('3')] as const;
    const mine = async (...all: (typeof one)[]) => {
      for (const each of all) await each.mine();
      return Promise.all(all.map((each) => each.mine()));
    };
    assert.deepEqual(await mine(one), [shareOf(0, 1)]);
    assert.deepEqual(await mine(one, two, three), [shareOf(0, 3), shareOf(1, 3), shareOf(2, 3)]);
    await one.leave();
    assert.deepEqual(await mine(two, three), [shareOf(0, 2), shareOf(1, 2)]);
    // The lease of a killed server runs out by the database's clock.
    await leases.updateOne({ owner: '2' }, { $set: { until: new Date(0) } });
    assert.deepEqual(await mine(three), [shareOf(0, 1)]);
    assert.equal(await leases.countDocuments({ owner: '2' }), 0);
  });
});
