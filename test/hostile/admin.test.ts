// The admin API against who means it harm: another account's ids, operators and language names in bodies and paths, bodies that are
// too large, other hosts, sessions of somebody's choice.

import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { may, type Operation } from '../../src/directory/administration/permissions.ts';
import {
  type AdminServer,
  type Api,
  type ApiCall,
  cookieOf,
  idOf,
  invitee,
  openAdminServer,
  person,
  ROOT,
} from '../support/admin.ts';
import { until } from '../support/until.ts';

let api: AdminServer;
let mine: string;
let theirs: string;
let admin: Api;
/** The same administrator, for what personal tokens may not do. */
let browser: Api;
beforeAll(async () => {
  api = await openAdminServer();
  mine = await api.account();
  theirs = await api.account();
  const made = await api.newAdministrator(mine, 'customerAdministrator');
  admin = made.byToken;
  browser = await api.browser(made);
});
afterAll(() => api.stop());

/** Everything that is stored of an account, but the trail of requests. */
async function stateOf(slug: string): Promise<string> {
  const { db } = api.server.database;
  const account = (await db.collection<{ _id: string }>('accounts').findOne({ slug }))?._id;
  const names = ['users', 'groups', 'stores', 'tombstones', 'referenceData', 'connections', 'credentials', 'runs'];
  const lists = [...names, 'administrators'].map((name) =>
    db
      .collection(name)
      .find({ account }, { projection: { changes: 0 } })
      .sort({ _id: 1 })
      .toArray(),
  );
  return JSON.stringify(await Promise.all(lists));
}

/** Something of every kind in the other account, by the name that paths have for it. */
async function victims(): Promise<Record<string, string>> {
  const at = `/accounts/${theirs}`;
  const made = async (path: string, body: object) => idOf(await api.root('POST', at + path, { body }));
  const connection = await made('/connections', { name: 'theirs' });
  const administrator = await api.newAdministrator(theirs, 'customerAdministrator');
  const listed = async (kind: string) => {
    const { items } = (await api.root('GET', `${administrator.path}/${kind}`)).body;
    return (items as { id: string }[])[0]?.id ?? '';
  };
  const group = await made('/groups', { name: 'Theirs' });
  await api.root('POST', `${at}/attributes`, { body: { name: 'theirs' } });
  const invitation = await made('/invitations', invitee('invited-victim', group));
  const upload = { body: 'FirstName;LastName;Email\n', headers: { 'Content-Type': 'text/csv' } };
  return {
    user: await made('/users', person('victim')),
    group,
    into: group,
    store: await made('/stores', { refId: 'theirs' }),
    item: await made('/organizations', { code: 'theirs' }),
    course: await made('/courses', { title: 'Theirs', link: 'https://example.com' }),
    invitation,
    setupLink: await made(`/connections/${connection}/setup-links`, {}),
    mail: `invite:${invitation}`,
    // Every account has the same kinds of mails.
    kind: 'unknown',
    language: 'en',
    secret: await made('/link-secrets', {}),
    attribute: 'theirs',
    client: await made('/clients', { name: 'Theirs', redirectUris: ['https://app.example/in'] }),
    connection,
    credential: await made(`/connections/${connection}/credentials`, {}),
    administrator: administrator.id,
    session: await listed('sessions'),
    token: await listed('tokens'),
    run: idOf(await api.root('POST', `${at}/imports/csv`, upload)),
  };
}

const BODIES: Record<string, unknown> = {
  changeUser: { title: 'Mine' },
  changeGroup: { name: 'Mine' },
  changeMembers: { add: [] },
  changeStore: { adminName: 'Mine' },
  changeCourse: { title: 'Mine' },
  changeAdministrator: { name: 'Mine' },
  setMailTemplate: { subject: 'Mine', text: '{url}' },
  previewMailTemplate: { subject: 'Mine', text: '{url}' },
  changeConnection: { unknownAttributes: 'ignore' },
};

interface DocumentedOperation {
  operationId: string;
  description?: string;
  requestBody?: object;
}

