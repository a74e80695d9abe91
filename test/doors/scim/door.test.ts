// The SCIM endpoints on the whole server: lists, cursors, conditions, projection, groups with their members.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import type { Answer } from '../../support/http-client.ts';
import { BULK, GROUP, LIST, patchBody, SEARCH, USER, userNamed } from '../../support/scim.ts';
import { openTestServer, type TestServer } from '../../support/server.ts';

const USERS = 12;

let server: TestServer;
const ids: string[] = [];

beforeAll(async () => {
  server = await openTestServer({ PAGE_SIZE_DEFAULT: '5', PAGE_SIZE_MAX: '8' });
  for (let index = 0; index < USERS; index += 1) {
    const made = await server.call('POST', '/Users', userNamed(`user${String(index).padStart(2, '0')}`));
    ids.push(String(made.body.id));
  }
  for (const name of ['Bakers', 'Cooks', 'Waiters']) {
    await server.call('POST', '/Groups', {
      schemas: [GROUP],
      displayName: name,
      members: ids.slice(0, 3).map((value) => ({ value })),
    });
  }
});
afterAll(() => server.stop());

const resources = (answer: Answer) => answer.body.Resources as Record<string, unknown>[];
const idsOf = (answer: Answer) => resources(answer).map((resource) => resource.id);

describe('lists', () => {
  const pages: [string, number, number, number][] = [
    ['', 1, 5, USERS],
    ['?count=3', 1, 3, USERS],
    ['?startIndex=11&count=5', 11, 2, USERS],
    ['?startIndex=0&count=2', 1, 2, USERS],
    ['?startIndex=-7&count=2', 1, 2, USERS],
    ['?startIndex=1000001', 1_000_001, 0, USERS],
    ['?count=0', 1, 0, USERS],
    ['?count=-5', 1, 0, USERS],
    ['?count=5000', 1, 8, USERS],
    ['?count=99999999999999999999', 1, 8, USERS],
    ['?filter=userName%20sw%20%22USER0%22&count=4', 1, 4, 10],
    ['?filter=userName+eq+%22user03%22&aadOptscim062020', 1, 1, 1],
    ['?filter=userName%20eq%20%22nobody%22', 1, 0, 0],
  ];
  for (const [query, startIndex, itemsPerPage, totalResults] of pages) {
    test(`/Users${query} by GET and by /.search`, async () => {
      const parameters = Object.fromEntries(new URLSearchParams(query));
      const search = { schemas: [SEARCH], ...parameters };
      for (const answer of [
        await server.call('GET', `/Users${query}`),
        await server.call('POST', '/Users/.search', search),
      ]) {
        assert.equal(answer.status, 200, answer.text);
        const { schemas, startIndex: at, itemsPerPage: size, totalResults: total } = answer.body;
        assert.deepEqual([schemas, at, size, total], [[LIST], startIndex, itemsPerPage, totalResults]);
        assert.equal(resources(answer).length, itemsPerPage);
      }
    });
  }

  const refused: [string, string][] = [
    ['?count=x', 'invalidValue'],
    ['?startIndex=1.5', 'invalidValue'],
    ['?sortBy=nothing', 'invalidValue'],
    ['?sortBy=password', 'invalidValue'],
    ['?sortOrder=up&sortBy=userName', 'invalidValue'],
    ['?filter=password%20eq%20%22x%22', 'invalidFilter'],
    ['?cursor=&startIndex=1', 'invalidValue'],
    ['?cursor=&count=x', 'invalidCount'],
    ['?cursor=&count=-1', 'invalidCount'],
    ['?cursor=nonsense', 'invalidCursor'],
    ['?attributes=a&excludedAttributes=b', 'invalidValue'],
  ];
  for (const [query, scimType] of refused) {
    test(`/Users${query} is 400 ${scimType}`, async () => {
      const answer = await server.call('GET', `/Users${query}`);
      assert.equal(answer.status, 400);
      assert.equal(answer.body.scimType, scimType);
    });
  }

  test('sort both ways', async () => {
    const up = await server.call('GET', '/Users?sortBy=userName&count=8&attributes=userName');
    const down = await server.call('GET', '/Users?sortBy=USERNAME&sortOrder=Descending&count=8&attributes=userName');
    assert.equal(resources(up)[0]?.userName, 'user00');
    assert.equal(resources(down)[0]?.userName, 'user11');
    assert.deepEqual(Object.keys(resources(up)[0] ?? {}).sort(), ['id', 'schemas', 'userName']);
  });

  for (const query of [
    'count=5',
    'count=5&sortBy=userName&sortOrder=descending',
    'count=4&filter=userName%20co%20%221%22',
    'count=1',
  ]) {
    test(`pages by cursor hold everybody once: ${query}`, async () => {
      const seen: unknown[] = [];
      let cursor = '';
      for (let page = 0; page < 20; page += 1) {
        const answer = await server.call('GET', `/Users?cursor=${cursor}&${query}`);
        assert.equal(answer.status, 200, answer.text);
        assert.equal(answer.body.startIndex, undefined);
        seen.push(...idsOf(answer));
        if (answer.body.nextCursor === undefined) break;
        cursor = String(answer.body.nextCursor);
      }
      const all = await server.call('GET', `/Users?cursor=&${query}&count=0`);
      assert.equal(new Set(seen).size, seen.length);
      assert.equal(seen.length, all.body.totalResults);
    });
  }

  test('a cursor opens only its own query', async () => {
    const first = await server.call('GET', '/Users?cursor=&count=2');
    const other = await server.call('GET', `/Users?count=2&sortBy=userName&cursor=${first.body.nextCursor}`);
    assert.equal(other.body.scimType, 'invalidCursor');
    const groups = await server.call('GET', `/Groups?count=2&cursor=${first.body.nextCursor}`);
    assert.equal(groups.body.scimType, 'invalidCursor');
  });
});

