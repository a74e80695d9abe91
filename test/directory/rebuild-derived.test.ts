// Groups that follow an attribute, where users are there before the rule is: new rules, changed rules, rules that are no more.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from '@jest/globals';
import { rebuildDerivedGroups } from '../../src/directory/groups/rebuild-derived.ts';
import type { DerivedGroupRule } from '../../src/directory/model.ts';
import type { Attributes } from '../../src/directory/schema/schema.ts';
import { openTestDirectory, patching, type TestDirectory } from '../support/directory.ts';

let directory: TestDirectory;
beforeAll(async () => {
  directory = await openTestDirectory();
});
afterAll(() => directory.close());

const ID = 'acc_derive_again';
const ruled = (...derivedGroups: DerivedGroupRule[]) => directory.caller({ id: ID, derivedGroups });
const byDepartment = (groupType: string) => ({ attribute: 'enterprise.department', groupType });
const again = (...rules: DerivedGroupRule[]) =>
  rebuildDerivedGroups({ ...directory, now: () => new Date() }, ruled(...rules));

async function person(userName: string, department?: string, more: Attributes = {}) {
  const made = await directory.provision.createUser(ruled(), {
    userName,
    externalId: userName,
    name: { givenName: 'Ada', familyName: 'Example' },
    emails: [{ value: `${userName}@example.com` }],
    ...(department === undefined ? {} : { enterprise: { department } }),
    ...more,
  });
  assert.ok(made.ok, JSON.stringify(made));
  return made.value.id;
}
async function groupsOf(id: string): Promise<string[]> {
  const view = await directory.lookup.user(ruled(), id);
  const ids = ((view?.attributes.groups ?? []) as Attributes[]).map((group) => String(group.value));
  const groups = await directory.records.groupsById(ID, ids);
  return groups.map((group) => `${group.type}/${group.name}${group.derived ? '' : ' open'}`).toSorted();
}

test('users follow new rules, changed rules, and rules that are no more', async () => {
  const food = await person('food', 'Food');
  const none = await person('none');
  const both = await person('both', 'Food', { mobietrain: { userGroups: [{ display: 'Food', type: 'Department' }] } });
  assert.deepEqual(await groupsOf(food), []);

  assert.deepEqual(await again(byDepartment('Department')), { changed: 1, failed: 0 });
  assert.deepEqual(await groupsOf(food), ['Department/Food']);
  assert.deepEqual(await groupsOf(both), ['Department/Food']);
  assert.deepEqual(await groupsOf(none), []);
  assert.deepEqual(await again(byDepartment('Department')), { changed: 0, failed: 0 }, 'repeated it changes nothing');

  assert.deepEqual(await again(byDepartment('Team')), { changed: 2, failed: 0 });
  assert.deepEqual(await groupsOf(food), ['Team/Food']);
  assert.deepEqual(await groupsOf(both), ['Department/Food open', 'Team/Food'], 'what users say themselves stays');

  assert.deepEqual(await again(), { changed: 2, failed: 0 });
  assert.deepEqual(await groupsOf(food), []);
  assert.deepEqual(await groupsOf(both), ['Department/Food open']);
  assert.equal(await directory.db.collection('groups').countDocuments({ account: ID, derived: true }), 0);
});

test('more users than fit a page, and a user who is changed under the old rules follows with the next change', async () => {
  const ids = await Promise.all(Array.from({ length: 230 }, (_, index) => person(`many-${index}`, `D${index % 3}`)));
  const derived = await again(byDepartment('Department'));
  assert.equal(derived.failed, 0);
  assert.ok(derived.changed >= ids.length);
  for (const [index, id] of [...ids.entries()].filter(([place]) => place % 50 === 0)) {
    assert.deepEqual(await groupsOf(id), [`Department/D${index % 3}`]);
  }
  const [first = ''] = ids;
  await directory.provision.updateUser(ruled(), first, undefined, patching({ 'enterprise.department': 'Moved' }));
  assert.deepEqual(await groupsOf(first), [], 'without the rule the link goes');
  await directory.provision.updateUser(ruled(byDepartment('Department')), first, undefined, patching({ title: 'x' }));
  assert.deepEqual(await groupsOf(first), ['Department/Moved']);
});
