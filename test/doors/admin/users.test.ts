// Users over the admin API: made, found, changed, blocked, put into groups, deleted; mistakes are reported by fault codes.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { type AdminServer, type Api, idOf, openAdminServer, person } from '../../support/admin.ts';
import { GROUP, MOBIETRAIN_USER, patchBody, USER } from '../../support/scim.ts';

let api: AdminServer;
let account: string;
let admin: Api;
beforeAll(async () => {
  api = await openAdminServer();
  account = await api.account();
  admin = await api.administrator(account, 'customerAdministrator');
});
afterAll(() => api.stop());

const users = (rest = '') => `/accounts/${account}/users${rest}`;
const create = (userName: string, more: Record<string, unknown> = {}) =>
  admin('POST', users(), { body: person(userName, more) });

async function found(query: string): Promise<string[]> {
  const page = await admin('GET', users(`?${query}`));
  assert.equal(page.status, 200, page.text);
  return (page.body.items as { userName: string }[]).map(({ userName }) => userName);
}

/** A SCIM client of the account. */
async function scimClient(): Promise<
  (method: string, path: string, body?: unknown) => Promise<{ body: unknown; status: number }>
> {
  const connection = idOf(
    await admin('POST', `/accounts/${account}/connections`, { body: { name: `Entra ${Math.random()}` } }),
  );
  const made = await admin('POST', `/accounts/${account}/connections/${connection}/credentials`, { body: {} });
  return (method, path, body) =>
    api.server.raw(path, {
      method,
      headers: { Authorization: `Bearer ${String(made.body.token)}`, 'Content-Type': 'application/scim+json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
}

describe('a user', () => {
  test('is made, read, changed and deleted; its external ID never comes back', async () => {
    const made = await create('round.trip', { title: 'Clerk', employeeNumber: '0042', companyId: 'C-1' });
    assert.equal(made.status, 201);
    assert.equal(made.headers.get('location'), `/api/v1${users(`/${idOf(made)}`)}`);
    assert.deepEqual([made.body.title, made.body.employeeNumber, made.body.companyId], ['Clerk', '0042', 'C-1']);
    assert.equal(made.body.hasExternalId, true);
    assert.ok(!made.text.includes('ext-round.trip'));
    const path = users(`/${idOf(made)}`);
    const changed = await admin('PATCH', path, {
      body: { title: null, name: { givenName: 'Anna' }, department: 'Shoes' },
    });
    assert.deepEqual(
      [changed.status, changed.body.title, changed.body.name, changed.body.department],
      [200, undefined, { givenName: 'Anna', familyName: 'Example' }, 'Shoes'],
    );
    assert.equal((await admin('DELETE', path)).status, 204);
    assert.equal((await admin('GET', path)).status, 404);
  });

  test('a change that names an old version is refused', async () => {
    const made = await create('versions');
    const path = users(`/${idOf(made)}`);
    const tag = made.headers.get('etag') ?? '';
    const change = (title: string) => admin('PATCH', path, { body: { title }, headers: { 'If-Match': tag } });
    assert.equal((await change('one')).status, 200);
    assert.equal((await change('two')).status, 412);
    assert.equal((await admin('DELETE', path, { headers: { 'If-Match': tag } })).status, 412);
    assert.equal((await admin('DELETE', path, { headers: { 'If-Match': 'nonsense' } })).status, 400);
  });

  test('is deactivated and activated; a block is a flag of its own that no sync lifts', async () => {
    const path = users(`/${idOf(await create('blocked.one'))}`);
    const step = async (action: string) => {
      const { status, body } = await admin('POST', `${path}/${action}`);
      return [status, body.status, body.active];
    };
    assert.deepEqual(await step('deactivate'), [200, 'inactive', false]);
    assert.deepEqual(await step('activate'), [200, 'active', true]);
    assert.deepEqual(await step('block'), [200, 'blocked', true]);
    const scim = await scimClient();
    const id = path.split('/').at(-1);
    const operations = [{ op: 'replace', path: 'active', value: true }];
    assert.equal((await scim('PATCH', `/Users/${id}`, patchBody(...operations))).status, 200);
    const put = { schemas: [USER], ...person('blocked.one'), active: true };
    assert.equal((await scim('PUT', `/Users/${id}`, put)).status, 200);
    assert.equal((await admin('GET', path)).body.status, 'blocked');
    assert.deepEqual(await step('unblock'), [200, 'active', true]);
    assert.deepEqual(await step('unblock'), [200, 'active', true]);
  });

  test('keeps its login name, unless the account lets administrators change it', async () => {
    const path = users(`/${idOf(await create('first.login'))}`);
    const rename = () => admin('PATCH', path, { body: { userName: 'second.login' } });
    const refused = await rename();
    assert.deepEqual([refused.status, refused.body.code], [400, 'mutability']);
    assert.equal((await admin('PATCH', path, { body: { userName: 'first.login', title: 'x' } })).status, 200);
    const editable = (loginNamesEditable: boolean) =>
      api.root('PATCH', `/accounts/${account}`, { body: { loginNamesEditable } });
    const own = await admin('PATCH', `/accounts/${account}`, { body: { loginNamesEditable: true } });
    assert.deepEqual([own.status, own.body.code], [403, 'forbidden']);
    assert.equal((await editable(true)).body.loginNamesEditable, true);
    assert.deepEqual([(await rename()).status, (await admin('GET', path)).body.userName], [200, 'second.login']);
    await editable(false);
  });

  test('names only org units, profiles and organizations that exist; what SCIM gave may stay', async () => {
    for (const [field, value] of [
      ['organizationalUnit', 'Nowhere'],
      ['enrollmentProfiles', ['X1']],
      ['organizations', ['Nobody']],
    ] as const) {
      const answer = await create(`unknown.${field}`, { [field]: value });
      assert.deepEqual([answer.status, answer.body.code], [400, 'unknownReference'], field);
    }
    const scim = await scimClient();
    const made = await scim('POST', '/Users', {
      schemas: [USER, MOBIETRAIN_USER],
      ...person('kept.unit'),
      [MOBIETRAIN_USER]: { organizationalUnit: 'From Entra' },
    });
    const path = users(`/${(made.body as { id: string }).id}`);
    const same = await admin('PATCH', path, { body: { organizationalUnit: 'From Entra', title: 'x' } });
    assert.equal(same.status, 200);
    assert.equal((await admin('PATCH', path, { body: { organizationalUnit: 'Other' } })).status, 400);
  });
});

describe('what is wrong', () => {
  for (const [words, body, status, code] of [
    ['no userName', { name: { givenName: 'A', familyName: 'B' } }, 400, 'required'],
    ['a name of the wrong type', person('w1', { name: 'Ann' }), 400, 'wrongType'],
    ['a field nobody knows', person('w2', { isAdmin: true }), 400, 'mutability'],
    ['a field of the server', person('w3', { id: 'x' }), 400, 'mutability'],
    ['an e-mail that is none', person('w4', { emails: [{ value: 'nobody' }] }), 400, 'invalidValue'],
    ['a title that is too long', person('w5', { title: 'x'.repeat(256) }), 400, 'tooLong'],
    ['a store without its country', person('w6', { stores: [{ refId: 'q', name: 'Q' }] }), 400, 'required'],
    ['a group that does not exist', person('w7', { groups: ['nothing'] }), 400, 'unknownReference'],
    ['an operator object', person('w8', { userName: { $ne: null } }), 400, 'wrongType'],
    ['no object', [], 400, 'wrongType'],
    ['__proto__', JSON.parse('{"__proto__":{"polluted":true}}') as object, 400, 'mutability'],
  ] as const) {
    test(`${words}: ${code}`, async () => {
      const answer = await admin('POST', users(), { body });
      assert.deepEqual([answer.status, answer.body.code], [status, code], answer.text);
      assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/);
      assert.ok(Array.isArray(answer.body.faults));
    });
  }

  test('a userName that is taken, in any case: 409 uniqueness', async () => {
    await create('taken.name');
    const answer = await create('TAKEN.name', { externalId: 'another' });
    assert.deepEqual([answer.status, answer.body.code], [409, 'uniqueness']);
  });

  test('all faults are reported at once, each with its path in the words of this API', async () => {
    const body = person('many', {
      externalId: null,
      stores: [{ refId: 'z', name: 'Z', country: '999999' }],
      emails: [],
    });
    const answer = await admin('POST', users(), { body });
    const paths = (answer.body.faults as { path: string }[]).map(({ path }) => path).sort();
    assert.deepEqual(paths, ['emails', 'externalId', 'stores[0].country']);
  });

  test('paths and queries that are malformed are refused, never a failure', async () => {
    const paths = [
      '/%',
      '/%00',
      '/..%2f..',
      '/a/b/c/d/e/f/g/h',
      '?limit=abc',
      '?limit=0',
      '?cursor=!!',
      '?cursor=W10',
      '?sort=__proto__',
      '?search=%ff',
      `?search=${'x'.repeat(300)}`,
    ];
    for (const path of paths) {
      const { status } = await admin('GET', users(path));
      assert.ok(status === 400 || status === 404, `${path}: ${status}`);
    }
    for (const raw of ['{', '"text"', '[', `${'['.repeat(100)}${']'.repeat(100)}`, 'null']) {
      const { status } = await admin('POST', users(), { body: raw });
      assert.equal(status, 400, raw.slice(0, 20));
    }
    const headers = { 'Content-Type': 'text/plain' };
    assert.equal((await admin('POST', users(), { body: '{}', headers })).status, 415);
    assert.equal((await admin('PUT', users(), { body: {} })).status, 405);
    assert.equal((await admin('POST', users(), { body: 'x'.repeat(1_100_000) })).status, 413);
  });
});

describe('a search', () => {
  beforeAll(async () => {
    await create('zoe.desmet', { name: { givenName: 'Zoë', familyName: 'De Smet' }, employeeNumber: 'E-7788' });
    await create('jan.jansen', { name: { givenName: 'Jan', familyName: 'Jansen' }, externalId: 'Key/1 x' });
  });

  for (const [search, names] of [
    ['zoe', ['zoe.desmet']],
    ['ZOË', ['zoe.desmet']],
    ['sme zo', ['zoe.desmet']],
    ['e-77', ['zoe.desmet']],
    ['7788', ['zoe.desmet']],
    ['jan.jansen@ex', ['jan.jansen']],
    ['Key/1 x', ['jan.jansen']],
    ['key/1 x', []],
    ['ansen', []],
    ['jan zo', []],
    ['.*', []],
    ['$where', []],
  ] as const) {
    test(`${search}: ${names.length}`, async () => {
      assert.deepEqual(await found(`search=${encodeURIComponent(search)}`), names);
    });
  }

  test('follows a change, and uses its index', async () => {
    const id = idOf(await create('renamed.person'));
    await admin('PATCH', users(`/${id}`), { body: { name: { familyName: 'Ümlautson' } } });
    assert.deepEqual(await found('search=umlaut'), ['renamed.person']);
    const plan = await api.server.database.db
      .collection('users')
      .find({
        $and: [
          { account: 'x' },
          { $or: [{ $and: [{ terms: { $elemMatch: { $gte: 'a', $lt: 'b' } } }] }, { 'data.externalId': 'a' }] },
        ],
      })
      .sort({ _id: 1 })
      .limit(11)
      .explain('queryPlanner');
    const text = JSON.stringify(plan);
    assert.doesNotMatch(text, /COLLSCAN/);
    assert.match(text, /account_terms/);
  });

  test('an empty one lists all, page by page, without a repetition or a gap', async () => {
    const all = new Set<string>();
    let next = '';
    let pages = 0;
    do {
      const page = await admin('GET', users(`?limit=5&search=${next}`));
      const items = page.body.items as { id: string }[];
      for (const { id } of items) {
        assert.ok(!all.has(id));
        all.add(id);
      }
      next = typeof page.body.next === 'string' ? `&cursor=${page.body.next}` : '';
      pages += 1;
      assert.ok(pages < 50);
      if (next === '') assert.equal(page.body.total, all.size);
    } while (next !== '');
    assert.ok(pages > 1);
  });
});

describe('groups and stores', () => {
  test("a membership that an administrator made outlives the sync's withdrawal; taken out by hand it is gone", async () => {
    const group = idOf(
      await admin('POST', `/accounts/${account}/groups`, { body: { name: 'Fire wardens', type: 'Course' } }),
    );
    const made = await create('warden', { groups: [group] });
    assert.deepEqual(made.body.groups, [{ id: group, name: 'Fire wardens', type: 'Course' }]);
    const scim = await scimClient();
    const put = { schemas: [USER, MOBIETRAIN_USER], ...person('warden'), [MOBIETRAIN_USER]: { userGroups: [] } };
    assert.equal((await scim('PUT', `/Users/${idOf(made)}`, put)).status, 200);
    assert.deepEqual(await found(`group=${group}`), ['warden']);
    const out = await admin('PATCH', users(`/${idOf(made)}`), { body: { groups: [] } });
    assert.deepEqual([out.status, out.body.groups], [200, []]);
    const path = `/accounts/${account}/groups/${group}/members`;
    assert.equal((await admin('POST', path, { body: { add: [idOf(made)] } })).status, 200);
    assert.deepEqual(await found(`group=${group}`), ['warden']);
    assert.equal((await admin('POST', path, { body: { remove: [idOf(made)] } })).status, 200);
    assert.deepEqual(await found(`group=${group}`), []);
    const nobody = await admin('POST', path, { body: { add: ['nobody'] } });
    assert.deepEqual([nobody.status, nobody.body.code], [400, 'memberNotFound']);
  });

  test("the administrators' name is shown here; SCIM keeps the source's, and a sync does not undo it", async () => {
    const scim = await scimClient();
    const pushed = await scim('POST', '/Groups', { schemas: [GROUP], displayName: 'GRP-0815', externalId: 'g-0815' });
    const { id } = pushed.body as { id: string };
    const path = `/accounts/${account}/groups/${id}`;
    const named = await admin('PATCH', path, { body: { adminName: 'Shop assistants' } });
    assert.deepEqual([named.body.name, named.body.sourceName], ['Shop assistants', 'GRP-0815']);
    assert.equal(((await scim('GET', `/Groups/${id}`)).body as { displayName: string }).displayName, 'GRP-0815');
    await scim('PATCH', `/Groups/${id}`, patchBody({ op: 'replace', path: 'displayName', value: 'GRP-0816' }));
    const after = await admin('GET', path);
    assert.deepEqual([after.body.name, after.body.sourceName], ['Shop assistants', 'GRP-0816']);
    const list = await admin('GET', `/accounts/${account}/groups?search=shop%20a`);
    assert.deepEqual(
      (list.body.items as { id: string }[]).map((one) => one.id),
      [id],
    );
    const cleared = await admin('PATCH', path, { body: { adminName: null } });
    assert.deepEqual([cleared.body.name, cleared.body.adminName], ['GRP-0816', undefined]);
  });

  test('both names of a group change in one step, or neither does', async () => {
    const groups = `/accounts/${account}/groups`;
    const made = await admin('POST', groups, { body: { name: 'Night', adminName: 'Night shift' } });
    assert.deepEqual([made.status, made.body.version, made.body.name], [201, 1, 'Night shift']);
    const path = `${groups}/${idOf(made)}`;
    const ifMatch = { 'If-Match': made.headers.get('etag') ?? '' };
    const both = await admin('PATCH', path, { body: { name: 'Day', adminName: 'Day shift' }, headers: ifMatch });
    assert.deepEqual([both.body.version, both.body.sourceName, both.body.name], [2, 'Day', 'Day shift']);
    const stale = await admin('PATCH', path, { body: { name: 'Noon', adminName: 'Noon' }, headers: ifMatch });
    assert.equal(stale.status, 412);
    const long = await admin('PATCH', path, { body: { name: 'Noon', adminName: 'x'.repeat(256) } });
    assert.deepEqual([long.status, long.body.code], [400, 'tooLong']);
    const after = await admin('GET', path);
    assert.deepEqual([after.body.version, after.body.sourceName, after.body.name], [2, 'Day', 'Day shift']);
    assert.equal((await admin('PATCH', path, { body: { adminName: 'Day shift' } })).body.version, 2, 'nothing new');
  });

  test('a store is a resource: made, renamed, moved to another country, found by its people', async () => {
    const path = `/accounts/${account}/stores`;
    const made = await admin('POST', path, { body: { refId: '4711', name: 'Gent', country: '32' } });
    assert.equal(made.status, 201);
    assert.equal((await admin('POST', path, { body: { refId: '4711' } })).status, 409);
    assert.deepEqual((await admin('POST', path, { body: { refId: '4712', name: 'X' } })).body.code, 'required');
    assert.deepEqual(
      (await admin('POST', path, { body: { refId: '4713', country: '999' } })).body.code,
      'invalidValue',
    );
    const one = `${path}/${idOf(made)}`;
    const changed = await admin('PATCH', one, { body: { adminName: 'Gent Zuid', country: '31' } });
    assert.deepEqual([changed.body.name, changed.body.sourceName, changed.body.country], ['Gent Zuid', 'Gent', '31']);
    assert.equal((await admin('PATCH', one, { body: { country: null } })).status, 400);
    const worker = await create('in.gent', { stores: [{ refId: '4711' }] });
    assert.deepEqual(worker.body.stores, [{ refId: '4711', name: 'Gent Zuid', country: '31' }]);
    assert.deepEqual(await found('store=4711'), ['in.gent']);
    const gone = await admin('PATCH', users(`/${idOf(worker)}`), { body: { stores: [] } });
    assert.deepEqual(gone.body.stores, []);
    const list = await admin('GET', `${path}?search=gent`);
    assert.equal((list.body.items as unknown[]).length, 1);
  });

  test('an org unit is found with what is below it', async () => {
    for (const code of ['Retail', 'Retail/Benelux', 'Retailer'])
      await api.root('POST', `/accounts/${account}/org-units`, { body: { code } });
    await create('unit.top', { organizationalUnit: 'Retail' });
    await create('unit.below', { organizationalUnit: 'Retail/Benelux' });
    await create('unit.other', { organizationalUnit: 'Retailer' });
    assert.deepEqual((await found('orgUnit=retail')).sort(), ['unit.below', 'unit.top']);
    const orphan = await api.root('POST', `/accounts/${account}/org-units`, { body: { code: 'No/Parent' } });
    assert.deepEqual([orphan.status, orphan.body.code], [400, 'unknownReference']);
  });
});

describe('Idempotency-Key', () => {
  test('a repeated POST gets the first answer and makes nobody else; another content is refused', async () => {
    const headers = { 'Idempotency-Key': 'k-1' };
    const body = person('idem.potent');
    const first = await admin('POST', users(), { body, headers });
    const second = await admin('POST', users(), { body, headers });
    assert.deepEqual([first.status, second.status], [201, 201]);
    assert.equal(second.text, first.text);
    assert.equal(second.headers.get('idempotency-replayed'), 'true');
    const other = await admin('POST', users(), { body: person('another.one'), headers });
    assert.deepEqual([other.status, other.body.code], [422, 'keyReused']);
    assert.deepEqual(await found('search=idem.potent'), ['idem.potent']);
  });

  test('twenty at once make one; a refused one can be tried again', async () => {
    const headers = { 'Idempotency-Key': 'k-2' };
    const body = person('at.once');
    const answers = await Promise.all(Array.from({ length: 20 }, () => admin('POST', users(), { body, headers })));
    const statuses = new Set(answers.map(({ status }) => status));
    assert.ok(
      [...statuses].every((status) => status === 201 || status === 409),
      [...statuses].join(),
    );
    assert.equal(new Set(answers.filter(({ status }) => status === 201).map(idOf)).size, 1);
    const again = { 'Idempotency-Key': 'k-3' };
    assert.equal((await admin('POST', users(), { body: {}, headers: again })).status, 400);
    assert.equal((await admin('POST', users(), { body: person('tried.again'), headers: again })).status, 201);
  });

  test('a key belongs to one administrator: another uses the same text for something else', async () => {
    const other = await api.administrator(account, 'customerAdministrator');
    const headers = { 'Idempotency-Key': 'k-1' };
    assert.equal((await other('POST', users(), { body: person('own.key'), headers })).status, 201);
  });
});

test('every request is an event, refused ones too, with who and what', async () => {
  const id = idOf(await create('traced'));
  await admin('PATCH', users(`/${id}`), { body: { title: 'x'.repeat(300) } });
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  const page = await admin('GET', users(`/${id}/events`));
  const items = page.body.items as { door: string; method: string; status: number; faults?: { code: string }[] }[];
  assert.deepEqual(
    items.map(({ door, method, status }) => [door, method, status]),
    [
      ['admin', 'PATCH', 400],
      ['admin', 'POST', 201],
    ],
  );
  const refused = await admin('GET', `/accounts/${account}/events?failed=true&door=admin&limit=1`);
  const [latest] = refused.body.items as typeof items;
  assert.equal(latest?.faults?.[0]?.code, 'tooLong');
  assert.doesNotMatch(page.text, /ext-traced/);
});

test('a country that an administrator gives a store completes the users who lacked it', async () => {
  const slug = await api.account({ requiredData: 'report' });
  const path = (rest: string) => `/accounts/${slug}${rest}`;
  const connection = idOf(await api.root('POST', path('/connections'), { body: { name: 'entra' } }));
  const { token } = (await api.root('POST', path(`/connections/${connection}/credentials`), { body: {} })).body;
  const extension = 'urn:ietf:params:scim:schemas:extension:mobietrain:2.0:User';
  const draft = {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
    ...person('of-bare', { [extension]: { stores: [{ value: 'bare', display: 'Bare' }] } }),
  };
  const user = idOf(await api.server.call('POST', '/Users', draft, { Authorization: `Bearer ${token}` }));
  const [{ id: store } = { id: '' }] = (await api.root('GET', path('/stores?search=bare'))).body.items as {
    id: string;
  }[];
  const missing = async () => (await api.root('GET', path(`/users/${user}`))).body.missing as string[];
  assert.deepEqual(await missing(), ['stores[0].country']);
  assert.equal((await api.root('PATCH', path(`/stores/${store}`), { body: { country: '32' } })).status, 200);
  for (let looks = 0; (await missing()).length > 0; looks += 1) {
    assert.ok(looks < 100, 'the user was not validated again');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
});