describe('searches over both types', () => {
  const search = (more: object) => server.call('POST', '/.search', { schemas: [SEARCH], ...more });

  test('by index go from users to groups', async () => {
    const answer = await search({ startIndex: 11, count: 4 });
    assert.equal(answer.body.totalResults, USERS + 3);
    assert.deepEqual(
      resources(answer).map((resource) => (resource.meta as { resourceType: string }).resourceType),
      ['User', 'User', 'Group', 'Group'],
    );
  });

  test('by cursor hold everything once', async () => {
    for (const count of [1, 3, 4, 5, 8]) {
      const seen: unknown[] = [];
      let cursor: unknown = '';
      for (let page = 0; page < 30 && cursor !== undefined; page += 1) {
        const answer = await search({ cursor, count, excludedAttributes: ['members'] });
        assert.equal(answer.status, 200, answer.text);
        assert.equal(answer.body.totalResults, USERS + 3);
        seen.push(...idsOf(answer));
        cursor = answer.body.nextCursor;
      }
      assert.equal(new Set(seen).size, USERS + 3, `count ${count}`);
      assert.equal(seen.length, USERS + 3, `count ${count}`);
    }
  });

  test('a filter that only one type has finds that type', async () => {
    assert.equal((await search({ filter: 'userName eq "user01"' })).body.totalResults, 1);
    assert.equal((await search({ filter: 'displayName eq "bakers"' })).body.totalResults, 1);
    const both = await search({ filter: 'nothing eq "x"' });
    assert.equal(both.body.scimType, 'invalidFilter');
  });

  for (const body of [
    {},
    { schemas: ['x'] },
    { schemas: [SEARCH], filter: 5 },
    { schemas: [SEARCH], attributes: 7 },
    { schemas: [SEARCH], count: {} },
    null,
  ]) {
    test(`a message that is none is 400: ${JSON.stringify(body)}`, async () => {
      assert.equal((await server.call('POST', '/.search', body)).status, 400);
    });
  }
});

