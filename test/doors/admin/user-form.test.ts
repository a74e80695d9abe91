// The admin API is the form of the user management document: its limits hold for what changes, superiors need the role, stores and
// filters name what exists, and nothing is guessed.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { type AdminServer, type Api, idOf, openAdminServer, person } from '../../support/admin.ts';
import { MOBIETRAIN_USER, USER } from '../../support/scim.ts';

let api: AdminServer;
let account: string;
let admin: Api;
const users = (rest = '') => `/accounts/${account}/users${rest}`;
const create = (name: string, more: Record<string, unknown> = {}) =>
  admin('POST', users(), { body: person(name, more) });

beforeAll(async () => {
  api = await openAdminServer();
  account = await api.account();
  admin = await api.administrator(account, 'customerAdministrator');
  const stores = `/accounts/${account}/stores`;
  await admin('POST', stores, { body: { refId: '4711', name: 'GENT-1', adminName: 'Gent Veldstraat', country: '32' } });
  await create('the.superior', { roles: [{ value: 'Manager' }] });
  await create('no.superior');
});
afterAll(() => api.stop());

async function scimClient() {
  const connections = `/accounts/${account}/connections`;
  const connection = idOf(await admin('POST', connections, { body: { name: `Entra ${Math.random()}` } }));
  const made = await admin('POST', `${connections}/${connection}/credentials`, { body: {} });
  return (path: string, body: unknown) =>
    api.server.raw(path, {
      method: 'POST',
      headers: { Authorization: `Bearer ${String(made.body.token)}`, 'Content-Type': 'application/scim+json' },
      body: JSON.stringify(body),
    });
}

describe('limits of the form', () => {
  const long = (count: number) => 'x'.repeat(count);
  const CASES: [field: string, max: number, body: (text: string) => Record<string, unknown>][] = [
    ['userName', 100, (userName) => ({ userName })],
    ['name.givenName', 50, (givenName) => ({ name: { givenName, familyName: 'B' } })],
    ['name.familyName', 50, (familyName) => ({ name: { givenName: 'A', familyName } })],
    ['name.middleName', 50, (middleName) => ({ name: { givenName: 'A', familyName: 'B', middleName } })],
    ['name.honorificPrefix', 50, (honorificPrefix) => ({ name: { givenName: 'A', familyName: 'B', honorificPrefix } })],
    ['employeeNumber', 50, (employeeNumber) => ({ employeeNumber })],
    ['organizationalRole', 50, (organizationalRole) => ({ organizationalRole })],
    ['organization', 50, (organization) => ({ organization })],
    ['division', 50, (division) => ({ division })],
    ['department', 50, (department) => ({ department })],
    ['costCenter', 50, (costCenter) => ({ costCenter })],
    ['customField01', 255, (customField01) => ({ customField01 })],
    ['companyId', 255, (companyId) => ({ companyId })],
    ['title', 255, (title) => ({ title })],
  ];
  for (const [field, max, body] of CASES)
    test(`${field}: ${max} characters`, async () => {
      const tooLong = await create(`long.${field}`, body(long(max + 1)));
      assert.deepEqual([tooLong.status, tooLong.body.code], [400, 'tooLong'], tooLong.text);
      assert.deepEqual(
        (tooLong.body.faults as { path: string }[]).map(({ path }) => path),
        [field],
      );
      const fits = await create(`fits.${field}`, body(long(max)));
      assert.equal(fits.status, 201, fits.text);
    });

  test('an address has only the special characters of the form, a language is a code', async () => {
    const address = await create('plus', { emails: [{ value: 'ann+x@example.com' }] });
    assert.deepEqual([address.status, address.body.code], [400, 'invalidValue']);
    const language = await create('lang', { preferredLanguage: 'Dutch!' });
    assert.deepEqual([language.status, language.body.code], [400, 'invalidValue']);
  });

  test('what came over SCIM stays as it is, and is checked once it changes', async () => {
    const scim = await scimClient();
    const name = { givenName: long(60), familyName: 'Example' };
    const emails = [{ value: 'ann+tag@example.com' }];
    const made = await scim('/Users', { schemas: [USER], ...person('scim.long'), name, emails });
    const path = users(`/${(made.body as { id: string }).id}`);
    const { body } = await admin('GET', path);
    const echo = await admin('PATCH', path, { body: { name: body.name, emails: body.emails, title: 'Clerk' } });
    assert.deepEqual([echo.status, echo.body.title], [200, 'Clerk'], echo.text);
    const changed = await admin('PATCH', path, { body: { name: { givenName: long(61) } } });
    assert.deepEqual([changed.status, changed.body.code], [400, 'tooLong']);
  });
});

describe('a superior', () => {
  for (const [manager, code] of [
    ['no.superior', 'invalidValue'],
    ['ext-no.superior', 'invalidValue'],
    ['nobody.here', 'unknownReference'],
  ] as const)
    test(`${manager}: ${code}`, async () => {
      const path = users(`/${idOf(await create(`below.${manager}`))}`);
      for (const answer of [
        await admin('PATCH', path, { body: { manager } }),
        await create(`new.below.${manager}`, { manager }),
      ]) {
        assert.deepEqual([answer.status, answer.body.code], [400, code], answer.text);
        assert.match(answer.text, /manager/);
      }
    });

  test('has the role, by either of its names, and is not the user', async () => {
    const made = await create('below', { manager: 'the.superior', roles: [{ value: 'Superior' }] });
    assert.equal(made.status, 201, made.text);
    const path = users(`/${idOf(made)}`);
    assert.equal((await admin('PATCH', path, { body: { manager: 'below' } })).status, 400);
    assert.equal((await admin('PATCH', path, { body: { manager: made.body.manager } })).status, 200);
    assert.equal((await admin('PATCH', path, { body: { manager: null } })).status, 200);
  });
});

