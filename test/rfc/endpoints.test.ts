// Endpoints, methods, statuses and headers as RFC 7644 words them, over HTTP (RFC 7644 §3.1-§3.6, §3.11, §3.12, §3.14, §4).

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import type { Answer } from '../support/http-client.ts';
import { ERROR, LIST, patchBody, USER, userNamed } from '../support/scim.ts';
import { openTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let user: Answer;
let path: string;

beforeAll(async () => {
  server = await openTestServer();
  user = await server.call('POST', '/Users', userNamed('bjensen'));
  path = `/Users/${user.body.id}`;
});
afterAll(() => server.stop());

function assertError(answer: Answer, status: number): void {
  assert.equal(answer.status, status, answer.text);
  assert.deepEqual(answer.body.schemas, [ERROR]);
  assert.equal(answer.body.status, String(status));
  assert.ok(String(answer.body.detail).length > 0);
  assert.equal(answer.headers.get('content-type'), 'application/scim+json; charset=utf-8');
}

describe('RFC 7644 §3.3 creating', () => {
  test('201 with Location, ETag and the resource; meta says the same', () => {
    const meta = user.body.meta as Record<string, string>;
    assert.equal(user.status, 201);
    assert.equal(user.headers.get('location'), `${server.base}${path}`);
    assert.equal(meta.location, `${server.base}${path}`);
    assert.equal(user.headers.get('etag'), meta.version);
    assert.equal(meta.resourceType, 'User');
    assert.equal(meta.created, meta.lastModified);
    assert.equal(user.headers.get('content-type'), 'application/scim+json; charset=utf-8');
  });

  test('what is read-only or unknown is ignored', async () => {
    const body = userNamed('readonly', { id: 'x', meta: { version: 'x' }, groups: [{ value: 'x' }], foo: 1 });
    const made = await server.call('POST', '/Users', body);
    assert.equal(made.status, 201);
    assert.notEqual(made.body.id, 'x');
    assert.equal(made.body.groups, undefined);
    assert.equal(made.body.foo, undefined);
  });

  const refused: [string, unknown, number, string | undefined][] = [
    ['the same userName in another case', userNamed('BJENSEN'), 409, 'uniqueness'],
    ['no userName', { schemas: [USER] }, 400, 'invalidValue'],
    ['schemas that are no list', { ...userNamed('y'), schemas: USER }, 400, 'invalidSyntax'],
    ['another type’s schema', { ...userNamed('y'), schemas: [LIST] }, 400, 'invalidValue'],
    ['a value of a wrong type', userNamed('z', { name: 'Ann' }), 400, 'invalidValue'],
  ];
  for (const [what, body, status, scimType] of refused) {
    test(`${what}: ${status} ${scimType}`, async () => {
      const answer = await server.call('POST', '/Users', body);
      assertError(answer, status);
      assert.equal(answer.body.scimType, scimType);
    });
  }
});

describe('RFC 7644 §3.4.1, §3.5.1, §3.6 one resource', () => {
  test('GET, PUT and PATCH tell Location and ETag', async () => {
    const answers = [
      await server.call('GET', path),
      await server.call('PUT', path, userNamed('bjensen', { title: 'PUT' })),
      await server.call('PATCH', path, patchBody({ op: 'replace', path: 'title', value: 'PATCH' })),
    ];
    for (const answer of answers) {
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.get('location'), `${server.base}${path}`);
      assert.equal(answer.headers.get('etag'), (answer.body.meta as { version: string }).version);
    }
    assert.equal(new Set(answers.map((answer) => answer.headers.get('etag'))).size, 3);
  });

  test('a slash at the end is the same resource', async () => {
    assert.equal((await server.call('GET', `${path}/`)).body.id, user.body.id);
    assert.equal((await server.call('GET', '/Users/?count=0')).status, 200);
    assert.equal((await server.call('POST', '/Users/.search/', {})).status, 400);
  });

  test('HEAD has the headers of GET and no body', async () => {
    const [head, get] = [await server.call('HEAD', path), await server.call('GET', path)];
    assert.equal(head.status, 200);
    assert.equal(head.text, '');
    for (const name of ['etag', 'location', 'content-type', 'content-length'])
      assert.equal(head.headers.get(name), get.headers.get(name), name);
  });

  test('DELETE is 204 without a body, then everything is 404', async () => {
    const made = await server.call('POST', '/Users', userNamed('leaver'));
    const gone = `/Users/${made.body.id}`;
    const answer = await server.call('DELETE', gone);
    assert.equal(answer.status, 204);
    assert.equal(answer.text, '');
    assertError(await server.call('GET', gone), 404);
    assertError(await server.call('DELETE', gone), 404);
    assertError(await server.call('PUT', gone, userNamed('leaver')), 404);
    assertError(await server.call('PATCH', gone, patchBody()), 404);
  });

  test('PUT: what is read-only is ignored, a required attribute is needed', async () => {
    const answer = await server.call('PUT', path, { ...userNamed('bjensen'), id: 'x', meta: { created: 'x' } });
    assert.equal(answer.status, 200);
    assert.equal(answer.body.id, user.body.id);
    assert.equal((answer.body.meta as { created: string }).created, (user.body.meta as { created: string }).created);
    assertError(await server.call('PUT', path, { schemas: [USER] }), 400);
  });
});

