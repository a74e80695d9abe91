// The registry of collections: every collection that a server makes is declared, and nothing is stored in it that its shape lacks.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from '@jest/globals';
import { COLLECTION_NAMES, modelsOf } from '../../src/mongo/collections.ts';
import { MOBIETRAIN_USER, USER } from '../support/scim.ts';
import { openTenants, type Tenants } from '../support/tenants.ts';

let server: Tenants;

beforeAll(async () => {
  server = await openTenants();
  const { call } = await server.tenant({ requiredData: 'report', userLimit: 5 });
  const body = {
    schemas: [USER],
    userName: 'ann',
    [MOBIETRAIN_USER]: {
      stores: [{ value: 's-1', display: 'Store', country: '32' }],
      userGroups: [{ value: 'g-1', display: 'Group', type: 'Department' }],
      storeCountry: '32',
    },
    'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': { manager: { value: 'nobody-yet' } },
  };
  const made = await call('POST', '/Users', { body });
  assert.equal(made.status, 201, made.text);
  assert.equal((await call('DELETE', `/Users/${String(made.body.id)}`)).status, 204);
  assert.equal((await call('POST', '/Users', { body })).status, 201);
});
afterAll(() => server.stop());

test('every collection of a database is declared', async () => {
  const made = await server.database.db.listCollections({}, { nameOnly: true }).toArray();
  const undeclared = made.map(({ name }) => name).filter((name) => !name.startsWith('system.'));
  assert.deepEqual(
    undeclared.filter((name) => !(COLLECTION_NAMES as readonly string[]).includes(name)),
    [],
  );
});

test('every field that is stored is declared', async () => {
  const models = modelsOf(server.database.connection);
  let documents = 0;
  for (const name of COLLECTION_NAMES) {
    const declared = new Set(Object.keys(models[name].schema.paths));
    for await (const document of server.database.db.collection(name).find()) {
      documents += 1;
      assert.deepEqual(
        Object.keys(document).filter((key) => !declared.has(key)),
        [],
        name,
      );
    }
  }
  assert.ok(documents > 10, `${documents} documents`);
});
