// The documentation page: both OpenAPI documents, nothing from other hosts, no script in the page itself; `/` leads a browser to it.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { matchRoute, methodsOf } from '../../src/doors/scim/routes.ts';
import { packageFolder } from '../support/package-folder.ts';
import { openTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.stop());

const get = (path: string, headers: Record<string, string> = {}) => server.raw(server.origin + path, { headers });

describe('the page', () => {
  test('allows scripts and requests of this server alone, and has none inline', async () => {
    const page = await get('/docs');
    assert.equal(page.status, 200);
    assert.match(page.headers.get('content-type') ?? '', /^text\/html/);
    const policy = page.headers.get('content-security-policy') ?? '';
    for (const part of ["default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"])
      assert.ok(policy.split('; ').includes(part), part);
    assert.doesNotMatch(page.text, /<script(?![^>]* src="\/docs\/)|javascript:|https?:\/\/| on\w+=/);
  });

  test('has scripts that are served, compressed and not', async () => {
    const sources = [...(await get('/docs')).text.matchAll(/<script src="([^"]+)"/g)].map(([, source]) => source ?? '');
    assert.equal(sources.length, 2);
    for (const source of sources) {
      const script = await get(source);
      assert.equal(script.status, 200);
      assert.match(script.headers.get('content-type') ?? '', /^text\/javascript/);
      assert.match(script.text, /Scalar/);
    }
    const compressed = await get(sources[0] ?? '', { 'Accept-Encoding': 'gzip, br' });
    assert.equal(compressed.headers.get('content-encoding'), 'gzip');
    assert.match(compressed.headers.get('cache-control') ?? '', /immutable/);
  });

  test('is where discovery and the address of the server lead', async () => {
    const { body } = await server.call('GET', '/ServiceProviderConfig');
    const [scheme] = body.authenticationSchemes as { documentationUri: string }[];
    assert.equal(scheme?.documentationUri, body.documentationUri);
    assert.equal((await server.raw(String(body.documentationUri))).status, 200);
    const led = await get('/', { Accept: 'text/html,application/xhtml+xml' });
    // To the console, if it was built here.
    const isBuilt = existsSync(packageFolder('dist', 'console', 'index.html'));
    assert.deepEqual([led.status, led.headers.get('location')], [302, isBuilt ? '/console/' : '/docs']);
    const entrances = { scim: '/scim/v2', docs: '/docs', ...(isBuilt ? { console: '/console/' } : {}) };
    for (const Accept of ['*/*', 'application/json']) {
      const told = await get('/', { Accept });
      assert.deepEqual([told.status, told.body], [200, entrances], Accept);
      assert.match(told.headers.get('vary') ?? '', /Accept/);
    }
  });
});

describe("SCIM's OpenAPI document", () => {
  test('is valid, and every path and method is an endpoint', async () => {
    const { body } = await get('/openapi-scim.json');
    const result = await new Validator().validate(structuredClone(body));
    assert.deepEqual([result.valid, result.valid ? undefined : result.errors], [true, undefined]);
    for (const [path, item] of Object.entries(body.paths as Record<string, Record<string, unknown>>)) {
      const match = matchRoute(path.replace('{id}', 'x'));
      assert.ok(match.ok, path);
      for (const method of Object.keys(item).filter((key) => key !== 'parameters'))
        assert.ok(methodsOf(match.route)?.includes(method.toUpperCase()), `${method} ${path}`);
    }
  });

  test('names the attributes of the schemas, which of them are required, and examples that are accepted', async () => {
    const { body } = await get('/openapi-scim.json');
    const { schemas } = body.components as { schemas: Record<string, { properties: object; required?: string[] }> };
    const { body: user } = await server.call('GET', '/Schemas/urn:ietf:params:scim:schemas:core:2.0:User');
    for (const { name } of user.attributes as { name: string }[])
      assert.ok(name in (schemas.User?.properties ?? {}), name);
    const required = ['User', 'Group', 'Store', 'OrgUnit'].map((type) => schemas[type]?.required);
    assert.deepEqual(required, [['userName'], ['displayName'], ['refId'], ['code']]);
    type Operation = { requestBody: { content: Record<string, { examples: Record<string, { value: unknown }> }> } };
    const paths = body.paths as Record<string, { post: Operation }>;
    for (const path of ['/Users', '/Users/.search', '/Bulk']) {
      const [content] = Object.values(paths[path]?.post.requestBody.content ?? {});
      for (const [name, { value }] of Object.entries(content?.examples ?? {})) {
        const answer = await server.call('POST', path, value);
        assert.ok(answer.status < 300, `${path} ${name}: ${answer.text}`);
      }
    }
  });
});
