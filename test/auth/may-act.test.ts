// Who may act: sessions and personal tokens end with the standing of the administrator and of the administrator's user, whichever door
// the change comes through, and nothing that ended comes back.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import {
  type AdminServer,
  type Api,
  cookieOf,
  idOf,
  type MadeAdministrator,
  openAdminServer,
  person,
} from '../support/admin.ts';
import type { Answer } from '../support/http-client.ts';
import { runEnded } from '../support/until.ts';

const UPDATES = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

let api: AdminServer;
let count = 0;
beforeAll(async () => {
  api = await openAdminServer();
});
afterAll(() => api.stop());

interface Superior extends MadeAdministrator {
  user: string;
  userName: string;
  bySession: Api;
}

/** A Superior of the demo account with a session and a personal token. */
async function superior(): Promise<Superior> {
  count += 1;
  const userName = `boss-${count}`;
  const roles = [{ value: 'Manager' }];
  const user = idOf(await api.root('POST', '/accounts/demo/users', { body: person(userName, { roles }) }));
  const made = await api.newAdministrator('demo', 'superior', { user });
  return { ...made, user, userName, bySession: await api.browser(made) };
}

const statusOf = async (call: Api) => (await call('GET', '/session')).status;

async function assertOut({ byToken, bySession, email, password }: Superior, canReturn: boolean): Promise<void> {
  assert.deepEqual([await statusOf(byToken), await statusOf(bySession)], [401, 401]);
  const again = await api.anonymous('POST', '/session', { body: { email, password } });
  assert.equal(again.status, canReturn ? 200 : 401);
}

const scim = (user: string, ...Operations: object[]) =>
  api.server.call('PATCH', `/Users/${user}`, { schemas: [UPDATES], Operations });
const at = (user: string, verb: string) => api.root('POST', `/accounts/demo/users/${user}/${verb}`);
const replace = (path: string, value: unknown) => ({ op: 'replace', path, value });

async function imported({ userName }: Superior, column: string, cell: string): Promise<void> {
  const columns = `ExternalId;FirstName;LastName;Email;${column}`;
  const row = `ext-${userName};Ann;Example;${userName}@example.com;${cell}`;
  const headers = { 'Content-Type': 'text/csv' };
  const begun = await api.root('POST', '/accounts/demo/imports/csv', { body: `${columns}\n${row}\n`, headers });
  await applied(begun);
}

/** Waits for a run of which no row is refused. */
async function applied(begun: Answer): Promise<void> {
  const { body } = await runEnded(api.root, '/accounts/demo/imports', begun);
  assert.equal((body.counts as { refused: number }).refused, 0);
}

async function batch({ userName }: Superior): Promise<void> {
  const body = `<?xml version="1.0" encoding="UTF-8"?><UserMaintenance><User Action="Update"><UserId>${userName}</UserId>
    <UserName>Ann Example</UserName><Email>${userName}@example.com</Email><LanguageCode>en</LanguageCode>
    <CountryCode>BE</CountryCode><ManagerFlag>false</ManagerFlag></User></UserMaintenance>`;
  const headers = { 'Content-Type': 'text/xml' };
  await applied(await api.root('POST', '/accounts/demo/imports/xml?fileset=nightly', { body, headers }));
}

/** How a Superior's user stops, and how the user starts again; undefined: for good. */
const STOPS: [string, (boss: Superior) => Promise<unknown>, ((boss: Superior) => Promise<unknown>) | undefined][] = [
  [
    'deactivated over SCIM',
    ({ user }) => scim(user, replace('active', false)),
    ({ user }) => scim(user, replace('active', true)),
  ],
  ['deactivated by an administrator', ({ user }) => at(user, 'deactivate'), ({ user }) => at(user, 'activate')],
  ['blocked', ({ user }) => at(user, 'block'), ({ user }) => at(user, 'unblock')],
  ['deleted over SCIM', ({ user }) => api.server.call('DELETE', `/Users/${user}`), undefined],
  [
    'without the role over SCIM',
    ({ user }) => scim(user, { op: 'remove', path: 'roles[value eq "Manager"]' }),
    ({ user }) => scim(user, replace('roles', [{ value: 'Superior' }])),
  ],
  [
    'without the role by an administrator',
    ({ user }) => api.root('PATCH', `/accounts/demo/users/${user}`, { body: { roles: null } }),
    ({ user }) => api.root('PATCH', `/accounts/demo/users/${user}`, { body: { roles: [{ value: 'superior' }] } }),
  ],
  [
    'deactivated by a CSV file',
    (boss) => imported(boss, 'Activated', 'false'),
    (boss) => imported(boss, 'Activated', 'true'),
  ],
  [
    'without the role by a CSV file',
    (boss) => imported(boss, 'Superior', 'false'),
    (boss) => imported(boss, 'Superior', 'true'),
  ],
  ['without the role by an XML file', batch, undefined],
];

