// What a support person reads in a history and in lists of requests: names instead of ids, remedies, and one meaning of "refused".

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { type AdminServer, type Api, idOf, openAdminServer, person } from '../support/admin.ts';
import { createCli } from '../support/cli.ts';
import { GROUP, USER } from '../support/scim.ts';

let api: AdminServer;
let slug: string;
let send: Api;
let token: string;
let connection: string;
let cli: ReturnType<typeof createCli>;
const at = (path: string) => `/accounts/${slug}${path}`;
const scim = (method: string, path: string, body?: unknown) =>
  api.server.call(method, path, body, { Authorization: `Bearer ${token}` });

beforeAll(async () => {
  api = await openAdminServer();
  cli = createCli(api.server.database);
  slug = await api.account({ requiredData: 'report' });
  send = await api.administrator(slug, 'customerAdministrator');
  connection = idOf(await api.root('POST', at('/connections'), { body: { name: 'Entra of Shops' } }));
  token = String((await api.root('POST', at(`/connections/${connection}/credentials`), { body: {} })).body.token);
});
afterAll(() => api.stop());

/** Repeats a look until it finds something: events and changes are written a moment after the answer. */
async function until<T>(look: () => Promise<T>, isThere: (found: T) => boolean): Promise<T> {
  let found = await look();
  for (let looks = 0; looks < 150 && !isThere(found); looks += 1) {
    await sleep(100);
    found = await look();
  }
  assert.ok(isThere(found), JSON.stringify(found));
  return found;
}

type Items = Record<string, unknown>[];
const items = async (path: string) => ((await send('GET', at(path))).body as { items: Items }).items;

