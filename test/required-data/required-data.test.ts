// The MobieTrain user table over SCIM: the same bodies in an account that enforces it (refused, field and rule named) and in
// one that reports (taken as sent, and marked).

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { at } from '../support/pointer.ts';
import { MOBIETRAIN_USER, patchBody, userNamed } from '../support/scim.ts';
import { openTenants, type Tenant, type Tenants } from '../support/tenants.ts';

let server: Tenants;
let enforcing: Tenant;
let reporting: Tenant;
beforeAll(async () => {
  server = await openTenants();
  enforcing = await server.tenant();
  reporting = await server.tenant({ requiredData: 'report' });
});
afterAll(() => server.stop());

const ASKED = `attributes=${MOBIETRAIN_USER}:status,${MOBIETRAIN_USER}:missing`;
const extension = (values: object) => ({ [MOBIETRAIN_USER]: values });

/** What is wrong, the path that is named, and words of the rule. */
const BROKEN: [what: string, more: Record<string, unknown>, path: string, rule: RegExp][] = [
  ['no external ID', { externalId: undefined }, 'externalId', /required/],
  ['an empty external ID', { externalId: '' }, 'externalId', /required/],
  ['no first name', { name: { familyName: 'Example' } }, 'name.givenName', /required/],
  ['no last name', { name: { givenName: 'Ann' } }, 'name.familyName', /required/],
  ['no name at all', { name: undefined }, 'name.givenName', /required/],
  ['neither e-mail nor phone', { emails: [] }, 'emails', /e-mail or a phone number/],
  ['an e-mail that is none', { emails: [{ value: 'ann at example' }] }, 'emails[0].value', /e-mail address/],
  ['a second e-mail that is none', { emails: [{ value: 'a@b.example' }, { value: 'x' }] }, 'emails[1].value', /e-mail/],
  [
    'a phone without its country, and no e-mail',
    { emails: [], phoneNumbers: [{ value: '0470 12 34 56' }] },
    'phoneNumbers[0].value',
    /country code/,
  ],
  ['a country that is none', extension({ country: 'XX' }), 'country', /ISO 3166-1/],
  ['a store without ref id', extension({ stores: [{ display: 'North', country: '32' }] }), 'stores[0].value', /ref id/],
  [
    'a named store without country',
    extension({ stores: [{ value: 's-1', display: 'North' }] }),
    'stores[0].country',
    /country/,
  ],
  [
    'a store in no country',
    extension({ stores: [{ value: 's-2', display: 'North', country: '999' }] }),
    'stores[0].country',
    /calling code/,
  ],
  ['a flat store name alone', extension({ storeName: 'North' }), 'storeRefId', /ref id/],
  ['a flat store country that is none', extension({ storeCountry: 'Belgium' }), 'storeCountry', /calling code/],
  ['a flat group type alone', extension({ userGroupType: 'Department' }), 'userGroupName', /name or an ID/],
];

describe('each rule of the user table', () => {
  for (const [index, [what, more, path, rule]] of BROKEN.entries()) {
    const body = userNamed(`rule-${index}`, more);
    test(`${what}: refused if it is enforced`, async () => {
      const refused = await enforcing.call('POST', '/Users', { body });
      assert.equal(refused.status, 400, refused.text);
      assert.equal(refused.body.status, '400');
      assert.equal(refused.body.scimType, 'invalidValue');
      assert.ok(String(refused.body.detail).includes(path), String(refused.body.detail));
      assert.match(String(refused.body.detail), rule);
      const found = await enforcing.call('GET', `/Users?filter=userName%20eq%20%22rule-${index}%22`);
      assert.equal(found.body.totalResults, 0);
    });
    test(`${what}: marked if the user is inactive`, async () => {
      const made = await enforcing.call('POST', '/Users', { body: { ...body, active: false } });
      assert.equal(made.status, 201, made.text);
      const read = await enforcing.call('GET', `/Users/${String(made.body.id)}?${ASKED}`);
      assert.ok((at(read.body, `/${MOBIETRAIN_USER}/missing`) as string[]).includes(path), read.text);
      const on = await enforcing.call('PUT', `/Users/${String(made.body.id)}`, { body });
      assert.equal(on.status, 400, 'activating checks everything');
      assert.ok(String(on.body.detail).includes(path), String(on.body.detail));
      assert.equal((await enforcing.call('DELETE', `/Users/${String(made.body.id)}`)).status, 204);
    });
    test(`${what}: marked where it is reported`, async () => {
      const made = await reporting.call('POST', '/Users', { body });
      assert.equal(made.status, 201, made.text);
      assert.equal(at(made.body, `/${MOBIETRAIN_USER}/missing`), undefined, 'served on request only');
      const read = await reporting.call('GET', `/Users/${String(made.body.id)}?${ASKED}`);
      assert.equal(at(read.body, `/${MOBIETRAIN_USER}/status`), 'incomplete');
      assert.ok((at(read.body, `/${MOBIETRAIN_USER}/missing`) as string[]).includes(path), read.text);
      const incomplete = encodeURIComponent(`${MOBIETRAIN_USER}:missing eq "${path}" and userName eq "rule-${index}"`);
      const found = await reporting.call('GET', `/Users?filter=${incomplete}`);
      assert.equal(found.body.totalResults, 1, found.text);
    });
  }
});

