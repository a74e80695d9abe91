// Values over SCIM: texts come back byte for byte as they were sent, sizes count characters, what is empty is unassigned, and
// passwords are forgotten.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { at } from '../support/pointer.ts';
import { ENTERPRISE, GROUP, MOBIETRAIN_GROUP, MOBIETRAIN_USER, patchBody, USER, userNamed } from '../support/scim.ts';
import { openTenants, type Tenant, type Tenants } from '../support/tenants.ts';

let server: Tenants;
const tenants = new Map<string, Tenant>();
beforeAll(async () => {
  server = await openTenants();
  for (const requiredData of ['enforce', 'report'] as const) {
    tenants.set(requiredData, await server.tenant({ requiredData }));
  }
});
afterAll(() => server.stop());

/** Texts that servers like to change. A text with hidden signs is for free texts only: names and identifiers are refused with it. */
const TEXTS: [what: string, text: string, isFree?: boolean][] = [
  ['spaces around and inside', '  two  spaces  '],
  ['decomposed accents', 'Zoe\u0308 Cafe\u0301'],
  ['composed accents', 'Zo\u00eb Caf\u00e9'],
  ['emoji of several code points', '👩🏽‍🚒 🇧🇪 ❤️'],
  ['leading zeros', '00042'],
  ['a number’s looks', '1e3'],
  ['a tab and a line break', 'a\tb\nc\r\nd', true],
  ['markup and quotes', '<b>"O\'Brien" & \\ co</b>'],
  ['what a database would read', '$where: {"$gt": ""}'],
  ['what a spreadsheet would run', '=1+1'],
  ['right to left', 'שלום abc'],
  ['right to left with its signs', 'שלום \u202eabc', true],
  ['joiners that are seen', 'می\u200cخواهم क्\u200dष'],
  ['upper case that folds oddly', 'İSTANBUL ẞ ŒUVRE'],
  ['a no-break space', 'a\u00a0b'],
  ['zero-width spaces', 'a\u200bc\ufeff', true],
];

