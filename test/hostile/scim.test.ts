// Hostile and broken input over HTTP. Whatever comes, the answer is a SCIM error whose status
// is the same in its body, nothing is changed, nothing is polluted, and nothing takes long (RFC 7644 §3.12).

import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { loadSchemaCatalogue } from '../../src/directory/schema/catalogue.ts';
import type { Answer } from '../support/http-client.ts';
import { packageFolder } from '../support/package-folder.ts';
import { at } from '../support/pointer.ts';
import { assertRefused } from '../support/refusal.ts';
import {
  BULK,
  bulkBody,
  ENTERPRISE,
  GROUP,
  MOBIETRAIN_USER,
  PATCH,
  patchBody,
  SEARCH,
  USER,
  userNamed,
} from '../support/scim.ts';
import { openTenants, type Tenant, type Tenants } from '../support/tenants.ts';

const FAST_MS = 1_000;

let server: Tenants;
let tenant: Tenant;
let user: string;
let group: string;
let before_: string;
beforeAll(async () => {
  server = await openTenants();
  tenant = await server.tenant({ requiredData: 'report' });
  user = String((await tenant.call('POST', '/Users', { body: userNamed('steady') })).body.id);
  const body = { schemas: [GROUP], displayName: 'Steady', members: [{ value: user }] };
  group = String((await tenant.call('POST', '/Groups', { body })).body.id);
  before_ = await state();
});
afterAll(async () => {
  assert.equal(Reflect.get({}, 'polluted'), undefined);
  assert.equal(typeof Object.keys, 'function');
  await server.stop();
});

/** What is stored of the account; the change records that a job takes away are left out. */
async function state(): Promise<string> {
  const lists = ['users', 'groups', 'stores', 'tombstones'].map((name) =>
    server.database.db
      .collection(name)
      .find({ account: tenant.account.id }, { projection: { changes: 0, pending: 0 } })
      .sort({ _id: 1 })
      .toArray(),
  );
  return JSON.stringify(await Promise.all(lists));
}

async function assertUnchanged(): Promise<void> {
  assert.equal(await state(), before_);
  assert.equal(Reflect.get({}, 'polluted'), undefined);
}

/** Runs a call and measures how long it took. */
async function timed(run: () => Promise<Answer>): Promise<{ reply: Answer; ms: number }> {
  const startedAt = performance.now();
  const reply = await run();
  return { reply, ms: performance.now() - startedAt };
}

const deep = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
const patchOf = (...Operations: unknown[]) => patchBody(...Operations);

