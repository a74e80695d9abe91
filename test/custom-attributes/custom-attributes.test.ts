// The attributes that an account adds to its users: over SCIM, the admin API, files and set-up pages; another account knows nothing of them.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { loadCatalogue } from '../../src/app/catalogue.ts';
import { RESERVED_NAMES } from '../../src/directory/schema/account-attributes.ts';
import { EXPORTED } from '../../src/doors/csv/format/columns.ts';
import { collectionsOf } from '../../src/mongo/collections.ts';
import { type AdminServer, type Api, idOf, openAdminServer, person } from '../support/admin.ts';
import type { Answer } from '../support/http-client.ts';
import { MOBIETRAIN_USER, patchBody, USER } from '../support/scim.ts';
import { runEnded, until } from '../support/until.ts';

let api: AdminServer;
let slug: string;
let other: string;
let send: Api;
const at = (path: string, account = slug) => `/accounts/${account}${path}`;
const urn = (account = slug) => `urn:ietf:params:scim:schemas:extension:account:${account}:2.0:User`;

type Scim = (method: string, path: string, body?: unknown) => Promise<Answer>;
let scim: Scim;
let foreign: Scim;

async function connect(account: string): Promise<Scim> {
  const connection = idOf(await api.root('POST', at('/connections', account), { body: { name: 'entra' } }));
  const path = at(`/connections/${connection}/credentials`, account);
  const { token } = (await api.root('POST', path, { body: {} })).body;
  return (method, to, body) => api.server.call(method, to, body, { Authorization: `Bearer ${token}` });
}

beforeAll(async () => {
  api = await openAdminServer();
  [slug, other] = [await api.account(), await api.account()];
  send = await api.administrator(slug, 'customerAdministrator');
  [scim, foreign] = [await connect(slug), await connect(other)];
  for (const attribute of [
    { name: 'badgeNumber', matching: true, description: 'The number on the badge' },
    { name: 'shoeSize', type: 'integer' },
    { name: 'hourlyRate', type: 'decimal' },
    { name: 'firstAider', type: 'boolean' },
    { name: 'trainedOn', type: 'dateTime' },
    { name: 'skills', multiValued: true },
  ]) {
    const made = await send('POST', at('/attributes'), { body: attribute });
    assert.equal(made.status, 201, made.text);
  }
  // Tokens are read again within a second.
  await sleep(1_000);
});
afterAll(() => api.stop());

let people = 0;
const named = (more: Record<string, unknown> = {}) => {
  people += 1;
  return { schemas: [USER], ...person(`person-${people}`, more) };
};
const create = async (own: Record<string, unknown>) => {
  const made = await scim('POST', '/Users', named({ [urn()]: own }));
  assert.equal(made.status, 201, made.text);
  return made;
};
type Part = Record<string, unknown>;
const ownOf = ({ body }: Answer) => body[urn()];
const ownOfFirst = ({ body }: Answer) => (body.Resources as Part[])[0]?.[urn()];
const missingOf = async (call: Scim, id: string) => {
  const asked = encodeURIComponent(`${MOBIETRAIN_USER}:missing`);
  const { body } = await call('GET', `/Users/${id}?attributes=${asked}`);
  return (body[MOBIETRAIN_USER] as Part | undefined)?.missing;
};

