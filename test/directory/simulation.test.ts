// A simulation sees what is stored and what it wrote before, validates as the store does, and writes nothing.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { openTestDirectory, patching, type TestDirectory } from '../support/directory.ts';

let directory: TestDirectory;
beforeAll(async () => {
  directory = await openTestDirectory();
});
afterAll(() => directory.close());

describe('a simulation', () => {
  test('checks uniqueness against what is stored and what it wrote itself, and releases what it gave up', async () => {
    const caller = directory.caller({ id: 'acc_unique' });
    const stored = await directory.provision.createUser(caller, { userName: 'ann', externalId: 'E1' });
    assert.ok(stored.ok);
    const simulation = directory.simulate();
    const create = async (userName: string, externalId: string) => {
      const made = await simulation.provision.createUser(caller, { userName, externalId });
      return made.ok ? 'created' : made.faults.map(({ code, path }) => `${path} ${code}`).join();
    };
    assert.equal(await create('ANN', 'E2'), 'userName uniqueness');
    assert.equal(await create('bob', 'E1'), 'externalId uniqueness');
    assert.equal(await create('bob', 'E2'), 'created');
    assert.equal(await create('Bob', 'E3'), 'userName uniqueness');
    const renamed = await simulation.provision.updateUser(
      caller,
      stored.value.id,
      undefined,
      patching({ userName: 'anna' }),
    );
    assert.ok(renamed.ok);
    assert.equal(await create('ann', 'E4'), 'created');
    assert.equal((await simulation.lookup.user(caller, stored.value.id))?.attributes.userName, 'anna');
    assert.ok((await simulation.provision.deleteUser(caller, stored.value.id, undefined)).ok);
    assert.equal(await create('anna', 'E1'), 'created');
    assert.equal(await simulation.lookup.user(caller, stored.value.id), undefined);
    await simulation.close();
    const users = await directory.db.collection('users').find({ account: 'acc_unique' }).toArray();
    assert.deepEqual(
      users.map((user) => [user.data.userName, user.version]),
      [['ann', 1]],
    );
  });

  test('twenty at once: one gets the name; members and groups are checked too', async () => {
    const caller = directory.caller({ id: 'acc_race' });
    const simulation = directory.simulate();
    const made = await Promise.all(
      Array.from({ length: 20 }, () => simulation.provision.createUser(caller, { userName: 'same' })),
    );
    assert.equal(made.filter((each) => each.ok).length, 1);
    const member = made.find((each) => each.ok);
    assert.ok(member?.ok);
    const group = await simulation.provision.createGroup(caller, { displayName: 'Team' }, [member.value.id]);
    assert.ok(group.ok);
    const again = await simulation.provision.createGroup(caller, { displayName: 'team' }, []);
    assert.equal(again.ok ? 'created' : again.faults[0].code, 'uniqueness');
    const typed = { displayName: 'TEAM', mobietrain: { groupType: 'Department' } };
    const elsewhere = await simulation.provision.createGroup(caller, typed, []);
    assert.equal(elsewhere.ok ? 'created' : elsewhere.faults[0].code, 'uniqueness');
    const nobody = await simulation.provision.createGroup(caller, { displayName: 'Other' }, ['nobody']);
    assert.equal(nobody.ok ? 'created' : nobody.faults[0].code, 'memberNotFound');
    const seen = await simulation.lookup.user(caller, member.value.id);
    assert.equal((seen?.attributes.groups as { display: string }[] | undefined)?.[0]?.display, 'Team');
    await simulation.close();
    assert.equal(await directory.db.collection('groups').countDocuments({ account: 'acc_race' }), 0);
  });

  test('puts away what is much, finds it again, and leaves nothing behind', async () => {
    const caller = directory.caller({ id: 'acc_much' });
    const simulation = directory.simulate();
    const ids: string[] = [];
    for (let index = 0; index < 3200; index += 1) {
      const made = await simulation.provision.createUser(caller, { userName: `user${index}`, externalId: `E${index}` });
      assert.ok(made.ok);
      ids.push(made.value.id);
    }
    const kept = directory.db.collection('simulations');
    assert.ok((await kept.countDocuments()) >= 3000);
    const first = await simulation.lookup.user(caller, ids[0] ?? '');
    assert.equal(first?.attributes.userName, 'user0');
    const found = await simulation.references.user(caller, { by: 'file', externalId: 'E5' });
    assert.deepEqual(found, { ok: true, id: ids[5] });
    const taken = await simulation.provision.createUser(caller, { userName: 'USER7' });
    assert.equal(taken.ok, false);
    await simulation.close();
    assert.equal(await kept.countDocuments(), 0);
    assert.equal(await directory.db.collection('users').countDocuments({ account: 'acc_much' }), 0);
  });
});
