// The contract's limit over SCIM: it counts active users in every way in, in races too; and who is not active holds names.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import type { Answer } from '../support/http-client.ts';
import { at } from '../support/pointer.ts';
import { BULK, bulkBody, patchBody, userNamed } from '../support/scim.ts';
import { openTenants, type Tenant, type Tenants } from '../support/tenants.ts';

let server: Tenants;
beforeAll(async () => {
  server = await openTenants();
});
afterAll(() => server.stop());

const create = (tenant: Tenant, userName: string, more: object = {}) =>
  tenant.call('POST', '/Users', { body: userNamed(userName, { ...more }) });
const setActive = (tenant: Tenant, id: unknown, value: unknown) =>
  tenant.call('PATCH', `/Users/${String(id)}`, {
    body: patchBody({ op: 'Replace', path: 'active', value }),
  });
function made(reply: Answer): Answer['body'] {
  assert.equal(reply.status, 201, reply.text);
  return reply.body;
}
function refused(reply: Answer, limit: number): void {
  assert.equal(reply.status, 403, reply.text);
  assert.match(String(reply.body.detail), new RegExp(`\\b${limit}\\b`));
}
const activeUsers = async (tenant: Tenant) =>
  (await tenant.call('GET', '/Users?filter=active%20eq%20true')).body.totalResults;

for (const requiredData of ['enforce', 'report'] as const) {
  describe(`a limit of two (${requiredData})`, () => {
    test('limits POST, PUT, both PATCH dialects and Bulk', async () => {
      const tenant = await server.tenant({ requiredData, userLimit: 2 });
      const first = made(await create(tenant, 'first'));
      made(await create(tenant, 'second'));
      const off = made(await create(tenant, 'off', { active: false }));
      refused(await create(tenant, 'third'), 2);
      refused(await create(tenant, 'third', { active: undefined }), 2);
      refused(await setActive(tenant, off.id, 'True'), 2);
      refused(
        await tenant.call('PATCH', `/Users/${String(off.id)}`, {
          body: patchBody({ op: 'replace', value: { active: true, title: 'Lead' } }),
        }),
        2,
      );
      refused(await tenant.call('PUT', `/Users/${String(off.id)}`, { body: userNamed('off', { active: true }) }), 2);
      const bulk = await tenant.call('POST', '/Bulk', {
        body: bulkBody(
          { method: 'POST', path: '/Users', bulkId: 'a', data: userNamed('bulked') },
          {
            method: 'PATCH',
            path: `/Users/${String(first.id)}`,
            data: patchBody({ op: 'replace', path: 'active', value: false }),
          },
          { method: 'POST', path: '/Users', bulkId: 'b', data: userNamed('bulked') },
        ),
      });
      assert.deepEqual(at(bulk.body, '/Operations/*/status'), ['403', '200', '201'], bulk.text);
      const unchanged = await tenant.call('GET', `/Users/${String(off.id)}`);
      assert.equal(unchanged.body.title, undefined, 'a refused request changes nothing');
      assert.equal(await activeUsers(tenant), 2);
    });
    test('a deactivated or deleted user makes room, and holds or frees its names', async () => {
      const tenant = await server.tenant({ requiredData, userLimit: 1 });
      const one = made(await create(tenant, 'one'));
      assert.equal((await setActive(tenant, one.id, false)).status, 200);
      const held = await create(tenant, 'ONE', { externalId: 'another' });
      assert.equal(held.status, 409, 'a deactivated user holds its name');
      assert.equal((await create(tenant, 'other', { externalId: 'ext-one' })).status, 409, 'and its external ID');
      const two = made(await create(tenant, 'two'));
      refused(await setActive(tenant, one.id, true), 1);
      assert.equal((await tenant.call('DELETE', `/Users/${String(two.id)}`)).status, 204);
      const again = made(await create(tenant, 'two'));
      assert.notEqual(again.id, two.id, 'posted again it has a new id');
      assert.equal((await tenant.call('GET', `/Users/${String(two.id)}`)).status, 404);
      refused(await create(tenant, 'three'), 1);
    });
    test('what changes nothing about active is not counted', async () => {
      const tenant = await server.tenant({ requiredData, userLimit: 1 });
      const one = made(await create(tenant, 'one'));
      assert.equal((await setActive(tenant, one.id, 'true')).status, 200);
      const put = await tenant.call('PUT', `/Users/${String(one.id)}`, {
        body: userNamed('one', { active: undefined }),
      });
      assert.equal(put.body.active, true, put.text);
      for (const value of [false, false, true]) assert.equal((await setActive(tenant, one.id, value)).status, 200);
      refused(await create(tenant, 'two'), 1);
    });
  });
}

