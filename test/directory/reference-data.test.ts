// Org units are a tree: a unit exists only below one that exists, even if both are changed at the same time.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from '@jest/globals';
import { openTestDirectory, type TestDirectory } from '../support/directory.ts';

const ACCOUNT = 'acc_tree';
const ROUNDS = 40;

let directory: TestDirectory;

beforeAll(async () => {
  directory = await openTestDirectory();
});
afterAll(() => directory.close());

const codeOf = (outcome: { ok: boolean; faults?: readonly { code: string }[] }) => outcome.faults?.[0]?.code;

test('a unit needs the one above it, which stays while there is one below', async () => {
  const { referenceData } = directory;
  const orphan = await referenceData.add(ACCOUNT, 'orgUnit', { code: 'Retail/Benelux' });
  assert.equal(codeOf(orphan), 'unknownReference');
  const parent = await referenceData.add(ACCOUNT, 'orgUnit', { code: 'Retail' });
  const child = await referenceData.add(ACCOUNT, 'orgUnit', { code: 'RETAIL/Benelux', name: 'Benelux' });
  assert.ok(parent.ok && child.ok);
  assert.equal(codeOf(await referenceData.add(ACCOUNT, 'orgUnit', { code: 'retail/benelux' })), 'uniqueness');
  assert.equal(codeOf(await referenceData.remove(ACCOUNT, 'orgUnit', parent.value.id)), 'invalidValue');
  assert.deepEqual(await referenceData.list(ACCOUNT, 'orgUnit', { limit: 10 }), [parent.value, child.value]);
  assert.ok((await referenceData.remove(ACCOUNT, 'orgUnit', child.value.id)).ok);
  assert.ok((await referenceData.remove(ACCOUNT, 'orgUnit', parent.value.id)).ok);
  assert.equal(codeOf(await referenceData.remove(ACCOUNT, 'orgUnit', parent.value.id)), 'notFound');
});

test('a unit that is removed while one is added below it leaves no orphan', async () => {
  const { referenceData } = directory;
  for (let round = 0; round < ROUNDS; round += 1) {
    const code = `Unit ${round}`;
    const parent = await referenceData.add(ACCOUNT, 'orgUnit', { code });
    assert.ok(parent.ok);
    const [child, gone] = await Promise.all([
      referenceData.add(ACCOUNT, 'orgUnit', { code: `${code}/Shop` }),
      referenceData.remove(ACCOUNT, 'orgUnit', parent.value.id),
    ]);
    const known = await referenceData.known(ACCOUNT, 'orgUnit', [code, `${code}/Shop`]);
    assert.equal(child.ok, known.size === 2, `round ${round}: ${[...known.values()].join(', ')}`);
    assert.equal(gone.ok, known.size === 0, `round ${round}: ${[...known.values()].join(', ')}`);
  }
});
