// What is served is always accepted back and changes nothing: a GET and a PUT of arbitrary users and groups, in accounts that enforce
// required data and in accounts that report it.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from '@jest/globals';
import fc from 'fast-check';
import { at } from '../support/pointer.ts';
import { ENTERPRISE, GROUP, MOBIETRAIN_GROUP, MOBIETRAIN_USER, USER } from '../support/scim.ts';
import { openTenants, type Tenant, type Tenants } from '../support/tenants.ts';

let server: Tenants;
const tenants: Tenant[] = [];
beforeAll(async () => {
  server = await openTenants();
  for (const requiredData of ['enforce', 'report'] as const) tenants.push(await server.tenant({ requiredData }));
});
afterAll(() => server.stop());

const text = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.constantFrom('', ' ', '\u200b', 'x'.repeat(255), '😀'.repeat(255), 'a\nb', '  a  ', 'İ', 'Zoe\u0308'),
);
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { freq: 3 });
const flag = fc.constantFrom<unknown>(true, false, 'True', null);
const element = (...names: string[]) =>
  fc.oneof(
    fc.record(Object.fromEntries([...names.map((name) => [name, maybe(text)]), ['primary', flag]]), {
      requiredKeys: [],
    }),
    fc.constantFrom<unknown>(null, {}, ''),
    text,
  );
const list = (...names: string[]) => fc.oneof(fc.array(element(...names), { maxLength: 3 }), element(...names));
const contact = list('value', 'type', 'display');
const user = fc.record(
  {
    name: maybe(fc.record({ givenName: maybe(text), familyName: maybe(text), formatted: maybe(text) })),
    displayName: maybe(text),
    title: maybe(text),
    profileUrl: maybe(text),
    active: fc.constantFrom<unknown>(true, 'False', null, ''),
    emails: fc.oneof(fc.constant([{ value: 'a@example.com', primary: true }]), contact),
    phoneNumbers: contact,
    photos: contact,
    x509Certificates: contact,
    roles: contact,
    addresses: list('formatted', 'locality', 'type'),
    [ENTERPRISE]: maybe(fc.record({ department: maybe(text), manager: fc.oneof(text, fc.record({ value: text })) })),
    [MOBIETRAIN_USER]: maybe(
      fc.record(
        {
          companyId: maybe(text),
          organizations: fc.array(fc.oneof(text, fc.record({ value: text })), { maxLength: 3 }),
          stores: list('value', 'display', 'country'),
          userGroups: list('value', 'display', 'type'),
          storeRefId: text,
          storeName: text,
          storeCountry: fc.constantFrom('32', 'Belgium', ''),
          userGroupId: text,
          userGroupName: text,
          userGroupType: text,
        },
        { requiredKeys: [] },
      ),
    ),
  },
  { requiredKeys: [] },
);
const group = fc.record(
  {
    displayName: text,
    externalId: maybe(text),
    [MOBIETRAIN_GROUP]: maybe(fc.record({ groupType: maybe(text) })),
  },
  { requiredKeys: ['displayName'] },
);

let counter = 0;
async function assertAcceptedBack(tenant: Tenant, endpoint: string, body: object): Promise<boolean> {
  const made = await tenant.call('POST', endpoint, { body });
  assert.ok(made.status === 201 || made.status === 400 || made.status === 409, made.text);
  if (made.status !== 201) return false;
  const path = `${endpoint}/${String(made.body.id)}`;
  const before = (await tenant.call('GET', path)).body;
  const echo = await tenant.call('PUT', path, { body: before });
  assert.equal(echo.status, 200, `${echo.text}\n${JSON.stringify(body)}\n${JSON.stringify(before)}`);
  const label = `${JSON.stringify(body)}\n${JSON.stringify(before)}\n${echo.text}`;
  assert.equal(at(echo.body, '/meta/version'), at(before, '/meta/version'), label);
  assert.deepEqual((await tenant.call('GET', path)).body, before, label);
  return true;
}

test('users', async () => {
  let made = 0;
  await fc.assert(
    fc.asyncProperty(user, async (values) => {
      counter += 1;
      const named = { schemas: [USER], userName: `round-${counter}`, externalId: `ext-${counter}` };
      for (const tenant of tenants) if (await assertAcceptedBack(tenant, '/Users', { ...named, ...values })) made += 1;
    }),
    { numRuns: 60, endOnFailure: true, interruptAfterTimeLimit: 60_000 },
  );
  assert.ok(made > 10, `${made} users were made`);
}, 120_000);

test('groups', async () => {
  let made = 0;
  await fc.assert(
    fc.asyncProperty(group, async (values) => {
      for (const tenant of tenants)
        if (await assertAcceptedBack(tenant, '/Groups', { schemas: [GROUP], ...values })) made += 1;
    }),
    { numRuns: 40, endOnFailure: true, interruptAfterTimeLimit: 60_000 },
  );
  assert.ok(made > 10, `${made} groups were made`);
}, 120_000);

test('values of the greatest length that are taken are a conflict, whatever their letters', async () => {
  const [, tenant] = tenants;
  assert.ok(tenant);
  const taken = async (method: string, path: string, body: object) => {
    const { status, text: answer } = await tenant.call(method, path, { body });
    assert.equal(status, 409, answer);
  };
  for (const before of ['', 'a', 'ab', 'abc']) {
    const long = before + '😀'.repeat(250);
    const group = { schemas: [GROUP], displayName: `n${long}`, externalId: `g${long}` };
    assert.equal((await tenant.call('POST', '/Groups', { body: group })).status, 201);
    await taken('POST', '/Groups', { ...group, externalId: `other-${before}` });
    await taken('POST', '/Groups', { ...group, displayName: `other-${before}` });
    const other = await tenant.call('POST', '/Groups', { body: { schemas: [GROUP], displayName: `third-${before}` } });
    await taken('PUT', `/Groups/${String(other.body.id)}`, group);
    const person = { schemas: [USER], userName: long, externalId: `e${long}` };
    assert.equal((await tenant.call('POST', '/Users', { body: person })).status, 201);
    await taken('POST', '/Users', { ...person, externalId: `e-${before}` });
    await taken('POST', '/Users', { ...person, userName: `u-${before}` });
  }
});