describe('conditions', () => {
  test('304, 412 and a version that an empty change keeps', async () => {
    const made = await server.call('POST', '/Users', userNamed('conditions'));
    const path = `/Users/${made.body.id}`;
    assert.equal(made.status, 201);
    assert.equal(made.headers.get('location'), (made.body.meta as { location: string }).location);
    assert.equal(made.headers.get('etag'), 'W/"1"');
    const patch = (value: string, headers: Record<string, string>) =>
      server.call('PATCH', path, patchBody({ op: 'replace', path: 'title', value }), headers);
    assert.equal((await server.call('GET', path, undefined, { 'If-None-Match': 'W/"1"' })).status, 304);
    assert.equal((await server.call('GET', path, undefined, { 'If-None-Match': '"7", W/"8"' })).status, 200);
    assert.equal((await patch('a', { 'If-Match': 'W/"9"' })).status, 412);
    assert.equal((await patch('a', { 'If-Match': 'nonsense' })).status, 412);
    assert.equal((await patch('a', { 'If-None-Match': 'W/"1"' })).status, 412);
    assert.equal((await patch('a', { 'If-None-Match': '*' })).status, 412);
    assert.equal((await patch('a', { 'If-Match': 'W/"0", W/"1"' })).headers.get('etag'), 'W/"2"');
    assert.equal((await patch('a', { 'If-Match': '*' })).headers.get('etag'), 'W/"2"');
    assert.equal((await server.call('DELETE', path, undefined, { 'If-Match': 'W/"1"' })).status, 412);
    assert.equal((await server.call('DELETE', path, undefined, { 'If-None-Match': 'W/"2"' })).status, 412);
    assert.equal((await server.call('DELETE', path, undefined, { 'If-Match': 'W/"2"' })).status, 204);
    assert.equal((await server.call('GET', path)).status, 404);
  });

  test('discovery has entity tags too', async () => {
    const schemas = ['/ServiceProviderConfig', `/Schemas/${USER}`, '/ResourceTypes/User'];
    for (const path of schemas) {
      const answer = await server.call('GET', path);
      assert.equal(answer.status, 200);
      const tag = answer.headers.get('etag') ?? '';
      assert.ok(tag.startsWith('W/"'));
      assert.equal((await server.call('GET', path, undefined, { 'If-None-Match': tag })).status, 304);
    }
    assert.equal((await server.call('GET', '/Schemas?filter=id%20pr')).status, 403);
    assert.equal((await server.call('GET', '/Schemas/urn:x')).status, 404);
  });
});