describe('bodies', () => {
  const BODIES: [
    what: string,
    method: string,
    path: () => string,
    raw: string | Buffer,
    headers: Record<string, string>,
    status: number,
  ][] = [
    ['malformed', 'POST', () => '/Users', '{"userName": "x"', {}, 400],
    ['not JSON', 'POST', () => '/Users', '<xml/>', {}, 400],
    ['an array', 'POST', () => '/Users', '[]', {}, 400],
    ['null', 'PUT', () => `/Users/${user}`, 'null', {}, 400],
    ['a text', 'PATCH', () => `/Users/${user}`, '"text"', {}, 400],
    ['a number', 'POST', () => '/Groups', '7', {}, 400],
    ['nothing', 'POST', () => '/Users', '', {}, 400],
    ['not UTF-8', 'POST', () => '/Users', Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), {}, 400],
    ['too deep', 'POST', () => '/Users', deep(100), {}, 400],
    ['far too deep', 'POST', () => '/Users', deep(100_000), {}, 400],
    ['deep arrays', 'PATCH', () => `/Groups/${group}`, '['.repeat(50_000), {}, 400],
    ['too large', 'POST', () => '/Users', `{"userName":"${'x'.repeat(1_100_000)}"}`, {}, 413],
    [
      'a bomb',
      'POST',
      () => '/Users',
      gzipSync(Buffer.alloc(64 * 1024 * 1024, 0x20)),
      { 'Content-Encoding': 'gzip' },
      413,
    ],
    ['no gzip', 'POST', () => '/Users', '{}', { 'Content-Encoding': 'gzip' }, 400],
    ['an unknown encoding', 'POST', () => '/Users', '{}', { 'Content-Encoding': 'zip' }, 415],
    ['text/plain', 'POST', () => '/Users', '{}', { 'Content-Type': 'text/plain' }, 415],
    ['a form', 'POST', () => '/Users', 'a=b', { 'Content-Type': 'application/x-www-form-urlencoded' }, 415],
    ['XML', 'PATCH', () => `/Users/${user}`, '<a/>', { 'Content-Type': 'application/xml' }, 415],
    [
      'another charset',
      'POST',
      () => '/Users',
      Buffer.from('{"userName":"x"}', 'utf16le'),
      { 'Content-Type': 'application/json; charset=utf-16' },
      400,
    ],
    ['schemas as a text', 'POST', () => '/Users', `{"schemas":"${GROUP}","userName":"x"}`, {}, 400],
    ['another schema', 'POST', () => '/Users', `{"schemas":["${GROUP}"],"userName":"x"}`, {}, 400],
  ];
  for (const [what, method, path, raw, headers, status] of BODIES) {
    test(`${what} (${method})`, async () => {
      const { reply, ms } = await timed(() => tenant.call(method, path(), { raw, headers }));
      assertRefused(reply, what, [status]);
      assert.ok(ms < FAST_MS * 2, `${what} took ${ms} ms`);
      await assertUnchanged();
    });
  }
  test('too many operations: 413 for Bulk, 400 or 413 for PATCH', async () => {
    const Operations = Array.from({ length: 1_001 }, () => ({ method: 'DELETE', path: `/Users/${user}` }));
    assertRefused(await tenant.call('POST', '/Bulk', { body: bulkBody(...Operations) }), 'bulk', [413]);
    const many = Array.from({ length: 20_000 }, () => ({ op: 'remove', path: 'title' }));
    const { reply, ms } = await timed(() => tenant.call('PATCH', `/Users/${user}`, { body: patchOf(...many) }));
    assertRefused(reply, 'patch', [400, 413]);
    assert.ok(ms < FAST_MS * 2, `${ms} ms`);
    await assertUnchanged();
  });
});

/** Values of a wrong type in place of a string, a boolean, a dateTime or a list. */
const WRONG: [what: string, value: unknown, fits: (type: string, multiValued: boolean) => boolean][] = [
  ['an operator', { $ne: null }, () => false],
  ['code', { $where: 'sleep(5000)' }, () => false],
  ['a regular expression', { $regex: '.*' }, () => false],
  ['a number', 42, (type) => type === 'decimal' || type === 'integer'],
  ['an array of arrays', [[['x']]], () => false],
  ['an array of operators', [{ $gt: '' }], () => false],
];

describe('each attribute of the schemas with what does not belong there', () => {
  const catalogue = loadSchemaCatalogue(packageFolder('scim-schemas'));
  // The server decides these itself: what a client says of them is not read.
  const parts = [catalogue.user.core, ...catalogue.user.extensions];
  const written = parts
    .flatMap((part) => [...part.attributes.values()])
    .filter((attribute) => attribute.mutability !== 'readOnly' && !['id', 'meta', 'schemas'].includes(attribute.key));
  for (const [what, value, fits] of WRONG) {
    test(what, async () => {
      assert.ok(written.length > 20);
      for (const attribute of written) {
        if (fits(attribute.type, attribute.multiValued)) continue;
        const [part, name] = attribute.key.includes('.') ? attribute.key.split('.') : [undefined, attribute.key];
        const urn = part === 'enterprise' ? ENTERPRISE : MOBIETRAIN_USER;
        const wrong = part === undefined ? { [attribute.name]: value } : { [urn]: { [name as string]: value } };
        const label = `${attribute.path} as ${what}`;
        assertRefused(await tenant.call('POST', '/Users', { body: userNamed('wrong', wrong) }), label, [400]);
        const replace = patchOf({ op: 'replace', path: attribute.path, value });
        assertRefused(await tenant.call('PATCH', `/Users/${user}`, { body: replace }), `PATCH ${label}`, [400]);
      }
      await assertUnchanged();
    });
  }
  test('in a group, and in the parts of lists', async () => {
    for (const [what, value] of WRONG) {
      const bodies: [method: string, path: string, body: unknown][] = [
        ['POST', '/Groups', { schemas: [GROUP], displayName: value }],
        ['POST', '/Groups', { schemas: [GROUP], displayName: 'x', members: [{ value }] }],
        ['PUT', `/Groups/${group}`, { schemas: [GROUP], displayName: 'x', members: [{ value }] }],
        ['PATCH', `/Groups/${group}`, patchOf({ op: 'add', path: 'members', value: [{ value }] })],
        ['PATCH', `/Groups/${group}`, patchOf({ op: 'replace', path: 'displayName', value })],
        ['PATCH', `/Groups/${group}`, patchOf({ op: value, path: 'displayName', value: 'x' })],
        ['PATCH', `/Groups/${group}`, patchOf({ op: 'replace', path: value, value: 'x' })],
        ['PATCH', `/Groups/${group}`, { schemas: [PATCH], Operations: value === 42 ? 42 : { value } }],
        ['POST', '/Users', userNamed('wrong', { emails: [{ value }] })],
        ['POST', '/Users', userNamed('wrong', { name: { givenName: value } })],
        ['POST', '/Users', userNamed('wrong', { [ENTERPRISE]: { manager: { value: [value] } } })],
        ['POST', '/Users', userNamed('wrong', { [MOBIETRAIN_USER]: { stores: [{ value }] } })],
        ['POST', '/.search', { schemas: [SEARCH], filter: value }],
        ['POST', '/Users/.search', { schemas: [SEARCH], sortBy: value }],
        ['POST', '/.search', { schemas: [SEARCH], attributes: [value] }],
        ['POST', '/Bulk', { schemas: [BULK], Operations: { value } }],
      ];
      for (const [method, path, body] of bodies) {
        assertRefused(
          await tenant.call(method, path, { body }),
          `${method} ${path} ${JSON.stringify(body)} (${what})`,
          [400],
        );
      }
    }
    await assertUnchanged();
  });
});

