// Attacks on the scope: nobody widens their own, by whatever attribute, list, row or new user, and nobody makes, names or types stores
// and groups without the right to.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { type AdminServer, type Api, type ApiCall, idOf, openAdminServer, person } from '../../support/admin.ts';
import type { Answer } from '../../support/http-client.ts';
import { runEnded } from '../../support/until.ts';

let api: AdminServer;
let account: string;
let superior: Api;
let assistant: Api;
let unitAdministrator: Api;
let customer: Api;
/** Ids of users by login name. */
const ids = new Map<string, string>();
let count = 0;
const next = () => {
  count += 1;
  return `r${count}`;
};

const users = (rest = '') => `/accounts/${account}/users${rest}`;
const userOf = (name: string) => users(`/${ids.get(name)}`);
const OWN = { refId: 'own', name: 'Own', country: '32' };
const OTHER = { refId: 'other', name: 'Other', country: '32' };

async function make(userName: string, more: Record<string, unknown>): Promise<string> {
  const id = idOf(await api.root('POST', users(), { body: person(userName, more) }));
  ids.set(userName, id);
  return id;
}

beforeAll(async () => {
  api = await openAdminServer();
  account = await api.account({ loginNamesEditable: true, requiredData: 'report' });
  for (const code of ['North', 'North/Shops', 'South'])
    await api.root('POST', `/accounts/${account}/org-units`, { body: { code } });
  for (const body of [OWN, OTHER]) await api.root('POST', `/accounts/${account}/stores`, { body });
  const roles = [{ value: 'Superior' }];
  const boss = await make('boss', { stores: [OWN], organizationalUnit: 'North', roles });
  const unitBoss = await make('unit.boss', { stores: [OWN], organizationalUnit: 'North', roles });
  const chief = await make('chief', { stores: [OWN], organizationalUnit: 'North', roles });
  await make('colleague', { stores: [OWN], organizationalUnit: 'North' });
  await make('report', { organizationalUnit: 'North', manager: 'boss' });
  await make('stranger', { stores: [OTHER], organizationalUnit: 'South', roles });
  superior = await api.administrator(account, 'superior', { user: boss });
  assistant = await api.administrator(account, 'orgUnitAssistant', { orgUnit: 'North' });
  unitAdministrator = await api.administrator(account, 'orgUnitAdministrator', { orgUnit: 'North', user: unitBoss });
  customer = await api.administrator(account, 'customerAdministrator', { user: chief });
});
afterAll(() => api.stop());

/** What the directory holds of a user, the same for every administrator. */
async function stateOf(name: string): Promise<string> {
  return (await api.root('GET', userOf(name))).text;
}

async function seenBy(call: Api): Promise<string[]> {
  const page = await call('GET', users('?limit=500'));
  return (page.body.items as { id: string }[]).map(({ id }) => id).sort();
}

function assertForbidden(answer: Answer, path: string, what: string): void {
  assert.deepEqual([answer.status, answer.body.code], [403, 'forbidden'], `${what}: ${answer.text}`);
  const paths = (answer.body.faults as { path: string }[]).map((fault) => fault.path);
  assert.ok(paths.includes(path), `${what}: ${answer.text}`);
}