test("no operation reaches another account's things, by its slug or by their ids", async () => {
  const ids = await victims();
  await until(
    () => api.root('GET', `/accounts/${theirs}/imports/${ids.run}`),
    ({ body }) => body.finished !== undefined,
  );
  const before = await stateOf(theirs);
  const { paths } = JSON.parse((await api.server.raw(`${api.server.origin}/openapi.json`)).text) as {
    paths: Record<string, Record<string, DocumentedOperation>>;
  };
  let count = 0;
  for (const [path, methods] of Object.entries(paths)) {
    if (!path.startsWith('/accounts/{account}')) continue;
    const named = path.replace(/\{(\w+)\}/g, (whole, name: string) =>
      name === 'account' ? whole : (ids[name] ?? whole),
    );
    assert.equal(named.replace('{account}', '').includes('{'), false, `${path} names something that is not tried`);
    for (const [method, { operationId, description = '', requestBody }] of Object.entries(methods)) {
      const options: ApiCall = requestBody ? { body: BODIES[operationId] ?? {} } : {};
      // What the role can't do anywhere is refused before anything is looked for.
      const right = /Needs `([\w.]+)`/.exec(description)?.[1] as Operation;
      const status = may({ role: 'customerAdministrator' }, right) ? 404 : 403;
      const client = description.includes('Personal tokens are refused') ? browser : admin;
      const asTheirs = await client(method.toUpperCase(), named.replace('{account}', theirs), options);
      assert.equal(asTheirs.status, status, `${method} ${named} as theirs: ${asTheirs.text}`);
      count += 1;
      if (!/\{\w+\}.*\{\w+\}/.test(path)) continue;
      const asMine = await client(method.toUpperCase(), named.replace('{account}', mine), options);
      assert.equal(asMine.status, status, `${method} ${named} as mine: ${asMine.text}`);
    }
  }
  assert.ok(count > 50, `${count} operations were tried`);
  assert.equal(await stateOf(theirs), before);
});

test('a SCIM token opens nothing here', async () => {
  const scim = api.withToken(api.server.token);
  for (const path of ['/session', '/accounts', '/accounts/demo/users', '/accounts/demo/events', '/nothing'])
    assert.equal((await scim('GET', path)).status, 403, path);
  assert.equal((await scim('POST', '/accounts/demo/users', { body: person('sneak') })).status, 403);
  assert.equal((await scim('POST', '/accounts/demo/erasures', { body: {} })).status, 403);
});

describe('malformed values', () => {
  const users = () => `/accounts/${mine}/users`;
  for (const body of [
    '{"userName":{"$ne":null}}',
    '{"userName":"a","externalId":{"$gt":""}}',
    '{"__proto__":{"polluted":1},"userName":"p1"}',
    '{"constructor":{"prototype":{"polluted":1}},"userName":"p2"}',
    '{"name":{"__proto__":{"polluted":1}}}',
    '{"emails":[{"value":"a@b.example\\r\\nBcc: c@d.example"}],"userName":"p3"}',
    '[]',
    'null',
    '"text"',
  ])
    test(`${body}: 400`, async () => {
      const answer = await admin('POST', users(), { body });
      assert.equal(answer.status, 400, answer.text);
      assert.equal(({} as Record<string, unknown>).polluted, undefined);
    });

  test('NUL, signs of expressions and half characters in whom to erase: looked for as they are', async () => {
    const bystander = await admin('POST', users(), { body: person('bystander') });
    assert.equal(bystander.status, 201, bystander.text);
    for (const text of ['nul\u0000ab', '.*', '(', '\\u0000', '[\u0000', '\ud800x']) {
      const body = { userNames: [text], names: [{ given: text, family: text }], emails: [text], phones: [text] };
      const answer = await admin('POST', `/accounts/${mine}/erasures`, { body });
      assert.ok(answer.status === 200 || answer.status === 400, `${JSON.stringify(text)}: ${answer.text}`);
    }
    const still = await admin('GET', `${users()}/${String(bystander.body.id)}`);
    assert.equal(still.status, 200, 'nobody is erased whom nobody named');
  });

  test('operators at the sign-in, in queries, in cursors and as the names of accounts: never an answer', async () => {
    const session = await api.anonymous('POST', '/session', { body: '{"email":{"$ne":""},"password":{"$ne":""}}' });
    assert.equal(session.status, 400);
    const cursor = Buffer.from('{"key":{"$ne":null},"id":"x"}').toString('base64url');
    assert.equal((await admin('GET', `${users()}?cursor=${cursor}`)).status, 400);
    for (const name of ['__proto__', 'constructor', '%5B%24ne%5D', 'toString'])
      assert.equal((await api.root('GET', `/accounts/${name}/users`)).status, 404, name);
    for (const name of ['__proto__', 'constructor', 'hasOwnProperty'])
      assert.equal((await admin('GET', `${users()}/${name}`)).status, 404, name);
  });

  test('names of the language as headings and elements are reported as unknown, and nothing more', async () => {
    const headers = { 'Content-Type': 'text/csv' };
    const heading = '__proto__;constructor;FirstName;LastName;Email\n1;2;A;B;a@b.example\n';
    const csv = await admin('POST', `/accounts/${mine}/imports/csv`, { body: heading, headers });
    assert.equal(csv.status, 400);
    assert.match(csv.text, /no column \\"__proto__\\"/);
  });
});

