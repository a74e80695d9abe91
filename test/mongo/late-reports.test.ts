// What the relay clears away of a manager who is gone, off reports that came while the manager was being deleted.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from '@jest/globals';
import type { StoredUser } from '../../src/directory/model.ts';
import type { Tombstone } from '../../src/directory/records.ts';
import { openTestDirectory, type TestDirectory } from '../support/directory.ts';

let directory: TestDirectory;
beforeAll(async () => {
  directory = await openTestDirectory();
});
afterAll(() => directory.close());

test('a late report keeps neither the link nor the text that named the manager, in no term either', async () => {
  const { db, provision, relay } = directory;
  const caller = directory.caller({ id: 'acc_late' });
  const made = async (draft: Record<string, string | object>) => {
    const outcome = await provision.createUser(caller, draft as Parameters<typeof provision.createUser>[1]);
    assert.ok(outcome.ok);
    return outcome.value.id;
  };
  const boss = await made({ userName: 'the-boss' });
  const report = await made({ userName: 'report', enterprise: { manager: { value: 'the-boss' } } });
  const users = db.collection<StoredUser>('users');
  const before = await users.findOne({ _id: report });
  assert.ok(before?.manager === boss && JSON.stringify(before.terms).includes('the-boss'));
  // As a kill between the deletion and what follows it leaves them.
  await users.deleteOne({ _id: boss });
  const gone: Tombstone = {
    _id: boss,
    account: 'acc_late',
    resource: 'User',
    deleted: new Date(),
    pending: true,
    changes: [],
  };
  await db.collection<Tombstone>('tombstones').insertOne(gone);
  await relay.drain();
  const { changes: _changes, ...after } = (await users.findOne({ _id: report })) as StoredUser;
  assert.equal(after.manager, undefined);
  assert.equal(after.version, before.version + 1);
  assert.doesNotMatch(JSON.stringify(after), /the-boss/);
});
