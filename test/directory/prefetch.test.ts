// A run that reads ahead beside other writers: what it believed is given up where somebody else was faster.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, test } from '@jest/globals';
import { createPrefetchedRecords } from '../../src/directory/prefetch.ts';
import type { Records } from '../../src/directory/records.ts';
import type { Attributes } from '../../src/directory/schema/schema.ts';
import { openTestDirectory, patching, type TestDirectory } from '../support/directory.ts';

let directory: TestDirectory;
beforeAll(async () => {
  directory = await openTestDirectory();
});
afterAll(() => directory.close());

const person = (userName: string, display: string): Attributes => ({
  userName,
  externalId: userName,
  mobietrain: { userGroups: [{ value: 'G1', display, type: 'Team' }] },
});

test('a group that another connection changed meanwhile, a user that was read ahead, a name that was taken', async () => {
  const caller = directory.caller({ id: 'acc_ahead' });
  const other = directory.caller({ id: 'acc_ahead' }, 'con_other');
  const run = directory.bulk();
  const first = await run.provision.createUser(caller, person('one', 'Sales'));
  assert.ok(first.ok);
  const named = { userNames: ['one', 'two', 'three'], externalIds: ['one', 'two', 'three'] };
  const seen = await run.prefetch(caller.account.id, named);
  assert.deepEqual([seen.byUserName('ONE'), seen.byExternalId('two')], [[first.value.id], []]);

  // Somebody else renames the group, changes the user, and takes a name.
  assert.ok((await directory.provision.createUser(other, person('x', 'Sales North'))).ok);
  assert.ok((await directory.provision.updateUser(other, first.value.id, undefined, patching({ title: 'Theirs' }))).ok);
  assert.ok((await directory.provision.createUser(other, { userName: 'two', externalId: 'two' })).ok);

  const renamed = await run.provision.createUser(caller, person('three', 'Sales South'));
  assert.ok(renamed.ok, JSON.stringify(renamed));
  const groups = await directory.db.collection('groups').find({ account: 'acc_ahead' }).toArray();
  assert.deepEqual(
    groups.map((group) => group.name),
    ['Sales South'],
  );

  const changed = await run.provision.updateUser(caller, first.value.id, undefined, patching({ nickName: 'Ours' }));
  assert.ok(changed.ok);
  assert.deepEqual([changed.value.attributes.title, changed.value.attributes.nickName], ['Theirs', 'Ours']);

  const identity = { by: 'file', externalId: 'two', userName: 'two' } as const;
  const saved = await run.provision.saveUser(caller, identity, (current) =>
    current
      ? patching({ nickName: 'Found' })(current)
      : { ok: true, revision: { mode: 'replace', attributes: person('two', 'Sales'), stated: new Set() } },
  );
  assert.ok(saved.ok, JSON.stringify(saved));
  assert.equal(saved.effect, 'updated');
});

test('a manager who was nobody when the rows were read ahead, and whom the run makes or somebody else', async () => {
  const caller = directory.caller({ id: 'acc_managers' });
  const run = directory.bulk();
  const reportOf = (userName: string, manager: string): Attributes => ({
    userName,
    externalId: userName,
    enterprise: { manager: { value: manager } },
  });
  const stored = async (userName: string) => {
    const user = await directory.db.collection('users').findOne({ account: 'acc_managers', 'data.userName': userName });
    return { id: user?._id, manager: user?.manager, awaits: user?.awaits };
  };
  await run.prefetch(caller.account.id, { managers: ['Boss', 'theirs'] });
  assert.ok((await run.provision.createUser(caller, { userName: 'early', ...reportOf('early', 'Boss') })).ok);
  assert.deepEqual((await stored('early')).awaits, 'boss');
  assert.ok((await run.provision.createUser(caller, { userName: 'boss', externalId: 'boss' })).ok);
  assert.ok((await run.provision.createUser(caller, reportOf('late', 'Boss'))).ok);
  const boss = await stored('boss');
  assert.deepEqual([(await stored('late')).manager, (await stored('late')).awaits], [boss.id, undefined]);

  // What another writer made meanwhile is found after the row is written, as ever.
  assert.ok((await directory.provision.createUser(caller, { userName: 'theirs', externalId: 'theirs' })).ok);
  assert.ok((await run.provision.createUser(caller, reportOf('ours', 'theirs'))).ok);
  const theirs = await stored('theirs');
  for (let tries = 0; (await stored('ours')).manager === undefined && tries < 200; tries += 1) await sleep(25);
  assert.equal((await stored('ours')).manager, theirs.id);
});

test('what many rows name at the same time is asked for once', async () => {
  const asked: string[][] = [];
  const records = {
    async storesByRefId(_account: string, refIds: string[]) {
      asked.push(refIds);
      return refIds.filter((refId) => refId !== 'none').map((refId) => ({ _id: `id of ${refId}`, refId }));
    },
  } as unknown as Records;
  const { records: ahead } = createPrefetchedRecords(records, {
    idsBy: async () => new Map(),
    forChange: async () => [],
  });
  const ask = async (...refIds: string[]) =>
    (await ahead.storesByRefId('acc', refIds)).map((store) => store.refId).sort();
  const answers = await Promise.all([ask('a', 'b'), ask('b', 'c', 'b'), ask('none', 'a'), ask('none')]);
  assert.deepEqual(answers, [['a', 'b'], ['b', 'c'], ['a'], []]);
  assert.deepEqual(asked, [['a', 'b'], ['c'], ['none']]);
  assert.deepEqual([await ask('a', 'c'), await ask('none')], [['a', 'c'], []]);
  assert.deepEqual(asked.slice(3), [['none']]);
});