describe('RFC 7644 §3.2, §3.12 methods', () => {
  const refused: [string, string, string][] = [
    ['PUT', '/Users', 'GET, HEAD, POST'],
    ['PATCH', '/Groups', 'GET, HEAD, POST'],
    ['DELETE', '/Users/', 'GET, HEAD, POST'],
    ['POST', '/Users/x', 'GET, HEAD, PUT, PATCH, DELETE'],
    ['GET', '/.search', 'POST'],
    ['GET', '/Users/.search', 'POST'],
    ['PUT', '/Groups/.search', 'POST'],
    ['GET', '/Bulk', 'POST'],
    ['DELETE', '/Bulk', 'POST'],
    ['POST', '/ServiceProviderConfig', 'GET, HEAD'],
    ['PUT', '/Schemas', 'GET, HEAD'],
    ['PATCH', '/ResourceTypes/User', 'GET, HEAD'],
    ['OPTIONS', '/Groups', 'GET, HEAD, POST'],
  ];
  for (const [method, target, allow] of refused) {
    test(`${method} ${target} is 405`, async () => {
      const answer = await server.call(method, target);
      assertError(answer, 405);
      assert.equal(answer.headers.get('allow'), allow);
    });
  }
  for (const target of ['/', '/user', '/Users/a/b', '/ServiceProviderConfig/x', '/Schema', '/Bulk/1', '/.search/x']) {
    test(`GET ${target} is 404`, async () => assertError(await server.call('GET', target), 404));
  }
  for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) {
    test(`§3.11 ${method} /Me is 501`, async () => assertError(await server.call(method, '/Me'), 501));
  }
});

describe('RFC 7644 §3.14 versions', () => {
  const cases: [string, string, Record<string, string>, number][] = [
    ['GET, If-None-Match current', 'GET', { 'If-None-Match': 'CURRENT' }, 304],
    ['GET, one of several', 'GET', { 'If-None-Match': 'W/"0", CURRENT' }, 304],
    ['GET, *', 'GET', { 'If-None-Match': '*' }, 304],
    ['GET, If-None-Match old', 'GET', { 'If-None-Match': 'W/"0"' }, 200],
    ['PUT, If-Match old', 'PUT', { 'If-Match': 'W/"0"' }, 412],
    ['PUT, If-Match of another form', 'PUT', { 'If-Match': '"a-tag"' }, 412],
    ['PUT, If-None-Match *', 'PUT', { 'If-None-Match': '*' }, 412],
    ['PUT, If-Match current', 'PUT', { 'If-Match': 'CURRENT' }, 200],
    ['PUT, If-Match *', 'PUT', { 'If-Match': '*' }, 200],
    ['DELETE, If-Match old', 'DELETE', { 'If-Match': 'W/"0"' }, 412],
  ];
  for (const [what, method, headers, status] of cases) {
    test(`${what}: ${status}`, async () => {
      const current = (await server.call('GET', path)).headers.get('etag') ?? '';
      const filled = Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name, value.replace('CURRENT', current)]),
      );
      const answer = await server.call(method, path, method === 'PUT' ? userNamed('bjensen') : undefined, filled);
      if (status === 412) assertError(answer, 412);
      assert.equal(answer.status, status);
      if (status === 304) {
        assert.equal(answer.text, '');
        assert.equal(answer.headers.get('etag'), current);
      }
    });
  }
});

describe('RFC 7644 §4 discovery', () => {
  test('lists hold what their items are, at their locations', async () => {
    for (const [endpoint, type] of [
      ['/Schemas', 'Schema'],
      ['/ResourceTypes', 'ResourceType'],
    ] as const) {
      const all = await server.call('GET', `${endpoint}?startIndex=2&count=1&attributes=id`);
      const resources = all.body.Resources as { id: string; meta: { location: string; resourceType: string } }[];
      assert.deepEqual(all.body.schemas, [LIST]);
      assert.equal(all.body.totalResults, resources.length);
      for (const resource of resources) {
        const one = await server.call('GET', resource.meta.location);
        assert.deepEqual(one.body, resource);
        assert.equal(resource.meta.resourceType, type);
        assert.equal(resource.meta.location, `${server.base}${endpoint}/${resource.id}`);
      }
      assertError(await server.call('GET', `${endpoint}/nope`), 404);
      assertError(await server.call('GET', `${endpoint}?filter=${encodeURIComponent('id eq "User"')}`), 403);
    }
  });

  test('a resource type’s schemas are there, its endpoint answers', async () => {
    const types = (await server.call('GET', '/ResourceTypes')).body.Resources as {
      endpoint: string;
      schema: string;
      schemaExtensions: { schema: string; required: boolean }[];
    }[];
    assert.ok(types.length > 0);
    for (const type of types) {
      for (const urn of [type.schema, ...type.schemaExtensions.map((extension) => extension.schema)])
        assert.equal((await server.call('GET', `/Schemas/${urn}`)).body.id, urn);
      assert.equal((await server.call('GET', `${type.endpoint}?count=0`)).status, 200);
    }
  });

  test('RFC 7643 §5, RFC 9865 §4 what is announced', async () => {
    const { body } = await server.call('GET', '/ServiceProviderConfig');
    for (const feature of ['patch', 'bulk', 'filter', 'sort', 'etag'])
      assert.equal((body[feature] as { supported: boolean }).supported, true, feature);
    assert.deepEqual(body.changePassword, { supported: false });
    const pagination = body.pagination as Record<string, unknown>;
    assert.equal(pagination.cursor, true);
    assert.equal(pagination.index, true);
    const schemes = body.authenticationSchemes as Record<string, unknown>[];
    for (const scheme of schemes)
      for (const field of ['type', 'name', 'description']) assert.equal(typeof scheme[field], 'string');
  });
});

test('RFC 7644 §2, RFC 6750 §3 without a token: 401 with WWW-Authenticate', async () => {
  const answer = await server.raw('/ServiceProviderConfig');
  assertError(answer, 401);
  assert.match(answer.headers.get('www-authenticate') ?? '', /^Bearer realm="/);
});
