// The 409 of a value that another resource has: which resource that is, as far as the client may know (RFC 7644 §3.3).

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import type { Answer } from '../../support/http-client.ts';
import { bulkBody, GROUP, patchBody, userNamed } from '../../support/scim.ts';
import { openTenants, type Tenant, type Tenants } from '../../support/tenants.ts';

let server: Tenants;
let own: Tenant;
let other: Tenant;
let user: string;
let group: string;

const holder = () => ({ ...userNamed('holder'), externalId: 'e-1' });
const heldGroup = () => ({ schemas: [GROUP], displayName: 'Held', externalId: 'g-1' });

beforeAll(async () => {
  server = await openTenants();
  own = await server.tenant();
  other = await server.connect(own.account, 'second');
  user = String((await own.call('POST', '/Users', { body: holder() })).body.id);
  group = String((await own.call('POST', '/Groups', { body: heldGroup() })).body.id);
});
afterAll(() => server.stop());

function assertConflict(answer: Answer, path: string): void {
  assert.deepEqual([answer.status, answer.body.scimType], [409, 'uniqueness'], answer.text);
  assert.match(String(answer.body.detail), new RegExp(`^${path} `));
}

/** Every request that takes a value which the held user or group has. */
const REQUESTS: [what: string, path: string, id: () => string, send: (tenant: Tenant) => Promise<Answer>][] = [
  [
    'POST of a user with the externalId',
    'externalId',
    () => user,
    ({ call }) => call('POST', '/Users', { body: { ...userNamed('posted'), externalId: 'e-1' } }),
  ],
  [
    'POST of a user with the userName in another case',
    'userName',
    () => user,
    ({ call }) => call('POST', '/Users', { body: { ...userNamed('HOLDER'), externalId: 'e-2' } }),
  ],
  ['PUT of a user', 'externalId', () => user, (tenant) => change(tenant, 'PUT', 'put')],
  ['PATCH of a user', 'externalId', () => user, (tenant) => change(tenant, 'PATCH', 'patched')],
  [
    'POST of a group with the externalId',
    'externalId',
    () => group,
    ({ call }) => call('POST', '/Groups', { body: { ...heldGroup(), displayName: 'Another' } }),
  ],
  [
    'POST of a group with the name',
    'displayName',
    () => group,
    ({ call }) => call('POST', '/Groups', { body: { ...heldGroup(), displayName: 'HELD', externalId: 'g-2' } }),
  ],
];

let counter = 0;

async function change({ call }: Tenant, method: 'PUT' | 'PATCH', name: string): Promise<Answer> {
  counter += 1;
  const body = userNamed(`${name}.${counter}`);
  const made = await call('POST', '/Users', { body });
  const put = { ...body, externalId: 'e-1' };
  const patch = patchBody({ op: 'replace', path: 'externalId', value: 'e-1' });
  return call(method, `/Users/${made.body.id}`, { body: method === 'PUT' ? put : patch });
}

describe('409', () => {
  for (const [what, path, id, send] of REQUESTS) {
    test(`${what}: the connection that wrote the value learns whose it is`, async () => {
      const answer = await send(own);
      assertConflict(answer, path);
      assert.ok(String(answer.body.detail).includes(`(id "${id()}")`), answer.text);
    });

    test(`${what}: another connection does not`, async () => {
      const answer = await send(other);
      assertConflict(answer, path);
      assert.ok(!answer.text.includes(id()), answer.text);
    });
  }

  test('within Bulk, too', async () => {
    const data = { ...userNamed('bulk'), externalId: 'e-1' };
    const body = bulkBody({ method: 'POST', path: '/Users', bulkId: 'b', data });
    const answer = await own.call('POST', '/Bulk', { body });
    const [result] = answer.body.Operations as { status: string; response: { detail: string } }[];
    assert.equal(result?.status, '409');
    assert.ok(result?.response.detail.includes(user));
  });

  test('the connection that last wrote the value is the one that counts', async () => {
    const made = await own.call('POST', '/Users', { body: { ...userNamed('moved'), externalId: 'e-moved' } });
    const replaced = patchBody({ op: 'replace', path: 'externalId', value: 'e-moved-2' });
    await other.call('PATCH', `/Users/${made.body.id}`, { body: replaced });
    const body = { ...userNamed('late'), externalId: 'e-moved-2' };
    assert.ok(!(await own.call('POST', '/Users', { body })).text.includes(String(made.body.id)));
    assert.ok((await other.call('POST', '/Users', { body })).text.includes(String(made.body.id)));
  });
});