describe('names that mean something to the language', () => {
  const NAMES = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '__defineGetter__', 'valueOf'];
  const paths = NAMES.flatMap((name) => [
    name,
    `${name}.polluted`,
    `name.${name}`,
    `emails.${name}`,
    `emails[${name} eq "x"]`,
    `emails[${name}.polluted eq "x"].value`,
    `${USER}:${name}`,
    `${USER}:${name}.polluted`,
    `${MOBIETRAIN_USER}:${name}.keys`,
  ]);
  test('as paths of filters, orders and PATCHes: refused', async () => {
    for (const path of paths) {
      const filter = `${path} eq "x"`;
      const encoded = encodeURIComponent(filter);
      assertRefused(await tenant.call('GET', `/Users?filter=${encoded}`), filter, [400]);
      assertRefused(await tenant.call('GET', `/Groups?filter=${encoded}`), filter, [400]);
      for (const op of ['add', 'replace', 'remove']) {
        const body = patchOf({ op, path, value: 'x' });
        assertRefused(await tenant.call('PATCH', `/Users/${user}`, { body }), `${op} ${path}`, [400]);
      }
      const order = await tenant.call('GET', `/Users?sortBy=${encodeURIComponent(path)}`);
      assertRefused(order, `sortBy ${path}`, [400]);
    }
    await assertUnchanged();
  });
  test('as names to be served: nothing is served, nothing breaks', async () => {
    for (const path of paths) {
      for (const parameter of ['attributes', 'excludedAttributes']) {
        const reply = await tenant.call('GET', `/Users/${user}?${parameter}=${encodeURIComponent(path)}`);
        assert.ok(reply.status === 200 || reply.status === 400, `${path}: ${reply.text}`);
        if (reply.status === 200) assert.equal(reply.body.id, user);
      }
    }
    assert.equal(Reflect.get({}, 'polluted'), undefined);
    assert.equal(Object.keys({ a: 1 }).length, 1);
  });
  test('as keys of bodies: not kept, not echoed', async () => {
    let made = 0;
    for (const name of NAMES) {
      const bad = `"${name}": {"polluted": "yes", "keys": "x"}`;
      const raws = [
        `{"schemas":["${USER}"],"userName":"p${made}","externalId":"p${made}",${bad}}`,
        `{"schemas":["${USER}"],"userName":"q${made}","externalId":"q${made}","name":{"givenName":"A",${bad}}}`,
        `{"schemas":["${USER}"],"userName":"r${made}","externalId":"r${made}","emails":[{"value":"a@b.example",${bad}}]}`,
        `{"schemas":["${USER}"],"userName":"s${made}","externalId":"s${made}","${MOBIETRAIN_USER}":{${bad}}}`,
        `{"schemas":["${USER}"],"userName":"t${made}","externalId":"t${made}","${MOBIETRAIN_USER}:${name}.polluted":"yes"}`,
      ];
      made += 1;
      for (const raw of raws) {
        const reply = await tenant.call('POST', '/Users', { raw });
        assert.ok(reply.status === 201 || reply.status === 400, `${raw}: ${reply.text}`);
        assert.ok(!reply.text.includes('polluted') || reply.status === 400, reply.text);
        if (reply.status === 201) await tenant.call('DELETE', `/Users/${String(reply.body.id)}`);
        const pathless = patchOf(JSON.parse(`{"op":"add","value":{${bad}}}`) as unknown);
        const patched = await tenant.call('PATCH', `/Users/${user}`, { body: pathless });
        assert.ok(patched.status === 200 || patched.status === 400, patched.text);
        assert.ok(patched.status === 400 || !patched.text.includes('polluted'), patched.text);
        assert.equal(Reflect.get({}, 'polluted'), undefined);
      }
    }
    assert.equal(Object.keys({ a: 1 }).length, 1);
    before_ = await state();
    const stored = await server.database.db.collection('users').find({ account: tenant.account.id }).toArray();
    assert.ok(!JSON.stringify(stored).includes('polluted'));
  });
});

