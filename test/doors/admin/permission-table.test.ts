// The permission table over HTTP: every role, every operation, inside and outside of the scope.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import {
  may,
  OPERATIONS,
  type Operation,
  ROLES,
  type Role,
  scopeKind,
} from '../../../src/directory/administration/permissions.ts';
import { type AdminServer, type Api, idOf, invitee, openAdminServer, person } from '../../support/admin.ts';

type Place = 'inside' | 'outside';

/** What requests are aimed at: in the scope of every role that has one, or outside of it. */
interface Target {
  /** The slug of the account. */
  account: string;
  /** A new user at this place. */
  user(): Promise<string>;
  /** What a user that is made at this place says. */
  draft(): Record<string, unknown>;
  group: string;
  store: string;
  connection: string;
}

let api: AdminServer;
let home: string;
let away: string;
const actors = new Map<Role, Api>();
let count = 0;
const next = () => {
  count += 1;
  return `p${count}`;
};
const fixed = new Map<string, Pick<Target, 'group' | 'store' | 'connection'>>();

beforeAll(async () => {
  api = await openAdminServer();
  home = await api.account();
  away = await api.account();
  for (const account of [home, away]) {
    for (const code of ['North', 'North/Shops', 'Northern', 'South'])
      assert.equal((await api.root('POST', `/accounts/${account}/org-units`, { body: { code } })).status, 201);
  }
  const store = (refId: string) => [{ refId, name: refId, country: '32' }];
  const boss = await made(
    home,
    person('boss', { stores: store('own'), organizationalUnit: 'North', roles: [{ value: 'Superior' }] }),
  );
  for (const role of ROLES) {
    const isUnit = scopeKind(role) === 'orgUnit';
    const more = role === 'superior' ? { user: boss } : isUnit ? { orgUnit: 'North' } : {};
    actors.set(role, await api.administrator(home, role, more));
  }
});
afterAll(() => api.stop());

async function made(account: string, body: Record<string, unknown>): Promise<string> {
  return idOf(await api.root('POST', `/accounts/${account}/users`, { body }));
}

/** Inside: in the actor's unit and store. Outside: elsewhere in the account, or for account-wide roles in another account. */
async function target(role: Role, place: Place, operation: Operation): Promise<Target> {
  const reachesAll = ['account', 'everything'].includes(scopeKind(role)) || !operation.startsWith('users.');
  const account = place === 'outside' && reachesAll ? away : home;
  const isIn = place === 'inside';
  const draft = () =>
    person(next(), {
      organizationalUnit: isIn ? 'North/Shops' : 'South',
      stores: [{ refId: isIn ? 'own' : 'other', name: isIn ? 'own' : 'other', country: '32' }],
    });
  return {
    account,
    draft,
    user: () => made(account, draft()),
    ...(await fixedOf(account)),
  };
}

/** A group, a store and a connection of an account, made once. */
async function fixedOf(account: string): Promise<Pick<Target, 'group' | 'store' | 'connection'>> {
  const known = fixed.get(account);
  if (known) return known;
  const id = async (path: string, body: object) =>
    idOf(await api.root('POST', `/accounts/${account}/${path}`, { body }));
  const entry = {
    group: await id('groups', { name: next() }),
    store: await id('stores', { refId: next() }),
    connection: await id('connections', { name: next() }),
  };
  fixed.set(account, entry);
  return entry;
}

