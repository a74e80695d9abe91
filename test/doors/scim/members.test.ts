// Members that are no users of the account: somebody who does not exist, and a group.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { GROUP, patchBody } from '../../support/scim.ts';
import { openTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let inner: string;
let outer: string;

beforeAll(async () => {
  server = await openTestServer();
  inner = String((await server.call('POST', '/Groups', { schemas: [GROUP], displayName: 'Inner' })).body.id);
  outer = String((await server.call('POST', '/Groups', { schemas: [GROUP], displayName: 'Outer' })).body.id);
});
afterAll(() => server.stop());

const adding = (value: string) => patchBody({ op: 'add', path: 'members', value: [{ value }] });

describe('members', () => {
  test('a group as a member is 400, by PATCH, PUT and POST, and nothing is changed', async () => {
    const body = { schemas: [GROUP], displayName: 'Outer', members: [{ value: inner }] };
    const answers = [
      await server.call('PATCH', `/Groups/${outer}`, adding(inner)),
      await server.call('PUT', `/Groups/${outer}`, body),
      await server.call('POST', '/Groups', { ...body, displayName: 'Another' }),
    ];
    for (const { status, body: error } of answers) {
      assert.deepEqual([status, error.scimType], [400, 'invalidValue']);
      assert.match(String(error.detail), /group can't be a member of a group/);
    }
    assert.equal((await server.call('GET', `/Groups/${outer}`)).body.members, undefined);
    assert.equal((await server.call('GET', '/Groups')).body.totalResults, 2);
  });

  test('somebody who does not exist is 400', async () => {
    const { status, body } = await server.call('PATCH', `/Groups/${outer}`, adding('nobody'));
    assert.equal(status, 400);
    assert.match(String(body.detail), /^User not found: .*"nobody"/);
  });
});

describe('conditions of a write', () => {
  for (const method of ['PATCH', 'PUT', 'DELETE']) {
    test(`${method} with If-None-Match of the current version or * is 412, with both headers each must be met`, async () => {
      const made = await server.call('POST', '/Groups', { schemas: [GROUP], displayName: `Conditions ${method}` });
      const path = `/Groups/${made.body.id}`;
      const body = {
        PATCH: patchBody({ op: 'replace', path: 'displayName', value: `Renamed ${method}` }),
        PUT: { schemas: [GROUP], displayName: `Renamed ${method}` },
        DELETE: undefined,
      }[method];
      const send = async (headers: Record<string, string>) => (await server.call(method, path, body, headers)).status;
      assert.equal(await send({ 'If-None-Match': 'W/"1"' }), 412);
      assert.equal(await send({ 'If-None-Match': '*' }), 412);
      assert.equal(await send({ 'If-Match': 'W/"1"', 'If-None-Match': 'W/"1"' }), 412);
      assert.equal(await send({ 'If-Match': 'W/"9"', 'If-None-Match': 'W/"2"' }), 412);
      assert.equal(await send({ 'If-Match': '*', 'If-None-Match': 'W/"2"' }), method === 'DELETE' ? 204 : 200);
    });
  }
});
