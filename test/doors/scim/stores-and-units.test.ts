// Stores and org units as resources: read by every connection, written by those that an administrator allows.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import type { Answer } from '../../support/http-client.ts';
import { at } from '../../support/pointer.ts';
import { BULK, bulkBody, MOBIETRAIN_USER, patchBody, SEARCH, userNamed } from '../../support/scim.ts';
import { openTenants, type Tenant, type Tenants } from '../../support/tenants.ts';
import { until } from '../../support/until.ts';

const STORE = 'urn:ietf:params:scim:schemas:mobietrain:2.0:Store';
const UNIT = 'urn:ietf:params:scim:schemas:mobietrain:2.0:OrgUnit';
const MANY = 250;

let server: Tenants;
/** May write stores and org units. */
let writer: Tenant;
/** Another connection of the same account, which may not. */
let reader: Tenant;
/** May write too, in another account. */
let foreign: Tenant;

async function allowed(): Promise<Tenant> {
  const tenant = await server.tenant();
  await server.accounts.setConnection(tenant.account, tenant.connection.id, { writesStoresAndUnits: true });
  return tenant;
}

beforeAll(async () => {
  server = await openTenants();
  writer = await allowed();
  reader = await server.connect(writer.account, 'second');
  foreign = await allowed();
});
afterAll(() => server.stop());

const storeOf = (refId: string, more: Record<string, unknown> = {}) => ({
  schemas: [STORE],
  refId,
  displayName: `Store ${refId}`,
  country: '32',
  ...more,
});
const unitOf = (code: string, more: Record<string, unknown> = {}) => ({ schemas: [UNIT], code, ...more });
const post = (by: Tenant, path: string, body: unknown) => by.call('POST', path, { body });
const idOf = (answer: Answer) => String(answer.body.id);
const found = (by: Tenant, path: string, filter: string) =>
  by.call('GET', `${path}?filter=${encodeURIComponent(filter)}`);
const refIds = (answer: Answer) => at(answer.body, '/Resources/*/refId');

async function made(by: Tenant, path: string, body: unknown): Promise<string> {
  const answer = await post(by, path, body);
  assert.equal(answer.status, 201, answer.text);
  return idOf(answer);
}

/** The user's stores, as they are served. */
async function storesOf(id: string): Promise<unknown> {
  return at((await writer.call('GET', `/Users/${id}`)).body, `/${MOBIETRAIN_USER}/stores`);
}

const personOf = (name: string, more: Record<string, unknown>) =>
  userNamed(name, { schemas: [...(userNamed(name).schemas as string[]), MOBIETRAIN_USER], [MOBIETRAIN_USER]: more });

