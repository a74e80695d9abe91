// The health of a connection over the admin API and the command line, from calls that a client makes.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from '@jest/globals';
import { openStore } from '../../../src/app/database.ts';
import { createCensusWork } from '../../../src/app/health.ts';
import { loadConfig } from '../../../src/config.ts';
import { type AdminServer, idOf, openAdminServer, person } from '../../support/admin.ts';
import { createCli } from '../../support/cli.ts';
import { until } from '../../support/until.ts';

interface Health {
  lastCall?: string;
  lastSuccess?: string;
  client?: string;
  cadence: Record<string, unknown>;
  hours: { hour: string; requests: number; refused: number; failed: number }[];
  days: { day: string; requests: number; refused: number; failed: number }[];
  faults: { code: string; count: number; cause: string; fix: string }[];
  quarantine?: { state: string; threshold: string; operations: number; failures: number; advice: string };
  tokens: { state: string; daysLeft?: number; expires?: string }[];
  users: { here: number; listed?: { total: number }; difference?: number };
  groups: { here: number; listed?: { total: number } };
}

let api: AdminServer;
let account: string;
let connection: string;
let token: string;
beforeAll(async () => {
  api = await openAdminServer();
  account = await api.account({ requiredData: 'report' });
  connection = idOf(await api.root('POST', `/accounts/${account}/connections`, { body: { name: 'Entra' } }));
  const made = await api.root('POST', `/accounts/${account}/connections/${connection}/credentials`, {
    body: { expiresInDays: 7 },
  });
  token = String(made.body.token);
});
afterAll(() => api.stop());

