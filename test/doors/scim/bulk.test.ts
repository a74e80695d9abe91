// Bulk on the whole server: references forward, backward, in circles; errors one by one or to the end (RFC 7644 §3.7).

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { BULK, bulkBody, ENTERPRISE, GROUP, PATCH, patchBody, USER, userNamed } from '../../support/scim.ts';
import { openTestServer, type TestServer } from '../../support/server.ts';

interface BulkResult {
  location?: string;
  method: string;
  bulkId?: string;
  version?: string;
  status: string;
  response?: { status: string; scimType?: string; detail: string };
}

let server: TestServer;

beforeAll(async () => {
  server = await openTestServer({ BULK_OPERATIONS_MAX: '40' });
});
afterAll(() => server.stop());

async function bulk(operations: unknown[], more: object = {}): Promise<BulkResult[]> {
  const answer = await server.call('POST', '/Bulk', { schemas: [BULK], Operations: operations, ...more });
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(answer.body.schemas, ['urn:ietf:params:scim:api:messages:2.0:BulkResponse']);
  return answer.body.Operations as BulkResult[];
}

function post(bulkId: string, path: string, data: object) {
  return { method: 'POST', bulkId, path, data };
}

const statuses = (results: BulkResult[]) => results.map((result) => result.status);
const idOf = (result: BulkResult | undefined) => result?.location?.split('/').at(-1) ?? '';

async function managerOf(id: string): Promise<unknown> {
  const user = await server.call('GET', `/Users/${id}`);
  return (user.body[ENTERPRISE] as { manager?: { value?: unknown } } | undefined)?.manager?.value;
}

async function membersOf(id: string): Promise<string[]> {
  const group = await server.call('GET', `/Groups/${id}`);
  return ((group.body.members ?? []) as { value: string }[]).map((member) => member.value).sort();
}

