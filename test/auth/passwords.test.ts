// Passwords of administrators: how hard they are to guess, who sets whose, links by mail, and the same e-mail in several accounts.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { startServer } from '../../src/app/server.ts';
import { loadConfig } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';
import { type AdminServer, type Api, cookieOf, idOf, openAdminServer } from '../support/admin.ts';
import { send } from '../support/http-client.ts';

let api: AdminServer;
let root: Api;
const NEXT = 'quite another long secret';
beforeAll(async () => {
  api = await openAdminServer();
  root = await api.browser();
});
afterAll(() => api.stop());

const signIn = (email: string, password: string, account?: string) =>
  api.anonymous('POST', '/session', { body: { email, password, ...(account ? { account } : {}) } });
const mailsTo = (to: string) => api.server.database.db.collection('outbox').find({ to }).sort({ _id: 1 }).toArray();

describe('a new password', () => {
  test('that is easy to guess is refused, and the answer says why', async () => {
    const path = `/accounts/${await api.account({ name: 'Bakery Verhaeghe' })}/administrators`;
    for (const [password, words] of [
      ['short', /at least 12 characters/],
      ['password1234', /commonly used password/],
      ['123456789012', /commonly used password/],
      ['abcdabcdabcd', /Repeated/],
      ['qwertyuiop12', /too easy to guess/],
      ['leonie.maes@example.com', /too easy to guess/],
      ['LeonieMaes12', /too easy to guess/],
      ['BakeryVerhaeghe', /too easy to guess/],
    ] as const) {
      const body = { email: 'leonie.maes@example.com', name: 'Leonie Maes', role: 'customerAdministrator', password };
      const answer = await root('POST', path, { body });
      assert.deepEqual([answer.status, answer.body.code], [400, 'invalidValue'], `${password} ${answer.text}`);
      assert.match(answer.text, words);
    }
  });

  test('of your own needs the current one, in every way in', async () => {
    const made = await api.newAdministrator('demo', 'customerAdministrator');
    const browser = await api.browser(made);
    const patch = (body: object) => browser('PATCH', made.path, { body });
    assert.deepEqual(
      [(await patch({ password: NEXT })).status, (await patch({ email: 'n@example.com' })).status],
      [400, 400],
    );
    const wrong = await patch({ password: NEXT, currentPassword: 'wrong' });
    assert.match(wrong.text, /is not your current password/);
    assert.equal((await signIn(made.email, made.password)).status, 200);
    const changed = await patch({ password: NEXT, currentPassword: made.password });
    assert.equal(changed.status, 200, changed.text);
    assert.deepEqual(changed.body.ended, { sessions: 3, tokens: 1 });
    assert.match(cookieOf(changed), /^mobietrain-session=/);
    assert.deepEqual(
      [(await signIn(made.email, made.password)).status, (await signIn(made.email, NEXT)).status],
      [401, 200],
    );
    assert.equal((await mailsTo(made.email)).at(-1)?.subject, 'Your password was changed');
  });
});