const scim = (method: string, path: string, body?: unknown, agent = 'Microsoft Azure AD SCIM provisioning 1.0') =>
  api.server.raw(path, {
    method,
    headers: {
      Authorization: `Bearer ${token}`,
      'User-Agent': agent,
      ...(body === undefined ? {} : { 'Content-Type': 'application/scim+json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const user = (userName: string) => ({ schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName });

/** Reads the health until so many requests are counted. */
function healthAfter(requests: number): Promise<Health> {
  return until(
    async () => {
      const read = await api.root('GET', `/accounts/${account}/connections/${connection}/health`);
      assert.equal(read.status, 200, read.text);
      return read.body as unknown as Health;
    },
    ({ hours }) => (hours.at(-1)?.requests ?? 0) + (hours.at(-2)?.requests ?? 0) >= requests,
  );
}

test('a connection that nobody has called', async () => {
  const health = await healthAfter(0);
  assert.equal(health.lastCall, undefined);
  assert.equal(health.hours.length, 48);
  assert.equal(health.days.length, 30);
  assert.deepEqual(health.faults, []);
  assert.deepEqual(health.cadence, { publishedMinutes: 40 });
  assert.equal(health.quarantine?.state, 'none');
  assert.deepEqual(
    health.tokens.map(({ state, daysLeft }) => [state, daysLeft]),
    [['valid', 7]],
  );
  assert.deepEqual(health.users, { here: 0 });
});

test('calls, faults with cause and fix, what the client has listed, and the drift since', async () => {
  assert.equal((await scim('POST', '/Users', user('one'))).status, 201);
  assert.equal((await scim('POST', '/Users', user('one'))).status, 409);
  assert.equal((await scim('POST', '/Users', user(''))).status, 400);
  assert.equal((await scim('GET', '/Users?filter=userName%20eq%20%22nobody%22')).status, 200);
  assert.equal((await scim('GET', '/Users?startIndex=1&count=1')).status, 200);
  assert.equal((await scim('GET', '/Users/00000000-0000-7000-8000-000000000000')).status, 404);
  assert.equal((await scim('GET', '/Person')).status, 404);
  await api.root('POST', `/accounts/${account}/users`, { body: person('by-hand') });
  const health = await healthAfter(7);
  assert.equal(health.client, 'entra');
  assert.ok(health.lastCall && health.lastSuccess);
  assert.deepEqual(
    health.faults.map(({ code, count }) => [code, count]).filter(([code]) => code === 'uniqueness'),
    [['uniqueness', 1]],
  );
  for (const { cause, fix } of health.faults) assert.ok(cause.length > 20 && fix.length > 20);
  const today = health.days.slice(-2).reduce((sum, { refused }) => sum + refused, 0);
  // The 404 of the user who is not there is an answer, that of a wrong address is a failure.
  assert.equal(today, 3);
  assert.deepEqual([health.quarantine?.operations, health.quarantine?.failures], [4, 3]);
  assert.equal(health.faults.find(({ code }) => code === '404')?.count, 1);
  assert.deepEqual([health.users.here, health.users.listed?.total, health.users.difference], [2, 1, 1]);
  assert.equal(health.groups.listed, undefined);
});

test('a revoked token shows as a quarantine that has begun', async () => {
  const { items } = (await api.root('GET', `/accounts/${account}/credentials`)).body as { items: { id: string }[] };
  await api.root('DELETE', `/accounts/${account}/credentials/${items[0]?.id}`);
  assert.equal((await scim('GET', '/Users')).status, 401);
  const health = await healthAfter(8);
  assert.deepEqual([health.quarantine?.state, health.quarantine?.threshold], ['inQuarantine', 'token']);
  assert.match(health.quarantine?.advice ?? '', /Create a new token/);
  assert.deepEqual(health.tokens, []);
  assert.equal(health.faults.find(({ code }) => code === 'revoked')?.count, 1);
});

test('the command line says the same, as text and as JSON', async () => {
  const cli = createCli(api.server.database);
  const text = await cli('connection', 'health', 'entra', '--account', account);
  assert.equal(text.code, 0, text.err);
  assert.match(text.out, /^CONNECTION +Entra \(entra\)$/m);
  assert.match(text.out, /QUARANTINE {2}in quarantine/);
  assert.match(text.out, /uniqueness: once/);
  const json = await cli('connection', 'health', connection, '--account', account, '--json');
  assert.equal((JSON.parse(json.out) as { connection: { id: string } }).connection.id, connection);
  const unknown = await cli('connection', 'health', 'nothing', '--account', account);
  assert.notEqual(unknown.code, 0);
});

test('the account in lines and days, and the census of who brought whom', async () => {
  const store = await openStore(
    loadConfig({
      MONGODB_URI: api.server.database.uri,
      MONGODB_DATABASE: api.server.database.name,
      LOG_LEVEL: 'error',
    }),
    () => undefined,
    { supervise: false },
  );
  const failures: unknown[] = [];
  const onError = (error: unknown) => failures.push(error);
  // Another hour of the same day than the one for which the server has counted.
  const hours = new Date().getUTCHours() === 23 ? -1 : 1;
  const now = () => new Date(Date.now() + hours * 3_600_000);
  const works = [1, 2].map(() =>
    createCensusWork({ db: store.mongo.db, accounts: () => store.accounts.listAccounts(), now, onError }),
  );
  await Promise.all(works.map((work) => work.drain()));
  await store.close();
  assert.deepEqual(failures, []);
  const read = await api.root('GET', `/accounts/${account}/health`);
  assert.equal(read.status, 200, read.text);
  const { connections, days } = read.body as unknown as {
    connections: { connection: { name: string }; status: string; problems: string[]; recent: { requests: number } }[];
    days: { day: string; requests: number; users?: number; activeUsers?: number; groups?: number }[];
  };
  assert.deepEqual(
    connections.map(({ connection: { name }, status, problems }) => [name, status, problems]),
    [['Entra', 'problem', ['inQuarantine']]],
  );
  assert.equal(connections[0]?.recent.requests, 8);
  assert.equal(days.length, 30);
  // The administrators' requests are counted, too.
  assert.ok(days.reduce((sum, { requests }) => sum + requests, 0) > 8);
  const counted = days.findLast(({ users }) => users !== undefined);
  assert.deepEqual([counted?.users, counted?.activeUsers, counted?.groups], [2, 2, 0]);
  const health = (await api.root('GET', `/accounts/${account}/connections/${connection}/health`)).body;
  const { users, groups } = health.brought as { users: number; groups: number };
  assert.deepEqual([users, groups], [1, 0]);
  assert.equal((await api.root('GET', '/accounts/nothing/health')).status, 404);
});

test('causes and fixes in the languages of the console; another language is refused', async () => {
  const at = `/accounts/${account}/connections/${connection}/health`;
  const words = new Set<string>();
  for (const language of ['en', 'nl', 'fr', 'de']) {
    const { faults } = (await api.root('GET', `${at}?language=${language}`)).body as unknown as Health;
    words.add(faults.find(({ code }) => code === 'revoked')?.cause ?? '');
  }
  assert.equal(words.size, 4);
  const refused = await api.root('GET', `${at}?language=it`);
  assert.equal(refused.status, 400);
  assert.match(refused.text, /language/);
});

test("another account's connection and made-up ids are not found", async () => {
  const other = await api.account();
  for (const id of [connection, 'con_nothing', '%24ne', '..%2Fhealth', "'"]) {
    const read = await api.root('GET', `/accounts/${other}/connections/${id}/health`);
    assert.equal(read.status, 404, id);
  }
  assert.equal((await api.root('GET', `/accounts/${account}/connections/${'x'.repeat(65)}/health`)).status, 400);
});

test('a connection of another kind has no forecast', async () => {
  const id = idOf(await api.root('POST', `/accounts/${account}/connections`, { body: { name: 'Okta' } }));
  const { body } = await api.root('GET', `/accounts/${account}/connections/${id}/health`);
  assert.equal(body.quarantine, undefined);
  assert.deepEqual(body.cadence, {});
});
