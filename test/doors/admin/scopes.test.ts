// Every list, search, export and import, for every role and scope: nothing of another scope comes out, by whatever id, name or cursor.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import type { Role } from '../../../src/directory/administration/permissions.ts';
import { type AdminServer, type Api, idOf, openAdminServer, person } from '../../support/admin.ts';
import type { Answer } from '../../support/http-client.ts';
import { runEnded } from '../../support/until.ts';

const UNITS = ['North', 'North-east', 'North/A', 'North/B', 'North/C', 'Northern', 'South', 'South/A', 'South/B'];
const LIMITED = ['superior', 'orgUnitAssistant', 'orgUnitAdministrator', 'subdomainAdministrator'] as const;
const CSV = { 'Content-Type': 'text/csv' };

let api: AdminServer;
let account: string;
const actors = new Map<Role | 'southern', Api>();
/** Users inside of every limited scope, and outside of all of them. */
let inside: string[];
let outside: string[];
let group: string;

const as = (role: Role | 'southern'): Api => {
  const call = actors.get(role);
  assert.ok(call);
  return call;
};
const at = (path: string) => `/accounts/${account}${path}`;

beforeAll(async () => {
  api = await openAdminServer();
  account = await api.account({ requiredData: 'report' });
  for (const code of UNITS) await api.root('POST', at('/org-units'), { body: { code } });
  for (const refId of ['s-in', 's-out'])
    await api.root('POST', at('/stores'), { body: { refId, name: `Store ${refId}`, country: '32' } });
  group = idOf(await api.root('POST', at('/groups'), { body: { name: 'Everybody', type: 'Team' } }));
  const make = async (name: string, organizationalUnit: string, refId: string, more = {}) =>
    idOf(
      await api.root('POST', at('/users'), {
        body: person(name, { organizationalUnit, stores: [{ refId }], groups: [group], ...more }),
      }),
    );
  const roles = [{ value: 'Superior' }];
  const boss = await make('boss', 'North', 's-in', { roles });
  inside = [boss, await make('insider.a', 'North/A', 's-in'), await make('insider.b', 'North/B', 's-in')];
  outside = [
    await make('outsider.a', 'Northern', 's-out', { roles }),
    await make('outsider.b', 'South/A', 's-out'),
    await make('outsider.c', 'North-east', 's-out', { stores: [] }),
  ];
  for (const role of LIMITED)
    actors.set(
      role,
      await api.administrator(account, role, role === 'superior' ? { user: boss } : { orgUnit: 'North' }),
    );
  actors.set('southern', await api.administrator(account, 'subdomainAdministrator', { orgUnit: 'South' }));
  actors.set('customerAdministrator', await api.administrator(account, 'customerAdministrator'));
});
afterAll(() => api.stop());

/** The ids of all pages of a list. */
async function idsOf(call: Api, path: string): Promise<string[]> {
  const ids: string[] = [];
  let next = '';
  do {
    const page = await call('GET', `${path}${next}`);
    assert.equal(page.status, 200, `${path}: ${page.text}`);
    ids.push(...(page.body.items as { id: string }[]).map(({ id }) => id));
    next = typeof page.body.next === 'string' ? `&cursor=${page.body.next}` : '';
  } while (next !== '');
  return ids;
}

async function importOf(
  call: Api,
  file: string,
  query = '',
): Promise<{ run: string; rows: Record<string, unknown>[] }> {
  const taken = await call('POST', at(`/imports/csv${query}`), { body: file, headers: CSV });
  const run = idOf(await runEnded(call, at('/imports'), taken));
  return { run, rows: (await call('GET', at(`/imports/${run}/rows`))).body.items as Record<string, unknown>[] };
}

