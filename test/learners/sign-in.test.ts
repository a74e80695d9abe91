// Learners sign in to an application over OpenID Connect: the flow by openid-client against the whole server, its keys checked by jose.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import * as oidc from 'openid-client';
import { collectionsOf } from '../../src/mongo/collections.ts';
import { send } from '../support/http-client.ts';
import { APP, createBrowser, type LearnerServer, openLearnerServer, PASSWORD } from '../support/learners.ts';

let server: LearnerServer;

beforeAll(async () => {
  server = await openLearnerServer();
});
afterAll(() => server.stop());

const browser = () => createBrowser(server.origin);

describe('the flow', () => {
  test('signs in, and gives the claims that were asked for, signed by a published key', async () => {
    const id = await server.user('ann', { preferredLanguage: 'nl-BE', title: 'Clerk' });
    const begun = await server.signIn(browser(), 'ANN');
    const tokens = await server.tokens(begun);
    const keys = createRemoteJWKSet(new URL(`${server.origin}/oidc/jwks`));
    const { payload, protectedHeader } = await jwtVerify(tokens.id_token ?? '', keys, {
      issuer: `${server.origin}/oidc`,
      audience: server.clientId,
    });
    assert.equal(protectedHeader.alg, 'RS256');
    assert.deepEqual(
      {
        sub: payload.sub,
        account: payload.account,
        role: payload.role,
        language: payload.language,
        locale: payload.locale,
      },
      { sub: id, account: 'demo', role: 'user', language: 'nl', locale: 'nl-BE' },
    );
    assert.deepEqual([payload.groups, payload.stores], [[], []]);
    const userInfo = await oidc.fetchUserInfo(server.config, tokens.access_token, id);
    assert.equal(userInfo.name, 'Ann Example');
    const keysServed = await send(`${server.origin}/oidc/jwks`);
    assert.equal(/"d":/.test(keysServed.text), false, 'a private key is published');
  });

  test('a second application visit needs no password; the terms are recorded with version and time', async () => {
    const id = await server.user('bea');
    const signedIn = browser();
    await server.signIn(signedIn, 'bea@example.com');
    const again = await server.begin(signedIn);
    assert.ok(again.page.url.startsWith(APP), again.page.text);
    const { users } = collectionsOf(server.api.server.database.db);
    const stored = await users.findOne({ _id: id });
    assert.equal(stored?.termsAccepted?.version, '1');
    assert.equal(stored?.data.preferredLanguage, 'nl');
    assert.ok(stored?.privacyPolicyConfirmed);
  });

  test('PKCE, an exact address and a code that was not used are required', async () => {
    const auth = (query: Record<string, string>) =>
      browser().open(
        `${server.origin}/oidc/auth?${new URLSearchParams({ client_id: server.clientId, response_type: 'code', scope: 'openid', ...query })}`,
      );
    const without = await auth({ redirect_uri: APP });
    assert.equal(new URL(without.url).searchParams.get('error'), 'invalid_request');
    for (const address of [
      `${APP}/more`,
      'http://localhost:9/in?x',
      'https://evil.example/in',
      '//evil.example',
      'http://localhost:9/IN',
    ]) {
      const refused = await auth({
        redirect_uri: address,
        code_challenge: 'a'.repeat(43),
        code_challenge_method: 'S256',
      });
      assert.equal(refused.status, 400, address);
      assert.equal(refused.title, 'That did not work');
    }
    await server.user('cas');
    const begun = await server.signIn(browser(), 'cas');
    const tokens = await server.tokens(begun);
    await assert.rejects(server.tokens(begun), { error: 'invalid_grant' });
    // A code that comes twice was stolen: what the first one gave is revoked.
    await assert.rejects(oidc.refreshTokenGrant(server.config, tokens.refresh_token ?? ''));
  });

  test('a code is good once, also for 10 requests at the same moment; refresh tokens rotate', async () => {
    await server.user('dirk');
    const begun = await server.signIn(browser(), 'dirk');
    const all = await Promise.allSettled(Array.from({ length: 10 }, () => server.tokens(begun)));
    assert.ok(all.filter(({ status }) => status === 'fulfilled').length <= 1);
    const tokens = await server.tokens(await server.signIn(browser(), 'dirk'));
    const next = await oidc.refreshTokenGrant(server.config, tokens.refresh_token ?? '');
    assert.notEqual(next.refresh_token, tokens.refresh_token);
    await assert.rejects(oidc.refreshTokenGrant(server.config, tokens.refresh_token ?? ''));
    await assert.rejects(oidc.refreshTokenGrant(server.config, next.refresh_token ?? ''));
  });
});

