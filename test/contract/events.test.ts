// Every request is recorded, refused ones included, with secrets out and external IDs masked; what is kept outlives a restart.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, test } from '@jest/globals';
import { startServer } from '../../src/app/server.ts';
import { loadConfig } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';
import { createClient } from '../support/http-client.ts';
import { openTestDatabase } from '../support/mongod.ts';
import { bulkBody, GROUP, patchBody, userNamed } from '../support/scim.ts';
import { openTenants, type Tenant, type Tenants } from '../support/tenants.ts';

let server: Tenants;
let tenant: Tenant;
beforeAll(async () => {
  server = await openTenants();
  tenant = await server.tenant();
});
afterAll(() => server.stop());

/** The event of a request, by the id that the client gave it. */
async function eventOf(request: string) {
  const events = server.database.db.collection('events');
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const found = await events.findOne({ request: new RegExp(`^${request}~`) });
    if (found) return found;
    await sleep(100);
  }
  return assert.fail(`no event of ${request}`);
}

test('refused requests are there with their faults, and no body tells a password or an external ID', async () => {
  const secret = 'S3cret-Pa55word';
  const externalId = 'EMP-00012345';
  const body = userNamed('recorded', { externalId, password: secret, name: { familyName: 'Example' } });
  const refused = await tenant.call('POST', '/Users', { body, headers: { 'X-Request-Id': 'refused' } });
  assert.equal(refused.status, 400);
  const event = await eventOf('refused');
  assert.equal(event.account, tenant.account.id);
  assert.equal(event.connection, tenant.connection.id);
  assert.equal(event.door, 'scim');
  assert.equal(event.status, 400);
  assert.equal(event.faults[0].code, 'required');
  assert.match(event.faults[0].detail, /name\.givenName/);
  assert.ok(
    event.values.some(({ text }: { text: string }) => text === 'recorded'),
    event.requestBody,
  );
  assert.ok(!event.requestBody.includes('recorded'), event.requestBody);
  assert.ok(event.durationMs >= 0);
  const text = JSON.stringify(event);
  assert.ok(!text.includes(secret) && !text.includes(externalId), text);
});

test('so is what was taken: who is found by name, by id and by the hash of the external ID', async () => {
  const externalId = 'EMP-777';
  const body = userNamed('taken', { externalId, password: 'An0ther-Pa55word' });
  const made = await tenant.call('POST', '/Users', { body, headers: { 'X-Request-Id': 'taken' } });
  assert.equal(made.status, 201, made.text);
  const event = await eventOf('taken');
  assert.equal(event.subject.id, made.body.id);
  assert.equal(event.subject.name, 'taken');
  assert.ok(event.about.length >= 3 && event.about.every((one: string) => /^[\w-]{22,36}$/.test(one)), event.about);
  const text = JSON.stringify(event);
  assert.ok(!text.includes(externalId) && !text.includes('An0ther'), text);
  const filter = encodeURIComponent(`externalId eq "${externalId}"`);
  await tenant.call('GET', `/Users?filter=${filter}`, { headers: { 'X-Request-Id': 'searched' } });
  const search = await eventOf('searched');
  assert.ok(!JSON.stringify(search).includes(externalId), search.path);
  assert.equal(search.responseBody, undefined, 'a read that went well keeps no body');
  const Operations = [{ op: 'Replace', path: 'externalId', value: 'EMP-888' }];
  const path = `/Users/${String(made.body.id)}`;
  await tenant.call('PATCH', path, { body: patchBody(...Operations), headers: { 'X-Request-Id': 'changed' } });
  assert.ok(!JSON.stringify(await eventOf('changed')).includes('EMP-888'));
  const batch = [
    {
      method: 'PATCH',
      path,
      data: patchBody({ op: 'replace', value: { password: 'Bulk-Pa55', externalId: 'EMP-999' } }),
    },
  ];
  const bulk = bulkBody(...batch);
  await tenant.call('POST', '/Bulk', { body: bulk, headers: { 'X-Request-Id': 'bulk' } });
  const inBulk = JSON.stringify(await eventOf('bulk'));
  assert.ok(!inBulk.includes('Bulk-Pa55') && !inBulk.includes('EMP-999'), inBulk);
});

