// Kindness to clients over SCIM: a deactivation is never refused, unknown attributes stop nobody of Entra ID and Okta, decorations stop
// no hire, and refusals say what is wrong and with which value.

import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import type { Answer } from '../support/http-client.ts';
import { at } from '../support/pointer.ts';
import { bulkBody, ENTERPRISE, GROUP, MOBIETRAIN_USER, patchBody, USER, userNamed } from '../support/scim.ts';
import { openTenants, type Tenant, type Tenants } from '../support/tenants.ts';

let server: Tenants;
let tenant: Tenant;
let entra: Tenant;
beforeAll(async () => {
  server = await openTenants();
  tenant = await server.tenant();
  entra = await server.connect(tenant.account, 'Entra ID');
});
afterAll(() => server.stop());

let counter = 0;
const nextName = (): string => {
  counter += 1;
  return `kind-${counter}`;
};
function taken(reply: Answer, status = 200): Answer['body'] {
  assert.equal(reply.status, status, reply.text);
  return reply.body;
}
const make = async (more: object = {}) =>
  taken(await tenant.call('POST', '/Users', { body: userNamed(nextName(), { title: 'Clerk', ...more }) }), 201);
const pathOf = ({ id }: Answer['body']) => `/Users/${String(id)}`;
const read = async (user: Answer['body']) => taken(await tenant.call('GET', pathOf(user)));
const patch = (by: Tenant, user: Answer['body'], ...Operations: unknown[]) =>
  by.call('PATCH', pathOf(user), { body: patchBody(...Operations) });
const replace = (path: string, value: unknown) => ({ op: 'Replace', path, value });
const OFF = replace('active', 'False');
const ACME = 'urn:ietf:params:scim:schemas:extension:acme:2.0:User';

/** The details that the events of requests about a resource have. */
async function notesAbout(id: unknown): Promise<string[]> {
  await pause(600);
  const events = server.database.db.collection<{ 'subject.id': string; faults?: { detail: string }[] }>('events');
  const found = await events.find({ 'subject.id': String(id) }).toArray();
  return found.flatMap(({ faults }) => (faults ?? []).map(({ detail }) => detail));
}

