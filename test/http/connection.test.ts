// What is refused before any door sees a request: each with a body in the form of the door that the path leads to.

import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { openTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.stop());

/** Sends lines as they stand; what comes back until the server closes the connection or says nothing more for half a second. */
function speak(...lines: string[]): Promise<string> {
  const { port } = new URL(server.origin);
  return new Promise((resolve) => {
    const socket = connect(Number(port), '127.0.0.1', () => socket.write(`${lines.join('\r\n')}\r\n\r\n`));
    let heard = '';
    let timer: NodeJS.Timeout | undefined;
    const end = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve(heard);
    };
    socket.on('data', (chunk) => {
      heard += chunk.toString();
      clearTimeout(timer);
      timer = setTimeout(end, 500);
    });
    socket.on('close', end).on('error', end);
  });
}

const scim = /application\/scim\+json[\s\S]*"schemas":\["urn:ietf:params:scim:api:messages:2\.0:Error"\]/;
const users = 'GET /scim/v2/Users HTTP/1.1';

describe('a request that no door sees', () => {
  const cases: [string, number, string[]][] = [
    ['no Host', 400, [users]],
    ['two Host headers', 400, [users, 'Host: a', 'Host: b']],
    ['two Host headers that are the same', 400, [users, 'Host: a', 'host: a']],
    ['two Authorization headers', 400, [users, 'Host: a', 'Authorization: Bearer x', 'Authorization: Bearer y']],
    ['an expectation that nobody knows', 417, [users, 'Host: a', 'Expect: the-unexpected']],
    ['no HTTP', 400, ['GET /scim/v2/Users HTTP/9']],
    ['headers that are too long', 431, [users, 'Host: a', `X-Long: ${'x'.repeat(40_000)}`]],
    ['a tunnel', 405, ['CONNECT example.com:443 HTTP/1.1', 'Host: example.com:443']],
  ];
  for (const [what, status, lines] of cases)
    test(`${what}: ${status}`, async () => {
      const answer = await speak(...lines);
      assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `));
      assert.match(answer, scim);
      assert.match(answer, new RegExp(`"status":"${status}"`));
    });

  test('below the admin API: a problem', async () => {
    const answer = await speak('GET /api/v1/accounts HTTP/1.1', 'Host: a', 'Host: b');
    assert.match(answer, /^HTTP\/1\.1 400 [\s\S]*application\/problem\+json[\s\S]*"status":400/);
  });
});

describe('the form of a target', () => {
  const auth = () => `Authorization: Bearer ${server.token}`;
  for (const target of ['http://example.com/scim/v2/Users?count=0', 'HTTPS://example.com:8443/scim/v2/Users?count=0'])
    test(`${target} is the path in it`, async () => {
      const answer = await speak(`GET ${target} HTTP/1.1`, 'Host: other', 'Connection: close', auth());
      assert.match(answer, /^HTTP\/1\.1 200 [\s\S]*ListResponse/);
      assert.doesNotMatch(answer, /example\.com/);
    });
  test('needs the credential as every other one', async () => {
    const answer = await speak('GET http://example.com/scim/v2/Users HTTP/1.1', 'Host: a', 'Connection: close');
    assert.match(answer, /^HTTP\/1\.1 401 /);
  });
});

describe('Expect: 100-continue', () => {
  const head = ['POST /scim/v2/Users HTTP/1.1', 'Host: a', 'Content-Type: application/scim+json', 'Content-Length: 2'];
  test('is answered 401 at once without a credential', async () => {
    const answer = await speak(...head, 'Expect: 100-continue');
    assert.match(answer, /^HTTP\/1\.1 401 /);
    assert.match(answer, /Connection: close/i);
  });
  test('is answered 100 with one', async () => {
    const answer = await speak(...head, 'Expect: 100-continue', `Authorization: Bearer ${server.token}`);
    assert.match(answer, /^HTTP\/1\.1 100 Continue\r\n\r\n/);
  });
  test('is answered 413 instead of 100 if the body is too large', async () => {
    const large = head.map((line) => line.replace('Content-Length: 2', 'Content-Length: 99000000'));
    const answer = await speak(...large, 'Expect: 100-continue', `Authorization: Bearer ${server.token}`);
    assert.match(answer, /^HTTP\/1\.1 413 /);
  });
});

test('/healthz is another name of /livez', async () =>
  assert.equal((await server.raw(`${server.origin}/healthz`)).status, 200));
