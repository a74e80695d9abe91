// Tenants: another account's ids do not exist here, on any endpoint; names are unique per account; tokens end.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import type { CallOptions } from '../support/http-client.ts';
import { at } from '../support/pointer.ts';
import { bulkBody, ENTERPRISE, GROUP, MOBIETRAIN_USER, patchBody, SEARCH, USER, userNamed } from '../support/scim.ts';
import { openTenants, type Tenant, type Tenants } from '../support/tenants.ts';

let server: Tenants;
let mine: Tenant;
let theirs: Tenant;
let user: string;
let group: string;
beforeAll(async () => {
  server = await openTenants();
  mine = await server.tenant();
  theirs = await server.tenant();
  const more = { [MOBIETRAIN_USER]: { stores: [{ value: 's', display: 'Theirs', country: '32' }] } };
  user = String((await theirs.call('POST', '/Users', { body: userNamed('victim', more) })).body.id);
  const body = { schemas: [GROUP], displayName: 'Theirs', externalId: 'theirs', members: [{ value: user }] };
  group = String((await theirs.call('POST', '/Groups', { body })).body.id);
});
afterAll(() => server.stop());

/** Everything that is stored of an account, as it is. */
async function stateOf({ account }: Tenant): Promise<string> {
  const { db } = server.database;
  const lists = ['users', 'groups', 'stores', 'tombstones'].map((name) =>
    db
      .collection(name)
      .find({ account: account.id }, { projection: { changes: 0 } })
      .sort({ _id: 1 })
      .toArray(),
  );
  return JSON.stringify(await Promise.all(lists));
}

const operations = (...Operations: object[]): CallOptions => ({ body: patchBody(...Operations) });

test('every endpoint with the ids of another account: 404 (400 for a reference), and nothing is changed', async () => {
  const before = await stateOf(theirs);
  const asUser = userNamed('thief', { id: user });
  const asGroup = { schemas: [GROUP], displayName: 'Mine', id: group };
  const calls: [method: string, path: string, options: CallOptions, status: number][] = [
    ['GET', `/Users/${user}`, {}, 404],
    ['HEAD', `/Users/${user}`, {}, 404],
    ['PUT', `/Users/${user}`, { body: asUser }, 404],
    ['PATCH', `/Users/${user}`, operations({ op: 'replace', path: 'active', value: false }), 404],
    ['PATCH', `/Users/${user}`, operations(), 404],
    ['DELETE', `/Users/${user}`, {}, 404],
    ['GET', `/Groups/${group}`, {}, 404],
    ['GET', `/Groups/${group}?excludedAttributes=members`, {}, 404],
    ['PUT', `/Groups/${group}`, { body: asGroup }, 404],
    ['PATCH', `/Groups/${group}`, operations({ op: 'remove', path: 'members' }), 404],
    ['PATCH', `/Groups/${group}`, operations({ op: 'replace', value: { displayName: 'Mine' } }), 404],
    ['DELETE', `/Groups/${group}`, {}, 404],
    ['POST', '/Groups', { body: { schemas: [GROUP], displayName: 'Grab', members: [{ value: user }] } }, 400],
    ['GET', `/Users/${group}`, {}, 404],
    ['GET', `/Groups/${user}`, {}, 404],
  ];
  for (const [method, path, options, status] of calls) {
    const reply = await mine.call(method, path, options);
    assert.equal(reply.status, status, `${method} ${path}: ${reply.text}`);
    assert.ok(!reply.text.includes('victim'), reply.text);
  }
  assert.equal(await stateOf(theirs), before);
});