describe('a deactivation', () => {
  const BESIDE: [what: string, operation: unknown][] = [
    ['an unknown URN path', replace(`${ACME}:badge`, 'x')],
    ['an unknown path', replace('badge', 'x')],
    ['an unknown sub-attribute', replace('name.nope', 'x')],
    ['a malformed path', replace('emails[', 'x')],
    ['a filter that selects nothing', replace('emails[value eq "nobody"].value', 'x')],
    ['a value of the wrong type', replace('title', 5)],
    ['an object of operators', replace('title', { $ne: 1 })],
    ['a text that is too long', replace('title', 'x'.repeat(300))],
    ['hidden signs in a name', replace('name.givenName', 'A\u202enn')],
    ['a required attribute emptied', replace('userName', '')],
    ['a required attribute removed', { op: 'remove', path: 'userName' }],
    ['a login name that is taken', replace('userName', 'holder')],
    ['an external ID that is taken', replace('externalId', 'ext-holder')],
    ['a read-only attribute', replace('meta.created', 'x')],
    ['another id', { op: 'replace', value: { id: 'other' } }],
    ['required data lost', { op: 'remove', path: 'emails' }],
    ['a group ID that is too long', replace(`${MOBIETRAIN_USER}:userGroupId`, 'x'.repeat(300))],
    ['an operation that is none', { op: 'move', path: 'title' }],
    ['an operation without a value', { op: 'add', path: 'title' }],
    ['a removal without a path', { op: 'remove' }],
    ['a text as an operation', 'nonsense'],
    ['a key twice', { op: 'replace', value: { title: 'a', TITLE: 'b' } }],
  ];
  beforeAll(async () => {
    taken(await tenant.call('POST', '/Users', { body: userNamed('holder') }), 201);
  });
  test.each(BESIDE)('beside %s, whatever comes first', async (_what, operation) => {
    for (const operations of [
      [operation, OFF, replace('nickName', 'Nick')],
      [replace('nickName', 'Nick'), { op: 'replace', value: { active: false } }, operation],
    ]) {
      const user = await make();
      const answer = taken(await patch(tenant, user, ...operations));
      const after = await read(user);
      assert.deepEqual(answer, after);
      assert.equal(after.active, false);
      assert.equal(after.nickName, 'Nick', 'the rest is applied');
      assert.equal(after.userName, user.userName);
    }
  });
  test('in Bulk, and again when the user is inactive already', async () => {
    const user = await make();
    const data = patchBody(replace('badge', 'x'), OFF);
    const reply = await tenant.call('POST', '/Bulk', { body: bulkBody({ method: 'PATCH', path: pathOf(user), data }) });
    assert.deepEqual(at(reply.body, '/Operations/*/status'), ['200'], reply.text);
    assert.equal((await read(user)).active, false);
    taken(await patch(tenant, user, replace('badge', 'x'), OFF));
  });
  test('its event says what was not applied', async () => {
    const user = await make();
    taken(await patch(tenant, user, replace('badge', 'x'), replace('title', 'x'.repeat(300)), OFF));
    const notes = await notesAbout(user.id);
    assert.ok(
      notes.some((note) => /names no attribute.*not applied/.test(note)),
      notes.join('\n'),
    );
    assert.ok(
      notes.some((note) => /title.*255.*not applied/.test(note)),
      notes.join('\n'),
    );
  });
  test('by PUT keeps what can not be taken, and takes the rest', async () => {
    const PUTS: [more: object, kept: string[]][] = [
      [{ title: 5 }, ['title']],
      [{ title: 'x'.repeat(300), nickName: 'Nick' }, ['title']],
      [{ userName: undefined }, ['userName']],
      [{ userName: 'holder' }, ['userName']],
      [{ emails: [{ value: {} }, { value: 5 }] }, ['emails']],
      [{ name: 'text' }, ['name']],
      [{ [ENTERPRISE]: 'text' }, [ENTERPRISE]],
      [{ title: 'a', Title: 'b' }, ['title']],
      [{ externalId: 'ext-holder' }, ['externalId']],
    ];
    for (const [more, kept] of PUTS) {
      const user = await make({ [ENTERPRISE]: { department: 'Food' } });
      const { nickName } = more as { nickName?: string };
      const body = { ...userNamed(String(user.userName)), ...more, active: 'False' };
      const after = taken(await tenant.call('PUT', pathOf(user), { body }));
      assert.equal(after.active, false, JSON.stringify(more));
      for (const key of kept) assert.deepEqual(after[key], user[key], `${key} of ${JSON.stringify(more)}`);
      assert.equal(after.nickName, nickName);
    }
  });
  test('what does not deactivate is refused as ever', async () => {
    const user = await make();
    for (const active of ['True', 'maybe', null, '']) {
      const reply = await patch(tenant, user, replace('badge', 'x'), replace('active', active));
      assert.equal(reply.status, 400, String(active));
    }
    const on = await patch(tenant, user, OFF, replace('badge', 'x'), replace('active', true));
    assert.equal(on.status, 400, 'the last one counts');
    assert.deepEqual(await read(user), user);
  });
  test('null and "" deactivate nobody', async () => {
    const user = await make();
    for (const active of [null, '', ' ', {}, []]) {
      taken(await tenant.call('PUT', pathOf(user), { body: userNamed(String(user.userName), { active }) }));
      taken(await patch(tenant, user, { op: 'replace', value: { active } }));
      taken(await patch(tenant, user, replace('active', active)));
      assert.equal((await read(user)).active, true, JSON.stringify(active));
    }
  });
});