describe('who gets in', () => {
  test('nobody learns who exists: a wrong password and an unknown name have one answer', async () => {
    await server.user('eva');
    const texts = await Promise.all(
      ['eva', 'nobody-here', 'nobody@example.com'].map(async (name) => {
        const one = browser();
        const { page } = await server.begin(one);
        const refused = await one.submit(page, { name, password: 'wrong' });
        assert.equal(refused.status, 403);
        return refused.text.replaceAll(name, '').replaceAll(/interaction\/[\w-]+/g, '');
      }),
    );
    assert.deepEqual(new Set(texts).size, 1);
  });

  test('an e-mail of two people asks for the login name', async () => {
    const emails = [{ value: 'shop@example.com', primary: true }];
    await server.user('shop-1', { emails });
    await server.user('shop-2', { emails });
    const one = browser();
    const { page } = await server.begin(one);
    const asked = await one.submit(page, { name: 'shop@example.com', password: PASSWORD });
    assert.match(asked.text, /Several people use this e-mail/);
    assert.ok((await server.signIn(browser(), 'shop-2')).page.url.startsWith(APP));
  });

  test('each refusal is shown only after the right password', async () => {
    const blocked = await server.user('fay');
    await server.api.root('POST', `/accounts/demo/users/${blocked}/block`);
    const cases: [name: string, words: RegExp][] = [['fay', /Your access is blocked/]];
    await server.user('gil', { active: false });
    cases.push(['gil', /Your access is not active/]);
    await server.user('hal', { name: { givenName: 'Hal' } });
    cases.push(['hal', /your name/]);
    await server.settings({ contact: 'the help desk <help@example.com>' });
    for (const [name, words] of cases) {
      const one = browser();
      const { page } = await server.begin(one);
      const wrong = await one.submit(page, { name, password: 'wrong' });
      assert.doesNotMatch(wrong.text, words);
      const refused = await one.submit(page, { name, password: PASSWORD });
      assert.equal(refused.status, 403);
      assert.match(refused.text, words);
      assert.match(refused.text, /the help desk &lt;help@example\.com&gt;/);
    }
  });

  test('a manager without a store is stopped after the language, with the person to ask', async () => {
    await server.user('ida', { roles: [{ value: 'Manager' }] });
    const one = browser();
    const { page } = await server.begin(one);
    const language = await one.submit(page, { name: 'ida', password: PASSWORD });
    assert.equal(language.title, 'Welcome, Ann');
    const refused = await one.submit(language, { language: 'fr' });
    assert.equal(refused.status, 403);
    assert.match(refused.text, /aucun magasin/);
  });

  test('a blocked user loses session, refresh token and user info at once, also after being unblocked', async () => {
    const id = await server.user('jan');
    const one = browser();
    const tokens = await server.tokens(await server.signIn(one, 'jan'));
    await server.api.root('POST', `/accounts/demo/users/${id}/block`);
    await assert.rejects(oidc.fetchUserInfo(server.config, tokens.access_token, id));
    await server.api.root('POST', `/accounts/demo/users/${id}/unblock`);
    await assert.rejects(oidc.refreshTokenGrant(server.config, tokens.refresh_token ?? ''));
    assert.equal((await server.begin(one)).page.title, 'Sign in');
  });

  test('signing out everywhere ends every session and token of the user, and no other', async () => {
    await server.user('kai');
    await server.user('lea');
    const [here, there, other] = [browser(), browser(), browser()];
    const elsewhere = await server.tokens(await server.signIn(there, 'kai'));
    const others = await server.tokens(await server.signIn(other, 'lea'));
    await server.signIn(here, 'kai');
    const asked = await here.open(`${server.origin}/oidc/session/end?client_id=${server.clientId}`);
    assert.equal(asked.title, 'Sign out');
    const ended = await here.submit(asked, { everywhere: 'yes' });
    assert.equal(ended.title, 'You are signed out');
    await assert.rejects(oidc.refreshTokenGrant(server.config, elsewhere.refresh_token ?? ''));
    assert.equal((await server.begin(there)).page.title, 'Sign in');
    assert.ok((await server.begin(other)).page.url.startsWith(APP));
    assert.ok(await oidc.refreshTokenGrant(server.config, others.refresh_token ?? ''));
  });
});

describe('hostile requests', () => {
  test('a form of another site, another browser or an old page changes nothing', async () => {
    await server.user('max');
    const one = browser();
    const { page } = await server.begin(one);
    const fields = { name: 'max', password: PASSWORD };
    for (const headers of [
      { Origin: 'https://evil.example' },
      { Origin: 'null' },
      { 'Sec-Fetch-Site': 'cross-site' },
    ]) {
      const refused = await one.submit(page, fields, headers as Record<string, string>);
      assert.equal(refused.status, 403);
      assert.match(refused.text, /sent from another site/);
    }
    const elsewhere = await browser().submit(page, fields);
    assert.deepEqual([elsewhere.status, elsewhere.title], [400, 'That did not work']);
    assert.ok((await server.signIn(one, 'max')).page.url.startsWith(APP));
  });

  test('wrong passwords make only the network wait that guesses', async () => {
    await server.user('nia');
    const one = browser();
    const { page } = await server.begin(one);
    let last = page;
    for (let attempt = 0; attempt < 14 && last.status !== 429; attempt += 1)
      last = await one.submit(page, { name: 'nia', password: `wrong ${attempt}` });
    assert.equal(last.status, 429);
    assert.ok(last.headers.get('retry-after'));
  });

  test('every page has a strict policy, and no page, header or event has a password', async () => {
    const { page } = await server.begin(browser());
    const policy = page.headers.get('content-security-policy') ?? '';
    assert.match(policy, /default-src 'none'/);
    assert.doesNotMatch(policy, /unsafe|script-src (?!'none')/);
    assert.doesNotMatch(page.text, /<script|style="|https?:\/\/(?!localhost)/);
    const { events } = collectionsOf(server.api.server.database.db);
    await new Promise((resolve) => setTimeout(resolve, 600));
    const written = JSON.stringify(await events.find({ door: 'learners' }).toArray());
    assert.ok(written.includes('"path":"/interaction/…"'), written.slice(0, 300));
    assert.ok(!written.includes(PASSWORD));
  });
});