test('lists, searches and filters see one account only', async () => {
  const filters = [
    `id eq "${user}"`,
    'userName eq "victim"',
    'externalId eq "ext-victim"',
    'emails.value eq "victim@example.com"',
    `groups.value eq "${group}"`,
    `${MOBIETRAIN_USER}:stores.value eq "s"`,
    'not (userName eq "nobody") and userName eq "victim"',
    'userName eq "x" or userName eq "victim"',
  ];
  for (const filter of filters) {
    const seen = await theirs.call('GET', `/Users?filter=${encodeURIComponent(filter)}`);
    assert.equal(seen.body.totalResults, 1, `${filter}: ${seen.text}`);
    for (const path of ['/Users', '/']) {
      const list =
        path === '/'
          ? await mine.call('POST', '/.search', { body: { schemas: [SEARCH], filter } })
          : await mine.call('GET', `${path}?filter=${encodeURIComponent(filter)}`);
      assert.equal(list.status, 200, list.text);
      assert.equal(list.body.totalResults, 0, filter);
    }
  }
  for (const filter of [`members.value eq "${user}"`, 'displayName eq "Theirs"', `id eq "${group}"`]) {
    const path = `/Groups?filter=${encodeURIComponent(filter)}`;
    assert.equal((await theirs.call('GET', path)).body.totalResults, 1, filter);
    assert.equal((await mine.call('GET', path)).body.totalResults, 0, filter);
  }
  for (const path of ['/Users', '/Groups', '/Users?cursor=', '/Users?count=0', '/Groups?sortBy=displayName']) {
    assert.ok(!(await mine.call('GET', path)).text.includes(user), path);
  }
});

test('a cursor of another account opens nothing', async () => {
  await theirs.call('POST', '/Users', { body: userNamed('second') });
  const page = await theirs.call('GET', '/Users?cursor=&count=1');
  const next = encodeURIComponent(String(page.body.nextCursor));
  assert.equal((await theirs.call('GET', `/Users?cursor=${next}&count=1`)).status, 200);
  const stolen = await mine.call('GET', `/Users?cursor=${next}&count=1`);
  assert.equal(stolen.status, 400, stolen.text);
  assert.equal(stolen.body.scimType, 'invalidCursor');
});

test('Bulk does not open a side door', async () => {
  const before = await stateOf(theirs);
  const Operations = [
    { method: 'DELETE', path: `/Users/${user}` },
    { method: 'PATCH', path: `/Groups/${group}`, data: patchBody() },
    { method: 'PUT', path: `/Users/${user}`, data: userNamed('thief') },
    {
      method: 'POST',
      path: '/Groups',
      bulkId: 'g',
      data: { schemas: [GROUP], displayName: 'B', members: [{ value: user }] },
    },
  ];
  const reply = await mine.call('POST', '/Bulk', { body: bulkBody(...Operations) });
  assert.deepEqual(at(reply.body, '/Operations/*/status'), ['404', '404', '404', '400'], reply.text);
  assert.equal(await stateOf(theirs), before);
});

test('names are unique per account, and taken ones of others are free', async () => {
  const more = { [MOBIETRAIN_USER]: { stores: [{ value: 's', display: 'Mine', country: '33' }] } };
  const made = await mine.call('POST', '/Users', { body: userNamed('victim', more) });
  assert.equal(made.status, 201, made.text);
  assert.notEqual(made.body.id, user);
  assert.equal(at(made.body, `/${MOBIETRAIN_USER}/storeName`), 'Mine');
  const other = await theirs.call('GET', `/Users/${user}`);
  assert.equal(at(other.body, `/${MOBIETRAIN_USER}/storeName`), 'Theirs');
  const body = { schemas: [GROUP], displayName: 'Theirs', externalId: 'theirs' };
  const named = await mine.call('POST', '/Groups', { body });
  assert.equal(named.status, 201, named.text);
  assert.equal(named.body.members, undefined);
});

test('an external ID that is the id of a victim, here or there, makes somebody new', async () => {
  for (const tenant of [mine, theirs]) {
    const before = await theirs.call('GET', `/Users/${user}`);
    const body = userNamed(`taker-${tenant.account.slug}`, { externalId: user, id: user, [ENTERPRISE]: {} });
    const made = await tenant.call('POST', '/Users', { body });
    assert.equal(made.status, 201, made.text);
    assert.notEqual(made.body.id, user);
    assert.equal(made.body.externalId, user);
    assert.equal((await theirs.call('GET', `/Users/${user}`)).text, before.text);
  }
});

