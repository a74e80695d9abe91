// Sign-in of administrators over a real OpenID provider: who was made an administrator comes in, nobody else does.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { type AdminServer, cookieOf, openAdminServer } from '../support/admin.ts';
import type { Answer } from '../support/http-client.ts';
import { type OidcProvider, openOidcProvider } from '../support/oidc-provider.ts';

let provider: OidcProvider;
let api: AdminServer;

beforeAll(async () => {
  provider = await openOidcProvider();
  api = await openAdminServer(provider.settings);
  provider.serve(`${api.base}/session/oidc/callback`);
});
afterAll(async () => {
  await provider.close();
  await api.stop();
});

/** A whole sign-in; gives the answer of the callback and its address. */
async function signIn(): Promise<{ answer: Answer; back: string; Cookie: string }> {
  const begun = await api.anonymous('GET', '/session/oidc');
  assert.equal(begun.status, 302, begun.text);
  const Cookie = cookieOf(begun);
  const back = await provider.through(begun.headers.get('location') ?? '');
  const answer = await api.anonymous('GET', back.slice(api.base.length), { headers: { Cookie } });
  return { answer, back, Cookie };
}

async function administrator(email: string): Promise<string> {
  const body = { email, name: 'Ann', role: 'systemAdministrator' };
  const made = await api.root('POST', '/administrators', { body });
  assert.equal(made.status, 201, made.text);
  return String(made.body.id);
}

describe('sign-in over OpenID', () => {
  test('nobody who was not made an administrator comes in', async () => {
    provider.person = { sub: 'stranger', email: 'stranger@example.com', email_verified: true };
    const { answer } = await signIn();
    assert.deepEqual([answer.status, answer.body.code], [401, 'unknown']);
    assert.equal(answer.headers.get('set-cookie'), null);
  });

  test('an address that the provider has not verified does not identify anyone', async () => {
    await administrator('unverified@example.com');
    provider.person = { sub: 'unverified', email: 'unverified@example.com', email_verified: false };
    assert.equal((await signIn()).answer.status, 401);
  });

  test('the administrator of the address comes in, and from then on it is the subject that counts', async () => {
    const id = await administrator('Ann@Example.com');
    provider.person = { sub: 'subject-1', email: 'ann@example.com', email_verified: true };
    const { answer } = await signIn();
    assert.equal(answer.status, 302, answer.text);
    assert.equal(answer.headers.get('location'), `${new URL(api.base).origin}/`);
    const session = await api.anonymous('GET', '/session', { headers: { Cookie: cookieOf(answer) } });
    assert.equal((session.body.administrator as { id: string }).id, id);
    provider.person = { ...provider.person, email: 'moved@example.com' };
    assert.equal((await signIn()).answer.status, 302);
    provider.person = { sub: 'subject-2', email: 'ann@example.com', email_verified: true };
    assert.equal((await signIn()).answer.status, 401, 'another subject with the address of somebody who is linked');
    await api.root('PATCH', `/administrators/${id}`, { body: { disabled: true } });
    provider.person = { ...provider.person, sub: 'subject-1' };
    assert.equal((await signIn()).answer.status, 401, 'disabled');
  });

  test('an answer is good once, in the browser that asked, and as it was given', async () => {
    await administrator('once@example.com');
    provider.person = { sub: 'once', email: 'once@example.com', email_verified: true };
    const { answer, back, Cookie } = await signIn();
    assert.equal(answer.status, 302);
    const path = back.slice(api.base.length);
    const again = await api.anonymous('GET', path, { headers: { Cookie } });
    assert.deepEqual([again.status, again.body.code], [401, 'expired']);
    const begun = await api.anonymous('GET', '/session/oidc');
    const other = await provider.through(begun.headers.get('location') ?? '');
    const elsewhere = await api.anonymous('GET', other.slice(api.base.length));
    assert.deepEqual([elsewhere.status, elsewhere.body.code], [401, 'expired']);
    const forged = other.slice(api.base.length).replace(/state=[^&]+/, 'state=forged');
    const wrong = await api.anonymous('GET', forged, { headers: { Cookie: cookieOf(begun) } });
    assert.deepEqual([wrong.status, wrong.body.code], [401, 'provider']);
  });
});

describe('an administrator with a password', () => {
  const PASSWORD = 'quite another long secret';
  const withPassword = async (email: string) => {
    const body = { email, name: 'Ann', role: 'systemAdministrator', password: PASSWORD };
    return String((await api.root('POST', '/administrators', { body })).body.id);
  };

  test('is not taken over by the e-mail alone: the password comes first, then the identity is linked', async () => {
    const id = await withPassword('safe@example.com');
    provider.person = { sub: 'thief', email: 'safe@example.com', email_verified: true };
    const refused = (await signIn()).answer;
    assert.deepEqual([refused.status, refused.body.code, refused.headers.get('set-cookie')], [401, 'notLinked', null]);
    const browser = await api.browser({ email: 'safe@example.com', password: PASSWORD });
    const link = (currentPassword: string) => browser('POST', '/session/oidc', { body: { currentPassword } });
    assert.equal((await link('not the password')).status, 400);
    const begun = await link(PASSWORD);
    assert.equal(begun.status, 200, begun.text);
    provider.person = { sub: 'owner', email: 'elsewhere@example.com', email_verified: false };
    const back = await provider.through(String(begun.body.url));
    const headers = { Cookie: cookieOf(begun) };
    assert.equal((await api.anonymous('GET', back.slice(api.base.length), { headers })).status, 302);
    const { answer } = await signIn();
    const session = await api.anonymous('GET', '/session', { headers: { Cookie: cookieOf(answer) } });
    assert.equal((session.body.administrator as { id: string }).id, id);
    const other = await withPassword('other@example.com');
    const otherBrowser = await api.browser({ email: 'other@example.com', password: PASSWORD });
    const stolen = await otherBrowser('POST', '/session/oidc', { body: { currentPassword: PASSWORD } });
    const path = (await provider.through(String(stolen.body.url))).slice(api.base.length);
    const taken = await api.anonymous('GET', path, { headers: { Cookie: cookieOf(stolen) } });
    assert.deepEqual([taken.status, taken.body.code], [401, 'taken'], other);
  });

  test('links nothing with a personal token', async () => {
    const answer = await api.root('POST', '/session/oidc', { body: { currentPassword: 'x' } });
    assert.equal(answer.status, 403);
  });
});

test('an ID token that another key signed is refused', async () => {
  const forger = await openOidcProvider();
  forger.person = { sub: 'signed', email: 'signed@example.com', email_verified: true };
  forger.hasForeignKeys = true;
  const other = await openAdminServer(forger.settings);
  forger.serve(`${other.base}/session/oidc/callback`);
  try {
    const body = { email: 'signed@example.com', name: 'Ann', role: 'systemAdministrator' };
    assert.equal((await other.root('POST', '/administrators', { body })).status, 201);
    const begun = await other.anonymous('GET', '/session/oidc');
    const back = await forger.through(begun.headers.get('location') ?? '');
    const headers = { Cookie: cookieOf(begun) };
    const answer = await other.anonymous('GET', back.slice(other.base.length), { headers });
    assert.deepEqual([answer.status, answer.body.code], [401, 'provider'], answer.text);
  } finally {
    await forger.close();
    await other.stop();
  }
});

test('without a provider the way is not there', async () => {
  const plain = await openAdminServer();
  try {
    assert.equal((await plain.anonymous('GET', '/session/oidc')).status, 404);
    assert.equal((await plain.anonymous('GET', '/session/oidc/callback?code=x&state=y')).status, 404);
  } finally {
    await plain.stop();
  }
});
