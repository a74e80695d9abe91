// Org units are a tree: a unit exists only below one that exists, even if both are changed at the same time.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from '@jest/globals';
import { openTestDirectory, type TestDirectory } from '../support/directory.ts';

const ACCOUNT = 'acc_tree';
const ROUNDS = 40;
const caller = () => directory.caller({ id: ACCOUNT });

let directory: TestDirectory;

beforeAll(async () => {
  directory = await openTestDirectory();
});
afterAll(() => directory.close());

const codeOf = (outcome: { ok: boolean; faults?: readonly { code: string }[] }) => outcome.faults?.[0]?.code;

test('a unit needs the one above it, which stays while there is one below', async () => {
  const { referenceData } = directory;
  const orphan = await referenceData.add(caller(), 'orgUnit', { code: 'Retail/Benelux' });
  assert.equal(codeOf(orphan), 'unknownReference');
  const parent = await referenceData.add(caller(), 'orgUnit', { code: 'Retail' });
  const child = await referenceData.add(caller(), 'orgUnit', { code: 'RETAIL/Benelux', name: 'Benelux' });
  assert.ok(parent.ok && child.ok);
  assert.equal(codeOf(await referenceData.add(caller(), 'orgUnit', { code: 'retail/benelux' })), 'uniqueness');
  assert.equal(codeOf(await referenceData.remove(caller(), 'orgUnit', parent.value.id)), 'invalidValue');
  assert.deepEqual(await referenceData.list(ACCOUNT, 'orgUnit', { limit: 10 }), [parent.value, child.value]);
  assert.ok((await referenceData.remove(caller(), 'orgUnit', child.value.id)).ok);
  assert.ok((await referenceData.remove(caller(), 'orgUnit', parent.value.id)).ok);
  assert.equal(codeOf(await referenceData.remove(caller(), 'orgUnit', parent.value.id)), 'notFound');
});

test('a unit that is removed while one is added below it leaves no orphan', async () => {
  const { referenceData } = directory;
  for (let round = 0; round < ROUNDS; round += 1) {
    const code = `Unit ${round}`;
    const parent = await referenceData.add(caller(), 'orgUnit', { code });
    assert.ok(parent.ok);
    const [child, gone] = await Promise.all([
      referenceData.add(caller(), 'orgUnit', { code: `${code}/Shop` }),
      referenceData.remove(caller(), 'orgUnit', parent.value.id),
    ]);
    const known = await referenceData.known(ACCOUNT, 'orgUnit', [code, `${code}/Shop`]);
    assert.equal(child.ok, known.size === 2, `round ${round}: ${[...known.values()].join(', ')}`);
    assert.equal(gone.ok, known.size === 0, `round ${round}: ${[...known.values()].join(', ')}`);
  }
});

test('each change has a record, also several of one request, and what is refused has none', async () => {
  const { referenceData } = directory;
  const by = directory.caller({ id: 'acc_recorded' });
  const made = await referenceData.add(by, 'role', { code: 'Recorded', name: 'One' });
  assert.ok(made.ok);
  for (const name of ['Two', 'Two', null, 'Three'])
    assert.ok((await referenceData.rename(by, 'role', made.value.id, undefined, name)).ok);
  assert.equal(codeOf(await referenceData.add(by, 'role', { code: 'recorded' })), 'uniqueness');
  assert.equal(codeOf(await referenceData.rename(by, 'role', made.value.id, undefined, 'x'.repeat(300))), 'tooLong');
  assert.ok((await referenceData.remove(by, 'role', made.value.id)).ok);
  const records = await directory.db.collection('audit').find({ account: 'acc_recorded' }).sort({ at: 1 }).toArray();
  assert.deepEqual(
    records
      .map(({ action, resource, subject, values }) => [action, resource, subject === made.value.id, values])
      .sort(),
    [
      ['create', 'Role', true, both({ after: '"Recorded"' }, { after: '"One"' })],
      ['delete', 'Role', true, both({ before: '"Recorded"' }, { before: '"Three"' })],
      ['update', 'Role', true, [{ attribute: 'name', before: '"One"', after: '"Two"' }]],
      ['update', 'Role', true, [{ attribute: 'name', before: '"Two"' }]],
      ['update', 'Role', true, [{ attribute: 'name', after: '"Three"' }]],
    ].sort(),
  );
});

const both = (code: object, name: object) => [
  { attribute: 'code', ...code },
  { attribute: 'name', ...name },
];
