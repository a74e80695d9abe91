// Which index each query of signing in uses: by password, session and personal token, over an OpenID provider, after too many
// failures; and that a key for repeated requests is found by itself.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from '@jest/globals';
import { cookieOf, person } from '../support/admin.ts';
import { type Explained, openExplained } from '../support/explained.ts';
import { type OidcProvider, openOidcProvider } from '../support/oidc-provider.ts';
import { collectionOf } from '../support/profiler.ts';

let provider: OidcProvider;
let server: Explained;
let account: string;
const PASSWORD = 'the secret of a retailer';
const OTHERS = 30;

beforeAll(async () => {
  provider = await openOidcProvider();
  server = await openExplained(provider.settings);
  provider.serve(`${server.api.base}/session/oidc/callback`);
  account = await server.api.account();
  for (let index = 0; index < OTHERS; index += 1) await administrator(`other-${index}@example.com`, PASSWORD);
});
afterAll(async () => {
  await server.stop();
  await provider.close();
});

async function administrator(email: string, password?: string): Promise<void> {
  const body = { email, name: 'Ann', role: 'customerAdministrator', ...(password === undefined ? {} : { password }) };
  const made = await server.api.root('POST', `/accounts/${account}/administrators`, { body });
  assert.equal(made.status, 201, made.text);
}

const signIn = (email: string, password = PASSWORD) =>
  server.api.anonymous('POST', '/session', { body: { email, password } });

/** Checks, and that these collections were asked at all. */
async function asks(work: () => Promise<unknown>, ...collections: string[]): Promise<void> {
  const asked = new Set((await server.check(work)).map(collectionOf));
  for (const name of collections) assert.ok(asked.has(name), `${name} was not asked`);
}

test('with a password, then by the session, until it ends', async () => {
  await asks(
    async () => {
      const signedIn = await signIn('other-3@example.com');
      const headers = { Cookie: cookieOf(signedIn), 'X-CSRF-Token': String(signedIn.body.csrfToken) };
      assert.equal((await server.api.anonymous('GET', '/session', { headers })).status, 200);
      assert.equal((await server.api.anonymous('DELETE', '/session', { headers })).status, 204);
      assert.equal((await server.api.anonymous('GET', '/session', { headers })).status, 401);
    },
    'administrators',
    'sessions',
    'signInFailures',
  );
});

test('by a personal token, and by one that nobody has', async () => {
  await asks(
    async () => {
      assert.equal((await server.api.root('GET', '/session')).status, 200);
      assert.equal((await server.api.withToken(`mbp_${'x'.repeat(43)}`)('GET', '/session')).status, 401);
    },
    'personalTokens',
    'administrators',
  );
});

test('by a token that is of a client and not of an administrator', async () => {
  await asks(async () => {
    const client = server.api.withToken(server.api.server.token);
    assert.equal((await client('GET', `/accounts/${account}/users`)).status, 403);
  }, 'credentials');
});

test('in vain, until no more is tried', async () => {
  await asks(async () => {
    const statuses: number[] = [];
    for (let times = 0; times < 11; times += 1) statuses.push((await signIn('other-5@example.com', 'wrong')).status);
    assert.deepEqual([statuses[0], statuses.at(-1)], [401, 429]);
  }, 'signInFailures');
});

test('over the provider, the first time by e-mail and then by identity', async () => {
  await administrator(provider.person.email);
  await asks(
    async () => {
      for (let times = 0; times < 2; times += 1) {
        const begun = await server.api.anonymous('GET', '/session/oidc');
        const back = await provider.through(begun.headers.get('location') ?? '');
        const headers = { Cookie: cookieOf(begun) };
        const answer = await server.api.anonymous('GET', back.slice(server.api.base.length), { headers });
        assert.equal(answer.status, 302, answer.text);
      }
    },
    'pendingSignIns',
    'administrators',
  );
});

test('a repeated request is found by its key', async () => {
  await asks(async () => {
    const call = { body: person('repeated'), headers: { 'Idempotency-Key': 'once' } };
    for (let times = 0; times < 3; times += 1) {
      assert.equal((await server.api.root('POST', `/accounts/${account}/users`, call)).status, 201);
    }
    const other = { ...call, body: person('another') };
    assert.equal((await server.api.root('POST', `/accounts/${account}/users`, other)).status, 422);
  }, 'idempotencyKeys');
});