describe('groups', () => {
  test('members are served, projected, and left out', async () => {
    const found = await server.call('GET', '/Groups?filter=displayName%20eq%20%22bakers%22');
    const [group] = resources(found);
    const path = `/Groups/${group?.id}`;
    const members = (await server.call('GET', path)).body.members as Record<string, unknown>[];
    assert.deepEqual(
      members.map((member) => member.value),
      ids.slice(0, 3),
    );
    assert.deepEqual(Object.keys(members[0] ?? {}).sort(), ['$ref', 'display', 'type', 'value']);
    assert.equal(members[0]?.display, 'user00');
    assert.equal(members[0]?.$ref, `${server.base}/Users/${ids[0]}`);
    assert.equal((group?.members as unknown[] | undefined)?.length, 3);
    assert.equal((await server.call('GET', `${path}?excludedAttributes=members`)).body.members, undefined);
    const values = await server.call('GET', `${path}?attributes=members.value`);
    assert.deepEqual(Object.keys((values.body.members as object[])[0] ?? {}), ['value']);
    const named = await server.call('GET', `${path}?attributes=members.display`);
    assert.deepEqual(Object.keys((named.body.members as object[])[0] ?? {}), ['display']);
  });

  test('a change with excludedAttributes changes nothing else', async () => {
    const made = await server.call('POST', '/Groups', {
      schemas: [GROUP],
      displayName: 'Excluded',
      members: [{ value: ids[0] }],
    });
    const path = `/Groups/${made.body.id}`;
    const rename = patchBody({ op: 'replace', path: 'displayName', value: 'Excluded too' });
    assert.equal((await server.call('PATCH', `${path}?excludedAttributes=members`, rename)).status, 200);
    assert.equal(((await server.call('GET', path)).body.members as unknown[]).length, 1);
  });

  test('a PUT is the whole group: without members, or with an empty list, it has none', async () => {
    const bodies = [{}, { members: [] }, { members: null }];
    for (const [index, body] of bodies.entries()) {
      const displayName = `Replaced ${index}`;
      const made = await server.call('POST', '/Groups', {
        schemas: [GROUP],
        displayName,
        members: [{ value: ids[0] }],
      });
      assert.equal((made.body.members as unknown[]).length, 1);
      const put = await server.call('PUT', `/Groups/${made.body.id}`, { schemas: [GROUP], displayName, ...body });
      assert.equal(put.status, 200);
      assert.equal(put.body.members, undefined);
    }
  });

  test('an unknown member is reported, and nothing is applied', async () => {
    const made = await server.call('POST', '/Groups', { schemas: [GROUP], displayName: 'Whole' });
    const operations = [
      { op: 'replace', path: 'displayName', value: 'Half' },
      { op: 'add', path: 'members', value: [{ value: ids[0] }, { value: '00000000-0000-7000-8000-000000000000' }] },
    ];
    const answer = await server.call('PATCH', `/Groups/${made.body.id}`, patchBody(...operations));
    assert.equal(answer.status, 400);
    assert.match(String(answer.body.detail), /^User not found/);
    const after = await server.call('GET', `/Groups/${made.body.id}`);
    assert.equal(after.body.displayName, 'Whole');
    assert.equal(after.body.members, undefined);
  });

  test('a large group is patched without a body, and streamed whole', async () => {
    const size = 2_300;
    const users = Array.from({ length: size }, (_, index) => ({
      method: 'POST',
      bulkId: `u${index}`,
      path: '/Users',
      data: userNamed(`large${index}`),
    }));
    const made: string[] = [];
    for (let at = 0; at < size; at += 500) {
      const answer = await server.call('POST', '/Bulk', {
        schemas: [BULK],
        Operations: users.slice(at, at + 500),
      });
      for (const result of answer.body.Operations as { location: string }[])
        made.push(result.location.split('/').at(-1) ?? '');
    }
    const group = await server.call('POST', '/Groups', {
      schemas: [GROUP],
      displayName: 'Large',
      members: made.map((value) => ({ value })),
    });
    assert.equal(group.status, 201);
    assert.equal((group.body.members as unknown[]).length, size);
    const path = `/Groups/${group.body.id}`;
    const add = patchBody({ op: 'add', path: 'members', value: [{ value: ids[0] }] });
    const patched = await server.call('PATCH', path, add);
    assert.equal(patched.status, 204);
    assert.equal(patched.headers.get('etag'), 'W/"2"');
    assert.equal((await server.call('PATCH', `${path}?attributes=displayName`, add)).body.displayName, 'Large');
    const whole = await server.call('GET', path);
    const members = (whole.body.members as { value: string }[]).map((member) => member.value);
    assert.ok(!whole.text.includes('"display"'));
    assert.deepEqual(new Set(members), new Set([...made, ids[0]]));
    assert.equal(members.length, size + 1);
    const listed = await server.call('GET', '/Groups?filter=displayName%20eq%20%22large%22');
    assert.equal((resources(listed)[0]?.members as unknown[] | undefined)?.length, size + 1);
    const values = await server.call('GET', `${path}?attributes=members.display`);
    assert.equal((values.body.members as unknown[]).length, size + 1);
  });
});

describe('users', () => {
  test('twenty at once with one name: one is made', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => server.call('POST', '/Users', userNamed('twenty'))),
    );
    const statuses = answers.map((answer) => answer.status).sort();
    assert.deepEqual(statuses, [201, ...Array.from({ length: 19 }, () => 409)]);
    assert.ok(answers.every((answer) => answer.status === 201 || answer.body.scimType === 'uniqueness'));
  });

  test('a refused PATCH is reported with its cause, and changes nothing', async () => {
    const path = `/Users/${ids[5]}`;
    const patch = (...operations: object[]) => server.call('PATCH', path, patchBody(...operations));
    const half = { op: 'replace', path: 'title', value: 'Half' };
    assert.equal((await patch(half, { op: 'replace', path: 'nothing', value: 1 })).body.scimType, 'invalidPath');
    assert.equal((await patch(half, { op: 'replace', path: 'id', value: 'x' })).body.scimType, 'mutability');
    assert.equal(
      (await patch(half, { op: 'replace', path: 'emails[type eq "none" or type eq "x"].value', value: 'y' })).status,
      400,
    );
    assert.equal((await patch(half, { op: 'remove' })).body.scimType, 'noTarget');
    assert.equal((await patch()).status, 200);
    assert.equal((await server.call('GET', path)).body.title, undefined);
  });

  test('an id of 256 characters, and another account’s, do not exist', async () => {
    assert.equal((await server.call('GET', `/Users/${'x'.repeat(256)}`)).status, 404);
    assert.equal((await server.call('GET', '/Users/__proto__')).status, 404);
  });
});