/** A request of each operation. */
const REQUESTS: Record<Operation, (call: Api, to: Target) => Promise<{ status: number; text: string }>> = {
  'users.read': async (call, to) => call('GET', `/accounts/${to.account}/users/${await to.user()}`),
  'users.create': (call, to) => call('POST', `/accounts/${to.account}/users`, { body: to.draft() }),
  'users.invite': (call, to) => {
    const { externalId: _none, ...draft } = to.draft();
    return call('POST', `/accounts/${to.account}/invitations`, { body: invitee(next(), to.group, draft) });
  },
  'users.change': async (call, to) =>
    call('PATCH', `/accounts/${to.account}/users/${await to.user()}`, { body: { title: 'Clerk' } }),
  'users.activate': async (call, to) => call('POST', `/accounts/${to.account}/users/${await to.user()}/deactivate`),
  'users.block': async (call, to) => call('POST', `/accounts/${to.account}/users/${await to.user()}/block`),
  'users.delete': async (call, to) => call('DELETE', `/accounts/${to.account}/users/${await to.user()}`),
  'users.erase': async (call, to) => call('POST', `/accounts/${to.account}/users/${await to.user()}/erase`),
  'users.roles': async (call, to) =>
    call('PATCH', `/accounts/${to.account}/users/${await to.user()}`, { body: { roles: [{ value: 'Manager' }] } }),
  'users.events': async (call, to) => call('GET', `/accounts/${to.account}/users/${await to.user()}/events`),
  'groups.read': (call, to) => call('GET', `/accounts/${to.account}/groups/${to.group}`),
  'groups.edit': (call, to) =>
    call('PATCH', `/accounts/${to.account}/groups/${to.group}`, { body: { adminName: next() } }),
  'stores.read': (call, to) => call('GET', `/accounts/${to.account}/stores/${to.store}`),
  'stores.edit': (call, to) =>
    call('PATCH', `/accounts/${to.account}/stores/${to.store}`, { body: { adminName: next() } }),
  'orgUnits.read': (call, to) => call('GET', `/accounts/${to.account}/org-units`),
  'orgUnits.edit': (call, to) =>
    call('POST', `/accounts/${to.account}/org-units`, { body: { code: `North/${next()}` } }),
  'catalogues.read': (call, to) => call('GET', `/accounts/${to.account}/roles`),
  'catalogues.edit': (call, to) => call('POST', `/accounts/${to.account}/organizations`, { body: { code: next() } }),
  'courses.read': (call, to) => call('GET', `/accounts/${to.account}/courses`),
  'courses.edit': (call, to) =>
    call('POST', `/accounts/${to.account}/courses`, { body: { title: next(), link: 'https://example.com' } }),
  'administrators.read': (call, to) => call('GET', `/accounts/${to.account}/administrators`),
  'administrators.edit': (call, to) =>
    call('POST', `/accounts/${to.account}/administrators`, {
      body: { email: `${next()}@example.com`, name: 'New', role: 'learner' },
    }),
  'connections.read': (call, to) => call('GET', `/accounts/${to.account}/connections/${to.connection}/health`),
  'connections.edit': (call, to) =>
    call('POST', `/accounts/${to.account}/connections/${to.connection}/credentials`, { body: {} }),
  'connections.watch': (call, to) => call('HEAD', `/accounts/${to.account}/connections/${to.connection}/stream`),
  'clients.read': (call, to) => call('GET', `/accounts/${to.account}/clients`),
  'clients.edit': (call, to) =>
    call('POST', `/accounts/${to.account}/clients`, {
      body: { name: 'App', redirectUris: ['https://app.example/in'] },
    }),
  'events.read': (call, to) => call('GET', `/accounts/${to.account}/events`),
  'imports.read': (call, to) => call('GET', `/accounts/${to.account}/imports`),
  'imports.run': (call, to) => call('POST', `/accounts/${to.account}/imports/unknown/cancel`),
  'mails.edit': (call, to) => call('GET', `/accounts/${to.account}/mails`),
  'mails.preview': (call, to) => call('GET', `/accounts/${to.account}/mails/unknown`),
  'account.read': (call, to) => call('GET', `/accounts/${to.account}`),
  'account.change': (call, to) => call('PATCH', `/accounts/${to.account}`, { body: { name: next() } }),
  'accounts.manage': (call) => call('GET', '/accounts'),
  'system.administrators': (call) => call('GET', '/administrators'),
};

/** Operations above accounts have no outside. */
const ABOVE: Operation[] = ['accounts.manage', 'system.administrators'];

/** What is answered: forbidden, not there, or done. */
function expected(role: Role, operation: Operation, place: Place): (status: number) => boolean {
  if (!may({ role }, operation)) return (status) => status === 403;
  const isOutside = place === 'outside' && !ABOVE.includes(operation) && role !== 'systemAdministrator';
  // Creating somebody outside the actor's scope is refused with 403: there is nobody yet whose existence could be hidden.
  const makesUsers = operation === 'users.create' || operation === 'users.invite';
  const refusesNew = makesUsers && !['account', 'everything'].includes(scopeKind(role));
  if (isOutside) return (status) => status === (refusesNew ? 403 : 404);
  // An import or a mail that does not exist is 404 for those who may ask.
  if (operation === 'imports.run' || operation === 'mails.preview') return (status) => status === 404;
  return (status) => status >= 200 && status < 300;
}