test('twenty creates at once against a limit of five: exactly five', async () => {
  for (let round = 0; round < 3; round += 1) {
    const tenant = await server.tenant({ userLimit: 5 });
    const replies = await Promise.all(Array.from({ length: 20 }, (_, index) => create(tenant, `crowd-${index}`)));
    assert.deepEqual(
      replies.map((reply) => reply.status).toSorted(),
      [...Array<number>(5).fill(201), ...Array<number>(15).fill(403)],
      replies.map((reply) => reply.text).join('\n'),
    );
    assert.equal(await activeUsers(tenant), 5);
  }
});

test('a limit that comes later counts who is there already, however many ask at once', async () => {
  const tenant = await server.tenant();
  for (let index = 0; index < 3; index += 1) made(await create(tenant, `before-${index}`));
  await server.accounts.setAccount(tenant.account.slug, { userLimit: 5 });
  // The settings of an account are cached with a credential; a new one has none yet.
  const limited = await server.connect(tenant.account, 'limited');
  const replies = await Promise.all(Array.from({ length: 20 }, (_, index) => create(limited, `later-${index}`)));
  assert.equal(replies.filter((reply) => reply.status === 201).length, 2);
  assert.equal(replies.filter((reply) => reply.status === 403).length, 18);
  assert.equal(await activeUsers(limited), 5);
});

test('twenty activations and deactivations at once keep the count', async () => {
  const tenant = await server.tenant({ userLimit: 5 });
  const ids = await Promise.all(
    Array.from(
      { length: 10 },
      async (_, index) => made(await create(tenant, `sleeper-${index}`, { active: false })).id,
    ),
  );
  const replies = await Promise.all(ids.map((id) => setActive(tenant, id, true)));
  assert.equal(
    replies.filter((reply) => reply.status === 200).length,
    5,
    replies.map((reply) => reply.text).join('\n'),
  );
  assert.equal(replies.filter((reply) => reply.status === 403).length, 5);
  await Promise.all(ids.map((id) => setActive(tenant, id, false)));
  assert.equal(await activeUsers(tenant), 0);
  const again = await Promise.all(ids.map((id) => setActive(tenant, id, true)));
  assert.equal(again.filter((reply) => reply.status === 200).length, 5);
});

test('a Bulk of 240 creates against a limit of 200: exactly 200, and nothing else than the limit refuses the rest', async () => {
  const tenant = await server.tenant({ userLimit: 200 });
  const Operations = Array.from({ length: 240 }, (_, index) => ({
    method: 'POST',
    path: '/Users',
    bulkId: `b${index}`,
    data: userNamed(`bulk-${index}`),
  }));
  const schemas = [BULK];
  const reply = await tenant.call('POST', '/Bulk', { body: { schemas, Operations } });
  const statuses = (reply.body.Operations as { status: string }[]).map(({ status }) => status);
  assert.equal(statuses.filter((status) => status === '201').length, 200, reply.text.slice(0, 1000));
  assert.equal(statuses.filter((status) => status === '403').length, 40);
  assert.equal(await activeUsers(tenant), 200);
});