describe('bulk', () => {
  test('makes, changes and deletes in order', async () => {
    const results = await bulk([
      post('u1', '/Users', userNamed('bulk.one')),
      {
        method: 'PATCH',
        path: '/Users/bulkId:u1',
        data: patchBody({ op: 'add', path: 'title', value: 'Baker' }),
      },
      { method: 'PUT', path: '/Users/bulkId:u1', data: userNamed('bulk.one', { title: 'Cook' }) },
      { method: 'delete', path: '/Users/bulkId:u1' },
      { method: 'DELETE', path: '/Users/bulkId:u1' },
    ]);
    assert.deepEqual(statuses(results), ['201', '200', '200', '204', '404']);
    assert.equal(results[0]?.version, 'W/"1"');
    assert.equal(results[1]?.version, 'W/"2"');
    assert.equal(results[0]?.location, results[3]?.location);
    assert.match(results[4]?.response?.detail ?? '', /not found/);
  });

  // RFC 7644 §3.7.3 writes the operations alone; the Ping SDK leaves `schemas` out, ScimGateway sends one operation.
  const title = { op: 'replace', path: 'title', value: 'Baker' };
  const shortened: [what: string, data: unknown, status: string][] = [
    ['without schemas', { Operations: [title] }, '200'],
    ['without schemas, in lower case', { operations: [title] }, '200'],
    ['with schemas that are null', { schemas: null, Operations: [title] }, '200'],
    ['the operations alone', [title], '200'],
    ['no operations alone', [], '200'],
    ['one operation', title, '200'],
    [
      'one operation in other case, with schemas',
      { schemas: [PATCH], Op: 'Replace', Path: 'title', Value: 'Baker' },
      '200',
    ],
    ['a deactivation', { Operations: [{ op: 'replace', value: { active: false } }] }, '200'],
    ['other schemas', { schemas: [USER], Operations: [title] }, '400'],
    ['schemas as a text', { schemas: PATCH, Operations: [title] }, '400'],
    ['neither operations nor one', { title: 'Baker' }, '400'],
    ['operations that are one object', { Operations: title }, '400'],
    ['a list of texts', ['replace'], '400'],
    ['a text', 'replace', '400'],
  ];
  for (const [what, data, status] of shortened) {
    test(`the data of a PATCH, ${what}: ${status}`, async () => {
      const name = `bulk.short.${what.replaceAll(/\W/g, '')}`;
      const user = await server.call('POST', '/Users', userNamed(name));
      const results = await bulk([{ method: 'PATCH', path: `/Users/${user.body.id}`, data }]);
      assert.deepEqual(statuses(results), [status]);
      const after = (await server.call('GET', `/Users/${user.body.id}`)).body;
      const sent = JSON.stringify(data);
      assert.equal(after.title, status === '200' && sent.includes('Baker') ? 'Baker' : undefined);
      assert.equal(after.active, !sent.includes('false'));
    });
  }

  test('references are found in the operations alone, too', async () => {
    const results = await bulk([
      post('g', '/Groups', { displayName: 'Bulk short' }),
      {
        method: 'PATCH',
        path: '/groups/bulkId:g',
        data: [{ op: 'add', path: 'members', value: [{ value: 'bulkId:m' }] }],
      },
      post('m', '/users', userNamed('bulk.short.member')),
    ]);
    assert.deepEqual(statuses(results), ['201', '200', '201']);
    assert.deepEqual(await membersOf(idOf(results[0])), [idOf(results[2])]);
  });

  test('a PATCH by itself needs its schemas', async () => {
    const user = await server.call('POST', '/Users', userNamed('bulk.single'));
    for (const body of [{ Operations: [title] }, [title], title]) {
      assert.equal((await server.call('PATCH', `/Users/${user.body.id}`, body)).status, 400);
    }
  });

  test('a reference forward has the later operation done first', async () => {
    const results = await bulk([
      post('g', '/Groups', {
        schemas: [GROUP],
        displayName: 'Bulk forward',
        members: [{ value: 'bulkId:b' }, { value: 'bulkId:a' }],
      }),
      post('a', '/Users', userNamed('bulk.a')),
      post('b', '/Users', userNamed('bulk.b', { [ENTERPRISE]: { manager: { value: 'bulkId:a' } } })),
    ]);
    assert.deepEqual(statuses(results), ['201', '201', '201']);
    assert.deepEqual(
      results.map((result) => result.bulkId),
      ['g', 'a', 'b'],
    );
    assert.deepEqual(await membersOf(idOf(results[0])), [idOf(results[1]), idOf(results[2])].sort());
    assert.equal(await managerOf(idOf(results[2])), idOf(results[1]));
  });

  test('a circle of managers is closed, and somebody is their own manager', async () => {
    const managed = (name: string, by: string) =>
      userNamed(name, { [ENTERPRISE]: { department: 'D', manager: { value: `bulkId:${by}` } } });
    const results = await bulk([
      post('x', '/Users', managed('circle.x', 'y')),
      post('y', '/Users', managed('circle.y', 'z')),
      post('z', '/Users', managed('circle.z', 'x')),
      post('self', '/Users', managed('circle.self', 'self')),
    ]);
    assert.deepEqual(statuses(results), ['201', '201', '201', '201']);
    const [x, y, z, self] = results.map(idOf) as [string, string, string, string];
    assert.deepEqual([await managerOf(x), await managerOf(y), await managerOf(z)], [y, z, x]);
    assert.equal(await managerOf(self), self);
  });

  test('a member path of a PATCH may hold a reference', async () => {
    const [user, group] = await bulk([
      post('m', '/Users', userNamed('bulk.m')),
      post('g', '/Groups', { schemas: [GROUP], displayName: 'Bulk paths', members: [{ value: 'bulkId:m' }] }),
    ]);
    assert.deepEqual(await membersOf(idOf(group)), [idOf(user)]);
    const results = await bulk([
      post('n', '/Users', userNamed('bulk.n')),
      {
        method: 'PATCH',
        path: `/Groups/${idOf(group)}`,
        data: patchBody(
          { op: 'add', path: 'members', value: [{ value: 'bulkId:n' }] },
          { op: 'remove', path: 'members[value eq "bulkId:n"]' },
        ),
      },
    ]);
    assert.deepEqual(statuses(results), ['201', '200']);
    assert.deepEqual(await membersOf(idOf(group)), [idOf(user)]);
  });

  test('an operation that refers to nothing, or to what failed, fails alone', async () => {
    const results = await bulk([
      post('g1', '/Groups', { schemas: [GROUP], displayName: 'Bulk lost', members: [{ value: 'bulkId:nobody' }] }),
      post('g2', '/Groups', { schemas: [GROUP], displayName: 'Bulk lost too', members: [{ value: 'bulkId:bad' }] }),
      post('bad', '/Users', { schemas: [USER] }),
      post('good', '/Users', userNamed('bulk.good')),
    ]);
    assert.deepEqual(statuses(results), ['400', '409', '400', '201']);
    assert.equal(results[0]?.location, undefined);
  });

  test('failOnErrors ends the work, and what was not begun is not answered', async () => {
    const bad = (id: string) => post(id, '/Users', { schemas: ['x'] });
    const operations = [bad('1'), bad('2'), bad('3'), post('4', '/Users', userNamed('bulk.four'))];
    assert.deepEqual(statuses(await bulk(operations, { failOnErrors: 2 })), ['400', '400']);
    assert.deepEqual(statuses(await bulk(operations)), ['400', '400', '400', '201']);
  });

  test('a version is a condition', async () => {
    const [made] = await bulk([post('v', '/Users', userNamed('bulk.v'))]);
    const path = `/Users/${idOf(made)}`;
    const results = await bulk([
      { method: 'DELETE', path, version: 'W/"9"' },
      { method: 'DELETE', path, version: made?.version },
    ]);
    assert.deepEqual(statuses(results), ['412', '204']);
  });

  const malformed: [string, unknown, string][] = [
    ['no object', 7, '400'],
    ['no method', { path: '/Users', data: {} }, '400'],
    ['GET', { method: 'GET', path: '/Users/x' }, '400'],
    ['POST without bulkId', { method: 'POST', path: '/Users', data: userNamed('no.bulkid') }, '400'],
    ['POST on a resource', post('q', '/Users/x', {}), '400'],
    ['nested bulk', post('q', '/Bulk', {}), '400'],
    ['no data', { method: 'PUT', path: '/Users/x' }, '400'],
    ['another path', post('q', '/Schemas', {}), '400'],
    [
      '__proto__',
      JSON.parse(
        '{"__proto__": {"method": "POST"}, "method": "POST", "bulkId": "__proto__", "path": "/Users", "data": {"__proto__": {"polluted": 1}}}',
      ),
      '400',
    ],
  ];
  for (const [what, operation, status] of malformed) {
    test(`an operation that is wrong fails alone: ${what}`, async () => {
      const results = await bulk([operation, post('ok', '/Users', userNamed(`ok.${what.replaceAll(/\W/g, '')}`))]);
      assert.deepEqual(statuses(results), [status, '201']);
      assert.equal(({} as Record<string, unknown>).polluted, undefined);
    });
  }

  test('more operations than announced are 413, and nothing is done', async () => {
    const operations = Array.from({ length: 41 }, (_, index) =>
      post(`b${index}`, '/Users', userNamed(`many.${index}`)),
    );
    const answer = await server.call('POST', '/Bulk', bulkBody(...operations));
    assert.equal(answer.status, 413);
    assert.equal((await server.call('GET', '/Users?filter=userName%20eq%20%22many.0%22')).body.totalResults, 0);
  });

  test('a chain of references is as long as the request', async () => {
    const operations = Array.from({ length: 40 }, (_, index) =>
      post(
        `c${index}`,
        '/Users',
        userNamed(`chain.${index}`, index < 39 ? { [ENTERPRISE]: { manager: { value: `bulkId:c${index + 1}` } } } : {}),
      ),
    );
    assert.ok((await bulk(operations)).every((result) => result.status === '201'));
  });

  for (const body of [
    {},
    { schemas: [BULK] },
    { schemas: [BULK], Operations: {} },
    { schemas: [BULK], Operations: [], failOnErrors: 'x' },
    [],
  ]) {
    test(`a message that is none is 400: ${JSON.stringify(body)}`, async () => {
      assert.equal((await server.call('POST', '/Bulk', body)).status, 400);
    });
  }
});
