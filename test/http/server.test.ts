// The whole server over HTTP: nothing before authentication, bad input, events, draining.

import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { loadSchemaCatalogue } from '../../src/directory/schema/catalogue.ts';
import { prepareDatabase } from '../../src/mongo/client/connection.ts';
import type { Outgoing } from '../support/http-client.ts';
import { packageFolder } from '../support/package-folder.ts';
import { patchBody, SEARCH, USER, userNamed } from '../support/scim.ts';
import { openTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await openTestServer({ BODY_BYTES_MAX: '100000' });
});
afterAll(() => server.stop());

/** Sends text over a connection as it stands and returns what comes back until the server closes, or for `ms`. */
function speak(text: string, ms = 2_000): Promise<string> {
  const { port } = new URL(server.origin);
  return new Promise((resolve) => {
    const socket = connect(Number(port), '127.0.0.1', () => socket.write(text));
    let heard = '';
    const end = () => {
      socket.destroy();
      resolve(heard);
    };
    socket.on('data', (chunk) => {
      heard += chunk.toString();
    });
    socket.on('close', end);
    socket.on('error', end);
    setTimeout(end, ms).unref();
  });
}

const get = (path: string, headers = '') =>
  `GET ${path} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n${headers}\r\n`;

describe('before authentication', () => {
  const paths = [
    '/%55sers',
    '//Users',
    '/Schemas/..%2fUsers',
    '/Users',
    '/',
    '',
    '/Nope',
    '/Users/../Schemas',
    '/Users?access_token=TOKEN',
  ];
  for (const path of paths) {
    test(`${path} is 401`, async () => {
      const answer = await speak(get(`/scim/v2${path.replace('TOKEN', server.token)}`));
      assert.match(answer, /^HTTP\/1\.1 401 /);
      assert.match(answer, /WWW-Authenticate: Bearer realm=/i);
      assert.match(answer, /"status":"401"/);
      assert.doesNotMatch(answer, /evil\.example|express/i);
    });
  }

  for (const path of [
    '//scim/v2/Users',
    '/scim%2fv2/Users',
    '/scim/v2%2fUsers',
    '/x/../scim/v2/Users',
    '/%73cim/v2/Users',
  ]) {
    test(`${path} serves no data`, async () => {
      assert.match(await speak(get(path)), /^HTTP\/1\.1 40[14] /);
    });
  }

  test('a body is not looked at', async () => {
    const answer = await server.raw('/Users', { method: 'POST', body: '{', headers: { 'Content-Type': 'text/plain' } });
    assert.equal(answer.status, 401);
    assert.equal(answer.headers.get('www-authenticate'), 'Bearer realm="MobieTrain provisioning"');
  });

  for (const header of [
    'Bearer',
    'Bearer undefined',
    'Bearer null',
    `Basic ${'x'.repeat(40)}`,
    `Bearer ${'x'.repeat(43)}`,
  ]) {
    test(`${header.slice(0, 20)} is 401 invalid_token`, async () => {
      const answer = await server.raw('/Users', { headers: { Authorization: header } });
      assert.equal(answer.status, 401);
      assert.match(answer.headers.get('www-authenticate') ?? '', /error="invalid_token"/);
    });
  }
});