describe('the permission table over HTTP', () => {
  for (const role of ROLES) {
    for (const place of ['inside', 'outside'] as const) {
      test(`${role}, ${place} of the scope`, async () => {
        const call = actors.get(role);
        assert.ok(call);
        for (const operation of Object.keys(OPERATIONS) as Operation[]) {
          const to = await target(role, place, operation);
          const { status, text } = await REQUESTS[operation](call, to);
          assert.ok(expected(role, operation, place)(status), `${operation}: ${status} ${text.slice(0, 200)}`);
        }
      });
    }
  }

  test('a list shows what the caller may see, and no more', async () => {
    const inside = await made(home, person(next(), { organizationalUnit: 'North/Shops' }));
    const reports = await made(home, person(next(), { manager: 'boss' }));
    const outside = await made(home, person(next(), { organizationalUnit: 'Northern' }));
    const seen = async (role: Role) => {
      const ids = new Set<string>();
      let cursor = '';
      do {
        const page = await actors.get(role)?.('GET', `/accounts/${home}/users?limit=500${cursor}`);
        for (const { id } of (page?.body.items ?? []) as { id: string }[]) ids.add(id);
        cursor = typeof page?.body.next === 'string' ? `&cursor=${page.body.next}` : '';
      } while (cursor !== '');
      return [inside, reports, outside].map((id) => ids.has(id));
    };
    assert.deepEqual(await seen('orgUnitAssistant'), [true, false, false]);
    assert.deepEqual(await seen('subdomainAdministrator'), [true, false, false]);
    assert.deepEqual(await seen('superior'), [false, true, false]);
    assert.deepEqual(await seen('customerAdministrator'), [true, true, true]);
    assert.deepEqual(await seen('systemAdministrator'), [true, true, true]);
  });

  test('a search and a filter do not reach beyond the scope', async () => {
    const name = next();
    await made(home, person(name, { organizationalUnit: 'South' }));
    for (const query of [`search=${name}`, 'orgUnit=South', 'store=other', 'status=active&orgUnit=South']) {
      const page = await actors.get('orgUnitAssistant')?.('GET', `/accounts/${home}/users?${query}`);
      assert.deepEqual([page?.status, page?.body.total], [200, 0], query);
    }
  });

  test('nobody moves a user out of their own scope, or a foreign one in', async () => {
    const assistant = actors.get('orgUnitAssistant') as Api;
    const own = await made(home, person(next(), { organizationalUnit: 'North' }));
    const foreign = await made(home, person(next(), { organizationalUnit: 'South' }));
    const patch = (id: string, body: object) => assistant('PATCH', `/accounts/${home}/users/${id}`, { body });
    assert.equal((await patch(own, { organizationalUnit: 'South' })).status, 403);
    assert.equal((await patch(own, { organizationalUnit: null })).status, 403);
    assert.equal((await patch(foreign, { organizationalUnit: 'North' })).status, 404);
    assert.equal((await patch(own, { organizationalUnit: 'North/Shops' })).status, 200);
    const named = await assistant('POST', `/accounts/${home}/users`, { body: person(next()) });
    assert.deepEqual([named.status, named.body.organizationalUnit], [201, 'North']);
  });

  test('nobody gives a role that is not theirs to give, nor changes their own role', async () => {
    const customer = actors.get('customerAdministrator') as Api;
    const path = `/accounts/${home}/administrators`;
    const body = { email: `${next()}@example.com`, name: 'X', role: 'systemAdministrator' };
    assert.equal((await customer('POST', path, { body })).status, 403);
    const me = (await customer('GET', '/session')).body.administrator as { id: string };
    assert.equal((await customer('PATCH', `${path}/${me.id}`, { body: { role: 'learner' } })).status, 403);
    assert.equal((await customer('DELETE', `${path}/${me.id}`)).status, 403);
    const limit = await customer('PATCH', `/accounts/${home}`, { body: { userLimit: 5 } });
    assert.equal(limit.status, 403);
    const root = ((await api.root('GET', '/session')).body.administrator as { id: string }).id;
    assert.equal((await customer('GET', `${path}/${root}`)).status, 404);
    assert.equal((await customer('DELETE', `${path}/${root}`)).status, 404);
  });
});