for (const required of ['enforce', 'report'] as const) {
  describe(`texts (${required})`, () => {
    for (const [index, [what, text, isFree = false]] of TEXTS.entries()) {
      const name = isFree ? 'Plain' : text;
      test(`${what}: byte for byte, by POST, PUT and both PATCH dialects`, async () => {
        const tenant = tenants.get(required) as Tenant;
        const draft = (mark: string) => ({
          schemas: [USER],
          userName: `${mark}${index}${name}`,
          externalId: `${mark}${index}${name}`,
          name: { givenName: name, familyName: name, formatted: name },
          displayName: name,
          title: text,
          emails: [{ value: `${mark}${index}@example.com`, type: text, display: text }],
          phoneNumbers: [{ value: '+32  470.12 34-56', type: 'work' }],
          [ENTERPRISE]: { department: text, employeeNumber: text, costCenter: text },
          [MOBIETRAIN_USER]: {
            companyId: text,
            customField01: text,
            stores: [{ value: `s${mark}${index}${name}`, display: name, country: '32' }],
            userGroups: [{ value: `g${mark}${index}${name}`, display: `${mark}${index}${name}`, type: name }],
          },
        });
        const expected = (body: Record<string, unknown>, served: Record<string, unknown>) => {
          for (const key of ['userName', 'externalId', 'name', 'displayName', 'title', 'emails', 'phoneNumbers']) {
            assert.deepEqual(served[key], body[key], key);
          }
          for (const urn of [ENTERPRISE, MOBIETRAIN_USER]) {
            const part = served[urn] as Record<string, unknown>;
            for (const [key, value] of Object.entries(body[urn] as object)) assert.deepEqual(part[key], value, key);
          }
        };
        const body = draft('p');
        const made = await tenant.call('POST', '/Users', { body });
        assert.equal(made.status, 201, made.text);
        const path = `/Users/${String(made.body.id)}`;
        expected(body, made.body);
        expected(body, (await tenant.call('GET', path)).body);
        const changed = draft('q');
        const put = await tenant.call('PUT', path, { body: changed });
        assert.equal(put.status, 200, put.text);
        expected(changed, (await tenant.call('GET', path)).body);
        const patch = async (...Operations: object[]) => {
          const reply = await tenant.call('PATCH', path, { body: patchBody(...Operations) });
          assert.equal(reply.status, 200, reply.text);
          return reply.body;
        };
        const one = await patch(
          { op: 'Replace', path: 'title', value: `1${text}` },
          { op: 'Add', path: `${ENTERPRISE}:department`, value: `1${text}` },
          { op: 'Replace', path: `${MOBIETRAIN_USER}:storeName`, value: `1${name}` },
        );
        assert.equal(one.title, `1${text}`);
        assert.equal(at(one, `/${ENTERPRISE}/department`), `1${text}`);
        assert.equal(at(one, `/${MOBIETRAIN_USER}/storeName`), `1${name}`);
        assert.equal(at(one, `/${MOBIETRAIN_USER}/stores/0/display`), `1${name}`);
        const two = await patch({
          op: 'replace',
          value: { 'name.givenName': `2${index}${name}`, [`${MOBIETRAIN_USER}:userGroupName`]: `2${index}${name}` },
        });
        assert.equal(at(two, '/name/givenName'), `2${index}${name}`);
        assert.equal(at(two, `/${MOBIETRAIN_USER}/userGroups/0/display`), `2${index}${name}`);
        const filter = encodeURIComponent(`externalId eq ${JSON.stringify(changed.externalId)}`);
        assert.equal((await tenant.call('GET', `/Users?filter=${filter}`)).body.totalResults, 1, 'found by it');
        const group = {
          schemas: [GROUP],
          displayName: `Pushed ${index}${name}`,
          externalId: `pushed ${index}${name}`,
          [MOBIETRAIN_GROUP]: { groupType: name },
        };
        const pushed = await tenant.call('POST', '/Groups', { body: group });
        assert.equal(pushed.status, 201, pushed.text);
        for (const [key, value] of Object.entries(group)) {
          if (key !== 'schemas') assert.deepEqual(pushed.body[key], value, key);
        }
      });
    }

    test('255 characters are counted as characters, in every field of the table', async () => {
      const tenant = tenants.get(required) as Tenant;
      const long = '😀'.repeat(255);
      const body = userNamed(`long-${required}`, {
        externalId: long,
        title: long,
        name: { givenName: long, familyName: long },
        [MOBIETRAIN_USER]: {
          companyId: long,
          stores: [{ value: long, display: long, country: '32' }],
          userGroups: [{ value: long, display: long, type: long }],
        },
      });
      const made = await tenant.call('POST', '/Users', { body });
      assert.equal(made.status, 201, made.text);
      assert.equal(made.body.externalId, long);
      assert.equal(at(made.body, `/${MOBIETRAIN_USER}/userGroupType`), long);
      const path = `/Users/${String(made.body.id)}`;
      const fields: [path: string, named: string][] = [
        ['externalId', 'externalId'],
        ['title', 'title'],
        ['name.givenName', 'name.givenName'],
        ['name.familyName', 'name.familyName'],
        [`${MOBIETRAIN_USER}:companyId`, 'companyId'],
        [`${MOBIETRAIN_USER}:storeRefId`, 'storeRefId'],
        [`${MOBIETRAIN_USER}:storeName`, 'storeName'],
        [`${MOBIETRAIN_USER}:userGroupId`, 'userGroupId'],
        [`${MOBIETRAIN_USER}:userGroupName`, 'userGroupName'],
        [`${MOBIETRAIN_USER}:userGroupType`, 'userGroupType'],
        [`${MOBIETRAIN_USER}:stores[country eq "32"].display`, 'stores[0].display'],
        [`${MOBIETRAIN_USER}:userGroups[type pr].display`, 'userGroups[0].display'],
      ];
      for (const [field, named] of fields) {
        const Operations = [{ op: 'replace', path: field, value: `${long}x` }];
        const reply = await tenant.call('PATCH', path, { body: patchBody(...Operations) });
        assert.equal(reply.status, 400, `${field} ${reply.text}`);
        assert.equal(reply.body.scimType, 'invalidValue');
        assert.ok(String(reply.body.detail).includes(named), String(reply.body.detail));
        assert.match(String(reply.body.detail), /255/);
      }
      const tooLong = { schemas: [GROUP], displayName: 'Long type', [MOBIETRAIN_GROUP]: { groupType: `${long}x` } };
      assert.equal((await tenant.call('POST', '/Groups', { body: tooLong })).status, 400);
    });

    test('"" and null leave an optional attribute unassigned', async () => {
      const tenant = tenants.get(required) as Tenant;
      const values = {
        title: 'Lead',
        nickName: 'Nick',
        [ENTERPRISE]: { department: 'Food' },
        [MOBIETRAIN_USER]: { companyId: 'C' },
      };
      for (const [index, empty] of ['', null].entries()) {
        const made = await tenant.call('POST', '/Users', { body: userNamed(`empty-${required}-${index}`, values) });
        const path = `/Users/${String(made.body.id)}`;
        const Operations = ['title', 'nickName', `${ENTERPRISE}:department`, `${MOBIETRAIN_USER}:companyId`].map(
          (name) => ({
            op: 'Replace',
            path: name,
            value: empty,
          }),
        );
        const patched = await tenant.call('PATCH', path, { body: patchBody(...Operations) });
        assert.equal(patched.status, 200, patched.text);
        const read = (await tenant.call('GET', path)).body;
        for (const [key, name] of [
          ['title'],
          ['nickName'],
          [ENTERPRISE, 'department'],
          [MOBIETRAIN_USER, 'companyId'],
        ]) {
          const value = name === undefined ? read[key as string] : at(read, `/${key}/${name}`);
          assert.ok(value === undefined || value === null || value === '', `${key} ${name}: ${String(value)}`);
        }
      }
    });

    test('a password is taken and forgotten: not served, not filtered by, not stored, not recorded', async () => {
      const tenant = tenants.get(required) as Tenant;
      const password = `Secret-${required}-9f2`;
      const made = await tenant.call('POST', '/Users', { body: userNamed(`pass-${required}`, { password }) });
      assert.equal(made.status, 201, made.text);
      const path = `/Users/${String(made.body.id)}`;
      const Operations = [{ op: 'replace', value: { password: `${password}-2` } }];
      const patched = await tenant.call('PATCH', path, { body: patchBody(...Operations) });
      assert.equal(patched.status, 200, patched.text);
      assert.equal(at(patched.body, '/meta/version'), at(made.body, '/meta/version'), 'nothing changed');
      for (const reply of [made, patched, await tenant.call('GET', `${path}?attributes=password,userName`)]) {
        assert.doesNotMatch(reply.text, new RegExp(password));
        assert.equal(reply.body.password, undefined);
      }
      const stored = await server.database.db
        .collection<{ _id: string }>('users')
        .findOne({ _id: String(made.body.id) });
      assert.doesNotMatch(JSON.stringify(stored), new RegExp(password));
    });
  });
}

test('lists come in the order of creation, and a filtered total is exact', async () => {
  const tenant = await server.tenant({ requiredData: 'report' });
  const ids: unknown[] = [];
  for (let index = 0; index < 12; index += 1) {
    const made = await tenant.call('POST', '/Users', {
      body: userNamed(`z${12 - index}`, { title: index % 2 ? 'Odd' : 'Even' }),
    });
    ids.push(made.body.id);
  }
  const pages = await Promise.all([1, 6, 11].map((from) => tenant.call('GET', `/Users?startIndex=${from}&count=5`)));
  assert.deepEqual(
    pages.flatMap((page) => at(page.body, '/Resources/*/id')),
    ids,
  );
  for (const page of pages) assert.equal(page.body.totalResults, 12);
  const odd = await tenant.call('GET', '/Users?filter=title%20eq%20%22odd%22&count=2');
  assert.equal(odd.body.totalResults, 6);
  assert.equal((odd.body.Resources as unknown[]).length, 2);
  assert.equal((await tenant.call('DELETE', `/Users/${String(ids[1])}`)).status, 204);
  const fewer = await tenant.call('GET', '/Users?filter=title%20eq%20%22odd%22&count=0');
  assert.equal(fewer.body.totalResults, 5);
});