describe('a custom attribute', () => {
  test('is in /Schemas and /ResourceTypes of its account, and in no others', async () => {
    const schema = await scim('GET', `/Schemas/${urn()}`);
    assert.equal(schema.status, 200, schema.text);
    const attributes = schema.body.attributes as { name: string; type: string; multiValued: boolean }[];
    assert.deepEqual(
      attributes.map(({ name, type, multiValued }) => [name, type, multiValued]),
      [
        ['badgeNumber', 'string', false],
        ['shoeSize', 'integer', false],
        ['hourlyRate', 'decimal', false],
        ['firstAider', 'boolean', false],
        ['trainedOn', 'dateTime', false],
        ['skills', 'string', true],
      ],
    );
    assert.ok((await scim('GET', '/ResourceTypes/User')).text.includes(urn()));
    for (const path of ['/Schemas', '/ResourceTypes'])
      assert.ok(!(await foreign('GET', path)).text.includes('extension:account'), path);
    assert.equal((await foreign('GET', `/Schemas/${urn()}`)).status, 404);
  });

  test('is created, replaced, patched, projected and removed over SCIM', async () => {
    const made = await create({ badgeNumber: 'B-1', shoeSize: '42', firstAider: 'True', skills: ['till', 'fish'] });
    assert.deepEqual(ownOf(made), { badgeNumber: 'B-1', shoeSize: 42, firstAider: true, skills: ['till', 'fish'] });
    assert.ok((made.body.schemas as string[]).includes(urn()));
    const path = `/Users/${idOf(made)}`;
    // As Entra ID sends it, with the whole name in the path and with a dotted key in the value.
    const patched = await scim(
      'PATCH',
      path,
      patchBody(
        { op: 'Replace', path: `${urn()}:badgeNumber`, value: 'B-2' },
        { op: 'Add', value: { [`${urn()}:hourlyRate`]: 17.5 } },
        { op: 'Remove', path: `${urn()}:firstAider` },
      ),
    );
    assert.equal(patched.status, 200, patched.text);
    assert.deepEqual(ownOf(patched), { badgeNumber: 'B-2', shoeSize: 42, skills: ['till', 'fish'], hourlyRate: 17.5 });
    const projected = await scim('GET', `${path}?attributes=${encodeURIComponent(`${urn()}:shoeSize`)}`);
    assert.deepEqual(ownOf(projected), { shoeSize: 42 });
    const listed = await scim('GET', `/Users?filter=${encodeURIComponent(`userName eq "${made.body.userName}"`)}`);
    assert.deepEqual(ownOfFirst(listed), ownOf(patched));
    const replaced = await scim('PUT', path, {
      ...named(),
      userName: made.body.userName,
      [urn()]: { skills: ['fish'] },
    });
    assert.deepEqual(ownOf(replaced), { skills: ['fish'] });
  });

  test.each([
    ['shoeSize', 'large', 'an integer'],
    ['shoeSize', 4.5, 'an integer'],
    ['hourlyRate', 'much', 'a number'],
    ['firstAider', 'perhaps', 'true or false'],
    ['trainedOn', '2026-02-30T00:00:00Z', 'a date and time'],
    ['badgeNumber', ['a', 'b'], 'badgeNumber'],
  ])('refuses a value of another type: %s %j', async (name, value, words) => {
    const refused = await scim('POST', '/Users', named({ [urn()]: { [name]: value } }));
    assert.equal(refused.status, 400, refused.text);
    assert.ok(refused.text.includes(words), refused.text);
  });

  test('is filtered and sorted by; a matching one from an index', async () => {
    const [small] = [await create({ badgeNumber: 'Filter-1', shoeSize: 36 }), await create({ shoeSize: 48 })];
    const find = async (filter: string) =>
      ((await scim('GET', `/Users?filter=${encodeURIComponent(filter)}`)).body.Resources as { id: string }[]).map(
        ({ id }) => id,
      );
    assert.deepEqual(await find(`${urn()}:badgeNumber eq "filter-1"`), [idOf(small)]);
    assert.deepEqual(await find(`${urn()}:shoeSize lt 37`), [idOf(small)]);
    assert.deepEqual(await find(`${urn()}:badgeNumber sw "filter-"`), [idOf(small)]);
    // The URN of the schema is the account's own, in any case: that of another account finds nobody.
    const byUrn = async (schema: string) =>
      await find(`userName eq "${small.body.userName}" and schemas eq "${schema}"`);
    assert.deepEqual(await byUrn(urn()), [idOf(small)]);
    assert.deepEqual(await byUrn(urn().toUpperCase().replace('URN:IETF:PARAMS:SCIM', 'urn:ietf:params:scim')), [
      idOf(small),
    ]);
    assert.deepEqual(await byUrn(urn(other)), []);
    assert.deepEqual(await byUrn(`${urn()}:badgeNumber`), []);
    const { users } = collectionsOf(api.server.database.db);
    const stored = await users.findOne({ _id: idOf(small) });
    assert.ok(stored?.terms?.includes(' account.badgeNumber filter-1'), JSON.stringify(stored?.terms));
  });

  test('is unknown in another account: dropped in a body, refused in a path', async () => {
    const made = await foreign('POST', '/Users', named({ [urn()]: { badgeNumber: 'B-9' } }));
    assert.equal(made.status, 201, made.text);
    assert.ok(!made.text.includes('B-9'));
    const { users } = collectionsOf(api.server.database.db);
    assert.equal((await users.findOne({ _id: idOf(made) }))?.data.account, undefined);
    const filtered = await foreign('GET', `/Users?filter=${encodeURIComponent(`${urn()}:badgeNumber eq "x"`)}`);
    assert.equal(filtered.status, 400, filtered.text);
  });

  test('is read and written by the admin API under customAttributes', async () => {
    const made = await send('POST', at('/users'), {
      body: { ...person('admin-made'), customAttributes: { badgeNumber: 'A-1', shoeSize: 40, skills: ['till'] } },
    });
    assert.equal(made.status, 201, made.text);
    assert.deepEqual(made.body.customAttributes, { badgeNumber: 'A-1', shoeSize: 40, skills: ['till'] });
    const changed = await send('PATCH', at(`/users/${idOf(made)}`), {
      body: { customAttributes: { shoesize: 41, skills: null } },
    });
    assert.deepEqual(changed.body.customAttributes, { badgeNumber: 'A-1', shoeSize: 41 });
    for (const [own, word] of [
      [{ hat: 1 }, 'customAttributes'],
      [{ shoeSize: 'wide' }, 'shoeSize'],
      [{ skills: 'till' }, 'skills'],
    ] as const) {
      const refused = await send('PATCH', at(`/users/${idOf(made)}`), { body: { customAttributes: own } });
      assert.equal(refused.status, 400, refused.text);
      assert.ok(refused.text.includes(word), refused.text);
    }
    const foreignAdmin = await api.administrator(other, 'customerAdministrator');
    const unknown = await foreignAdmin('POST', at('/users', other), {
      body: { ...person('elsewhere'), customAttributes: { badgeNumber: 'A-1' } },
    });
    assert.equal(unknown.status, 400, unknown.text);
  });

  test('is a column of files: simulated, imported, exported, and imported again without a change', async () => {
    const template = await send('GET', at('/exports/template.csv'));
    assert.match(template.text, /;badgeNumber;shoeSize;hourlyRate;firstAider;trainedOn;skills\r?\n/);
    const row = (more: string) => `FirstName;LastName;Email;Badge Number;shoeSize;firstAider;skills\n${more}\n`;
    const good = row('Ann;File;ann.file@example.com;F-1;39;true;till|fish');
    const simulated = await imported(good, '?simulate=true');
    assert.deepEqual(outcomesOf(simulated), ['created'], JSON.stringify(simulated));
    const run = await imported(good);
    assert.deepEqual(outcomesOf(run), ['created'], JSON.stringify(run));
    const found = await scim('GET', `/Users?filter=${encodeURIComponent(`${urn()}:badgeNumber eq "F-1"`)}`);
    assert.deepEqual(ownOfFirst(found), {
      badgeNumber: 'F-1',
      shoeSize: 39,
      firstAider: true,
      skills: ['till', 'fish'],
    });
    const bad = await imported(row('Ann;File;ann.file@example.com;F-1;wide;true;'));
    assert.deepEqual(outcomesOf(bad), ['refused']);
    assert.match(JSON.stringify(bad), /shoeSize.*whole number/);
    const changed = await imported(row('Ann;File;ann.file@example.com;F-1;40;true;till'));
    assert.deepEqual(outcomesOf(changed), ['updated']);
    assert.match(JSON.stringify(changed), /"name":"shoeSize","from":"39","to":"40"/);
    const exported = await send('GET', at('/exports/users.csv'));
    assert.match(exported.text, /F-1;40;;true;;till/);
    const again = await imported(exported.text);
    assert.deepEqual(new Set(outcomesOf(again)), new Set(['unchanged']), JSON.stringify(again));
  });

  test('stops being a column once it is removed, also for a file that was simulated before', async () => {
    for (const body of [{ name: 'parking' }, { name: 'bay', type: 'integer' }])
      assert.equal((await send('POST', at('/attributes'), { body })).status, 201);
    const file =
      'FirstName;LastName;Email;parking;bay;shoeSize\nAnn;Late;ann.late@example.com;P-7;4;38\nBob;Late;bob.late@example.com;;;39\n';
    const simulated = await imported(file, '?simulate=true');
    assert.deepEqual(outcomesOf(simulated), ['created', 'created'], JSON.stringify(simulated));
    for (const name of ['parking', 'bay']) assert.equal((await send('DELETE', at(`/attributes/${name}`))).status, 204);
    // Another attribute of the name.
    assert.equal((await send('POST', at('/attributes'), { body: { name: 'bay', multiValued: true } })).status, 201);
    const started = await send('POST', at(`/imports/${simulated.run}/import`));
    const { rows } = await rowsOf(started);
    const rule = 'the account has no such attribute any more: the column was not read';
    assert.deepEqual(
      rows.map(({ outcome, faults = [] }) => [outcome, faults.map(({ at: column, words }) => [column, words])]),
      [
        [
          'created',
          [
            ['parking', rule],
            ['bay', rule],
          ],
        ],
        ['created', []],
      ],
    );
    const { users } = collectionsOf(api.server.database.db);
    const stored = await users.findOne({ _id: rows[0]?.user ?? '' });
    assert.deepEqual(stored?.data.account, { shoeSize: 38 });
    assert.ok(!/p-7/i.test(JSON.stringify(stored)), JSON.stringify(stored));
  });

  test('is in the mapping for Entra ID and the table for Okta of its account', async () => {
    const setup = async (account: string) => {
      const connection = idOf(await api.root('POST', at('/connections', account), { body: { name: 'to set up' } }));
      const made = await api.root('POST', at(`/connections/${connection}/setup-links`, account), { body: {} });
      return String(made.body.url);
    };
    const mapping = await (await fetch(`${await setup(slug)}/mapping.json`)).text();
    assert.ok(mapping.includes(`${urn()}:shoeSize`), mapping.slice(0, 500));
    assert.ok(!(await (await fetch(`${await setup(other)}/mapping.json`)).text()).includes('extension:account'));
  });

  test('is kept in events apart from the body, like other values of people', async () => {
    const made = await create({ badgeNumber: 'Hidden-77' });
    await scim(
      'PATCH',
      `/Users/${idOf(made)}`,
      patchBody({ op: 'replace', path: `${urn()}:badgeNumber`, value: 'Hidden-78' }),
    );
    const { events } = collectionsOf(api.server.database.db);
    const stored = await until(
      () => events.find({ 'subject.id': idOf(made) }).toArray(),
      ({ length }) => length >= 2,
    );
    const bodies = JSON.stringify(stored.map(({ requestBody, responseBody }) => [requestBody, responseBody]));
    assert.ok(!bodies.includes('Hidden-7'), bodies);
    assert.ok(bodies.includes(urn()), bodies);
  });
});