describe('bodies', () => {
  test('of 50 MB, and a bomb of 60 MB in a few KB: 413, at once', async () => {
    const { raw } = api.server;
    for (const [body, encoding] of [
      [Buffer.alloc(50_000_000, 0x20), {}],
      [gzipSync(Buffer.alloc(60_000_000, 0x20)), { 'Content-Encoding': 'gzip' }],
    ] as const) {
      const begun = performance.now();
      const answer = await raw(`${api.base}/session`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...encoding },
        body,
      });
      assert.equal(answer.status, 413);
      assert.ok(performance.now() - begun < 3_000);
    }
  });
});

describe('addresses', () => {
  test('a path by another name needs the same credential, and leads nowhere else', async () => {
    for (const path of [`/%61ccounts/${mine}/users`, `//accounts/${mine}/users`, `/accounts/${mine}%2fusers`])
      assert.equal((await api.anonymous('GET', path)).status, 401, path);
    for (const path of [
      `/accounts/${mine}/users/..%2f..%2f${theirs}%2fusers`,
      `/accounts/${mine}%2f..%2f${theirs}/users`,
    ])
      assert.equal((await admin('GET', path)).status, 404, path);
  });

  test('a host that is not ours appears nowhere', async () => {
    const headers = {
      'X-Forwarded-Host': 'evil.example',
      Forwarded: 'host=evil.example',
      Origin: 'http://evil.example',
    };
    const made = await admin('POST', `/accounts/${mine}/users`, { body: person('hosted'), headers });
    assert.equal(made.status, 201);
    assert.ok(!`${made.text}${JSON.stringify([...made.headers])}`.includes('evil'));
    assert.equal(made.headers.get('access-control-allow-origin'), null);
  });
});

describe('a session', () => {
  test('is never one of the choice of somebody else: the sign-in makes a new one', async () => {
    const chosen = 'mobietrain-session=chosen-by-somebody-else';
    const signedIn = await api.anonymous('POST', '/session', {
      body: { email: ROOT.email, password: ROOT.password },
      headers: { Cookie: chosen },
    });
    assert.equal(signedIn.status, 200);
    assert.notEqual(cookieOf(signedIn), chosen);
    assert.equal((await api.anonymous('GET', '/session', { headers: { Cookie: chosen } })).status, 401);
  });

  test("writes with its own CSRF token only, not with another session's", async () => {
    const signIn = () => api.anonymous('POST', '/session', { body: { email: ROOT.email, password: ROOT.password } });
    const [one, other] = [await signIn(), await signIn()];
    const write = (token: string) =>
      api.anonymous('POST', '/session/tokens', {
        body: { name: 'x' },
        headers: { Cookie: cookieOf(one), 'X-CSRF-Token': token },
      });
    assert.equal((await write(String(other.body.csrfToken))).status, 403);
    assert.equal((await write('')).status, 403);
    assert.equal((await write(String(one.body.csrfToken))).status, 201);
  });
});