describe('shops before people', () => {
  test('a store is created, found, and named by users who come later; its new name is theirs', async () => {
    const created = await post(writer, '/Stores', storeOf('gent-1', { displayName: 'Ghent North' }));
    assert.equal(created.status, 201, created.text);
    const { id, meta, ...values } = created.body;
    assert.deepEqual(values, {
      schemas: [STORE],
      externalId: 'gent-1',
      refId: 'gent-1',
      displayName: 'Ghent North',
      country: '32',
    });
    assert.equal(created.headers.get('location'), `${server.base}/Stores/${id}`);
    assert.equal(at(meta, '/resourceType'), 'Store');
    const user = await made(writer, '/Users', personOf('shopper', { stores: [{ value: 'gent-1' }] }));
    assert.deepEqual(await storesOf(user), [{ value: 'gent-1', display: 'Ghent North', country: '32' }]);

    const renamed = await writer.call('PATCH', `/Stores/${id}`, {
      body: patchBody({ op: 'replace', path: 'displayName', value: 'Ghent South' }),
    });
    assert.deepEqual([renamed.status, renamed.body.displayName, renamed.body.country], [200, 'Ghent South', '32']);
    assert.deepEqual(await storesOf(user), [{ value: 'gent-1', display: 'Ghent South', country: '32' }]);

    const used = await writer.call('DELETE', `/Stores/${id}`);
    assert.equal(used.status, 409, used.text);
    assert.match(used.text, /is used by one user/);
    assert.equal((await writer.call('DELETE', `/Users/${user}`)).status, 204);
    assert.equal((await writer.call('DELETE', `/Stores/${id}`)).status, 204);
    assert.equal((await writer.call('GET', `/Stores/${id}`)).status, 404);
    assert.equal((await writer.call('DELETE', `/Stores/${id}`)).status, 404);
    await made(writer, '/Stores', storeOf('gent-1'));
  });

  test('in one Bulk request, users name stores by ref id and not by bulkId', async () => {
    const person = (name: string, value: string) => ({
      method: 'POST',
      path: '/Users',
      bulkId: name,
      data: personOf(name, { stores: [{ value }] }),
    });
    const answer = await writer.call('POST', '/Bulk', {
      body: bulkBody(
        { method: 'POST', path: '/OrgUnits', bulkId: 'unit', data: unitOf('Bulk') },
        { method: 'POST', path: '/OrgUnits', bulkId: 'below', data: unitOf('Bulk/North') },
        { method: 'POST', path: '/Stores', bulkId: 'shop', data: storeOf('bulk-1') },
        {
          method: 'PATCH',
          path: '/Stores/bulkId:shop',
          data: [{ op: 'replace', path: 'displayName', value: 'By Bulk' }],
        },
        person('bulk-ann', 'bulk-1'),
        person('bulk-ben', 'bulkId:shop'),
      ),
    });
    assert.deepEqual(at(answer.body, '/Operations/*/status'), ['201', '201', '201', '200', '201', '400'], answer.text);
    assert.match(answer.text, /is a Store: refer to it by its refId/);
    const [location] = (at(answer.body, '/Operations/*/location') as string[]).slice(4);
    const id = location?.slice(location.lastIndexOf('/') + 1) ?? '';
    assert.deepEqual(at(await storesOf(id), '/*/display'), ['By Bulk']);
  });
});

describe('identities', () => {
  test('an external ID is the ref id or the code', async () => {
    const store = await post(writer, '/Stores', { externalId: 'ext-7', displayName: 'Seven', country: '31' });
    assert.deepEqual([store.status, store.body.refId, store.body.externalId], [201, 'ext-7', 'ext-7']);
    const unit = await post(writer, '/OrgUnits', { externalId: 'Wholesale' });
    assert.deepEqual([unit.status, unit.body.code, unit.body.externalId], [201, 'Wholesale', 'Wholesale']);
    for (const name of ['externalId', 'refId'])
      assert.deepEqual(refIds(await found(reader, '/Stores', `${name} eq "ext-7"`)), ['ext-7']);
    assert.equal((await found(reader, '/OrgUnits', 'externalId eq "wholesale"')).body.totalResults, 1);
    const both = await post(writer, '/Stores', storeOf('one', { externalId: 'two' }));
    assert.deepEqual([both.status, both.body.scimType], [400, 'invalidValue'], both.text);
    const none = await post(writer, '/Stores', { displayName: 'No identity', country: '32' });
    assert.deepEqual([none.status, none.body.scimType], [400, 'invalidValue'], none.text);
    assert.match(none.text, /refId/);
    const nameless = await post(writer, '/OrgUnits', { displayName: 'No code' });
    assert.deepEqual([nameless.status, nameless.body.scimType], [400, 'invalidValue'], nameless.text);
  });

  test('one that is taken is 409 with the id of what has it', async () => {
    const id = await made(writer, '/Stores', storeOf('taken-1'));
    const again = await post(writer, '/Stores', storeOf('taken-1'));
    assert.deepEqual([again.status, again.body.scimType], [409, 'uniqueness']);
    assert.ok(again.text.includes(id), again.text);
    const unit = await made(writer, '/OrgUnits', unitOf('Taken'));
    const sameUnit = await post(writer, '/OrgUnits', unitOf('TAKEN'));
    assert.deepEqual([sameUnit.status, sameUnit.body.scimType], [409, 'uniqueness']);
    assert.ok(sameUnit.text.includes(unit), sameUnit.text);
    // The other account's are its own.
    await made(foreign, '/Stores', storeOf('taken-1'));
    await made(foreign, '/OrgUnits', unitOf('Taken'));
  });

  test('of several at once one is created, the others are 409', async () => {
    for (const [path, body] of [
      ['/Stores', storeOf('race-1')],
      ['/OrgUnits', unitOf('Race')],
    ] as const) {
      const answers = await Promise.all(Array.from({ length: 6 }, () => post(writer, path, body)));
      assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409, 409, 409, 409, 409]);
      const ids = new Set(answers.filter(({ status }) => status === 201).map(idOf));
      for (const answer of answers.filter(({ status }) => status === 409))
        assert.ok(
          [...ids].some((id) => answer.text.includes(id)),
          answer.text,
        );
    }
  });

  test('they never change', async () => {
    const id = await made(writer, '/Stores', storeOf('fixed-1'));
    const unit = await made(writer, '/OrgUnits', unitOf('Fixed'));
    const put = (path: string, body: unknown) => writer.call('PUT', path, { body });
    const patch = (path: string, ...operations: object[]) =>
      writer.call('PATCH', path, { body: patchBody(...operations) });
    for (const answer of [
      await put(`/Stores/${id}`, storeOf('fixed-2')),
      await patch(`/Stores/${id}`, { op: 'replace', path: 'refId', value: 'fixed-2' }),
      await patch(`/Stores/${id}`, { op: 'replace', value: { externalId: 'fixed-2' } }),
      await patch(`/Stores/${id}`, { op: 'remove', path: 'refId' }),
      await put(`/OrgUnits/${unit}`, unitOf('Other')),
      await patch(`/OrgUnits/${unit}`, { op: 'replace', path: 'code', value: 'Other' }),
      await patch(`/Stores/${id}`, { op: 'replace', path: 'adminName', value: 'x' }),
      await patch(`/Stores/${id}`, { op: 'replace', path: 'id', value: 'x' }),
    ])
      assert.deepEqual([answer.status, answer.body.scimType], [400, 'mutability'], answer.text);
    const same = await put(`/Stores/${id}`, storeOf('fixed-1'));
    assert.deepEqual([same.status, at(same.body, '/meta/version')], [200, 'W/"1"']);
    const spelled = await put(`/OrgUnits/${unit}`, unitOf('FIXED', { externalId: 'fixed' }));
    assert.deepEqual([spelled.status, spelled.body.code], [200, 'Fixed'], spelled.text);
  });
});