test('what is incomplete is served back as it was sent', async () => {
  const body = userNamed('as-sent', {
    emails: [{ value: 'ann at example', type: 'work' }],
    phoneNumbers: [{ value: '0470/12.34.56', type: 'mobile' }],
    ...extension({ stores: [{ display: 'Nameless', country: 'Belgium' }], country: 'XX', storeName: undefined }),
  });
  const made = await reporting.call('POST', '/Users', { body });
  assert.equal(made.status, 201, made.text);
  const read = await reporting.call('GET', `/Users/${String(made.body.id)}`);
  assert.equal(at(read.body, '/emails/0/value'), 'ann at example');
  assert.equal(at(read.body, '/phoneNumbers/0/value'), '0470/12.34.56');
  assert.deepEqual(at(read.body, `/${MOBIETRAIN_USER}/stores`), [{ display: 'Nameless', country: 'Belgium' }]);
  assert.equal(at(read.body, `/${MOBIETRAIN_USER}/country`), 'XX');
});

test('what is completed is no longer marked', async () => {
  const made = await reporting.call('POST', '/Users', { body: userNamed('completed', { externalId: undefined }) });
  const path = `/Users/${String(made.body.id)}`;
  await reporting.call('PATCH', path, {
    body: patchBody({ op: 'replace', path: 'externalId', value: 'now-there' }),
  });
  const read = await reporting.call('GET', `${path}?${ASKED}`);
  assert.equal(at(read.body, `/${MOBIETRAIN_USER}/status`), 'active');
  assert.equal(at(read.body, `/${MOBIETRAIN_USER}/missing`), undefined);
});

test('status and missing are not written by clients', async () => {
  const body = userNamed('read-only', { externalId: undefined, ...extension({ status: 'active', missing: [] }) });
  const made = await reporting.call('POST', '/Users', { body });
  assert.equal(made.status, 201, made.text);
  const read = await reporting.call('GET', `/Users/${String(made.body.id)}?${ASKED}`);
  assert.equal(at(read.body, `/${MOBIETRAIN_USER}/status`), 'incomplete');
});

describe('a malformed phone', () => {
  test('matters only without an e-mail', async () => {
    const body = userNamed('phone-beside', { phoneNumbers: [{ value: '0470 12 34 56', type: 'mobile' }] });
    const made = await enforcing.call('POST', '/Users', { body });
    assert.equal(made.status, 201, made.text);
    assert.equal(at(made.body, '/phoneNumbers/0/value'), '0470 12 34 56');
  });
  test('is fine with its country code and no e-mail', async () => {
    const body = userNamed('phone-only', { emails: undefined, phoneNumbers: [{ value: '+32 470 123 456' }] });
    assert.equal((await enforcing.call('POST', '/Users', { body })).status, 201);
  });
});

describe('an update where it is enforced', () => {
  const operations = (...list: object[]) => ({ body: patchBody(...list) });
  test('is checked only for what it changes; switching off and deleting are never refused', async () => {
    const body = userNamed('was-reported', { name: { givenName: 'Ann' } });
    const made = await reporting.call('POST', '/Users', { body });
    const path = `/Users/${String(made.body.id)}`;
    await server.accounts.setAccount(reporting.account.slug, { requiredData: 'enforce' });
    try {
      // The credential cache holds an account's settings for five seconds at most; another connection has its own.
      const strict = await server.connect(reporting.account, 'second');
      const other = await strict.call('PATCH', path, operations({ op: 'replace', path: 'title', value: 'Lead' }));
      assert.equal(other.status, 200, other.text);
      const worse = await strict.call('PATCH', path, operations({ op: 'remove', path: 'name.givenName' }));
      assert.equal(worse.status, 400, worse.text);
      assert.match(String(worse.body.detail), /name\.givenName/);
      const mail = await strict.call('PATCH', path, operations({ op: 'replace', path: 'emails', value: [] }));
      assert.equal(mail.status, 400);
      const off = await strict.call('PATCH', path, operations({ op: 'replace', value: { active: false } }));
      assert.equal(off.status, 200, off.text);
      assert.equal(off.body.active, false);
      assert.equal((await strict.call('DELETE', path)).status, 204);
    } finally {
      await server.accounts.setAccount(reporting.account.slug, { requiredData: 'report' });
    }
  });
  test('types, sizes and uniqueness hold in both', async () => {
    for (const tenant of [enforcing, reporting]) {
      const long = await tenant.call('POST', '/Users', { body: userNamed('long', { title: 'x'.repeat(256) }) });
      assert.equal(long.status, 400);
      assert.match(String(long.body.detail), /title is longer than 255/);
      const typed = await tenant.call('POST', '/Users', { body: userNamed('typed', { title: 7 }) });
      assert.equal(typed.status, 400, typed.text);
      assert.match(String(typed.body.detail), /title/);
      assert.equal((await tenant.call('POST', '/Users', { body: userNamed('unique') })).status, 201);
      const taken = await tenant.call('POST', '/Users', { body: userNamed('UNIQUE', { externalId: 'another' }) });
      assert.equal(taken.status, 409);
      assert.equal(taken.body.scimType, 'uniqueness');
    }
  });
});