describe('users', () => {
  const QUERIES = [
    '',
    'search=outsider',
    'search=insider',
    'search=ext-outsider.a',
    'status=active',
    'sort=userName',
    'sort=modified',
    'store=s-out',
    'store=Store s-in',
    'orgUnit=South',
    'orgUnit=Northern',
    'orgUnit=Nowhere',
    'group=Everybody',
  ];
  for (const role of LIMITED)
    test(`${role}: no list or search shows others`, async () => {
      const expected = new Set(inside);
      for (const query of [...QUERIES, `group=${group}`]) {
        const path = at(`/users?limit=2&${query.replaceAll(' ', '%20')}`);
        if (role === 'superior' && query === 'orgUnit=Nowhere') continue;
        const ids = await idsOf(as(role), path);
        assert.deepEqual(
          ids.filter((id) => !expected.has(id)),
          [],
          query,
        );
        if (['', 'status=active', 'group=Everybody'].includes(query)) assert.equal(ids.length, inside.length, query);
      }
    });

  test('a cursor serves the administrator, the list and the parameters that it was issued for', async () => {
    const { next } = (await as('customerAdministrator')('GET', at('/users?limit=1&search=insider'))).body;
    assert.equal(typeof next, 'string');
    for (const [call, path] of [
      [as('orgUnitAssistant'), '/users?limit=1&search=insider'],
      [api.root, '/users?limit=1&search=insider'],
      [as('customerAdministrator'), '/users?limit=1&search=outsider'],
      [as('customerAdministrator'), '/users?limit=1'],
      [as('customerAdministrator'), '/groups?limit=1&search=insider'],
      [as('customerAdministrator'), `/users/${inside[0]}/events?limit=1`],
    ] as const) {
      const answer = await call('GET', `${at(path)}&cursor=${next}`);
      assert.deepEqual([answer.status, answer.body.code], [400, 'invalidValue'], path);
    }
    const own = await as('customerAdministrator')('GET', at(`/users?limit=2&search=insider&cursor=${next}`));
    assert.equal(own.status, 200, own.text);
    const flipped = `${String(next).slice(0, -2)}${String(next).endsWith('AA') ? 'BB' : 'AA'}`;
    const made = Buffer.from(JSON.stringify([null, inside[0]])).toString('base64url');
    for (const cursor of [flipped, made])
      assert.equal(
        (await as('customerAdministrator')('GET', at(`/users?search=insider&cursor=${cursor}`))).status,
        400,
      );
  });
});

test('org units: each page is full of what the caller may see, and its cursor names nothing else', async () => {
  for (const role of ['orgUnitAssistant', 'orgUnitAdministrator', 'subdomainAdministrator'] as const) {
    const codes: string[] = [];
    let next = '';
    do {
      const { body } = await as(role)('GET', at(`/org-units?limit=1${next}`));
      const items = body.items as { code: string }[];
      assert.equal(items.length, 1, JSON.stringify(codes));
      codes.push(...items.map(({ code }) => code));
      next = typeof body.next === 'string' ? `&cursor=${body.next}` : '';
    } while (next !== '');
    assert.deepEqual(codes, ['North', 'North/A', 'North/B', 'North/C'], role);
    const found = await as(role)('GET', at('/org-units?search=so'));
    assert.deepEqual([found.body.items, found.body.next], [[], undefined]);
  }
  const southern = (await as('southern')('GET', at('/org-units'))).body.items as { code: string }[];
  assert.deepEqual(
    southern.map(({ code }) => code),
    ['South', 'South/A', 'South/B'],
  );
});

