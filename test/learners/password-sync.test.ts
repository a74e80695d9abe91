// Passwords that SCIM clients send (Okta): kept where the account turns it on, discarded everywhere else, and never shown or stored as text.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, test } from '@jest/globals';
import * as oidc from 'openid-client';
import { collectionsOf } from '../../src/mongo/collections.ts';
import { APP, createBrowser, type LearnerServer, openLearnerServer, PASSWORD } from '../support/learners.ts';
import { patchBody } from '../support/scim.ts';

const OTHER = 'nine quiet kettles of snow';
/** A connection reads its account again after this. */
const ACCOUNT_MS = 1_000;
let server: LearnerServer;
beforeAll(async () => {
  server = await openLearnerServer();
});
afterAll(() => server.stop());

const getsIn = async (name: string, password: string) =>
  (await server.signIn(createBrowser(server.origin), name, password)).page.url.startsWith(APP);
const setPassword = (id: string, password: string) =>
  server.api.server.call('PATCH', `/Users/${id}`, patchBody({ op: 'replace', path: 'password', value: password }));
const accessOf = (id: string) => collectionsOf(server.api.server.database.db).learnerAccess.findOne({ _id: id });

test('a password is set by a create and by a change; the same one again signs nobody out', async () => {
  const id = await server.user('ann');
  assert.equal(await getsIn('ann', PASSWORD), true);
  const tokens = await server.tokens(await server.signIn(createBrowser(server.origin), 'ann'));
  const same = await setPassword(id, PASSWORD);
  assert.ok(same.status < 300, same.text);
  const refreshed = await oidc.refreshTokenGrant(server.config, tokens.refresh_token ?? '');
  const changed = await setPassword(id, OTHER);
  assert.ok(changed.status < 300, changed.text);
  assert.deepEqual([await getsIn('ann', PASSWORD), await getsIn('ann', OTHER)], [false, true]);
  await assert.rejects(oidc.refreshTokenGrant(server.config, refreshed.refresh_token ?? ''));
});

test('it is in no answer, and in no document', async () => {
  const id = await server.user('bea');
  const { text } = await server.api.server.call('GET', `/Users/${id}`);
  assert.ok(!text.includes('password'), text);
  const { db } = server.api.server.database;
  await sleep(600);
  for (const { name } of await db.listCollections().toArray()) {
    if (name.startsWith('system.')) continue;
    const all = JSON.stringify(await db.collection(name).find({}).toArray());
    assert.ok(!all.includes(PASSWORD), name);
  }
});

test('a password that is too long is refused; the one before stays', async () => {
  const id = await server.user('cas');
  const refused = await setPassword(id, 'x'.repeat(201));
  assert.equal(refused.status, 400, refused.text);
  assert.equal(await getsIn('cas', PASSWORD), true);
});

test.each([
  ['is off', { passwordSync: false }],
  ['is on, but learners get in over a link', { passwordSync: true, login: 'link' }],
])('where it %s, what a client sends is discarded', async (_what, settings) => {
  await server.settings({ login: 'password', passwordSync: true });
  await sleep(ACCOUNT_MS);
  const id = await server.user(`dirk-${settings.passwordSync}`);
  const before = (await accessOf(id))?.passwordHash;
  assert.ok(before);
  await server.settings(settings);
  await sleep(ACCOUNT_MS);
  const changed = await setPassword(id, OTHER);
  assert.ok(changed.status < 300, changed.text);
  assert.equal((await accessOf(id))?.passwordHash, before);
  const made = await server.user(`eva-${settings.passwordSync}`);
  assert.equal((await accessOf(made))?.passwordHash, undefined);
});