describe('filters', () => {
  const SLOW: [what: string, filter: string][] = [
    ['an open text and newlines', `a eq "${'\n'.repeat(2_000)}`],
    ['an open text and backslashes', `userName eq "${'\\'.repeat(2_001)}`],
    ['a product of sums', `${Array.from({ length: 60 }, () => '(userName eq "a" or title eq "b")').join(' and ')}`],
    ['parentheses', '('.repeat(4_000)],
    ['balanced parentheses', `${'('.repeat(3_000)}userName pr${')'.repeat(3_000)}`],
    ['not not not', `${'not ('.repeat(1_000)}userName pr${')'.repeat(1_000)}`],
    ['a literal like a slow expression', `userName co "${'(a+)+'.repeat(400)}$"`],
    ['a literal like a slow expression at the end', `title ew "${'a*'.repeat(1_000)}b"`],
    ['spaces', `userName${' '.repeat(7_000)}eq`],
    ['dots', `a${'.a'.repeat(3_000)} eq "x"`],
    ['colons', `urn${':a'.repeat(3_000)} eq "x"`],
    ['brackets', 'emails['.repeat(1_000)],
    ['operators', `userName eq "x" ${'and '.repeat(1_500)}`],
    ['a long number', `userName eq ${'9'.repeat(5_000)}`],
    ['a long escape', `userName eq "${'\\u00e9'.repeat(1_200)}"`],
  ];
  for (const [what, filter] of SLOW) {
    test(`${what}: answered in time`, async () => {
      const body = { schemas: [SEARCH], filter };
      const { reply, ms } = await timed(() => tenant.call('POST', '/Users/.search', { body }));
      assert.ok(ms < FAST_MS, `${what} took ${Math.round(ms)} ms`);
      assert.ok(reply.status === 200 || reply.status === 400, reply.text.slice(0, 300));
      if (reply.status !== 200) assertRefused(reply, what, [400]);
    });
  }
  test('a hundred thousand terms: 400 or 413 within a second', async () => {
    const filter = Array.from({ length: 100_000 }, () => 'title pr').join(' or ');
    const body = { schemas: [SEARCH], filter };
    for (const path of ['/.search', '/Users/.search', '/Groups/.search']) {
      const { reply, ms } = await timed(() => tenant.call('POST', path, { body }));
      assertRefused(reply, path, [400, 413]);
      assert.ok(ms < FAST_MS, `${ms} ms`);
    }
    const inPath = patchOf({ op: 'remove', path: `emails[${filter.replaceAll('title', 'type')}]` });
    const { reply, ms } = await timed(() => tenant.call('PATCH', `/Users/${user}`, { body: inPath }));
    assertRefused(reply, 'path', [400, 413]);
    assert.ok(ms < FAST_MS, `${ms} ms`);
  });
  test('two hundred terms and 8 KB are still answered', async () => {
    const filter = Array.from({ length: 200 }, (_, index) => `userName eq "u${index}"`).join(' or ');
    const reply = await tenant.call('POST', '/Users/.search', { body: { schemas: [SEARCH], filter } });
    assert.equal(reply.status, 200, reply.text.slice(0, 300));
  });
  const BAD = [
    'userName',
    'userName eq',
    'eq "x"',
    'userName eq x',
    "userName eq 'x'",
    'userName xx "y"',
    '()',
    'userName eq "x" and',
    'userName eq "x" userName',
    'not userName pr',
    'emails[]',
    'emails[type eq "work"',
    'emails[emails[type pr]]',
    'userName eq {"$ne":null}',
    'nosuch eq "x"',
    'name.nosuch eq "x"',
    'urn:x:y eq "z"',
    'active gt true',
    'active eq "perhaps"',
    'meta.created gt "yesterday"',
    'userName eq "\\x"',
    'password pr',
    'password sw "a"',
    '$where eq "1"',
    'userName eq "a"; drop',
    'members pr',
  ];
  for (const filter of BAD) {
    test(`${JSON.stringify(filter)} is 400`, async () => {
      const reply = await tenant.call('GET', `/Users?filter=${encodeURIComponent(filter)}`);
      assertRefused(reply, filter, [400]);
      assert.ok(['invalidFilter', 'invalidPath', 'invalidValue'].includes(String(reply.body.scimType)), reply.text);
    });
  }
});