interface Imported {
  run: string;
  rows: { outcome: string; user?: string; faults?: { at: string; words: string }[] }[];
}
const outcomesOf = ({ rows }: Imported) => rows.map(({ outcome }) => outcome);
async function imported(file: string, query = ''): Promise<Imported> {
  const taken = await send('POST', at(`/imports/csv${query}`), { body: file, headers: { 'Content-Type': 'text/csv' } });
  return rowsOf(taken);
}

/** The rows of a run, once it has ended. */
async function rowsOf(taken: Answer): Promise<Imported> {
  const run = idOf(await runEnded(send, at('/imports'), taken));
  const rows = await send('GET', at(`/imports/${run}/rows?limit=500`));
  return { run, rows: rows.body.items as Imported['rows'] };
}

describe('a required custom attribute', () => {
  test('is missing in an active user: refused if the account enforces, listed if it reports', async () => {
    const strict = await api.account();
    const lenient = await api.account({ requiredData: 'report' });
    for (const account of [strict, lenient]) {
      const body = { name: 'contractType', required: true };
      assert.equal((await api.root('POST', at('/attributes', account), { body })).status, 201);
    }
    const toStrict = await connect(strict);
    const refused = await toStrict('POST', '/Users', named());
    assert.equal(refused.status, 400);
    assert.match(refused.text, /contractType/);
    const toLenient = await connect(lenient);
    const taken = await toLenient('POST', '/Users', named());
    assert.deepEqual(await missingOf(toLenient, idOf(taken)), ['contractType']);
    const mended = await toLenient(
      'PATCH',
      `/Users/${idOf(taken)}`,
      patchBody({ op: 'add', path: `${urn(lenient)}:contractType`, value: 'fixed' }),
    );
    assert.equal(mended.status, 200, mended.text);
    assert.equal(await missingOf(toLenient, idOf(taken)), undefined);
    const leaver = await toStrict('POST', '/Users', named({ active: false }));
    assert.equal(leaver.status, 201, leaver.text);
  });
});