describe('a Superior whose user is', () => {
  for (const [how, stop, start] of STOPS) {
    test(`${how} is out at once, and what ended stays ended`, async () => {
      const boss = await superior();
      assert.deepEqual([await statusOf(boss.byToken), await statusOf(boss.bySession)], [200, 200]);
      await stop(boss);
      await assertOut(boss, false);
      if (!start) return;
      await start(boss);
      await assertOut(boss, true);
    });
  }

  test('deactivated and activated before the next request is out, too', async () => {
    const boss = await superior();
    await scim(boss.user, replace('active', false));
    await scim(boss.user, replace('active', true));
    await assertOut(boss, true);
  });

  test('changed in other ways stays', async () => {
    const boss = await superior();
    await scim(boss.user, replace('title', 'Manager of Ghent'), {
      op: 'add',
      path: 'roles',
      value: [{ value: 'Other' }],
    });
    assert.deepEqual([await statusOf(boss.byToken), await statusOf(boss.bySession)], [200, 200]);
  });
});

test('a user without the Superior role in the directory may be a Superior, until they have had it and lost it', async () => {
  const user = idOf(await api.root('POST', '/accounts/demo/users', { body: person('plain') }));
  const { byToken } = await api.newAdministrator('demo', 'superior', { user });
  assert.equal(await statusOf(byToken), 200);
  await scim(user, { op: 'add', path: 'roles', value: [{ value: 'Superior' }] });
  assert.equal(await statusOf(byToken), 200);
  await scim(user, { op: 'remove', path: 'roles' });
  assert.equal(await statusOf(byToken), 401);
});

describe('sessions and personal tokens end for good', () => {
  const ENDS: [string, (made: MadeAdministrator, above: Api) => Promise<unknown>][] = [
    [
      'when the administrator is disabled and enabled again',
      async ({ path }, above) => {
        await above('PATCH', path, { body: { disabled: true } });
        await above('PATCH', path, { body: { disabled: false } });
      },
    ],
    [
      'when a System Administrator sets another password',
      ({ path }, above) => above('PATCH', path, { body: { password: 'quite another long secret' } }),
    ],
    ['when the administrator is deleted', ({ path }, above) => above('DELETE', path)],
  ];
  for (const [when, end] of ENDS) {
    test(when, async () => {
      const made = await api.newAdministrator('demo', 'customerAdministrator');
      const bySession = await api.browser(made);
      await end(made, await api.browser());
      assert.deepEqual([await statusOf(made.byToken), await statusOf(bySession)], [401, 401]);
    });
  }

  test('when the person changes the password: others end, are counted, and this browser goes on', async () => {
    const made = await api.newAdministrator('demo', 'customerAdministrator');
    const [one, other] = [await api.browser(made), await api.browser(made)];
    const body = { currentPassword: made.password, password: 'quite another long secret' };
    const changed = await one('PUT', '/session/password', { body });
    assert.equal(changed.status, 200, changed.text);
    assert.deepEqual(changed.body.ended, { sessions: 3, tokens: 1 });
    for (const call of [one, other, made.byToken]) assert.equal(await statusOf(call), 401);
    const headers = { Cookie: cookieOf(changed), 'X-CSRF-Token': String(changed.body.csrfToken) };
    assert.equal((await api.anonymous('GET', '/session', { headers })).status, 200);
  });

  test('a session that another server begins with the former password at the same time is not valid', async () => {
    const made = await api.newAdministrator('demo', 'customerAdministrator');
    const { db } = api.server.database;
    const before = await api.browser(made);
    const stale = await db.collection('sessions').findOne({ administrator: made.id }, { sort: { created: -1 } });
    await (await api.browser())('PATCH', made.path, { body: { password: 'quite another long secret' } });
    assert.ok(stale);
    await db.collection('sessions').insertOne(stale);
    assert.equal(await statusOf(before), 401);
  });
});