describe('unknown attributes', () => {
  const UNKNOWN: [what: string, operation: { op: string; path?: string; value: unknown }][] = [
    ['a path', replace('badge', 'x')],
    ['a URN path', replace(`${ACME}:badge`, 'x')],
    ['an unknown attribute of a known schema', replace(`${ENTERPRISE}:badge`, 'x')],
    ['a dotted path', replace('name.badge', 'x')],
    ['a path with a filter', replace('badges[type eq "work"].value', 'x')],
    ['an unknown name in a filter', replace('emails[badge eq "x"].value', 'y')],
    ['a dotted key', { op: 'replace', value: { 'name.badge': 'x' } }],
    ['a URN key', { op: 'replace', value: { [`${ACME}:badge`]: 'x' } }],
    ['a URN key of a schema', { op: 'replace', value: { [ACME]: { badge: 'x' } } }],
    ['a key within a schema', { op: 'replace', value: { [ENTERPRISE]: { 'manager.badge': 'x' } } }],
  ];
  test.each(UNKNOWN)(
    '%s: refused by default, ignored for Entra ID, and the rest is applied',
    async (_what, operation) => {
      const user = await make();
      const refused = await patch(tenant, user, replace('nickName', 'Nick'), operation);
      assert.equal(refused.status, 400, refused.text);
      assert.deepEqual(await read(user), user);
      const after = taken(await patch(entra, user, replace('nickName', 'Nick'), operation));
      assert.equal(after.nickName, 'Nick');
      const notes = await notesAbout(user.id);
      assert.ok(
        notes.some((note) => note.endsWith('It was ignored.')),
        notes.join('\n'),
      );
    },
  );
  test('in a whole resource and in values they are ignored for everybody', async () => {
    const more = { badge: 'x', [ACME]: { badge: 'x' }, roles: [{ value: 'r', displayName: 'R' }], 'name.badge': 'x' };
    for (const by of [tenant, entra]) {
      const user = taken(await by.call('POST', '/Users', { body: userNamed(nextName(), more) }), 201);
      assert.deepEqual(user.roles, [{ value: 'r' }]);
      const notes = await notesAbout(user.id);
      // Events keep no text of clients, except for names of attributes.
      const ignored = notes.filter((note) => note.endsWith('is the name of no attribute. It was ignored.'));
      assert.equal(ignored.length, 4, notes.join('\n'));
    }
  });
  test('are refused or ignored as the connection is set', async () => {
    const strict = await server.connect(tenant.account, 'Okta, strict');
    const lenient = await server.connect(tenant.account, 'lenient');
    const of = (by: Tenant, unknownAttributes: 'ignore' | 'refuse' | null) =>
      server.accounts.setConnection(tenant.account, by.connection.id, { unknownAttributes });
    assert.equal((await of(strict, 'refuse'))?.unknownAttributes, 'refuse');
    await of(lenient, 'ignore');
    const user = await make();
    assert.equal((await patch(strict, user, replace('badge', 'x'))).status, 400);
    taken(await patch(lenient, user, replace('badge', 'x')));
    const other = await server.tenant();
    assert.equal(
      await server.accounts.setConnection(other.account, strict.connection.id, { unknownAttributes: null }),
      undefined,
    );
    assert.equal((await of(strict, null))?.unknownAttributes, undefined);
  });
  test('of a group, too', async () => {
    const body = { schemas: [GROUP], displayName: nextName() };
    const group = taken(await entra.call('POST', '/Groups', { body }), 201);
    const operations = patchBody(replace('badge', 'x'), replace('displayName', nextName()));
    const path = `/Groups/${String(group.id)}`;
    assert.equal((await tenant.call('PATCH', path, { body: operations })).status, 400);
    taken(await entra.call('PATCH', path, { body: operations }));
  });
});