test('the same e-mail links nobody to anybody', async () => {
  const body = { ...userNamed('same-mail'), emails: [{ value: 'victim@example.com', type: 'work', primary: true }] };
  const made = await theirs.call('POST', '/Users', { body });
  assert.equal(made.status, 201, made.text);
  assert.notEqual(made.body.id, user);
});

test('a manager is looked for in the same account only', async () => {
  const boss = String((await theirs.call('POST', '/Users', { body: userNamed('boss') })).body.id);
  const body = userNamed('managed', { [ENTERPRISE]: { manager: { value: boss } } });
  const made = await mine.call('POST', '/Users', { body });
  assert.equal(made.status, 201, made.text);
  const asked = await mine.call('GET', `/Users/${String(made.body.id)}?attributes=${MOBIETRAIN_USER}:missing`);
  assert.deepEqual(at(asked.body, `/${MOBIETRAIN_USER}/missing`), ['manager'], asked.text);
});

test('id, meta, groups and the account are not for clients to write', async () => {
  const body = userNamed('assigned', {
    id: 'chosen',
    account: theirs.account.id,
    meta: { version: 'W/"99"', created: '2001-01-01T00:00:00Z', location: 'https://evil.example' },
    groups: [{ value: group }],
    version: 99,
    blocked: true,
    revision: 7,
    schemas: [USER],
  });
  const made = await mine.call('POST', '/Users', { body });
  assert.equal(made.status, 201, made.text);
  assert.notEqual(made.body.id, 'chosen');
  assert.equal(at(made.body, '/meta/version'), 'W/"1"');
  assert.ok(!made.text.includes('2001-01-01') && !made.text.includes('evil'));
  assert.equal(made.body.groups, undefined);
  for (const name of ['account', 'version', 'blocked', 'revision']) assert.equal(made.body[name], undefined, name);
  const stored = await server.database.db.collection('users').findOne({ 'data.userName': 'assigned' });
  assert.equal(stored?.account, mine.account.id);
  assert.equal(stored?.blocked, false);
});

describe('tokens', () => {
  test('several of a connection live at once; a revoked one ends within five seconds, the others go on', async () => {
    const [one, two] = await Promise.all([
      server.accounts.createCredential(mine.connection),
      server.accounts.createCredential(mine.connection),
    ]);
    for (const { token } of [one, two]) assert.equal((await mine.call('GET', '/Users?count=0', { token })).status, 200);
    await server.accounts.revokeCredential(one.credential.id);
    const end = Date.now() + 6_000;
    let status = 200;
    while (status === 200 && Date.now() < end) {
      await sleep(200);
      status = (await mine.call('GET', '/Users?count=0', { token: one.token })).status;
    }
    assert.equal(status, 401);
    assert.equal((await mine.call('GET', '/Users?count=0', { token: two.token })).status, 200);
  });
  test('an expired one says so in WWW-Authenticate', async () => {
    const brief = await server.accounts.createCredential(mine.connection, 0.4 / 86_400);
    assert.equal((await mine.call('GET', '/Users?count=0', { token: brief.token })).status, 200);
    await sleep(450);
    const reply = await mine.call('GET', '/Users?count=0', { token: brief.token });
    assert.equal(reply.status, 401);
    assert.match(String(reply.headers.get('www-authenticate')), /invalid_token.*expired/);
    assert.equal(reply.body.status, '401');
  });
  test('a token opens its own account only', async () => {
    const read = await mine.call('GET', `/Users/${user}`, { token: theirs.token });
    assert.equal(read.status, 200);
    assert.equal((await mine.call('GET', `/Users/${user}`)).status, 404);
  });
});