describe('files', () => {
  const HEAD = 'ExternalId;FirstName;LastName;Email;OrganizationalUnit';

  for (const role of ['superior', 'orgUnitAssistant', 'orgUnitAdministrator'] as const)
    test(`${role} neither imports nor exports`, async () => {
      const answers: Answer[] = [
        await as(role)('GET', at('/exports/users.csv')),
        await as(role)('POST', at('/imports/csv'), { body: `${HEAD}\n`, headers: CSV }),
        await as(role)('GET', at('/imports')),
      ];
      assert.deepEqual(
        answers.map(({ status }) => status),
        [403, 403, 403],
      );
    });

  test('a Subdomain Administrator exports their own part of the tree', async () => {
    const { status, text } = await as('subdomainAdministrator')('GET', at('/exports/users.csv'));
    assert.equal(status, 200);
    assert.match(text, /ext-insider\.a/);
    assert.doesNotMatch(text, /outsider/);
  });

  test('a Subdomain Administrator imports into their own part of the tree, and into no other', async () => {
    const rows = [
      'ext-new.1;New;One;new.1@example.com;North/A',
      'ext-new.2;New;Two;new.2@example.com;',
      'ext-new.3;New;Three;new.3@example.com;South',
      'ext-insider.b;Inge;Changed;insider.b@example.com;North/C',
      'ext-insider.a;Ann;Example;insider.a@example.com;South/A',
      'ext-outsider.b;Taken;Over;outsider.b@example.com;North',
    ];
    const before = (await api.root('GET', at(`/users/${outside[1]}`))).text;
    const subdomain = as('subdomainAdministrator');
    const simulated = await importOf(subdomain, `${HEAD}\n${rows.join('\n')}\n`, '?simulate=true');
    const imported = await importOf(subdomain, `${HEAD}\n${rows.join('\n')}\n`);
    for (const result of [simulated, imported])
      assert.deepEqual(
        result.rows.map(({ outcome }) => outcome),
        ['created', 'created', 'refused', 'updated', 'refused', 'refused'],
        JSON.stringify(result.rows),
      );
    assert.equal((await api.root('GET', at(`/users/${outside[1]}`))).text, before);
    const [second] = (await api.root('GET', at('/users?search=ext-new.2'))).body.items as Record<string, unknown>[];
    assert.equal(second?.organizationalUnit, 'North', 'a new user without a unit gets that of the administrator');
  });

  test('roles, stores and groups in a file need the same rights as in a form', async () => {
    const file = (column: string, cell: string) =>
      `${HEAD};${column}\next-new.1;New;One;new.1@example.com;North/A;${cell}\n`;
    for (const [column, cell, outcome] of [
      ['Superior', 'true', 'refused'],
      ['Roles', 'Customer Administrator', 'refused'],
      ['Stores', 'Renamed{id=s-out,country=32}', 'refused'],
      ['Stores', 'Made{id=s-made,country=32}', 'refused'],
      ['UserGroups', 'Made{id=G-made,type=Team}', 'refused'],
      ['Stores', '{id=s-out}', 'updated'],
    ] as const) {
      const { rows } = await importOf(as('subdomainAdministrator'), file(column, cell));
      assert.equal(rows[0]?.outcome, outcome, `${column} ${cell}: ${JSON.stringify(rows)}`);
    }
  });

  test('imports of others are not there', async () => {
    const theirs = await importOf(as('southern'), `${HEAD}\n`);
    const above = await importOf(as('customerAdministrator'), `${HEAD}\n`, '?simulate=true');
    const subdomain = as('subdomainAdministrator');
    for (const run of [theirs.run, above.run]) {
      for (const [method, path] of [
        ['GET', ''],
        ['GET', '/rows'],
        ['GET', '/result.csv'],
        ['GET', '/result.csv?part=failed'],
        ['POST', '/cancel'],
        ['POST', '/import'],
      ] as const)
        assert.equal((await subdomain(method, at(`/imports/${run}${path}`))).status, 404, `${method} ${path}`);
      assert.ok(!(await idsOf(subdomain, at('/imports?limit=1'))).includes(run));
      assert.ok((await idsOf(as('customerAdministrator'), at('/imports?limit=1'))).includes(run));
    }
    const own = await importOf(subdomain, `${HEAD}\n`);
    assert.ok((await idsOf(subdomain, at('/imports?limit=1'))).includes(own.run));
  });

  test('a batch is for those whose scope is the account', async () => {
    const headers = { 'Content-Type': 'application/xml' };
    const answer = await as('subdomainAdministrator')('POST', at('/imports/xml'), { body: '<x/>', headers });
    assert.deepEqual([answer.status, answer.body.code], [403, 'forbidden']);
  });
});