describe('changes', () => {
  test('PUT replaces: what it does not state is gone', async () => {
    const id = await made(writer, '/Stores', storeOf('put-1'));
    const replaced = await writer.call('PUT', `/Stores/${id}`, { body: { schemas: [STORE], country: '33' } });
    assert.deepEqual([replaced.status, replaced.body.displayName, replaced.body.country], [200, undefined, '33']);
    const nameless = await writer.call('PUT', `/Stores/${id}`, { body: { schemas: [STORE], displayName: 'Where' } });
    assert.deepEqual([nameless.status, nameless.body.scimType], [400, 'invalidValue'], nameless.text);
    assert.match(nameless.text, /country: a store with a name needs its country/);
    const unit = await made(writer, '/OrgUnits', unitOf('Put', { displayName: 'A name' }));
    const cleared = await writer.call('PUT', `/OrgUnits/${unit}`, { body: unitOf('Put') });
    assert.deepEqual([cleared.status, cleared.body.displayName], [200, undefined]);
  });

  test('an org unit is renamed, needs the unit above it, and stays while it is used', async () => {
    const orphan = await post(writer, '/OrgUnits', unitOf('Retail/Benelux'));
    assert.deepEqual([orphan.status, orphan.body.scimType], [400, 'invalidValue'], orphan.text);
    const top = await made(writer, '/OrgUnits', unitOf('Retail'));
    const below = await made(writer, '/OrgUnits', unitOf('Retail/Benelux'));
    const renamed = await writer.call('PATCH', `/OrgUnits/${below}`, {
      body: patchBody({ op: 'add', path: 'displayName', value: 'Benelux' }),
    });
    assert.deepEqual(
      [renamed.status, renamed.body.displayName, renamed.body.code, at(renamed.body, '/meta/version')],
      [200, 'Benelux', 'Retail/Benelux', 'W/"2"'],
      renamed.text,
    );
    const nothing = await writer.call('PATCH', `/OrgUnits/${below}`, { body: patchBody() });
    assert.deepEqual([nothing.body.displayName, at(nothing.body, '/meta/version')], ['Benelux', 'W/"2"'], nothing.text);
    assert.equal((await writer.call('DELETE', `/OrgUnits/${top}`)).status, 400);
    const user = await made(writer, '/Users', personOf('unit-user', { organizationalUnit: 'Retail/Benelux' }));
    const used = await writer.call('DELETE', `/OrgUnits/${below}`);
    assert.equal(used.status, 409, used.text);
    await writer.call('DELETE', `/Users/${user}`);
    for (const id of [below, top]) assert.equal((await writer.call('DELETE', `/OrgUnits/${id}`)).status, 204);
    assert.equal((await writer.call('GET', `/OrgUnits/${top}`)).status, 404);
    const gone = await writer.call('PUT', `/OrgUnits/${top}`, { body: unitOf('Retail') });
    assert.deepEqual([gone.status, gone.body.detail], [404, `OrgUnit ${top} not found`]);
  });

  test('an older version is 412, a known one 304', async () => {
    const units = await made(writer, '/OrgUnits', unitOf('Tagged'));
    const stores = await made(writer, '/Stores', storeOf('tagged-1'));
    for (const path of [`/Stores/${stores}`, `/OrgUnits/${units}`]) {
      const read = await reader.call('GET', path);
      const tag = read.headers.get('etag') ?? '';
      assert.equal((await reader.call('GET', path, { headers: { 'If-None-Match': tag } })).status, 304);
      const rename = (value: string, ifMatch: string) =>
        writer.call('PATCH', path, {
          headers: { 'If-Match': ifMatch },
          body: patchBody({ op: 'replace', path: 'displayName', value }),
        });
      const first = await rename('First', tag);
      assert.equal(first.status, 200, first.text);
      assert.notEqual(first.headers.get('etag'), tag);
      assert.equal((await rename('Second', tag)).status, 412);
      assert.equal((await writer.call('DELETE', path, { headers: { 'If-Match': tag } })).status, 412);
      const [one, other] = await Promise.all(['A', 'B'].map((name) => rename(name, String(first.headers.get('etag')))));
      assert.deepEqual([one?.status, other?.status].sort(), [200, 412]);
      const now = (await reader.call('GET', path)).headers.get('etag') ?? '';
      assert.equal((await writer.call('DELETE', path, { headers: { 'If-Match': now } })).status, 204);
    }
  });

  test('a bad value is 400 with its attribute and rule', async () => {
    const cases: [string, unknown, RegExp][] = [
      ['/Stores', storeOf('bad', { country: 'Belgium' }), /country/],
      ['/Stores', storeOf('bad', { displayName: 'x'.repeat(256) }), /displayName is longer than 255/],
      ['/Stores', storeOf('bad\u0000'), /refId/],
      ['/Stores', storeOf('bad', { displayName: 7 }), /displayName/],
      ['/Stores', { ...storeOf('bad'), schemas: [UNIT] }, /schema of a Store/],
      ['/OrgUnits', unitOf('x'.repeat(256)), /code is longer than 255/],
      ['/OrgUnits', unitOf('Bad', { displayName: 'line\nbreak' }), /displayName/],
      ['/OrgUnits', [], /JSON object/],
    ];
    for (const [path, body, words] of cases) {
      const answer = await post(writer, path, body);
      assert.equal(answer.status, 400, answer.text);
      assert.match(answer.text, words);
    }
  });
});