test('decorations in a wrong format stop no hire: they are served as they were sent, and the event says so', async () => {
  const pem = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
  const more = {
    profileUrl: 'https://example.com/a b',
    photos: ['not a url', { value: 'c:\\pictures\\me.png', type: 'photo' }],
    x509Certificates: [{ value: pem }],
    locale: 'not a locale',
    timezone: 'Mars/Olympus',
    ims: ['me'],
  };
  const user = await make(more);
  assert.equal(user.profileUrl, more.profileUrl);
  assert.equal(at(user, '/x509Certificates/0/value'), pem);
  taken(await patch(tenant, user, replace('profileUrl', 'a b'), replace('photos[type eq "photo"].value', 'x y')));
  const same = await read(user);
  assert.equal(
    at(taken(await tenant.call('PUT', pathOf(user), { body: same })), '/meta/version'),
    at(same, '/meta/version'),
  );
  const notes = await notesAbout(user.id);
  for (const name of ['profileUrl', 'x509Certificates.value'])
    assert.ok(
      notes.some((note) => note.startsWith(name)),
      `${name}: ${notes.join('\n')}`,
    );
});

describe('texts', () => {
  const BLANK = ['  ', '\u00a0', '\u200b\u200d', '\t\r\n', '\ufeff', '\u3164', '\u2800'];
  test.each(BLANK.map((blank) => [blank]))('%j is not a value', async (blank) => {
    const refused = async (body: object, path: string, where = '/Users') => {
      const reply = await tenant.call('POST', where, { body });
      assert.equal(reply.status, 400, reply.text);
      assert.ok(String(reply.body.detail).startsWith(`${path} is required`), reply.text);
    };
    await refused(userNamed(blank, { externalId: nextName() }), 'userName');
    await refused(userNamed(nextName(), { externalId: blank }), 'externalId');
    await refused(userNamed(nextName(), { name: { givenName: blank, familyName: 'Example' } }), 'name.givenName');
    await refused({ schemas: [GROUP], displayName: blank }, 'displayName', '/Groups');
    const user = await make({
      nickName: blank,
      [ENTERPRISE]: { department: blank },
      emails: [{ value: 'a@b.example' }, { value: blank, type: 'home' }],
    });
    assert.equal(user.nickName, undefined);
    assert.equal(user[ENTERPRISE], undefined);
    assert.deepEqual(user.emails, [{ value: 'a@b.example' }]);
    const put = taken(await tenant.call('PUT', pathOf(user), { body: { ...user, externalId: blank } }));
    assert.equal(put.externalId, user.externalId, 'as if absent');
    assert.equal(taken(await patch(tenant, user, replace('title', blank))).title, undefined);
    assert.equal((await patch(tenant, user, replace('userName', blank))).status, 400);
  });

  const FIELDS: [path: string, body: (text: string) => object][] = [
    ['userName', (text) => userNamed(text)],
    ['externalId', (text) => userNamed('hidden', { externalId: text })],
    ['name.givenName', (text) => userNamed('hidden', { name: { givenName: text, familyName: 'Example' } })],
    ['name.formatted', (text) => userNamed('hidden', { name: { givenName: 'Ann', familyName: 'E', formatted: text } })],
    ['displayName', (text) => userNamed('hidden', { displayName: text })],
    ['nickName', (text) => userNamed('hidden', { nickName: text })],
    ['emails[0].value', (text) => userNamed('hidden', { emails: [{ value: `${text}@example.com` }] })],
    [
      'stores[0].display',
      (text) => userNamed('hidden', { [MOBIETRAIN_USER]: { stores: [{ value: 's', display: text, country: '32' }] } }),
    ],
    ['storeRefId', (text) => userNamed('hidden', { [MOBIETRAIN_USER]: { storeRefId: text } })],
    ['userGroups[0].value', (text) => userNamed('hidden', { [MOBIETRAIN_USER]: { userGroups: [text] } })],
    ['userGroupName', (text) => userNamed('hidden', { [MOBIETRAIN_USER]: { userGroupName: text } })],
  ];
  const HIDDEN = [
    'a\u0000b',
    'a\nb',
    'a\rb',
    'a\tb',
    'a\u001bb',
    'a\u0085b',
    'a\u2028b',
    'a\u200bb',
    'a\u200db',
    'a\u202eb',
    'a\u2066b',
    'a\u200fb',
    'a\ufeffb',
    'a\u00adb',
    'a\ufe0fb',
    'a\u{e0061}b',
  ];
  test.each(FIELDS)('hidden signs are refused in %s', async (path, body) => {
    for (const text of HIDDEN) {
      const reply = await tenant.call('POST', '/Users', { body: body(text) });
      assert.equal(reply.status, 400, `${JSON.stringify(text)} ${reply.text}`);
      assert.ok(String(reply.body.detail).startsWith(path), reply.text);
      assert.match(String(reply.body.detail), /invisible signs|e-mail address/);
    }
  });
  test('and in the names and IDs of groups', async () => {
    for (const more of [{ displayName: 'a\u202eb' }, { displayName: 'x', externalId: 'a\u200bb' }]) {
      const reply = await tenant.call('POST', '/Groups', { body: { schemas: [GROUP], ...more } });
      assert.equal(reply.status, 400, reply.text);
      assert.match(String(reply.body.detail), /^(displayName|externalId): .*invisible signs/);
    }
  });
});