describe('a changed store, group and superior', () => {
  let boss: string;
  let id: string;
  let group: string;
  beforeAll(async () => {
    boss = idOf(
      await send('POST', at('/users'), {
        body: person('boss', {
          name: { givenName: 'Bo', familyName: 'Ss' },
          employeeNumber: 'E-7',
          roles: [{ value: 'Superior' }],
        }),
      }),
    );
    group = idOf(await send('POST', at('/groups'), { body: { name: 'Sellers' } }));
    id = idOf(await send('POST', at('/users'), { body: person('ida', { externalId: 'ida-1' }) }));
    const body = { groups: [group], stores: [{ refId: '4711', name: 'Ghent North', country: '32' }], manager: boss };
    const changed = await send('PATCH', at(`/users/${id}`), { body });
    assert.equal(changed.status, 200, changed.text);
  });

  const change = () =>
    until(
      async () =>
        (await items(`/users/${id}/history`))
          .map((entry) => entry.change as Record<string, unknown> | undefined)
          .find((one) => one?.action === 'update' && Array.isArray(one.refers)),
      (found) => found !== undefined,
    );

  test('have names and numbers in the history', async () => {
    const refers = ((await change()) as { refers: Items }).refers;
    const named = Object.fromEntries(refers.map((one) => [one.type, [one.name, one.number]]));
    assert.deepEqual(named, { Store: ['Ghent North', '4711'], Group: ['Sellers', undefined], User: ['Bo Ss', 'E-7'] });
  });

  test('and so has the resource of each change in the audit trail', async () => {
    const found = (await items('/audit?limit=500')).find(({ subject }) => subject === group);
    assert.deepEqual(found?.named, { type: 'Group', id: group, name: 'Sellers' });
  });

  test('have names on the command line', async () => {
    await change();
    for (const words of [['history', 'ida'], ['changes']]) {
      const { out } = await cli('user', ...words, '--account', slug);
      assert.match(out, /mobietrain\.stores: - -> Ghent North \(4711\)/);
      assert.match(out, /mobietrain\.userGroups: - -> Sellers/);
      assert.match(out, /enterprise\.manager: - -> Bo Ss \(E-7\)/);
    }
    assert.match((await cli('user', 'history', 'ida', '--account', slug)).out, /update User .*\(/);
  });

  test('a deleted one says its id, and that it is gone', async () => {
    assert.equal((await send('DELETE', at(`/groups/${group}`))).status, 204);
    const refers = ((await change()) as { refers: Items }).refers;
    assert.deepEqual(
      refers.find(({ type }) => type === 'Group'),
      { type: 'Group', id: group },
    );
    const { out } = await cli('user', 'history', 'ida', '--account', slug);
    assert.ok(out.includes(`${group} (no longer there)`), out);
  });

  test('of another account are not named', async () => {
    const other = await api.account();
    const elsewhere = idOf(await api.root('POST', `/accounts/${other}/groups`, { body: { name: 'Secret' } }));
    const { db } = api.server.database;
    await db
      .collection('audit')
      .updateOne(
        { subject: id, action: 'create' },
        { $set: { values: [{ attribute: 'mobietrain.userGroups', after: `["${elsewhere}"]` }] } },
      );
    assert.ok(!JSON.stringify(await items(`/users/${id}/history`)).includes('Secret'));
  });
});

describe('who put what', () => {
  test('says since when and by which request, and the status once, in the API and on the command line', async () => {
    const made = await scim('POST', '/Users', {
      schemas: [USER],
      userName: 'sid',
      externalId: 'sid-1',
      name: { givenName: 'Sid', familyName: 'Source' },
      emails: [{ value: 'sid@example.com' }],
      active: true,
    });
    const id = idOf(made);
    assert.equal((await send('POST', at(`/users/${id}/deactivate`))).status, 200);
    type Sources = { attributes: Items; status: { active?: Record<string, unknown> } };
    const sources = await until(
      async () => (await send('GET', at(`/users/${id}/sources`))).body as unknown as Sources,
      ({ status, attributes }) => status.active?.door === 'admin' && attributes.every((one) => one.at !== undefined),
    );
    const of = (name: string) => sources.attributes.find(({ attribute }) => attribute === name);
    assert.equal(of('active'), undefined, 'the status has it');
    assert.equal(of('emails')?.door, 'scim');
    assert.equal(of('emails')?.request, made.headers.get('x-request-id'));
    const { out } = await cli('user', 'sources', 'sid', '--account', slug);
    assert.match(out, /^active +false +.*\(admin\), \d{4}-\d\d-\d\d \d\d:\d\d$/m);
    assert.equal(out.match(/^active /gm)?.length, 1);
    assert.match(out, /^emails +- +Entra of Shops, \d{4}-/m);
  });

  test('a row of a file is named by its import and number', async () => {
    const body = 'Uid;FirstName;LastName;Email\r\nrow-1;Ro;Ow;row1@example.com\r\nrow-2;Re;Eh;row2@example.com\r\n';
    const run = idOf(await send('POST', at('/imports/csv'), { body, headers: { 'Content-Type': 'text/csv' } }));
    const found = await until(
      () => items('/users?search=row2'),
      (users) => users.length === 1,
    );
    const sources = await until(
      async () => (await send('GET', at(`/users/${String(found[0]?.id)}/sources`))).body.attributes as Items,
      (attributes) => attributes.some(({ request }) => request !== undefined),
    );
    assert.equal(sources.find(({ attribute }) => attribute === 'emails')?.request, `${run}:2`);
  });
});

describe('what counts as refused', () => {
  const events = () => items('/events?limit=500');
  const refused = () => items('/events?failed=true&limit=500');

  test('is one answer for events, their filter, health and the overview', async () => {
    await scim('GET', '/Users/00000000-0000-7000-8000-000000000000');
    await scim('DELETE', '/Users/00000000-0000-7000-8000-000000000000');
    await scim('PATCH', '/Users/00000000-0000-7000-8000-000000000000', { schemas: [], Operations: [] });
    await scim('GET', '/NoSuchThing');
    await scim('POST', '/Users', { schemas: [USER], emails: 7 });
    await send('GET', at('/users/nobody'));
    const all = await until(
      events,
      (found) =>
        ['POST', 'PATCH'].every((method) => found.some((one) => one.method === method && one.status === 400)) &&
        found.some(({ path, status }) => String(path).includes('/users/') && status === 404),
    );
    const ours = all.filter((one) => one.connection === connection);
    const counted = ours.filter(({ outcome }) => outcome !== 'accepted');
    assert.deepEqual(
      counted.map(({ method, status }) => `${method} ${status}`).sort(),
      ['GET 404', 'PATCH 400', 'POST 400'].sort(),
    );
    const listed = (await refused()).filter((one) => one.connection === connection);
    assert.deepEqual(
      listed.map(({ id }) => id),
      counted.map(({ id }) => id),
    );
    assert.ok(!(await refused()).some(({ door, status }) => door === 'admin' && status === 404));
    type Health = { hours: { refused: number }[]; faults: Items };
    const health = await until(
      async () => (await send('GET', at(`/connections/${connection}/health`))).body as unknown as Health,
      ({ hours }) => hours.reduce((sum, hour) => sum + hour.refused, 0) >= counted.length,
    );
    assert.equal(
      health.hours.reduce((sum, hour) => sum + hour.refused, 0),
      counted.length,
    );
    const fault = health.faults.find(({ code }) => code === 'invalidValue' || code === 'wrongType');
    assert.match(String(fault?.page ?? health.faults[0]?.page), /^\/docs\/troubleshooting#\w+$/);
  });

  test('a command that finds nobody is none', async () => {
    for (const words of [
      ['user', 'show'],
      ['user', 'history'],
      ['user', 'sources'],
    ])
      assert.equal((await cli(...words, 'no.such.person', '--account', slug)).code, 1);
    const commands = await until(
      async () => (await events()).filter(({ method, status }) => method === 'COMMAND' && status === 404),
      (found) => found.length >= 3,
    );
    assert.deepEqual([...new Set(commands.map(({ outcome }) => outcome))], ['accepted']);
    assert.ok(!(await refused()).some(({ method, status }) => method === 'COMMAND' && status === 404));
    const { out } = await cli('connection', 'events', '--failed', '--account', slug);
    assert.ok(!out.includes('/user/'), out);
  });
});

describe('the values that a refusal quotes', () => {
  const unit = 'Retail';
  let user: string;
  let refusal: () => Promise<Record<string, unknown>>;
  beforeAll(async () => {
    assert.equal((await api.root('POST', at('/org-units'), { body: { code: unit } })).status, 201);
    user = idOf(await send('POST', at('/users'), { body: person('quincy', { organizationalUnit: unit }) }));
    idOf(await send('POST', at('/users'), { body: person('taken.name') }));
    const Operations = [{ op: 'replace', path: 'userName', value: 'Taken.Name' }];
    const schemas = ['urn:ietf:params:scim:api:messages:2.0:PatchOp'];
    const refused = await scim('PATCH', `/Users/${user}`, { schemas, Operations });
    assert.equal(refused.status, 409, refused.text);
    refusal = () => refusalAs(send);
  });

  const refusalAs = async (reader: Api) => {
    const events = async () => ((await reader('GET', at(`/users/${user}/events`))).body as { items: Items }).items;
    const found = await until(events, (all) => all.some(({ status }) => status === 409));
    return found.find(({ status }) => status === 409) as Record<string, unknown>;
  };
  const detailOf = ({ faults }: Record<string, unknown>) => String((faults as Items)[0]?.detail);

  test('are shown to administrators of the account, in every list and on the command line', async () => {
    assert.match(detailOf(await refusal()), /^userName "Taken\.Name" is taken by/);
    assert.ok(!JSON.stringify(await refusal()).includes('quoted'));
    const history = (await items(`/users/${user}/history`)).flatMap(({ request }) => (request ?? []) as object[]);
    assert.ok(JSON.stringify(history).includes('userName \\"Taken.Name\\" is taken'), JSON.stringify(history));
    assert.match((await cli('user', 'history', 'quincy', '--account', slug)).out, /userName "Taken\.Name" is taken/);
  });

  test('are … for those who may read the events of some users only', async () => {
    const limited = await api.administrator(slug, 'orgUnitAdministrator', { orgUnit: unit });
    assert.match(detailOf(await refusalAs(limited)), /^userName "…" is taken by/);
    const history = await limited('GET', at(`/users/${user}/history`));
    assert.ok(history.text.includes('userName \\"…\\" is taken') && history.status === 200, history.text);
  });

  test('are gone with the person whose they are', async () => {
    const body = { schemas: [GROUP], displayName: 'With a guest', members: [{ value: 'guest.name' }] };
    assert.equal((await scim('POST', '/Groups', body)).status, 400);
    const ofGroup = async () =>
      (await items('/events?limit=100')).find(({ path, status }) => path === '/Groups' && status === 400);
    const before = await until(ofGroup, (found) => found !== undefined);
    assert.match(detailOf(before as Record<string, unknown>), /The member "guest\.name" does not exist/);
    const guest = idOf(await send('POST', at('/users'), { body: person('guest.name') }));
    assert.equal((await send('POST', at(`/users/${guest}/erase`))).status, 200);
    const after = JSON.stringify(await ofGroup());
    assert.ok(after.includes('The member \\"[erased]\\"') && !after.includes('guest.name'), after);
  });
});

describe('remedies', () => {
  test('are listed by code in each language, with the section about it on this server', async () => {
    for (const language of ['en', 'nl', 'fr', 'de']) {
      const { status, body } = await send('GET', `/remedies?language=${language}`);
      assert.equal(status, 200);
      const remedies = body.items as { code: string; cause: string; fix: string; page: string }[];
      for (const { code, cause, fix, page } of remedies) {
        assert.ok(cause.length > 10 && fix.length > 5, code);
        const [path = '', anchor = ''] = page.split('#');
        const served = await fetch(api.server.origin + path);
        assert.equal(served.status, 200, page);
        assert.ok((await served.text()).includes(` id="${anchor}"`), page);
        if (code !== 'required') continue;
        const text = await (await fetch(api.server.origin + path)).text();
        assert.ok(text.includes(`<html lang="${language}">`) && !/(?:href|src)="https?:/.test(text), page);
      }
    }
    assert.equal((await send('GET', '/remedies?language=xx')).status, 400);
  });

  test('the history says from when on requests are kept', async () => {
    const { body } = await send('GET', at('/history?search=nobody.at.all'));
    const days = (Date.now() - new Date(String(body.keptFrom)).getTime()) / 86_400_000;
    assert.equal(Math.round(days), 30);
  });
});