describe('the right to write', () => {
  test('without it, everything but reading is refused with the words that say who can allow it', async () => {
    const store = await made(writer, '/Stores', storeOf('right-1'));
    const unit = await made(writer, '/OrgUnits', unitOf('Right'));
    const body = patchBody({ op: 'replace', path: 'displayName', value: 'x' });
    for (const answer of [
      await post(reader, '/Stores', storeOf('right-2')),
      await post(reader, '/OrgUnits', unitOf('Right/x')),
      await reader.call('PUT', `/Stores/${store}`, { body: storeOf('right-1') }),
      await reader.call('PUT', `/OrgUnits/${unit}`, { body: unitOf('Right') }),
      await reader.call('PATCH', `/Stores/${store}`, { body }),
      await reader.call('PATCH', `/OrgUnits/${unit}`, { body }),
      await reader.call('DELETE', `/Stores/${store}`),
      await reader.call('DELETE', `/OrgUnits/${unit}`),
    ]) {
      assert.equal(answer.status, 403, answer.text);
      assert.match(String(answer.body.detail), /an administrator who manages connections can allow it\.$/);
    }
    const bulk = await reader.call('POST', '/Bulk', {
      body: {
        schemas: [BULK],
        Operations: [{ method: 'POST', path: '/Stores', bulkId: 'b', data: storeOf('right-3') }],
      },
    });
    assert.deepEqual(at(bulk.body, '/Operations/*/status'), ['403'], bulk.text);
    assert.equal((await reader.call('GET', `/Stores/${store}`)).status, 200);
    assert.equal((await reader.call('GET', `/OrgUnits/${unit}`)).status, 200);
    // Users may name stores all the same.
    await made(reader, '/Users', personOf('right-user', { stores: [{ value: 'right-1' }] }));
  });

  test('another account sees, changes and deletes nothing of it', async () => {
    const store = await made(writer, '/Stores', storeOf('mine-1'));
    const unit = await made(writer, '/OrgUnits', unitOf('Mine'));
    for (const path of [`/Stores/${store}`, `/OrgUnits/${unit}`]) {
      const body = patchBody({ op: 'replace', path: 'displayName', value: 'x' });
      for (const answer of [
        await foreign.call('GET', path),
        await foreign.call('PATCH', path, { body }),
        await foreign.call('PUT', path, { body: { country: '32' } }),
        await foreign.call('DELETE', path),
      ])
        assert.equal(answer.status, 404, answer.text);
      assert.equal((await reader.call('GET', path)).headers.get('etag'), 'W/"1"');
    }
    assert.equal((await found(foreign, '/Stores', 'refId eq "mine-1"')).body.totalResults, 0);
    assert.equal((await found(foreign, '/OrgUnits', 'code eq "Mine"')).body.totalResults, 0);
    // A code is not an id.
    assert.equal((await reader.call('GET', '/OrgUnits/Mine')).status, 404);
    assert.equal((await writer.call('DELETE', '/OrgUnits/Mine')).status, 404);
  });
});