describe('one length', () => {
  test('a group has no name and no ID that a user may not show', async () => {
    const push = (more: object) => tenant.call('POST', '/Groups', { body: { schemas: [GROUP], ...more } });
    for (const more of [{ displayName: 'x'.repeat(256) }, { displayName: 'x', externalId: 'y'.repeat(256) }]) {
      const reply = await push(more);
      assert.equal(reply.status, 400, reply.text);
      assert.match(String(reply.body.detail), /longer than 255/);
    }
    const group = taken(await push({ displayName: 'x'.repeat(255), externalId: 'y'.repeat(255) }), 201);
    for (const path of ['displayName', 'externalId']) {
      const body = patchBody(replace(path, 'z'.repeat(256)));
      assert.equal((await tenant.call('PATCH', `/Groups/${String(group.id)}`, { body })).status, 400);
    }
    const user = await make({ [MOBIETRAIN_USER]: { userGroupId: 'y'.repeat(255) } });
    taken(await tenant.call('PUT', pathOf(user), { body: await read(user) }));
  });
  test('what was stored before a rule is served, and accepted back', async () => {
    const user = await make({ [MOBIETRAIN_USER]: { userGroupId: 'old-1', userGroupName: 'Old' } });
    const { db } = server.database;
    const long = `a\u200b${'x'.repeat(300)}`;
    const id = at(user, '/groups/0/value');
    await db.collection<{ _id: string }>('groups').updateOne({ _id: String(id) }, { $set: { name: long, type: long } });
    await db
      .collection<{ _id: string }>('users')
      .updateOne({ _id: String(user.id) }, { $set: { 'data.title': long, 'data.name.givenName': long } });
    // Names of groups are cached for two seconds.
    await pause(2_100);
    for (const path of [pathOf(user), `/Groups/${String(id)}`]) {
      const whole = taken(await tenant.call('GET', path));
      assert.ok(JSON.stringify(whole).includes(long));
      const echo = taken(await tenant.call('PUT', path, { body: whole }));
      assert.deepEqual(at(echo, '/members') ?? [], at(whole, '/members') ?? []);
    }
    const whole = await read(user);
    taken(await tenant.call('PUT', pathOf(user), { body: { ...whole, nickName: 'Nick' } }));
    taken(await patch(tenant, user, replace('nickName', 'Nack')));
    assert.equal((await patch(tenant, user, replace('title', `${long}y`))).status, 400, 'a new one is checked');
  });
});

