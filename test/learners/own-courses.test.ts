// What an application asks for the learner who is signed in: the courses, page by page, and the badge, which looking at them clears.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import * as oidc from 'openid-client';
import { collectionsOf } from '../../src/mongo/collections.ts';
import { type Api, idOf } from '../support/admin.ts';
import { createBrowser, type LearnerServer, openLearnerServer } from '../support/learners.ts';

let server: LearnerServer;
beforeAll(async () => {
  server = await openLearnerServer();
});
afterAll(() => server.stop());

const LINK = 'https://learn.example/course';
let courses = 0;
async function publish(more: Record<string, unknown> = {}): Promise<string> {
  courses += 1;
  const title = `Course ${courses}`;
  idOf(await server.api.root('POST', '/accounts/demo/courses', { body: { title, link: LINK, ...more } }));
  return title;
}

interface SignedIn {
  id: string;
  tokens: Awaited<ReturnType<LearnerServer['tokens']>>;
  browser: ReturnType<typeof createBrowser>;
  me: Api;
}
async function signedIn(name: string, more: Record<string, unknown> = {}): Promise<SignedIn> {
  const id = await server.user(name, more);
  const browser = createBrowser(server.origin);
  const tokens = await server.tokens(await server.signIn(browser, name));
  return { id, tokens, browser, me: server.api.withToken(tokens.access_token) };
}
const titlesOf = (body: Record<string, unknown>) => (body.items as { title: string }[]).map(({ title }) => title);

