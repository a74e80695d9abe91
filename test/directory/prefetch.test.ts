// A run that reads ahead beside other writers: what it believed is given up where somebody else was faster.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Attributes } from '../../src/directory/schema.ts';
import { openTestDirectory, patching, type TestDirectory } from '../support/directory.ts';

let directory: TestDirectory;
before(async () => {
  directory = await openTestDirectory();
});
after(() => directory.close());

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
