// A page of users that are taken one after the other: names that are not at hand are asked for once for the whole page, however
// little of them the cache keeps.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from '@jest/globals';
import { createNameCache } from '../../src/directory/links/name-cache.ts';
import { createLookup } from '../../src/directory/query/lookup.ts';
import { openTestDirectory, type TestDirectory } from '../support/directory.ts';

const USERS = 8;

let directory: TestDirectory;
beforeAll(async () => {
  directory = await openTestDirectory();
});
afterAll(() => directory.close());

test('one question for the names of a page, where the cache forgets at once', async () => {
  const { provision, records } = directory;
  const caller = directory.caller({ id: 'acc_turn' });
  for (let index = 0; index < USERS; index += 1) {
    const stores = [{ value: `s-${index}`, display: `Store ${index}`, country: '32' }];
    const made = await provision.createUser(caller, { userName: `u${index}`, mobietrain: { stores } });
    assert.ok(made.ok, JSON.stringify(made));
  }
  let asked = 0;
  const cache = createNameCache(records);
  const forgetful = {
    ...cache,
    known: () => undefined,
    of: (...args: Parameters<typeof cache.of>) => {
      asked += 1;
      return cache.of(...args);
    },
  };
  const page = await createLookup(records, forgetful).usersInTurn(caller, { page: { kind: 'cursor', count: 100 } });
  assert.equal(page.length, USERS);
  for (let index = 0; index < page.length; index += 1) {
    const { attributes } = await page.at(index);
    assert.equal((attributes.mobietrain as { storeName?: string }).storeName, `Store ${index}`);
  }
  assert.equal(asked, 1);
});