describe('lists', () => {
  let lister: Tenant;

  beforeAll(async () => {
    lister = await allowed();
    const numbers = Array.from({ length: MANY }, (_, index) => String(index).padStart(3, '0'));
    const stores = numbers.map((number) => ({
      method: 'POST',
      path: '/Stores',
      bulkId: `s${number}`,
      data: storeOf(`s-${number}`, { displayName: `Shop ${number}`, country: number < '100' ? '32' : '31' }),
    }));
    const units = ['Retail', ...numbers.slice(1).map((number) => `Retail/${number}`)].map((code, index) => ({
      method: 'POST',
      path: '/OrgUnits',
      bulkId: `u${index}`,
      data: unitOf(code, index % 2 === 0 ? { displayName: `Unit ${index}` } : {}),
    }));
    const answer = await lister.call('POST', '/Bulk', { body: bulkBody(...stores, ...units) });
    const statuses = at(answer.body, '/Operations/*/status') as string[];
    assert.ok(
      statuses.every((status) => status === '201'),
      answer.text.slice(0, 500),
    );
  });

  for (const [path, key] of [
    ['/Stores', 'refId'],
    ['/OrgUnits', 'code'],
  ] as const) {
    test(`${path} by startIndex and by cursor: each once, in one order`, async () => {
      const byIndex: unknown[] = [];
      for (let startIndex = 1; startIndex <= MANY; startIndex += 60) {
        const page = await lister.call('GET', `${path}?startIndex=${startIndex}&count=60`);
        assert.deepEqual([page.body.totalResults, page.body.startIndex], [MANY, startIndex], page.text.slice(0, 300));
        byIndex.push(...(at(page.body, `/Resources/*/${key}`) as unknown[]));
      }
      const byCursor: unknown[] = [];
      let next = '';
      do {
        const page = await lister.call('GET', `${path}?count=60&cursor=${encodeURIComponent(next)}`);
        assert.equal(page.status, 200, page.text);
        byCursor.push(...(at(page.body, `/Resources/*/${key}`) as unknown[]));
        next = String(page.body.nextCursor ?? '');
      } while (next !== '');
      assert.equal(new Set(byIndex).size, MANY);
      assert.deepEqual(byCursor, byIndex);
      const sorted = await lister.call('GET', `${path}?sortBy=${key}&sortOrder=descending&count=2`);
      assert.deepEqual(at(sorted.body, `/Resources/*/${key}`), [...byIndex].sort().reverse().slice(0, 2));
      assert.equal((await lister.call('GET', `${path}?count=0`)).body.totalResults, MANY);
    });
  }

  const FILTERS: [path: string, filter: string, total: number][] = [
    ['/Stores', 'refId eq "s-007"', 1],
    ['/Stores', 'refId eq "S-007"', 0],
    ['/Stores', 'refId sw "s-00"', 10],
    ['/Stores', 'refId co "-01"', 10],
    ['/Stores', 'displayName eq "SHOP 007"', 1],
    ['/Stores', 'displayName sw "shop 1"', 100],
    ['/Stores', 'displayName co "hop 24"', 10],
    ['/Stores', 'country eq "32"', 100],
    ['/Stores', 'refId eq "s-007" or refId eq "s-008"', 2],
    ['/Stores', 'refId sw "s-0" and country eq "31"', 0],
    ['/Stores', 'not (country eq "32")', 150],
    ['/Stores', 'adminName pr', 0],
    ['/Stores', 'displayName pr', MANY],
    ['/Stores', 'meta.created gt "2020-01-01T00:00:00Z"', MANY],
    ['/Stores', `schemas eq "${STORE}"`, MANY],
    ['/OrgUnits', 'code eq "retail/007"', 1],
    ['/OrgUnits', 'code sw "Retail/00"', 9],
    ['/OrgUnits', 'code co "/24"', 10],
    ['/OrgUnits', 'displayName eq "Unit 8"', 1],
    ['/OrgUnits', 'displayName pr', 125],
    ['/OrgUnits', 'code eq "Retail" or code eq "Retail/001"', 2],
    ['/OrgUnits', 'not (code sw "Retail/")', 1],
    ['/OrgUnits', 'meta.lastModified gt "2020-01-01T00:00:00Z"', MANY],
    ['/OrgUnits', 'meta.version eq "W/\\"1\\""', MANY],
    ['/OrgUnits', 'meta.version ne "W/\\"1\\""', 0],
  ];
  for (const [path, filter, total] of FILTERS) {
    test(`${path}: ${filter}`, async () => {
      const answer = await found(lister, path, filter);
      assert.equal(answer.body.totalResults, total, answer.text.slice(0, 500));
      const search = await lister.call('POST', `${path}/.search`, { body: { schemas: [SEARCH], filter } });
      assert.equal(search.body.totalResults, total);
    });
  }

  test('a name that no attribute has, and a comparison that it has not, are 400', async () => {
    for (const [path, filter] of [
      ['/Stores', 'userName eq "x"'],
      ['/Stores', 'code eq "x"'],
      ['/OrgUnits', 'refId eq "x"'],
      ['/OrgUnits', 'meta.version gt "W/\\"1\\""'],
    ] as const) {
      const answer = await found(lister, path, filter);
      assert.deepEqual([answer.status, answer.body.scimType], [400, 'invalidFilter'], answer.text);
    }
    assert.equal((await lister.call('GET', '/Stores?sortBy=schemas')).status, 400);
  });

  test('a search at the root finds every type that has the attribute', async () => {
    const search = async (filter: string) =>
      (await lister.call('POST', '/.search', { body: { schemas: [SEARCH], filter } })).body;
    assert.deepEqual(at(await search('displayName eq "Shop 007"'), '/Resources/*/refId'), ['s-007']);
    assert.deepEqual(at(await search('code eq "Retail/007"'), '/Resources/*/code'), ['Retail/007']);
    assert.equal((await search('meta.resourceType eq "Store"')).totalResults, MANY);
    assert.equal((await search('userName eq "nobody"')).totalResults, 0);
    const page = await lister.call('POST', '/.search', { body: { schemas: [SEARCH], startIndex: 249, count: 4 } });
    assert.equal(page.body.totalResults, 2 * MANY);
    assert.deepEqual(at(page.body, '/Resources/*/meta/resourceType'), ['Store', 'Store', 'OrgUnit', 'OrgUnit']);
  });

  test('only the attributes that are asked for are returned', async () => {
    const answer = await lister.call('GET', '/Stores?count=1&attributes=country');
    const [resource] = answer.body.Resources as object[];
    assert.deepEqual(Object.keys(resource ?? {}).sort(), ['country', 'id', 'schemas']);
  });
});

