// Sign-in of administrators: sessions with their cookie and CSRF token, personal tokens, limits, and who is never let in.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { createSessionCookies } from '../../../src/doors/admin/sign-in/cookies.ts';
import { type AdminServer, cookieOf, idOf, openAdminServer, ROOT } from '../../support/admin.ts';

let api: AdminServer;
beforeAll(async () => {
  api = await openAdminServer();
});
afterAll(() => api.stop());

const signIn = (body: unknown = ROOT, headers: Record<string, string> = {}) =>
  api.anonymous('POST', '/session', { body, headers });

describe('a session', () => {
  test('is in a cookie that scripts and other sites do not get, and names no secret in its answer', async () => {
    const answer = await signIn();
    assert.equal(answer.status, 200);
    const cookie = answer.headers.get('set-cookie') ?? '';
    assert.match(cookie, /^mobietrain-session=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; SameSite=Lax; Expires=/);
    assert.doesNotMatch(answer.text, /argon2|passwordHash|hash/);
    assert.ok(!answer.text.includes(cookieOf(answer).split('=')[1] ?? '?'));
  });

  test('is Secure and bound to the host where the public URL is https', () => {
    const cookies = createSessionCookies(true);
    const cookie = cookies.session('token', new Date(0));
    assert.equal(
      cookie,
      '__Host-mobietrain-session=token; Path=/; HttpOnly; SameSite=Lax; Secure; Expires=Thu, 01 Jan 1970 00:00:00 GMT',
    );
    assert.equal(cookies.readSession('a=b; __Host-mobietrain-session=token'), 'token');
    assert.equal(cookies.readSession('mobietrain-session=token'), undefined);
  });

  test('reads without, writes only with its CSRF token', async () => {
    const signedIn = await signIn();
    const Cookie = cookieOf(signedIn);
    const csrf = String(signedIn.body.csrfToken);
    const path = '/session/tokens';
    const body = { name: 'x' };
    assert.equal((await api.anonymous('GET', path, { headers: { Cookie } })).status, 200);
    assert.equal((await api.anonymous('POST', path, { body, headers: { Cookie } })).status, 403);
    const wrong = { Cookie, 'X-CSRF-Token': `${csrf.slice(0, -1)}_` };
    assert.equal((await api.anonymous('POST', path, { body, headers: wrong })).status, 403);
    const other = String((await signIn()).body.csrfToken);
    const foreign = { Cookie, 'X-CSRF-Token': other };
    assert.equal((await api.anonymous('POST', path, { body, headers: foreign })).status, 403);
    const right = { Cookie, 'X-CSRF-Token': csrf };
    assert.equal((await api.anonymous('POST', path, { body, headers: right })).status, 201);
  });

  test('ends with the sign-out', async () => {
    const signedIn = await signIn();
    const headers = { Cookie: cookieOf(signedIn), 'X-CSRF-Token': String(signedIn.body.csrfToken) };
    assert.equal((await api.anonymous('DELETE', '/session', { headers })).status, 204);
    assert.equal((await api.anonymous('GET', '/session', { headers })).status, 401);
  });

  test('is not begun from another site', async () => {
    assert.equal((await signIn(ROOT, { 'Sec-Fetch-Site': 'cross-site' })).status, 403);
    assert.equal((await signIn(ROOT, { 'Sec-Fetch-Site': 'same-origin' })).status, 200);
    // Browsers without Sec-Fetch-Site state the origin only.
    for (const Origin of ['http://evil.example', 'null', new URL(api.base).origin.replace('http:', 'ftp:x')])
      assert.equal((await signIn(ROOT, { Origin })).status, 403, Origin);
    assert.equal((await signIn(ROOT, { Origin: new URL(api.base).origin })).status, 200);
  });
});

describe('who is not let in', () => {
  test('a wrong password and an unknown e-mail sound the same', async () => {
    const wrong = await signIn({ ...ROOT, password: 'something else' });
    const unknown = await signIn({ email: 'nobody@example.com', password: 'something else' });
    assert.deepEqual([wrong.status, unknown.status], [401, 401]);
    assert.equal(wrong.text, unknown.text);
    assert.match(wrong.headers.get('content-type') ?? '', /^application\/problem\+json/);
  });

  test('no credential, a malformed one and an invented one: 401 with a challenge, whatever the path', async () => {
    for (const Authorization of ['', 'Bearer', 'Bearer undefined', `Bearer mbp_${'x'.repeat(43)}`, 'Basic eDp5']) {
      for (const path of [
        '/accounts',
        '/accounts/demo/users',
        '/nothing',
        '/%61ccounts',
        '//accounts',
        '/session/..',
      ]) {
        const answer = await api.anonymous('GET', path, { headers: Authorization === '' ? {} : { Authorization } });
        assert.deepEqual([answer.status, answer.body.code], [401, 'unauthenticated'], `${Authorization} ${path}`);
        assert.match(answer.headers.get('www-authenticate') ?? '', /^Bearer realm=/);
      }
    }
  });

  test('a SCIM token does not sign in an administrator', async () => {
    const scim = api.withToken(api.server.token);
    for (const [method, path] of [
      ['GET', '/accounts/demo/users'],
      ['POST', '/accounts/demo/users'],
      ['GET', '/accounts'],
      ['GET', '/session'],
    ] as const) {
      assert.equal((await scim(method, path)).status, 403, `${method} ${path}`);
    }
  });

  test('a personal token is refused over SCIM', async () => {
    const made = await (await api.browser())('POST', '/session/tokens', { body: { name: 'script' } });
    const answer = await api.server.raw('/Users', { headers: { Authorization: `Bearer ${String(made.body.token)}` } });
    assert.equal(answer.status, 401);
  });

  test('a disabled administrator is out at once, with every token', async () => {
    const account = await api.account();
    const call = await api.administrator(account, 'customerAdministrator');
    const { id } = (await call('GET', '/session')).body.administrator as { id: string };
    const disabled = await api.root('PATCH', `/accounts/${account}/administrators/${id}`, { body: { disabled: true } });
    assert.equal(disabled.status, 200);
    assert.equal((await call('GET', '/session')).status, 401);
  });

  test('a role that changes counts for the next request', async () => {
    const account = await api.account();
    const call = await api.administrator(account, 'customerAdministrator');
    const { id } = (await call('GET', '/session')).body.administrator as { id: string };
    assert.equal((await call('GET', `/accounts/${account}/users`)).status, 200);
    await api.root('PATCH', `/accounts/${account}/administrators/${id}`, { body: { role: 'learner' } });
    assert.equal((await call('GET', `/accounts/${account}/users`)).status, 403);
  });
});