describe('bad input', () => {
  const auth = () => ({ Authorization: `Bearer ${server.token}` });
  const scim = { 'Content-Type': 'application/scim+json' };
  const cases: [string, string, string, Outgoing, number, string | undefined][] = [
    ['malformed JSON', 'POST', '/Users', { body: '{"a":', headers: scim }, 400, 'invalidSyntax'],
    ['no body', 'POST', '/Users', { headers: scim }, 400, 'invalidSyntax'],
    ['too deep', 'POST', '/Users', { body: '['.repeat(1000), headers: scim }, 400, 'invalidSyntax'],
    ['an array', 'POST', '/Users', { body: '[]', headers: scim }, 400, 'invalidSyntax'],
    ['another media type', 'POST', '/Users', { body: '{}', headers: { 'Content-Type': 'text/xml' } }, 415, undefined],
    ['too large', 'POST', '/Users', { body: ' '.repeat(100_001), headers: scim }, 413, undefined],
    [
      'a gzip bomb',
      'POST',
      '/Users',
      { body: gzipSync(Buffer.alloc(50_000_000)), headers: { ...scim, 'Content-Encoding': 'gzip' } },
      413,
      undefined,
    ],
    [
      'an operator object',
      'POST',
      '/Users',
      { body: JSON.stringify({ schemas: [USER], userName: { $ne: null } }), headers: scim },
      400,
      'invalidValue',
    ],
    ['an unknown path', 'GET', '/Nope', {}, 404, undefined],
    ['an unknown id', 'GET', '/Users/nobody', {}, 404, undefined],
    ['a bad filter', 'GET', '/Users?filter=userName%20eq', {}, 400, 'invalidFilter'],
    ['a bad encoding', 'GET', '/Users?filter=%zz', {}, 400, 'invalidValue'],
    ['a wrong method', 'DELETE', '/Users', {}, 405, undefined],
    [
      'a wrong method on discovery',
      'POST',
      '/Schemas',
      { body: '{', headers: { 'Content-Type': 'text/plain' } },
      405,
      undefined,
    ],
    ['OPTIONS', 'OPTIONS', '/Users', {}, 405, undefined],
    ['/Me', 'GET', '/Me', {}, 501, undefined],
  ];
  for (const [what, method, path, init, status, scimType] of cases) {
    test(`${what} is ${status} ${scimType ?? ''}`, async () => {
      const headers = { ...init.headers, ...auth() };
      const answer = await server.raw(path, { ...init, method, headers });
      assert.equal(answer.status, status, answer.text);
      assert.equal(answer.headers.get('content-type'), 'application/scim+json; charset=utf-8');
      assert.equal(answer.body.status, String(status));
      assert.equal(answer.body.scimType, scimType);
      assert.ok(String(answer.body.detail).length > 10);
      if (status === 405) assert.ok(answer.headers.get('allow'));
      assert.doesNotMatch(answer.text, /node_modules|Mongo|\.ts|\.js|at \w+ \(/);
    });
  }

  test('malformed HTTP, or a request that is too long, is answered all the same', async () => {
    assert.match(await speak('NONSENSE\r\n\r\n'), /^HTTP\/1\.1 400 [\s\S]*"status":"400"/);
    assert.match(
      await speak(get(`/scim/v2/Users?filter=${'a'.repeat(40_000)}`)),
      /^HTTP\/1\.1 431 [\s\S]*"status":"431"/,
    );
  });

  test('an expectation that is not supported, and a request without a host, are refused with a SCIM error', async () => {
    const expecting = await speak(get('/scim/v2/Users', 'Expect: x\r\n'));
    assert.match(expecting, /^HTTP\/1\.1 417 [\s\S]*application\/scim\+json[\s\S]*"status":"417"/);
    const hostless = await speak('GET /scim/v2/Users HTTP/1.1\r\nConnection: close\r\n\r\n');
    assert.match(hostless, /^HTTP\/1\.1 400 [\s\S]*application\/scim\+json[\s\S]*"status":"400"/);
  });

  test('outside of the doors there is JSON, and no framework shows', async () => {
    const answer = await server.raw(`${server.origin}/nothing`);
    assert.equal(answer.status, 404);
    assert.equal(answer.body.status, 404);
    assert.equal(answer.headers.get('x-powered-by'), null);
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
  });
});

describe('what every answer has', () => {
  test('health', async () => {
    assert.equal((await server.raw(`${server.origin}/livez`)).status, 200);
    assert.equal((await server.raw(`${server.origin}/readyz`)).status, 200);
  });

  test('a request id: the client’s own, or a new one', async () => {
    const own = await server.call('GET', '/Users?count=0', undefined, { 'X-Request-Id': 'my.id-1' });
    assert.equal(own.headers.get('x-request-id'), 'my.id-1');
    const bad = await server.call('GET', '/Users?count=0', undefined, { 'X-Request-Id': 'a b<script>' });
    assert.match(bad.headers.get('x-request-id') ?? '', /^[0-9a-f-]{36}$/);
  });

  test('HEAD is GET without its body', async () => {
    const made = await server.call('POST', '/Users', userNamed('head'));
    const [head, whole] = [
      await server.call('HEAD', `/Users/${made.body.id}`),
      await server.call('GET', `/Users/${made.body.id}`),
    ];
    assert.equal(head.status, 200);
    assert.equal(head.text, '');
    assert.equal(head.headers.get('content-length'), String(Buffer.byteLength(whole.text)));
    assert.equal(head.headers.get('etag'), whole.headers.get('etag'));
  });
});

describe('events', () => {
  test('keep every request, refused ones too, redacted; one without a known credential is counted', async () => {
    const user = userNamed('event', { password: 'S3cret-S3cret', externalId: 'topsecret-external' });
    const made = await server.call('POST', '/Users', user, { 'X-Request-Id': 'ev-1' });
    await server.call('POST', '/Users', user, { 'X-Request-Id': 'ev-2' });
    await server.raw('/Users', { headers: { 'X-Request-Id': 'ev-3' } });
    await server.call('GET', '/Users?filter=externalId%20eq%20%22topsecret-external%22', undefined, {
      'X-Request-Id': 'ev-4',
    });
    const value = { externalId: 'topsecret-external', password: 'S3cret-S3cret' };
    await server.call('PATCH', `/Users/${made.body.id}`, patchBody({ op: 'replace', value }), {
      'X-Request-Id': 'ev-5',
    });
    await pause(600);
    const found = await server.database.db
      .collection('events')
      .find({ request: /^ev-/ })
      .sort({ request: 1 })
      .toArray();
    assert.deepEqual(
      found.map((event) => event.status),
      [201, 409, 200, 200],
    );
    assert.ok(!JSON.stringify(found).includes('topsecret'));
    assert.ok(!JSON.stringify(found).includes('S3cret'));
    const [created, refused, read] = found;
    assert.equal(created?.subject?.name, 'event');
    assert.equal(created?.subject?.id, made.body.id);
    assert.equal(refused?.faults?.[0]?.code, 'uniqueness');
    // Both name the user by the same hashes: of the login name and of the External ID.
    const about: string[] = created?.about ?? [];
    const shared = ((refused?.about ?? []) as string[]).filter((each) => about.includes(each));
    assert.ok(shared.length >= 2 && !shared.includes('event'), JSON.stringify([created?.about, refused?.about]));
    const counted = await server.database.db.collection('refusedRequests').find({ reason: 'missing' }).toArray();
    assert.ok(counted.length > 0, 'the request without a credential');
    assert.equal(read?.responseBody, undefined);
    assert.equal(read?.path, '/Users?filter=externalId eq "…"');
  });
});

describe('a server that stops', () => {
  test('tells so, finishes, and closes its connections', async () => {
    const other = await openTestServer({ SHUTDOWN_NOTICE_MS: '750', SHUTDOWN_GRACE_MS: '750' });
    const stopping = other.stop();
    await pause(100);
    const ready = await other.raw(`${other.origin}/readyz`);
    assert.equal(ready.status, 503);
    assert.equal((await other.call('GET', '/Users?count=0')).status, 200);
    await stopping;
    await assert.rejects(other.raw(`${other.origin}/livez`));
  });
});

describe('a later version of the server', () => {
  test('ends the writes of this one, which goes on reading, and does not start again', async () => {
    const other = await openTestServer();
    const { uri, name, db } = other.database;
    await db.collection<{ _id: string }>('migrations').updateOne({ _id: 'schema-version' }, { $set: { version: 999 } });
    const write = () => other.call('POST', '/Users', userNamed(`late-${Math.random()}`));
    let refused = await write();
    for (let looks = 0; refused.status !== 503 && looks < 100; looks += 1) {
      await pause(50);
      refused = await write();
    }
    assert.equal(refused.status, 503, refused.text);
    assert.match(String(refused.body.detail), /later version/);
    assert.equal(refused.headers.get('retry-after'), '2');
    assert.equal((await other.call('GET', '/Users?count=0')).status, 200);
    assert.equal((await other.call('POST', '/Users/.search', { schemas: [SEARCH], count: 0 })).status, 200);
    const catalogue = loadSchemaCatalogue(packageFolder('scim-schemas'));
    await assert.rejects(prepareDatabase(uri, name, catalogue), /later version of the server uses this database/);
    await other.stop();
  });
});
