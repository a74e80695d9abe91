// Every collection that the server makes has a rule for whose its documents are, and every index that it has begins accordingly: with the
// account, with a value that has one owner, or with what a named job or the retention goes by.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from '@jest/globals';
import { type AdminServer, openAdminServer } from '../support/admin.ts';
import { JOBS, OWNERS, ownersOf } from '../support/statement-owners.ts';

let api: AdminServer;
let names: string[];

beforeAll(async () => {
  api = await openAdminServer();
  const { db } = api.server.database;
  names = (await db.listCollections().toArray()).map(({ name }) => name).filter((name) => !name.startsWith('system.'));
});
afterAll(() => api.stop());

test('every collection has a rule', () => {
  for (const name of names) assert.ok(name in OWNERS, `no rule for the collection ${name}`);
});

test('every index begins with an owner, or with what a job or the retention goes by', async () => {
  for (const name of names) {
    const { leading, others = [] } = ownersOf(name);
    for (const { key, name: index } of await api.server.database.db.collection(name).indexes()) {
      const [first = ''] = Object.keys(key as object);
      assert.ok(first === '_id' || leading.includes(first) || others.includes(first), `${name}.${index}: ${first}`);
    }
  }
});

test('every job goes by an index that there is, and says why', async () => {
  for (const { collections, leading, why } of JOBS) {
    assert.ok(why !== '');
    for (const name of collections) {
      const indexes = await api.server.database.db.collection(name).indexes();
      const firsts = indexes.map(({ key }) => Object.keys(key as object)[0] ?? '');
      assert.ok(
        leading.some((first) => firsts.includes(first)),
        `${name}: ${leading.join(', ')}`,
      );
    }
  }
});

test('users have no more indexes than the few that changes of members can bear', async () => {
  assert.ok((await api.server.database.db.collection('users').indexes()).length <= 8);
});