describe('addresses', () => {
  const IDS = [
    '%00',
    '..%2f..%2fetc',
    '%2e%2e',
    '{"$ne":null}',
    '%7B%22%24ne%22%3Anull%7D',
    '$where',
    "'%20or%201=1",
    '%F0%9F%92%A9',
    '__proto__',
    'constructor',
    '0',
    '-1',
    'null',
    'undefined',
    'x'.repeat(255),
    'x'.repeat(5_000),
    '%E2%80%AE',
  ];
  test('ids that are none: 404', async () => {
    for (const id of IDS) {
      for (const type of ['Users', 'Groups', 'Schemas', 'ResourceTypes']) {
        assertRefused(await tenant.call('GET', `/${type}/${id}`), `${type}/${id.slice(0, 50)}`, [404]);
      }
      const path = `/Users/${id}`;
      assertRefused(
        await tenant.call('PATCH', path, { body: patchOf({ op: 'add', path: 'title', value: 'x' }) }),
        id,
        [404],
      );
      assertRefused(await tenant.call('DELETE', path), id, [404]);
      assertRefused(await tenant.call('PUT', path, { body: userNamed('put') }), id, [404]);
    }
    await assertUnchanged();
  });
  test('percent-encoding that is none: 400; a path by another name: no data, and no data at all without a token', async () => {
    for (const path of ['/Users/%', '/Users/%zz', '/Users/%ff%fe', '/Users?filter=%zz', '/Groups?attributes=%']) {
      assertRefused(await tenant.call('GET', path), path, [400]);
    }
    // Names that clients write by mistake find their endpoint, but never without a token.
    for (const path of ['//Users', '/users', '/Users//']) {
      assert.equal((await tenant.call('GET', path, { token: null })).status, 401, path);
      assert.equal((await tenant.call('GET', path)).status, 200, path);
    }
    for (const path of [
      '/%55sers',
      '/Schemas/..%2fUsers',
      '/Users/./',
      '/Users;x',
      '/Users%2f',
      '/Users%00',
      '/Users%3Fcount=1',
    ]) {
      const without = await tenant.call('GET', path, { token: null });
      assert.equal(without.status, 401, path);
      const reply = await tenant.call('GET', path);
      assert.ok(reply.status >= 400 && reply.status < 500, `${path}: ${reply.status}`);
      assert.equal(reply.body.Resources, undefined, path);
    }
  });
  test('methods that an endpoint does not have: 405 with Allow', async () => {
    for (const [method, path] of [
      ['DELETE', '/Users'],
      ['PUT', '/Groups'],
      ['PATCH', '/Schemas'],
      ['POST', '/ServiceProviderConfig'],
      ['GET', '/Bulk'],
      ['GET', '/.search'],
      ['POST', `/Users/${user}`],
      ['TRACE', '/Users'],
      ['OPTIONS', '/Users'],
    ] as const) {
      const reply = await tenant.call(method, path);
      assertRefused(reply, `${method} ${path}`, [405]);
      assert.ok((reply.headers.get('allow') ?? '').length > 0, path);
    }
    await assertUnchanged();
  });
  const PAGES: [query: string, status: number, expected: Record<string, unknown>][] = [
    ['startIndex=0&count=1', 200, { startIndex: 1, itemsPerPage: 1 }],
    ['startIndex=-5', 200, { startIndex: 1 }],
    ['count=-1', 200, { itemsPerPage: 0 }],
    ['count=0', 200, { itemsPerPage: 0, totalResults: 1 }],
    ['count=999999999', 200, { itemsPerPage: 1 }],
    ['startIndex=9007199254740991', 200, { itemsPerPage: 0 }],
    ['startIndex=99999999999999999999999', 200, { itemsPerPage: 0, totalResults: 1 }],
    ['count=1e9', 400, {}],
    ['count=ten', 400, {}],
    ['startIndex=1.5', 400, {}],
    ['count=%00', 400, {}],
    ['cursor=nonsense', 400, { scimType: 'invalidCursor' }],
    ['sortOrder=sideways&sortBy=userName', 400, {}],
  ];
  for (const [query, status, expected] of PAGES) {
    test(`?${query} is ${status}`, async () => {
      const reply = await tenant.call('GET', `/Users?${query}`);
      if (status === 400) assertRefused(reply, query, [400]);
      assert.equal(reply.status, status, reply.text);
      for (const [key, value] of Object.entries(expected))
        assert.equal(reply.body[key], value, `${key} of ${reply.text}`);
    });
  }
});

