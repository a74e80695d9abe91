// The questions of a support person about one employee, each answered in at most two steps, by the API and by the command line.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from '@jest/globals';
import { type AdminServer, type Api, idOf, openAdminServer } from '../support/admin.ts';
import { documentOf, goodBlock } from '../support/batch.ts';
import { createCli } from '../support/cli.ts';
import { MOBIETRAIN_USER, patchBody, USER } from '../support/scim.ts';
import { until } from '../support/until.ts';

let api: AdminServer;
let slug: string;
let support: Api;
let token: string;
let connection: string;
let cli: ReturnType<typeof createCli>;
const at = (path: string) => `/accounts/${slug}${path}`;
const scim = (method: string, path: string, body?: unknown, bearer = token) =>
  api.server.call(method, path, body, { Authorization: `Bearer ${bearer}` });
const person = (userName: string, more: object = {}) => ({
  schemas: [USER],
  userName,
  externalId: `ext-${userName}`,
  name: { givenName: 'Ann', familyName: 'Example' },
  emails: [{ value: `${userName}@example.com` }],
  ...more,
});

beforeAll(async () => {
  api = await openAdminServer();
  cli = createCli(api.server.database);
  slug = await api.account({ requiredData: 'report' });
  support = await api.administrator(slug, 'customerAdministrator');
  connection = idOf(await api.root('POST', at('/connections'), { body: { name: 'entra' } }));
  const made = await api.root('POST', at(`/connections/${connection}/credentials`), { body: { name: 'nightly' } });
  token = String(made.body.token);
});
afterAll(() => api.stop());

/** Events and changes are written a moment after the answer. */
const untilSaid = (read: () => Promise<string>, expected: RegExp) => until(read, (said) => expected.test(said));
const byApi = (path: string, expected: RegExp) =>
  untilSaid(async () => JSON.stringify((await support('GET', at(path))).body), expected);
const byCli = (words: string[], expected: RegExp) =>
  untilSaid(async () => {
    const { out, err } = await cli(...words, '--account', slug);
    return out + err;
  }, expected);
const historyOf = async (search: string, expectedByApi: RegExp, expectedByCli = expectedByApi) => {
  await byApi(`/history?search=${encodeURIComponent(search)}`, expectedByApi);
  await byCli(['user', 'history', search], expectedByCli);
};
const create = async (userName: string, more: object = {}) => {
  const made = await scim('POST', '/Users', person(userName, more));
  assert.equal(made.status, 201, made.text);
  return idOf(made);
};
async function imported(kind: 'csv' | 'xml', body: string): Promise<string> {
  const headers = { 'Content-Type': kind === 'csv' ? 'text/csv' : 'application/xml' };
  const run = idOf(await support('POST', at(`/imports/${kind}`), { body, headers }));
  await byApi(`/imports/${run}`, /"finished"/);
  return run;
}

test('was the person ever sent?', async () => {
  assert.deepEqual((await support('GET', at('/history?search=never@example.com'))).body.items, []);
  const ran = await cli('user', 'history', 'never@example.com', '--account', slug);
  assert.equal(ran.code, 1);
  assert.match(ran.err, /Nothing is recorded about "never@example\.com"/);
});

test('was the person sent with a revoked or an expired token?', async () => {
  const add = async (name: string) =>
    api.root('POST', at(`/connections/${connection}/credentials`), { body: { name } });
  const [revoked, expired] = [await add('revoked one'), await add('expired one')];
  await api.root('DELETE', at(`/credentials/${idOf(revoked)}`));
  const credentials = api.server.database.db.collection<{ _id: string }>('credentials');
  await credentials.updateOne({ _id: idOf(expired) }, { $set: { expires: new Date(Date.now() - 1000) } });
  for (const made of [revoked, expired])
    assert.equal((await scim('POST', '/Users', person('late'), String(made.body.token))).status, 401);
  for (const name of ['revoked', 'expired']) {
    await byApi('/events?failed=true', new RegExp(`"code":"${name}".*entra \\(${name} one\\)`));
    await byCli(['connection', 'events', '--failed'], new RegExp(`entra \\(${name} one\\).*401 +${name}: `));
  }
});

test('was the person sent and refused, and why?', async () => {
  assert.equal((await scim('POST', '/Users', { ...person('refused'), emails: 7 })).status, 400);
  await historyOf('refused', /"status":400.*emails/, /400\n.*emails/);
});

