// Sign-in of administrators over a real OpenID provider: who was made an administrator comes in, nobody else does.

import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import Provider, { type Configuration } from 'oidc-provider';
import { type AdminServer, cookieOf, openAdminServer } from '../support/admin.ts';
import type { Answer } from '../support/server.ts';

const CLIENT = { id: 'mobietrain', secret: 'the-secret-of-the-client' };

let server: Server;
let issuer: string;
let api: AdminServer;
/** Whom the provider says has signed in there, and whether it knows the address. */
let person = { sub: 'subject-1', email: 'ann@example.com', email_verified: true };

before(async () => {
  let provider: Provider | undefined;
  let serve: ReturnType<Provider['callback']> | undefined;
  server = createServer((request, response) => {
    const isLogin = request.url?.startsWith('/interaction/') ?? false;
    if (isLogin && provider) {
      void provider.interactionFinished(request, response, { login: { accountId: person.sub } });
    } else void serve?.(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  api = await openAdminServer({ OIDC_ISSUER: issuer, OIDC_CLIENT_ID: CLIENT.id, OIDC_CLIENT_SECRET: CLIENT.secret });
  provider = new Provider(issuer, configuration(`${api.base}/session/oidc/callback`));
  serve = provider.callback();
});
after(async () => {
  server.closeAllConnections();
  server.close();
  await api.stop();
});

/** A provider that lets the present person in without asking. */
function configuration(redirectUri: string): Configuration {
  return {
    clients: [{ client_id: CLIENT.id, client_secret: CLIENT.secret, redirect_uris: [redirectUri] }],
    claims: { openid: ['sub'], email: ['email', 'email_verified'] },
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    cookies: { keys: ['test'] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => ({ ...person, sub }) }),
    loadExistingGrant: async (ctx) => {
      const { client, session, provider: of } = ctx.oidc;
      const grant = new of.Grant({ clientId: client?.clientId ?? '', accountId: session?.accountId ?? '' });
      grant.addOIDCScope('openid email');
      await grant.save();
      return grant;
    },
  };
}

/** A browser at the provider: follows its redirects with its cookies, until one leads back to the server. */
async function throughProvider(start: string): Promise<string> {
  const cookies = new Map<string, string>();
  let url = start;
  for (let step = 0; step < 10; step += 1) {
    const Cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { redirect: 'manual', headers: { Cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';', 1);
      cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
    }
    const location = response.headers.get('location');
    assert.ok(location, `${url}: ${response.status} ${await response.text()}`);
    url = new URL(location, url).href;
    if (!url.startsWith(issuer)) return url;
  }
  throw new Error('the provider never came back');
}

/** A whole sign-in; gives the answer of the callback and its address. */
async function signIn(): Promise<{ answer: Answer; back: string; Cookie: string }> {
  const begun = await api.anonymous('GET', '/session/oidc');
  assert.equal(begun.status, 302, begun.text);
  const Cookie = cookieOf(begun);
  const back = await throughProvider(begun.headers.get('location') ?? '');
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
    person = { sub: 'stranger', email: 'stranger@example.com', email_verified: true };
    const { answer } = await signIn();
    assert.deepEqual([answer.status, answer.body.code], [401, 'unknown']);
    assert.equal(answer.headers.get('set-cookie'), null);
  });

  test('an address that the provider has not verified is no identity', async () => {
    await administrator('unverified@example.com');
    person = { sub: 'unverified', email: 'unverified@example.com', email_verified: false };
    assert.equal((await signIn()).answer.status, 401);
  });

  test('the administrator of the address comes in, and from then on it is the subject that counts', async () => {
    const id = await administrator('Ann@Example.com');
    person = { sub: 'subject-1', email: 'ann@example.com', email_verified: true };
    const { answer } = await signIn();
    assert.equal(answer.status, 302, answer.text);
    assert.equal(answer.headers.get('location'), `${new URL(api.base).origin}/`);
    const session = await api.anonymous('GET', '/session', { headers: { Cookie: cookieOf(answer) } });
    assert.equal((session.body.administrator as { id: string }).id, id);
    person = { ...person, email: 'moved@example.com' };
    assert.equal((await signIn()).answer.status, 302);
    person = { sub: 'subject-2', email: 'ann@example.com', email_verified: true };
    assert.equal((await signIn()).answer.status, 401, 'another subject with the address of somebody who is linked');
    await api.root('PATCH', `/administrators/${id}`, { body: { disabled: true } });
    person = { ...person, sub: 'subject-1' };
    assert.equal((await signIn()).answer.status, 401, 'disabled');
  });

  test('an answer is good once, in the browser that asked, and as it was given', async () => {
    await administrator('once@example.com');
    person = { sub: 'once', email: 'once@example.com', email_verified: true };
    const { answer, back, Cookie } = await signIn();
    assert.equal(answer.status, 302);
    const path = back.slice(api.base.length);
    const again = await api.anonymous('GET', path, { headers: { Cookie } });
    assert.deepEqual([again.status, again.body.code], [401, 'expired']);
    const begun = await api.anonymous('GET', '/session/oidc');
    const other = await throughProvider(begun.headers.get('location') ?? '');
    const elsewhere = await api.anonymous('GET', other.slice(api.base.length));
    assert.deepEqual([elsewhere.status, elsewhere.body.code], [401, 'expired']);
    const forged = other.slice(api.base.length).replace(/state=[^&]+/, 'state=forged');
    const wrong = await api.anonymous('GET', forged, { headers: { Cookie: cookieOf(begun) } });
    assert.deepEqual([wrong.status, wrong.body.code], [401, 'provider']);
  });
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