describe('stores of a user', () => {
  const storeCount = async () => (await admin('GET', `/accounts/${account}/stores`)).body.total;

  for (const [words, store, code, path] of [
    ['a ref id with a typing error', { refId: '471l' }, 'unknownReference', 'stores[0]'],
    ['a name that no store has', { refId: '', name: 'Gent Velstraat' }, 'unknownReference', 'stores[0]'],
    ['a ref id and a country', { refId: '4712', country: '32' }, 'unknownReference', 'stores[0]'],
    ['all but the country', { refId: '4712', name: 'Gent' }, 'required', 'stores[0].country'],
  ] as const)
    test(`${words}: ${code}, and no store is made`, async () => {
      const before = await storeCount();
      const answer = await create(`store.${words.length}`, { stores: [store] });
      assert.deepEqual([answer.status, answer.body.code], [400, code], answer.text);
      assert.equal((answer.body.faults as { path: string }[])[0]?.path, path);
      assert.equal(await storeCount(), before);
    });

  test('are found by ref id or name; the shown name renames nothing; one with all its values is made', async () => {
    const made = await create('shopper', { stores: [{ refId: '4711' }] });
    assert.deepEqual(made.body.stores, [{ refId: '4711', name: 'Gent Veldstraat', country: '32' }], made.text);
    const path = users(`/${idOf(made)}`);
    const echo = await admin('PATCH', path, { body: { stores: made.body.stores } });
    assert.equal(echo.status, 200, echo.text);
    const [store] = (await admin('GET', `/accounts/${account}/stores?search=4711`)).body.items as object[];
    assert.deepEqual(store, { ...store, name: 'Gent Veldstraat', sourceName: 'GENT-1' });
    const named = await create('by.name', { stores: [{ refId: '', name: 'GENT-1' }] });
    assert.deepEqual(named.body.stores, made.body.stores, named.text);
    const other = await create('maker', { stores: [{ refId: '4799', name: 'Aalst', country: '32' }] });
    assert.equal(other.status, 201, other.text);
  });

  test('that another source left without a store stay', async () => {
    const scim = await scimClient();
    const stores = [{ display: 'Somewhere' }];
    const made = await scim('/Users', {
      schemas: [USER, MOBIETRAIN_USER],
      ...person('unlinked'),
      active: false,
      [MOBIETRAIN_USER]: { stores },
    });
    if (made.status !== 201) return;
    const path = users(`/${(made.body as { id: string }).id}`);
    const { body } = await admin('GET', path);
    const echo = (body.stores as object[]).map((store) => ({ refId: '', ...store }));
    assert.equal((await admin('PATCH', path, { body: { stores: echo } })).status, 200);
  });
});

describe('queries', () => {
  test('a parameter that the list does not have is refused, with those that it has', async () => {
    for (const [path, known] of [
      [users('?filter=x'), 'search'],
      [users('?Limit=5'), 'limit'],
      [`/accounts/${account}/stores?country=32`, 'search'],
      [`/accounts/${account}/connections?limit=5`, 'no query parameters'],
      [users('/x?fields=name'), 'no query parameters'],
    ] as const) {
      const answer = await admin('GET', path);
      assert.deepEqual([answer.status, answer.body.code], [400, 'invalidValue'], path);
      assert.ok(answer.text.includes(known), answer.text);
    }
  });

  for (const limit of ['0x10', '1e2', '5.0', '+5', ' 5', '-1', '0', '501', '', '١'])
    test(`limit=${limit} is refused`, async () => {
      for (const path of ['users', 'stores', 'imports', 'events', 'org-units'])
        assert.equal(
          (await admin('GET', `/accounts/${account}/${path}?limit=${encodeURIComponent(limit)}`)).status,
          400,
        );
    });

  test('a group, a store or an org unit that does not exist is 404, by id and by name', async () => {
    for (const query of ['group=nobody', 'store=4712', 'store=Nowhere', 'orgUnit=Nowhere', 'store=GENT']) {
      const answer = await admin('GET', users(`?${query}`));
      assert.deepEqual([answer.status, answer.body.code], [404, 'notFound'], query);
      assert.ok(answer.text.includes(query.split('=')[1] ?? ''), answer.text);
    }
    for (const query of ['store=4711', 'store=gent-1'])
      assert.equal((await admin('GET', users(`?${query}`))).status, 200, query);
  });
});

test('roles under their two names are one; whether the privacy policy was confirmed is shown and cannot be set', async () => {
  const made = await create('twice', { roles: [{ value: 'Superior' }, { value: 'manager' }, { value: 'Learner' }] });
  assert.deepEqual(
    (made.body.roles as { value: string }[]).map(({ value }) => value),
    ['Superior', 'Learner'],
  );
  assert.equal(made.body.privacyPolicyConfirmed, false);
  const set = await admin('PATCH', users(`/${idOf(made)}`), { body: { privacyPolicyConfirmed: true } });
  assert.deepEqual([set.status, set.body.code], [400, 'mutability']);
  const { db } = api.server.database;
  await db
    .collection<{ _id: string }>('users')
    .updateOne({ _id: idOf(made) }, { $set: { privacyPolicyConfirmed: new Date() } });
  const path = users(`/${idOf(made)}`);
  assert.equal((await admin('PATCH', path, { body: { title: 'Clerk' } })).body.privacyPolicyConfirmed, true);
  const file = (await admin('GET', `/accounts/${account}/exports/users.csv`)).text.split('\n');
  const at = (file[0] ?? '').split(';').indexOf('PrivacyPolicy');
  assert.equal(file.find((line) => line.startsWith('twice;'))?.split(';')[at], 'true');
});