describe('words', () => {
  test('a login name that is taken is named, and the state of its holder', async () => {
    const conflict = async (holder: Answer['body']) => {
      // Under the e-mail of an invited user, it would be the same person.
      const emails = [{ value: `${nextName()}@example.com`, primary: true }];
      const body = userNamed(String(holder.userName).toUpperCase(), { externalId: nextName(), emails });
      const reply = await tenant.call('POST', '/Users', { body });
      assert.equal(reply.status, 409, reply.text);
      assert.equal(reply.body.scimType, 'uniqueness');
      assert.ok(String(reply.body.detail).startsWith(`userName "${String(body.userName)}" is taken by another user`));
      return String(reply.body.detail);
    };
    assert.doesNotMatch(await conflict(await make()), /inactive/);
    assert.match(await conflict(await make({ active: false })), /inactive/);
    const invited = await make();
    const users = server.database.db.collection<{ _id: string }>('users');
    await users.updateOne({ _id: String(invited.id) }, { $set: { lifecycle: 'invited' } });
    assert.match(await conflict(invited), /invited/);
    const [one, two] = [await make(), await make({ active: false })];
    const renamed = await patch(tenant, one, replace('userName', two.userName));
    assert.match(String(renamed.body.detail), /inactive/);
  });
  test('a group name that is taken is named', async () => {
    const body = { schemas: [GROUP], displayName: 'Twice "quoted"' };
    taken(await tenant.call('POST', '/Groups', { body }), 201);
    const reply = await tenant.call('POST', '/Groups', { body });
    assert.equal(reply.status, 409);
    assert.match(
      String(reply.body.detail),
      /^displayName "Twice \\"quoted\\"" is taken by another group of this account/,
    );
  });
});

describe('addresses', () => {
  test('several slashes are one', async () => {
    const user = await make();
    const id = String(user.id);
    for (const path of [
      '//Users',
      '/Users//',
      '//Users//',
      `//Users/${id}`,
      `/Users//${id}/`,
      '//Schemas',
      '//ResourceTypes//User',
    ])
      assert.equal((await tenant.call('GET', path)).status, 200, path);
    const made = await tenant.call('POST', '//Users', { body: userNamed(nextName()) });
    assert.equal(made.status, 201, made.text);
    assert.equal((await tenant.call('GET', '//Users', { token: 'wrong' })).status, 401);
  });
  test('slashes around the base are one, and lead to no other host', async () => {
    const { origin, pathname } = new URL(server.base);
    const Authorization = `Bearer ${tenant.token}`;
    const get = (path: string, headers: Record<string, string> = { Authorization }) =>
      fetch(`${origin}${path}`, { headers, redirect: 'manual' });
    for (const path of [
      `/${pathname}/Users`,
      `//${pathname}/Users`,
      `/${pathname}//Users`,
      `/${pathname}//Users?aadOptscim062020`,
      `${pathname}/Users?aadOptscim062020&count=1`,
    ]) {
      const reply = await get(path);
      assert.equal(reply.status, 200, path);
      assert.equal(reply.headers.get('location'), null, path);
      assert.equal((await get(path, {})).status, 401, path);
    }
    for (const path of ['//host.example', '//host.example/', '//host.example/..', '///docs', '//']) {
      const reply = await get(path, { Accept: 'text/html' });
      // To the console, if it was built here.
      assert.ok([null, '/docs', '/console/'].includes(reply.headers.get('location')), path);
    }
  });
  test('a parameter without a value is as absent', async () => {
    const whole = taken(await tenant.call('GET', '/Users'));
    for (const query of [
      'count=',
      'startIndex=',
      'filter=',
      'sortBy=',
      'sortOrder=',
      'filter=%20',
      'count=&startIndex=&filter=&sortBy=&sortOrder=&attributes=&excludedAttributes=',
    ])
      assert.deepEqual(taken(await tenant.call('GET', `/Users?${query}`)), whole, query);
    taken(await tenant.call('GET', '/Users?cursor=&count='));
    assert.equal((await tenant.call('GET', '/Users?count=x')).status, 400);
  });
  test('no discovery endpoint takes a filter', async () => {
    const id = encodeURIComponent(USER);
    for (const path of [
      '/ServiceProviderConfig',
      '/ResourceTypes',
      '/Schemas',
      '/ResourceTypes/User',
      `/Schemas/${id}`,
    ]) {
      assert.equal((await tenant.call('GET', `${path}?filter=id%20eq%20%22y%22`)).status, 403, path);
      assert.equal((await tenant.call('GET', `${path}?filter=`)).status, 200, path);
    }
  });
});