test('every request is an event about the store or org unit, and a change is in the audit trail', async () => {
  const by = await allowed();
  const store = await made(by, '/Stores', storeOf('event-1'));
  const unit = await made(by, '/OrgUnits', unitOf('Events'));
  const body = patchBody({ op: 'replace', path: 'displayName', value: 'Renamed' });
  for (const path of [`/Stores/${store}`, `/OrgUnits/${unit}`]) {
    await by.call('PATCH', path, { body });
    await by.call('DELETE', path);
  }
  await by.call('GET', `/Stores/${store}`);
  const { db } = server.database;
  const eventsOf = async () =>
    (await db.collection('events').find({ account: by.account.id }).sort({ _id: 1 }).toArray()).map(
      ({ method, path, status, subject }) => [method, path, status, subject?.type, subject?.id, subject?.name],
    );
  await until(eventsOf, ({ length }) => length >= 7);
  assert.deepEqual(await eventsOf(), [
    ['POST', '/Stores', 201, 'Store', store, 'event-1'],
    ['POST', '/OrgUnits', 201, 'OrgUnit', unit, 'Events'],
    ['PATCH', `/Stores/${store}`, 200, 'Store', store, 'event-1'],
    ['DELETE', `/Stores/${store}`, 204, 'Store', store, undefined],
    ['PATCH', `/OrgUnits/${unit}`, 200, 'OrgUnit', unit, 'Events'],
    ['DELETE', `/OrgUnits/${unit}`, 204, 'OrgUnit', unit, undefined],
    ['GET', `/Stores/${store}`, 404, 'Store', store, undefined],
  ]);
  const recorded = () => db.collection('audit').find({ account: by.account.id, subject: store }).toArray();
  await until(recorded, ({ length }) => length >= 3);
  const connections = (await recorded()).map(({ action, connection, door }) => [action, connection, door]);
  const { id } = by.connection;
  assert.deepEqual(connections.sort(), [
    ['create', id, 'scim'],
    ['delete', id, 'scim'],
    ['update', id, 'scim'],
  ]);
  const ofUnit = await db.collection('audit').find({ account: by.account.id, subject: unit }).sort({ at: 1 }).toArray();
  assert.deepEqual(
    ofUnit.map(({ action, resource, connection, door, values }) => [action, resource, connection, door, values]),
    [
      ['create', 'OrgUnit', id, 'scim', [{ attribute: 'code', after: '"Events"' }]],
      ['update', 'OrgUnit', id, 'scim', [{ attribute: 'name', after: '"Renamed"' }]],
      [
        'delete',
        'OrgUnit',
        id,
        'scim',
        [
          { attribute: 'code', before: '"Events"' },
          { attribute: 'name', before: '"Renamed"' },
        ],
      ],
    ],
  );
});

test('both types are announced, with their schemas', async () => {
  for (const [type, urn] of [
    ['Store', STORE],
    ['OrgUnit', UNIT],
  ]) {
    assert.equal((await reader.call('GET', `/ResourceTypes/${type}`)).body.schema, urn);
    assert.equal((await reader.call('GET', `/Schemas/${urn}`)).body.name, type);
  }
  const wrong = await reader.call('POST', '/Stores/x');
  assert.deepEqual([wrong.status, wrong.headers.get('allow')], [405, 'GET, HEAD, PUT, PATCH, DELETE']);
});