describe('nobody changes of their own user what rights follow from', () => {
  const CHANGES: [path: string, body: Record<string, unknown>][] = [
    ['stores', { stores: [OWN, OTHER] }],
    ['stores', { stores: [{ refId: 'own' }, { refId: 'other' }] }],
    ['stores', { stores: [OTHER] }],
    ['stores', { stores: [] }],
    ['stores', { stores: null, title: 'Boss' }],
    ['manager', { manager: 'stranger' }],
    ['organizationalUnit', { organizationalUnit: 'South' }],
    ['organizationalUnit', { organizationalUnit: 'North/Shops' }],
    ['organizationalUnit', { organizationalUnit: null }],
    ['roles', { roles: [{ value: 'Customer Administrator' }] }],
    ['roles', { roles: [] }],
    ['active', { active: false }],
  ];
  for (const [who, name] of [
    ['superior', 'boss'],
    ['OrgUnit Administrator', 'unit.boss'],
    ['Customer Administrator', 'chief'],
  ] as const) {
    test(`${who}: PATCH of each attribute`, async () => {
      const call = { boss: superior, 'unit.boss': unitAdministrator, chief: customer }[name];
      const before = [await stateOf(name), await seenBy(call)];
      for (const [path, body] of CHANGES) {
        assertForbidden(await call('PATCH', userOf(name), { body }), path, JSON.stringify(body));
        assert.deepEqual([await stateOf(name), await seenBy(call)], before, JSON.stringify(body));
      }
    });

    test(`${who}: by the actions`, async () => {
      const call = { boss: superior, 'unit.boss': unitAdministrator, chief: customer }[name];
      const before = await stateOf(name);
      for (const [method, path] of [
        ['POST', '/deactivate'],
        ['POST', '/block'],
        ['POST', '/unblock'],
        ['POST', '/erase'],
        ['DELETE', ''],
      ] as const) {
        const answer = await call(method, userOf(name) + path);
        assert.deepEqual([answer.status, answer.body.code], [403, 'forbidden'], `${method} ${path} ${answer.text}`);
      }
      assert.equal(await stateOf(name), before);
    });
  }

  test('an inactive own user is not activated', async () => {
    const user = await make('inactive.boss', { organizationalUnit: 'North' });
    const own = await api.administrator(account, 'orgUnitAdministrator', { orgUnit: 'North', user });
    await api.root('POST', `${userOf('inactive.boss')}/deactivate`);
    const answers = [
      await own('POST', `${userOf('inactive.boss')}/activate`),
      await own('PATCH', userOf('inactive.boss'), { body: { active: true } }),
    ];
    // An administrator who is inactive may be signed out at once, which is as good.
    for (const { status } of answers) assert.ok([401, 403].includes(status), String(status));
  });

  test('a new login name or External ID would bring those into the scope who wait for such a manager', async () => {
    await make('waits.for.alias', { stores: [OTHER], organizationalUnit: 'South' });
    const before = await seenBy(superior);
    for (const [path, body] of [
      ['userName', { userName: 'alias' }],
      ['externalId', { externalId: 'alias' }],
      ['externalId', { externalId: null }],
    ] as const)
      assertForbidden(await superior('PATCH', userOf('boss'), { body }), path, path);
    assert.deepEqual(await seenBy(superior), before);
    assert.equal((await customer('PATCH', userOf('chief'), { body: { userName: 'chief.executive' } })).status, 200);
  });

  test('names that no attribute has are refused', async () => {
    for (const key of ['managerExternalId', 'superior', 'mobietrain.stores', 'storeRefId', 'blocked', 'id']) {
      const answer = await superior('PATCH', userOf('boss'), { body: { [key]: 'stranger' } });
      assert.deepEqual([answer.status, answer.body.code], [400, 'mutability'], key);
    }
  });

  test('what gives no right is theirs to change, and an echo changes nothing', async () => {
    const { body } = await superior('GET', userOf('boss'));
    const { stores, organizationalUnit, roles, active, userName } = body;
    const echo = { stores, organizationalUnit, roles, active, userName };
    const answer = await superior('PATCH', userOf('boss'), { body: { ...echo, title: 'Manager' } });
    assert.deepEqual([answer.status, answer.body.title], [200, 'Manager'], answer.text);
  });

  test('the link from an administrator to their own user is not theirs to change either', async () => {
    const { id } = (await customer('GET', '/session')).body.administrator as { id: string };
    for (const body of [{ user: null }, { user: ids.get('stranger') }, { orgUnit: 'South' }, { role: 'superior' }]) {
      const answer = await customer('PATCH', `/accounts/${account}/administrators/${id}`, { body });
      assert.deepEqual([answer.status, answer.body.code], [403, 'forbidden'], JSON.stringify(body));
    }
  });
});