describe('a learner', () => {
  test('sees the courses of their groups and of everybody, the newest first; looking at them clears the badge', async () => {
    const { id, me } = await signedIn('ann');
    const group = idOf(
      await server.api.root('POST', '/accounts/demo/groups', { body: { name: 'Bakers', members: [id] } }),
    );
    const other = idOf(await server.api.root('POST', '/accounts/demo/groups', { body: { name: 'Butchers' } }));
    const [first, second] = [await publish(), await publish({ groups: [group], language: 'nl-BE' })];
    await publish({ groups: [other] });
    await publish({ publishedFrom: '2099-01-01T00:00:00Z' });
    assert.deepEqual((await me('GET', '/me/badge')).body, { newCourses: 2 });
    const seen = await me('GET', '/me/courses');
    assert.deepEqual([seen.status, titlesOf(seen.body)], [200, [second, first]], seen.text);
    assert.deepEqual(Object.keys((seen.body.items as object[])[0] ?? {}), [
      'id',
      'title',
      'language',
      'link',
      'publishedFrom',
      'newSince',
    ]);
    const badge = await me('GET', '/me/badge');
    assert.deepEqual(badge.body, { newCourses: 0 });
    const same = await me('GET', '/me/badge', { headers: { 'If-None-Match': badge.headers.get('etag') ?? '' } });
    assert.equal(same.status, 304);
    await publish();
    assert.deepEqual((await me('GET', '/me/badge')).body, { newCourses: 1 });
  });

  test('reads page by page, also if all courses were published in the same millisecond and courses come meanwhile', async () => {
    const { me } = await signedIn('bea');
    for (let made = 0; made < 7; made += 1) await publish();
    const { db } = server.api.server.database;
    await collectionsOf(db).courses.updateMany(
      { newSince: { $lt: new Date() } },
      { $set: { newSince: new Date('2026-01-01') } },
    );
    const whole = await me('GET', '/me/courses?limit=100');
    const all = titlesOf(whole.body);
    assert.ok(all.length >= 7);
    assert.equal(whole.body.next, undefined);
    const read: string[] = [];
    let path: string | undefined = '/me/courses?limit=2';
    for (let page = 0; path !== undefined; page += 1) {
      const { status, body, text } = await me('GET', path);
      assert.equal(status, 200, text);
      read.push(...titlesOf(body));
      if (page === 0) await publish();
      path =
        body.next === undefined ? undefined : `/me/courses?limit=2&cursor=${encodeURIComponent(String(body.next))}`;
    }
    assert.deepEqual(read, all);
    assert.deepEqual((await me('GET', '/me/badge')).body, { newCourses: 1 }, 'a later page does not look');
    const first = await me('GET', '/me/courses?limit=2');
    const other = await signedIn('cas');
    const foreign = await other.me('GET', `/me/courses?limit=2&cursor=${encodeURIComponent(String(first.body.next))}`);
    assert.deepEqual([foreign.status, /cursor/.test(String(foreign.body.detail))], [400, true]);
  });

  test('is the actor of the event', async () => {
    const { id, me } = await signedIn('dirk');
    await me('GET', '/me/courses');
    for (let looks = 0; looks < 100; looks += 1) {
      const { events } = collectionsOf(server.api.server.database.db);
      const found = await events.findOne({ 'actor.id': id });
      if (found) {
        assert.deepEqual([found.actor?.kind, found.path, found.subject?.id], ['learner', '/me/courses', id]);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert.fail('there is no event');
  });
});

describe('a token is refused', () => {
  const refused = async (me: Api, why: string) => {
    for (const path of ['/me/courses', '/me/badge']) {
      const { status, headers, text } = await me('GET', path);
      assert.equal(status, 401, `${why}: ${text}`);
      assert.match(headers.get('www-authenticate') ?? '', /^Bearer .*error="invalid_token"/, why);
    }
  };

  test('of nobody, of a connection and of an administrator', async () => {
    const { status, headers } = await server.api.anonymous('GET', '/me/courses');
    assert.deepEqual([status, headers.get('www-authenticate')], [401, 'Bearer realm="MobieTrain"']);
    await refused(server.api.withToken('x'.repeat(43)), 'unknown');
    await refused(server.api.root, 'an administrator');
    const { tokens } = await signedIn('eva');
    await refused(server.api.withToken(tokens.id_token ?? ''), 'an ID token');
    await refused(server.api.withToken(tokens.refresh_token ?? 'none'), 'a refresh token');
    assert.equal((await server.api.withToken(tokens.access_token)('GET', '/accounts/demo/users')).status, 401);
  });

  test('after it was revoked, and after signing out', async () => {
    const revoked = await signedIn('fay');
    await oidc.tokenRevocation(server.config, revoked.tokens.access_token);
    await refused(revoked.me, 'revoked');
    const out = await signedIn('gil');
    const asked = await out.browser.open(`${server.origin}/oidc/session/end?client_id=${server.clientId}`);
    await out.browser.submit(asked);
    await refused(out.me, 'signed out');
  });

  test('after ten minutes', async () => {
    const { id, me } = await signedIn('hal');
    const { oidcValues } = collectionsOf(server.api.server.database.db);
    await oidcValues.updateMany({ user: id, kind: 'AccessToken' }, { $set: { expires: new Date(Date.now() - 1) } });
    await refused(me, 'expired');
  });

  test('of who was deactivated or blocked, also afterwards', async () => {
    for (const [name, off, on] of [
      ['ida', 'deactivate', 'activate'],
      ['jan', 'block', 'unblock'],
    ] as const) {
      const { id, me } = await signedIn(name);
      await server.api.root('POST', `/accounts/demo/users/${id}/${off}`);
      await refused(me, off);
      await server.api.root('POST', `/accounts/demo/users/${id}/${on}`);
      await refused(me, on);
    }
  });

  test('of a deleted client', async () => {
    const made = await signedIn('kai');
    assert.equal((await made.me('GET', '/me/badge')).status, 200);
    const { oidcClients } = collectionsOf(server.api.server.database.db);
    const client = await oidcClients.findOneAndDelete({ _id: server.clientId });
    await refused(made.me, 'without the client');
    if (client) await oidcClients.insertOne(client);
  });

  test('with 403 while something is left to do', async () => {
    const { me } = await signedIn('lea');
    await server.settings({ termsVersion: '2' });
    const later = await me('GET', '/me/courses');
    await server.settings({ termsVersion: '1' });
    assert.deepEqual([later.status, /sign in again/.test(String(later.body.detail))], [403, true], later.text);
  });
});

describe('the browser of an application with another origin', () => {
  const ORIGIN = 'https://app.example.com';

  test('asks before a request with a token, and reads the answer, the ETag and a refusal', async () => {
    const { tokens } = await signedIn('mia');
    const url = `${server.origin}/api/v1/me/badge`;
    const preflight = await fetch(url, {
      method: 'OPTIONS',
      headers: {
        Origin: ORIGIN,
        'Access-Control-Request-Method': 'GET',
        'Access-Control-Request-Headers': 'authorization,if-none-match',
      },
    });
    assert.equal(preflight.status, 204);
    assert.equal(preflight.headers.get('access-control-allow-origin'), '*');
    assert.match(preflight.headers.get('access-control-allow-headers') ?? '', /authorization, if-none-match/i);
    assert.match(preflight.headers.get('access-control-allow-methods') ?? '', /GET/);
    const ask = (token: string | undefined) =>
      fetch(url, { headers: { Origin: ORIGIN, Authorization: `Bearer ${token}` } });
    const badge = await ask(tokens.access_token);
    assert.deepEqual([badge.status, badge.headers.get('access-control-allow-origin')], [200, '*']);
    assert.match(badge.headers.get('access-control-expose-headers') ?? '', /ETag/);
    const refused = await ask('unknown');
    assert.deepEqual([refused.status, refused.headers.get('access-control-allow-origin')], [401, '*']);
  });

  test('reads nothing that belongs to an administrator or a connection, and sends no cookie', async () => {
    for (const path of ['/api/v1/accounts/demo/users', '/api/v1/meta', '/scim/v2/Users', '/console/']) {
      const headers = { Origin: ORIGIN, 'Access-Control-Request-Method': 'GET' };
      const preflight = await fetch(server.origin + path, { method: 'OPTIONS', headers });
      const got = await fetch(server.origin + path, { headers: { Origin: ORIGIN } });
      for (const answer of [preflight, got])
        assert.equal(answer.headers.get('access-control-allow-origin'), null, path);
    }
    const own = await fetch(`${server.origin}/api/v1/me/courses`, { headers: { Origin: ORIGIN } });
    assert.equal(own.headers.get('access-control-allow-credentials'), null);
  });
});