describe('the attributes of an account', () => {
  test.each([
    [{ name: 'title' }, 409, 'name'],
    [{ name: 'EMAIL' }, 409, 'name'],
    [{ name: 'storeRefId' }, 409, 'name'],
    [{ name: 'BADGENUMBER' }, 409, 'name'],
    [{ name: '9lives' }, 400, 'name'],
    [{ name: 'a b' }, 400, 'name'],
    [{ name: '__proto__' }, 400, 'name'],
    [{ name: 'constructor', type: 'boolean', matching: true }, 400, 'matching'],
    [{ name: 'hat', type: 'complex' }, 400, 'type'],
    [{ name: 'hat', description: 'x'.repeat(256) }, 400, 'description'],
    [{ name: 'hat', unique: true }, 400, 'unique'],
  ])('refuse %j', async (body, status, word) => {
    const refused = await send('POST', at('/attributes'), { body });
    assert.equal(refused.status, status, refused.text);
    assert.ok(refused.text.includes(word), refused.text);
  });

  test('take one of two that come at once, at most 30, and at most 5 matching ones', async () => {
    const account = await api.account();
    const add = (name: string, more: object = {}) =>
      api.root('POST', at('/attributes', account), { body: { name, ...more } });
    const both = await Promise.all([add('twin'), add('twin'), add('Twin')]);
    assert.deepEqual(both.map(({ status }) => status).sort(), [201, 409, 409]);
    for (let made = 0; made < 5; made += 1) assert.equal((await add(`m${made}`, { matching: true })).status, 201);
    assert.equal((await add('m5', { matching: true })).status, 400);
    for (let made = 6; made < 30; made += 1) assert.equal((await add(`n${made}`)).status, 201);
    const tooMany = await add('last');
    assert.equal(tooMany.status, 400, tooMany.text);
    assert.match(tooMany.text, /30/);
  });

  test('go with their values, and leave nothing for an attribute of the same name', async () => {
    await send('POST', at('/attributes'), { body: { name: 'locker', matching: true } });
    await sleep(1_000);
    const made = await create({ locker: 'L-7', badgeNumber: 'stays' });
    assert.equal((await send('DELETE', at('/attributes/locker'))).status, 204);
    assert.equal((await send('DELETE', at('/attributes/locker'))).status, 404);
    const { users } = collectionsOf(api.server.database.db);
    const user = await users.findOne({ _id: idOf(made) });
    const stored = JSON.stringify([user?.data, user?.fold, user?.terms]);
    assert.ok(!/l-7/i.test(stored) && stored.includes('stays'), stored);
    await send('POST', at('/attributes'), { body: { name: 'locker', type: 'integer' } });
    await sleep(1_000);
    assert.deepEqual(ownOf(await scim('GET', `/Users/${idOf(made)}`)), { badgeNumber: 'stays' });
  });

  test('are changed by who may change the account only; description and required at any time', async () => {
    assert.equal((await api.root('POST', at('/org-units'), { body: { code: 'Retail' } })).status, 201);
    const assistant = await api.administrator(slug, 'subdomainAdministrator', { orgUnit: 'Retail' });
    assert.equal((await assistant('GET', at('/attributes'))).status, 200);
    assert.equal((await assistant('POST', at('/attributes'), { body: { name: 'mine' } })).status, 403);
    const foreignAdmin = await api.administrator(other, 'customerAdministrator');
    assert.equal((await foreignAdmin('GET', at('/attributes'))).status, 404);
    const changed = await send('PATCH', at('/attributes/skills'), { body: { description: 'What they can do' } });
    assert.deepEqual([changed.status, changed.body.description], [200, 'What they can do'], changed.text);
    assert.equal((await send('PATCH', at('/attributes/none'), { body: { required: true } })).status, 404);
  });

  test('cannot have the name of a column of files', () => {
    const { user } = loadCatalogue();
    const known = new Set(
      [...RESERVED_NAMES, ...[...user.byKey.values()].map(({ name }) => name)].map((name) => name.toLowerCase()),
    );
    for (const { name } of EXPORTED) assert.ok(known.has(name.toLowerCase()), name);
  });
});