test('what did one of several connections send, and what of it was refused?', async () => {
  const [name, other] = ['okta of the shops', 'okta of the depots'];
  const ids: Record<string, string> = {};
  for (const one of [name, other]) {
    ids[one] = idOf(await api.root('POST', at('/connections'), { body: { name: one } }));
    const made = await api.root('POST', at(`/connections/${ids[one]}/credentials`), { body: {} });
    const bearer = String(made.body.token);
    assert.equal((await scim('POST', '/Users', { ...person('x'), userName: undefined }, bearer)).status, 400);
    assert.equal((await scim('GET', '/Users?count=1', undefined, bearer)).status, 200);
  }
  const sent = async (query: string) =>
    ((await support('GET', at(`/events?connection=${ids[name]}${query}`))).body.items as Event[]).map(
      ({ connection: of, method }) => [of === ids[name], method],
    );
  interface Event {
    connection: string;
    method: string;
  }
  await byApi(`/events?connection=${ids[name]}`, /"GET"/);
  // A connection of another account is not known, like one that never was.
  const elsewhere = await api.account();
  const foreign = idOf(await api.root('POST', `/accounts/${elsewhere}/connections`, { body: { name: 'theirs' } }));
  for (const id of [foreign, 'con_none'])
    assert.equal((await support('GET', at(`/events?connection=${id}`))).status, 404);
  assert.deepEqual(await sent(''), [
    [true, 'GET'],
    [true, 'POST'],
  ]);
  assert.deepEqual(await sent('&failed=true'), [[true, 'POST']]);
  assert.deepEqual(await sent('&door=csv'), []);
  await byCli(['connection', 'events', '--connection', name], /okta of the shops.*GET \/Users\?count=1/);
  const { out } = await cli('connection', 'events', '--connection', name, '--failed', '--account', slug);
  assert.equal(out.includes('GET /Users'), false, out);
  assert.equal(out.includes(other), false, out);
  assert.match(out, /POST \/Users/);
  const unknown = await cli('connection', 'events', '--connection', 'nobody', '--account', slug);
  assert.match(unknown.err, /No connection "nobody" exists/);
});

test('was the row of the CSV file refused, and why?', async () => {
  const file = `Uid;FirstName;LastName;Email;Title\r\nrow;Row;Refused;row@example.com;${'x'.repeat(60)}\r\n`;
  const run = await imported('csv', file);
  await historyOf('row@example.com', /ROW.*Title/, /ROW[\s\S]*Title/);
  await byApi(`/imports/${run}/rows?outcome=refused`, /"at":"Title"/);
});

test('did the block of the XML file fail, and why?', async () => {
  const run = await imported('xml', documentOf(goodBlock('block', { CountryCode: 'XX' })));
  await historyOf('block@example.com', /Country code is not valid/);
  await byApi(`/imports/${run}/rows?outcome=refused`, /INVALID_COUNTRY_CODE/);
  await byCli(['batch', 'review', run], /INVALID_COUNTRY_CODE/);
});

test('was the person accepted but is incomplete, and what is missing?', async () => {
  const id = await create('incomplete', { name: { givenName: 'Ann' } });
  await byApi(`/users/${id}`, /"missing":\[[^\]]*name\.familyName/);
  await byCli(['user', 'show', 'incomplete'], /name\.familyName/);
});

// An XML file can deactivate nobody: its format has no element for it.
test('who deactivated the person: a sync, a CSV file or the command line?', async () => {
  const ids = { scim: '', csv: '', cli: '' };
  for (const door of Object.keys(ids) as (keyof typeof ids)[])
    ids[door] = await create(`off-${door}`, { active: true });
  await scim('PATCH', `/Users/${ids.scim}`, patchBody({ op: 'replace', path: 'active', value: false }));
  await imported(
    'csv',
    'ExternalId;FirstName;LastName;Email;Activated\r\next-off-csv;Ann;Example;off-csv@example.com;false\r\n',
  );
  assert.equal((await cli('user', 'deactivate', 'off-cli', '--account', slug)).code, 0);
  const who: Record<keyof typeof ids, [RegExp, RegExp]> = {
    scim: [/"active":\{.*entra \(nightly\)/, /active +false +entra \(nightly\) \(scim\)/],
    csv: [/"active":\{.*"door":"csv"/, /active +false .*\(csv\)/],
    cli: [/"active":\{.*"door":"cli"/, /active +false +command line, OS user .* \(cli\)/],
  };
  for (const door of Object.keys(ids) as (keyof typeof ids)[]) {
    await byApi(`/users/${ids[door]}/sources`, who[door][0]);
    await byCli(['user', 'sources', `off-${door}`], who[door][1]);
  }
});

test('who blocked the person?', async () => {
  const id = await create('blocked');
  await support('POST', at(`/users/${id}/block`));
  await byApi(`/users/${id}/sources`, /"blocked":\{.*customeradministrator-/);
  await byCli(['user', 'sources', 'blocked'], /blocked +true +customeradministrator-/);
});

test('who put the person into the wrong store?', async () => {
  const stores = [{ value: 'S-9', display: 'Wrong store', country: '32' }];
  const id = await create('misplaced', { [MOBIETRAIN_USER]: { stores } });
  await byApi(`/users/${id}/sources`, /"name":"Wrong store","origins":\[\{"kind":"inline","connection":\{[^}]*"entra"/);
  await byCli(['user', 'sources', 'misplaced'], /store +Wrong store +entra \(list of the user\)/);
});