describe('passwords', () => {
  test('too short, too simple, the e-mail itself: refused; never stored as they are', async () => {
    for (const password of ['short', 'aaaaaaaaaaaaaaa', 'New@Example.com']) {
      const body = { email: 'new@example.com', name: 'New', role: 'systemAdministrator', password };
      const answer = await api.root('POST', '/administrators', { body });
      assert.deepEqual([answer.status, answer.body.code], [400, 'invalidValue'], password);
    }
    const stored = await api.server.database.db.collection('administrators').find().toArray();
    assert.ok(stored.length > 0);
    for (const one of stored) assert.match(String(one.passwordHash), /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  test('a change needs the current password, ends every session and token, and begins a new session', async () => {
    const account = await api.account();
    await api.administrator(account, 'customerAdministrator');
    const body = {
      email: 'changes@example.com',
      name: 'C',
      role: 'customerAdministrator',
      password: 'the first secret',
    };
    idOf(await api.root('POST', `/accounts/${account}/administrators`, { body }));
    const signedIn = await signIn({ email: 'Changes@Example.com', password: 'the first secret' });
    const headers = { Cookie: cookieOf(signedIn), 'X-CSRF-Token': String(signedIn.body.csrfToken) };
    const put = (currentPassword: string, password: string) =>
      api.anonymous('PUT', '/session/password', { headers, body: { currentPassword, password } });
    assert.equal((await put('not the first', 'the second secret')).status, 400);
    assert.equal((await put('the first secret', 'short')).status, 400);
    const changed = await put('the first secret', 'the second secret');
    assert.deepEqual([changed.status, changed.body.ended], [200, { sessions: 1, tokens: 0 }]);
    assert.equal((await api.anonymous('GET', '/session', { headers })).status, 401);
    const next = { Cookie: cookieOf(changed), 'X-CSRF-Token': String(changed.body.csrfToken) };
    assert.equal((await api.anonymous('DELETE', '/session', { headers: next })).status, 204);
    assert.equal((await signIn({ email: 'changes@example.com', password: 'the second secret' })).status, 200);
  });
});

test('wrong current passwords are counted like sign-ins: 429, and when to try again', async () => {
  const account = await api.account();
  const call = await api.browser(await api.newAdministrator(account, 'customerAdministrator'));
  const change = () => call('PUT', '/session/password', { body: { currentPassword: 'x', password: 'a long new one' } });
  for (let tried = 0; tried < 10; tried += 1) assert.equal((await change()).status, 400);
  const limited = await change();
  assert.deepEqual([limited.status, limited.body.code], [429, 'tooManySignIns']);
  assert.ok(Number(limited.headers.get('retry-after')) > 60);
});

describe('personal tokens', () => {
  test('are shown once, listed by hint, and gone when taken away', async () => {
    const browser = await api.browser();
    const made = await browser('POST', '/session/tokens', { body: { name: 'nightly', expiresInDays: 30 } });
    const token = String(made.body.token);
    assert.match(token, /^mbp_[A-Za-z0-9_-]{43}$/);
    const list = await api.root('GET', '/session/tokens');
    assert.ok(!list.text.includes(token));
    assert.equal((await api.withToken(token)('GET', '/session')).status, 200);
    assert.equal((await api.root('DELETE', `/session/tokens/${idOf(made)}`)).status, 204);
    assert.equal((await api.withToken(token)('GET', '/session')).status, 401);
    assert.equal((await api.root('DELETE', `/session/tokens/${idOf(made)}`)).status, 404);
  });

  test("are nobody else's to see or take away", async () => {
    const account = await api.account();
    const call = await api.administrator(account, 'customerAdministrator');
    const own = (await call('GET', '/session/tokens')).body.items as { id: string }[];
    assert.equal((await api.root('DELETE', `/session/tokens/${own[0]?.id}`)).status, 404);
  });
});

test('what was said at the sign-in is in no event: no password, no CSRF token, no cookie', async () => {
  const signedIn = await signIn({ email: ROOT.email, password: 'a very secret guess' });
  assert.equal(signedIn.status, 401);
  const right = await signIn();
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  const events = JSON.stringify(await api.server.database.db.collection('events').find({ door: 'admin' }).toArray());
  assert.match(events, /"path":"\/session"/);
  for (const secret of [
    'a very secret guess',
    ROOT.password,
    String(right.body.csrfToken),
    cookieOf(right).slice(20),
  ]) {
    assert.ok(!events.includes(secret));
  }
});