describe('the password of another administrator', () => {
  test('is not set by a peer, nor is the address changed; a System Administrator does both, and the person gets a mail', async () => {
    const peer = await api.newAdministrator('demo', 'customerAdministrator');
    const made = await api.newAdministrator('demo', 'customerAdministrator');
    const browser = await api.browser(peer);
    for (const body of [{ password: NEXT }, { email: 'mine@example.com' }])
      assert.equal((await browser('PATCH', made.path, { body })).status, 403);
    assert.equal((await signIn(made.email, made.password)).status, 200);
    assert.equal((await root('PATCH', made.path, { body: { password: NEXT } })).status, 200);
    assert.equal((await signIn(made.email, NEXT)).status, 200);
    assert.equal((await mailsTo(made.email)).length, 1);
  });

  test('is set by the person, over a link that works once', async () => {
    const peer = await api.newAdministrator('demo', 'customerAdministrator');
    const made = await api.newAdministrator('demo', 'customerAdministrator');
    const browser = await api.browser(peer);
    assert.equal((await peer.byToken('POST', `${made.path}/password-link`)).status, 403);
    assert.equal((await browser('POST', `${made.path}/password-link`)).status, 204);
    assert.equal((await browser('POST', `${made.path}/password-link`)).status, 204);
    const tokens = (await mailsTo(made.email)).map(({ text }) => /#([\w-]{43})/.exec(String(text))?.[1] ?? '');
    const [former = '', token = ''] = tokens;
    const set = (secret: string, password: string) =>
      api.anonymous('PUT', '/session/password-link', { body: { token: secret, password } });
    assert.deepEqual([(await set(former, NEXT)).status, (await set('x', NEXT)).status], [400, 400], 'the former one');
    assert.equal((await set(token, 'password1234')).status, 400);
    assert.equal((await signIn(made.email, made.password)).status, 200, 'nothing has changed yet');
    const done = await set(token, NEXT);
    assert.equal(done.status, 200, done.text);
    assert.equal((await made.byToken('GET', '/session')).status, 401);
    assert.equal((await signIn(made.email, NEXT)).status, 200);
    assert.match((await set(token, 'one more long secret')).text, /was used/);
    const page = await api.server.raw(`${api.server.origin}/set-password`);
    assert.match(page.headers.get('content-security-policy') ?? '', /script-src 'sha256-/);
    assert.ok(
      !JSON.stringify(await api.server.database.db.collection('passwordLinks').find().toArray()).includes(token),
    );
  });

  test('has a link end with another change of credentials; an address is corrected before the first sign-in', async () => {
    const peer = await api.browser(await api.newAdministrator('demo', 'customerAdministrator'));
    const path = '/accounts/demo/administrators';
    const body = { email: 'mistyped@example.com', name: 'New', role: 'customerAdministrator' };
    const id = idOf(await peer('POST', path, { body }));
    assert.equal((await peer('PATCH', `${path}/${id}`, { body: { email: 'invited@example.com' } })).status, 200);
    await peer('POST', `${path}/${id}/password-link`);
    const [mail] = await mailsTo('invited@example.com');
    const token = /#([\w-]{43})/.exec(String(mail?.text))?.[1];
    await root('PATCH', `${path}/${id}`, { body: { disabled: true } });
    await root('PATCH', `${path}/${id}`, { body: { disabled: false } });
    const late = await api.anonymous('PUT', '/session/password-link', { body: { token, password: NEXT } });
    assert.equal(late.status, 400);
  });
});

test('an e-mail is unique within the account only; who has the same password in two accounts names one', async () => {
  const [one, other] = [await api.account(), await api.account()];
  const create = (account: string, password: string) =>
    root('POST', `/accounts/${account}/administrators`, {
      body: { email: 'both@example.com', name: 'Both', role: 'customerAdministrator', password },
    });
  assert.deepEqual(
    [(await create(one, NEXT)).status, (await create(other, 'the third long secret')).status],
    [201, 201],
  );
  assert.equal((await create(one, NEXT)).status, 409);
  assert.equal((await signIn('both@example.com', NEXT)).body.account, one);
  assert.equal((await signIn('both@example.com', 'the third long secret')).body.account, other);
  assert.equal((await signIn('both@example.com', NEXT, other)).status, 401);
  const third = await api.account();
  assert.equal((await create(third, NEXT)).status, 201);
  const ambiguous = await signIn('both@example.com', NEXT);
  assert.deepEqual([ambiguous.status, ambiguous.body.code], [409, 'accountNeeded']);
  assert.equal((await signIn('both@example.com', NEXT, third)).body.account, third);
  const unknown = await signIn('both@example.com', 'a wrong long secret');
  assert.equal(unknown.text, (await signIn('nobody@example.com', 'a wrong long secret', 'no-such-account')).text);
});

test('what is revoked or ended at one server is refused by the other within a second', async () => {
  const { uri, name } = api.server.database;
  const settings = { PORT: '0', HOST: '127.0.0.1', MONGODB_URI: uri, MONGODB_DATABASE: name, LOG_LEVEL: 'error' };
  const other = await startServer(loadConfig(settings), createLog({ level: 'error' }), () => undefined);
  try {
    const origin = new URL(other.scimBaseUrl).origin;
    const statusAt = async (path: string, headers: Record<string, string>) =>
      (await send(origin + path, { headers })).status;
    const connection = idOf(await root('POST', '/accounts/demo/connections', { body: { name: 'revoked' } }));
    const credential = await root('POST', `/accounts/demo/connections/${connection}/credentials`, { body: {} });
    const scim = { Authorization: `Bearer ${String(credential.body.token)}` };
    const made = await api.newAdministrator('demo', 'customerAdministrator');
    const session = { Cookie: cookieOf(await signIn(made.email, made.password)) };
    assert.equal(await statusAt('/scim/v2/Users?count=0', scim), 200);
    assert.equal(await statusAt('/api/v1/session', session), 200);
    assert.equal((await root('DELETE', `/accounts/demo/credentials/${idOf(credential)}`)).status, 204);
    assert.equal((await root('DELETE', `${made.path}/sessions`)).status, 200);
    await sleep(1_000);
    assert.equal(await statusAt('/scim/v2/Users?count=0', scim), 401);
    assert.equal(await statusAt('/api/v1/session', session), 401);
  } finally {
    await other.stop();
  }
});