describe('text', () => {
  test('NUL and lone surrogates in values and filters: kept as sent or refused, never a fault of the server', async () => {
    for (const text of ['a\\u0000b', '\\ud800', 'x\\udfff', '\\u0000', '\\ufffe', '\\u202e']) {
      const raw = `{"schemas":["${USER}"],"userName":"t ${text}","externalId":"e ${text}","title":"v ${text}"}`;
      const made = await tenant.call('POST', '/Users', { raw });
      assert.ok(made.status === 201 || made.status === 400, `${text}: ${made.text}`);
      if (made.status === 400) assertRefused(made, text);
      else {
        assert.equal(made.body.title, JSON.parse(`"v ${text}"`), text);
        const read = await tenant.call('GET', `/Users/${String(made.body.id)}`);
        assert.equal(read.body.title, made.body.title, 'as it was answered');
        await tenant.call('DELETE', `/Users/${String(made.body.id)}`);
      }
      for (const operator of ['eq', 'co', 'sw', 'ew', 'gt']) {
        const search = `{"schemas":["${SEARCH}"],"filter":"title ${operator} \\"${text}\\""}`;
        const found = await tenant.call('POST', '/Users/.search', { raw: search });
        assert.ok(found.status === 200 || found.status === 400, `${operator} ${text}: ${found.text}`);
      }
      const patched = await tenant.call('PATCH', `/Users/${user}`, {
        raw: `{"schemas":["${PATCH}"],"Operations":[{"op":"remove","path":"emails[value eq \\"${text}\\"]"}]}`,
      });
      assert.ok(patched.status === 200 || patched.status === 400, patched.text);
    }
    before_ = await state();
  });
  test('one userName in two normal forms is one userName', async () => {
    const composed = 'ren\u00e9';
    const made = await tenant.call('POST', '/Users', { body: userNamed(composed, { externalId: 'n1' }) });
    assert.equal(made.status, 201);
    const again = await tenant.call('POST', '/Users', { body: userNamed('REN\u0045\u0301', { externalId: 'n2' }) });
    assert.equal(again.status, 409, again.text);
    const filter = encodeURIComponent('userName eq "rene\u0301"');
    const found = await tenant.call('GET', `/Users?filter=${filter}`);
    assert.equal(at(found.body, '/Resources/0/userName'), composed, 'served as it was sent');
    await tenant.call('DELETE', `/Users/${String(made.body.id)}`);
    before_ = await state();
  });
  test('a line break in an e-mail address is refused in every account', async () => {
    const body = userNamed('broken', { emails: [{ value: 'a@b.example\r\nBcc: c@d.example' }] });
    assertRefused(await tenant.call('POST', '/Users', { body }), 'mail', [400]);
  });
  test('a host that is not ours appears nowhere', async () => {
    const reply = await tenant.call('GET', `/Users/${user}`, {
      headers: { Host: 'evil.example', 'X-Forwarded-Host': 'evil.example', Forwarded: 'host=evil.example' },
    });
    assert.ok(!reply.text.includes('evil') && !JSON.stringify([...reply.headers]).includes('evil'), reply.text);
  });
});