describe('a personal token', () => {
  test('changes no credentials: 403, and nothing has changed', async () => {
    const made = await api.newAdministrator('demo', 'customerAdministrator');
    const peer = await api.newAdministrator('demo', 'customerAdministrator');
    const root = (await api.root('GET', '/session')).body.administrator as { id: string };
    const password = 'quite another long secret';
    const tries: [Api, string, string, object][] = [
      [made.byToken, 'PUT', '/session/password', { currentPassword: made.password, password }],
      [made.byToken, 'POST', '/session/tokens', { name: 'longer', expiresInDays: 365 }],
      [made.byToken, 'PATCH', made.path, { password, currentPassword: made.password }],
      [made.byToken, 'PATCH', made.path, { email: 'other@example.com', currentPassword: made.password }],
      [made.byToken, 'PATCH', peer.path, { email: 'other@example.com' }],
      [made.byToken, 'PATCH', peer.path, { password }],
      [api.root, 'PATCH', peer.path, { password }],
      [api.root, 'PATCH', peer.path, { email: 'other@example.com' }],
      [api.root, 'PATCH', `/administrators/${root.id}`, { email: 'other@example.com' }],
    ];
    for (const [call, method, path, body] of tries) {
      const answer = await call(method, path, { body });
      assert.deepEqual([answer.status, answer.body.code], [403, 'forbidden'], `${method} ${path} ${answer.text}`);
    }
    for (const one of [made, peer])
      assert.equal(
        (await api.anonymous('POST', '/session', { body: { email: one.email, password: one.password } })).status,
        200,
      );
    const shown = await made.byToken('PATCH', made.path, { body: { name: 'Renamed', email: made.email } });
    assert.equal(shown.status, 200, 'the same address does not change credentials');
  });

  test('ends after 90 days by default, after a year at most; one of an earlier version, too', async () => {
    const browser = await api.browser();
    const days = async (body: object) => {
      const made = await browser('POST', '/session/tokens', { body: { name: 'x', ...body } });
      if (made.status !== 201) return made.status;
      const { created, expires } = made.body as { created: string; expires: string };
      return (Date.parse(expires) - Date.parse(created)) / 86_400_000;
    };
    assert.deepEqual(
      await Promise.all([days({}), days({ expiresInDays: 365 }), days({ expiresInDays: 366 })]),
      [90, 365, 400],
    );
    const made = await api.newAdministrator('demo', 'customerAdministrator');
    const tokens = api.server.database.db.collection('personalTokens');
    const age = async (ago: number) =>
      tokens.updateOne(
        { administrator: made.id },
        { $set: { created: new Date(Date.now() - ago * 86_400_000) }, $unset: { expires: '' } },
      );
    await age(364);
    assert.equal(await statusOf(made.byToken), 200);
    await age(366);
    assert.equal(await statusOf(made.byToken), 401);
  });
});

describe('sessions and tokens are listed and ended', () => {
  const ids = async (call: Api, path: string) =>
    ((await call('GET', path)).body.items as { id: string; current?: boolean }[]).map(({ id }) => id);

  test('by the person', async () => {
    const made = await api.newAdministrator('demo', 'customerAdministrator');
    const [one, other] = [await api.browser(made), await api.browser(made)];
    const { items } = (await one('GET', '/sessions')).body as {
      items: { id: string; current: boolean; address: string }[];
    };
    assert.deepEqual([items.length, items.filter(({ current }) => current).length], [3, 1]);
    assert.match(items[0]?.address ?? '', /127\.0\.0\.1/);
    const [newest] = items;
    assert.equal((await one('DELETE', `/sessions/${newest?.id}`)).status, 204);
    assert.deepEqual([await statusOf(one), await statusOf(other)], [200, 401]);
    assert.equal((await one('DELETE', `/sessions/${newest?.id}`)).status, 404);
    assert.deepEqual((await one('DELETE', '/sessions')).body, { ended: 2 });
    assert.equal(await statusOf(one), 401);
    assert.equal(await statusOf(made.byToken), 200);
  });

  test('by administrators above, and not from another account', async () => {
    const account = await api.account();
    const made = await api.newAdministrator(account, 'orgUnitAssistant', { orgUnit: await unit(account) });
    const bySession = await api.browser(made);
    const above = await api.administrator(account, 'customerAdministrator');
    const stranger = await api.administrator(await api.account(), 'customerAdministrator');
    for (const path of [`${made.path}/sessions`, `${made.path}/tokens`]) {
      assert.equal((await stranger('GET', path)).status, 404);
      assert.equal((await made.byToken('GET', path)).status, 403);
      assert.ok(!(await above('GET', path)).text.includes('hash'));
    }
    const [token] = await ids(above, `${made.path}/tokens`);
    assert.equal((await stranger('DELETE', `${made.path}/tokens/${token}`)).status, 404);
    assert.equal((await above('DELETE', `${made.path}/tokens/${token}`)).status, 204);
    assert.deepEqual([await statusOf(made.byToken), await statusOf(bySession)], [401, 200]);
    const [newest] = await ids(above, `${made.path}/sessions`);
    assert.equal((await above('DELETE', `${made.path}/sessions/${newest}`)).status, 204);
    assert.equal(await statusOf(bySession), 401);
    assert.deepEqual((await above('DELETE', `${made.path}/sessions`)).body, { ended: 1 });
  });

  test('and a person has 20 sessions at most: a further one ends the oldest', async () => {
    const made = await api.newAdministrator('demo', 'customerAdministrator');
    const first = await api.browser(made);
    for (let times = 0; times < 20; times += 1) await api.browser(made);
    assert.equal(await statusOf(first), 401);
    assert.equal((await ids(made.byToken, '/sessions')).length, 20);
  });
});

async function unit(account: string): Promise<string> {
  await api.root('POST', `/accounts/${account}/org-units`, { body: { code: 'North' } });
  return 'North';
}
