// Members as they are served, and members that are no users of the account: somebody who does not exist, and a group.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { GROUP, patchBody, userNamed } from '../../support/scim.ts';
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
      assert.match(String(error.detail), new RegExp(`"${inner}" exists but is a group: a group can't be a member`));
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

describe('the names of members', () => {
  const display = (answer: { body: Record<string, unknown> }) =>
    ((answer.body.members ?? []) as { display?: string }[]).map((member) => member.display);
  const ids: string[] = [];
  beforeAll(async () => {
    for (let index = 0; index < 101; index += 1) {
      const more = index === 0 ? { displayName: 'Ann Example' } : {};
      const user = userNamed(`named.${String(index).padStart(3, '0')}`, more);
      ids.push(String((await server.call('POST', '/Users', user)).body.id));
    }
  });
  const groupOf = async (name: string, members: string[]) => {
    const body = { schemas: [GROUP], displayName: name, members: members.map((value) => ({ value })) };
    return server.call('POST', '/Groups', body);
  };

  test('come with a group of up to 100 members, from every request', async () => {
    const made = await groupOf('Two', ids.slice(0, 2));
    const path = `/Groups/${made.body.id}`;
    const names = ['Ann Example', 'named.001'];
    const renaming = patchBody({ op: 'replace', path: 'displayName', value: 'Two of us' });
    for (const answer of [
      made,
      await server.call('GET', path),
      await server.call('GET', `${path}?attributes=members`),
      await server.call('PATCH', path, renaming),
    ])
      assert.deepEqual(display(answer), names);
    const listed = await server.call('GET', '/Groups?filter=displayName%20eq%20%22two%20of%20us%22');
    assert.deepEqual(display({ body: (listed.body.Resources as Record<string, unknown>[])[0] ?? {} }), names);
    for (const query of ['excludedAttributes=members.display', 'attributes=members.value'])
      assert.deepEqual(display(await server.call('GET', `${path}?${query}`)), [undefined, undefined]);
  });

  test('an echo with them, without them or with others changes nothing', async () => {
    const made = await groupOf('Echoed', ids.slice(0, 3));
    const path = `/Groups/${made.body.id}`;
    const members = made.body.members as Record<string, unknown>[];
    const echoes = [
      made.body,
      { ...made.body, members: members.map(({ value }) => ({ value })) },
      { ...made.body, members: members.map((member) => ({ ...member, display: 'Somebody' })) },
    ];
    for (const echo of echoes) {
      const put = await server.call('PUT', path, echo);
      assert.deepEqual(put.body, made.body);
      const patched = await server.call(
        'PATCH',
        path,
        patchBody({ op: 'replace', path: 'members', value: echo.members }),
      );
      assert.deepEqual(patched.body, made.body);
      const added = await server.call('PATCH', path, patchBody({ op: 'add', path: 'members', value: echo.members }));
      assert.deepEqual(added.body, made.body);
    }
  });

  test('of a larger group come on request alone', async () => {
    const made = await groupOf('A hundred', ids.slice(0, 100));
    const path = `/Groups/${made.body.id}`;
    assert.equal(display(await server.call('GET', path)).filter(Boolean).length, 100);
    await server.call('PATCH', path, patchBody({ op: 'add', path: 'members', value: [{ value: ids[100] }] }));
    for (const query of ['', '?attributes=members', '?excludedAttributes=members.type'])
      assert.ok(!(await server.call('GET', path + query)).text.includes('"display"'), query);
    for (const query of ['attributes=members.display', 'attributes=displayName,members,MEMBERS.display'])
      assert.equal(display(await server.call('GET', `${path}?${query}`)).filter(Boolean).length, 101);
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