describe('of other users nobody reaches beyond their own scope', () => {
  test('a Superior gives only their own stores', async () => {
    for (const stores of [[OWN, OTHER], [{ refId: 'own' }, { refId: 'other' }], [OTHER], [{ ...OTHER, primary: true }]])
      for (const name of ['colleague', 'report'])
        assertForbidden(await superior('PATCH', userOf(name), { body: { stores } }), 'stores', name);
    const given = await superior('PATCH', userOf('report'), { body: { stores: [{ refId: 'own' }] } });
    assert.equal(given.status, 200, given.text);
  });

  const DRAFTS: [
    who: 'superior' | 'assistant' | 'unit',
    status: number,
    path: string,
    draft: Record<string, unknown>,
  ][] = [
    ['superior', 201, '', { stores: [{ refId: 'own' }] }],
    ['superior', 201, '', { manager: 'boss' }],
    ['superior', 403, 'stores', {}],
    ['superior', 403, 'stores', { stores: [OTHER] }],
    ['superior', 403, 'stores', { stores: [OWN, OTHER] }],
    ['superior', 403, 'stores', { stores: [OTHER], manager: 'boss' }],
    ['superior', 403, 'stores', { manager: 'stranger' }],
    ['superior', 403, 'roles', { stores: [OWN], roles: [{ value: 'Superior' }] }],
    ['assistant', 201, '', {}],
    ['assistant', 201, '', { organizationalUnit: 'North/Shops', stores: [{ refId: 'other' }] }],
    ['assistant', 403, 'organizationalUnit', { organizationalUnit: 'South' }],
    ['assistant', 403, 'roles', { roles: [{ value: 'Superior' }] }],
    ['unit', 403, 'organizationalUnit', { organizationalUnit: 'South', stores: [OWN] }],
  ];
  for (const [who, status, path, draft] of DRAFTS)
    test(`${who} makes a user with ${JSON.stringify(draft)}: ${status}`, async () => {
      const call = { superior, assistant, unit: unitAdministrator }[who];
      const answer = await call('POST', users(), { body: person(next(), draft) });
      if (status === 403) assertForbidden(answer, path, who);
      else assert.equal(answer.status, status, answer.text);
    });

  test('a user outside of the scope is not there, whatever the request', async () => {
    const before = await stateOf('stranger');
    for (const call of [superior, assistant, unitAdministrator]) {
      const requests: [string, string, ApiCall?][] = [
        ['GET', ''],
        ['GET', '/events'],
        ['PATCH', '', { body: { title: 'x' } }],
        ['PATCH', '', { body: { stores: [OWN], organizationalUnit: 'North' } }],
        ['PATCH', '', { body: { title: 'x' }, headers: { 'If-Match': 'W/"999"' } }],
        ['POST', '/activate'],
        ['POST', '/deactivate'],
      ];
      for (const [method, path, options] of requests)
        assert.equal((await call(method, userOf('stranger') + path, options)).status, 404, `${method} ${path}`);
    }
    assert.equal((await unitAdministrator('DELETE', userOf('stranger'))).status, 404);
    assert.equal(await stateOf('stranger'), before);
  });
});