test('a value of another type, and a list that is too long, have the fault whose cause fits', async () => {
  const cases: [request: string, more: Record<string, unknown>, code: string, detail: RegExp][] = [
    ['number', { title: 7 }, 'wrongType', /^title must be a string, not a number/],
    ['text', { active: 'perhaps' }, 'wrongType', /^active must be true or false/],
    ['long', { emails: Array(1_001).fill({ value: 'a@example.com' }) }, 'tooMany', /^emails has more than 1000/],
  ];
  for (const [request, more, code, detail] of cases) {
    const body = userNamed(`typed-${request}`, more);
    const refused = await tenant.call('POST', '/Users', { body, headers: { 'X-Request-Id': `type-${request}` } });
    assert.deepEqual([refused.status, refused.body.scimType], [400, 'invalidValue'], refused.text);
    const [fault] = (await eventOf(`type-${request}`)).faults;
    assert.equal(fault.code, code);
    assert.match(fault.detail, detail);
  }
});

test('a 404, a broken body and a refused filter are events too', async () => {
  const cases: [request: string, status: number, run: () => Promise<unknown>][] = [
    ['e404', 404, () => tenant.call('GET', '/Users/none', { headers: { 'X-Request-Id': 'e404' } })],
    ['e400', 400, () => tenant.call('POST', '/Users', { raw: '{"a":', headers: { 'X-Request-Id': 'e400' } })],
    ['filter', 400, () => tenant.call('GET', '/Users?filter=x%20eq', { headers: { 'X-Request-Id': 'filter' } })],
    ['e405', 405, () => tenant.call('DELETE', '/Schemas', { headers: { 'X-Request-Id': 'e405' } })],
  ];
  for (const [request, status, run] of cases) {
    await run();
    const event = await eventOf(request);
    assert.equal(event.status, status, request);
    assert.ok(event.faults.length > 0, request);
    assert.equal(event.account, tenant.account.id);
  }
});

test('events go at the end of their time', async () => {
  const indexes = await server.database.db.collection('events').indexes();
  assert.ok(indexes.some((index) => index.key.at === 1 && index.expireAfterSeconds === 30 * 86_400));
});

test('a server that is started again on the same database has everything, tokens and cursors included', async () => {
  const database = await openTestDatabase();
  const start = async () => {
    const settings = {
      PORT: '0',
      HOST: '127.0.0.1',
      SHUTDOWN_NOTICE_MS: '100',
      SHUTDOWN_GRACE_MS: '200',
      LOG_LEVEL: 'error',
      DEMO_EXAMPLES: 'off',
    };
    const config = loadConfig({ ...settings, MONGODB_URI: database.uri, MONGODB_DATABASE: database.name });
    return startServer(config, createLog({ level: 'error' }), () => undefined);
  };
  try {
    const first = await start();
    const token = first.firstToken ?? '';
    const before = createClient(first.scimBaseUrl, token);
    const ids: string[] = [];
    for (const name of ['a', 'b', 'c']) {
      const made = await before.call('POST', '/Users', { body: userNamed(name) });
      ids.push(String(made.body.id));
    }
    const group = await before.call('POST', '/Groups', {
      body: { schemas: [GROUP], displayName: 'Kept', members: ids.map((value) => ({ value })) },
    });
    const page = await before.call('GET', '/Users?cursor=&count=2');
    before.close();
    await first.stop();

    const second = await start();
    assert.equal(second.firstToken, undefined, 'no second first token');
    const after = createClient(second.scimBaseUrl, token);
    const read = await after.call('GET', `/Groups/${String(group.body.id)}`);
    assert.equal(read.status, 200, read.text);
    assert.deepEqual((read.body.members as { value: string }[]).map((member) => member.value).sort(), ids.sort());
    const next = await after.call('GET', `/Users?cursor=${encodeURIComponent(String(page.body.nextCursor))}&count=2`);
    assert.equal((next.body.Resources as unknown[]).length, 1, next.text);
    const again = await after.call('POST', '/Users', { body: userNamed('A') });
    assert.equal(again.status, 409);
    after.close();
    await second.stop();
  } finally {
    await database.close();
  }
});