describe('stores and groups', () => {
  const storesNow = async () => (await api.root('GET', `/accounts/${account}/stores?limit=500`)).text;

  for (const [words, stores] of [
    ['renames one', [{ refId: 'own', name: 'Renamed' }]],
    ['moves one to another country', [{ refId: 'own', country: '33' }]],
    ['makes one with all its values', [{ refId: 'brand-new', name: 'New', country: '32' }]],
    ['renames one that is added', [{ refId: 'own' }, { refId: 'other', name: 'Mine' }]],
  ] as const)
    test(`a PATCH or POST of a user that ${words} needs stores.edit`, async () => {
      const before = await storesNow();
      for (const call of [superior, assistant, unitAdministrator]) {
        const answers = [
          await call('PATCH', userOf('colleague'), { body: { stores } }),
          await call('POST', users(), { body: person(next(), { stores }) }),
        ];
        for (const answer of answers) assertForbidden(answer, 'stores', words);
      }
      assert.equal(await storesNow(), before);
    });

  test('a link to a store that exists needs the right over the user alone', async () => {
    const body = { stores: [{ refId: 'own' }, { refId: 'other' }] };
    const answer = await assistant('PATCH', userOf('colleague'), { body });
    assert.equal(answer.status, 200, answer.text);
    await api.root('PATCH', userOf('colleague'), { body: { stores: [{ refId: 'own' }] } });
  });

  test('which groups a role may assign is a setting of the account', async () => {
    const group = async (type: string) =>
      idOf(await api.root('POST', `/accounts/${account}/groups`, { body: { name: next(), type } }));
    const [course, team, listed] = [await group('Course'), await group('Team'), await group('Team')];
    const assign = (call: Api, groups: string[]) => call('PATCH', userOf('colleague'), { body: { groups } });
    assert.equal((await assign(assistant, [course, team])).status, 200, 'every group without the setting');
    const assignableGroups = [{ role: 'orgUnitAssistant', types: ['course'], groups: [listed] }];
    const set = await customer('PATCH', `/accounts/${account}`, { body: { assignableGroups } });
    assert.equal(set.status, 200, set.text);
    assertForbidden(await assign(assistant, [course]), 'groups', 'takes away');
    assert.equal((await assign(assistant, [course, team, listed])).status, 200);
    assert.equal((await assign(assistant, [team])).status, 200);
    assertForbidden(await assign(assistant, [team, await group('Team')]), 'groups', 'adds');
    const made = await assistant('POST', users(), { body: person(next(), { groups: [team] }) });
    assertForbidden(made, 'groups', 'a new user');
    assert.equal((await assign(superior, [])).status, 200, 'a role without an entry');
    assert.equal((await assign(customer, [team])).status, 200, 'a role that edits groups');
    await customer('PATCH', `/accounts/${account}`, { body: { assignableGroups: [] } });
  });

  test('a group that a rule derives is made by the rule, not by the administrator', async () => {
    const derivedGroups = [{ attribute: 'enterprise.department', groupType: 'Department' }];
    await customer('PATCH', `/accounts/${account}`, { body: { derivedGroups } });
    const answer = await assistant('PATCH', userOf('colleague'), { body: { department: 'Shoes' } });
    assert.equal(answer.status, 200, answer.text);
    await customer('PATCH', `/accounts/${account}`, { body: { derivedGroups: [] } });
  });
});

describe('a file by an administrator', () => {
  async function rowsOf(call: Api, file: string): Promise<Record<string, unknown>[]> {
    const headers = { 'Content-Type': 'text/csv' };
    const taken = await call('POST', `/accounts/${account}/imports/csv`, { body: file, headers });
    const run = idOf(await runEnded(call, `/accounts/${account}/imports`, taken));
    return (await call('GET', `/accounts/${account}/imports/${run}/rows`)).body.items as Record<string, unknown>[];
  }

  const HEAD = 'ExternalId;FirstName;LastName;Email';
  const ROW = 'ext-chief;Ann;Example;chief@example.com';
  for (const [column, cell] of [
    ['Stores', 'Own{id=own,country=32}|Other{id=other,country=32}'],
    ['Activated', 'false'],
    ['EndDate', '2099-12-31'],
    ['OrganizationalUnit', 'South'],
    ['Superior', 'false'],
    ['Roles', 'Superior|Customer Administrator'],
  ] as const)
    test(`does not change ${column} of their own user`, async () => {
      const before = await stateOf('chief');
      const [row] = await rowsOf(customer, `${HEAD};${column}\n${ROW};${cell}\n`);
      assert.equal(row?.outcome, 'refused', JSON.stringify(row));
      assert.equal(await stateOf('chief'), before);
    });

  test('does not give their own user another superior', async () => {
    const before = await stateOf('chief');
    await rowsOf(customer, `${HEAD};SuperiorExternalId\n${ROW};ext-stranger\n`);
    assert.equal(await stateOf('chief'), before);
  });
});
