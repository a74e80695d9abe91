// PATCH and Bulk as RFC 7644 words them, with its own samples, over HTTP (RFC 7644 §3.5.2, §3.7).

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import type { Answer } from '../support/http-client.ts';
import { BULK, ENTERPRISE, GROUP, MOBIETRAIN_USER, PATCH, patchBody, userNamed } from '../support/scim.ts';
import { openTestServer, type TestServer } from '../support/server.ts';

const WORK = { type: 'work', streetAddress: '911 Universal City Plaza', locality: 'Hollywood', primary: true };
const HOME = { type: 'home', locality: 'Pasadena' };

let server: TestServer;
let group: string;
const ids: string[] = [];
let made = 0;

beforeAll(async () => {
  server = await openTestServer();
  for (const name of ['babs', 'james']) ids.push(String((await newUser(name)).body.id));
  const body = { schemas: [GROUP], displayName: 'Tour Guides' };
  group = `/Groups/${(await server.call('POST', '/Groups', body)).body.id}`;
});
afterAll(() => server.stop());

function newUser(name: string): Promise<Answer> {
  return server.call(
    'POST',
    '/Users',
    userNamed(name, {
      addresses: [WORK, HOME],
      nickName: 'Nick',
      active: false,
      [ENTERPRISE]: { department: 'Tours', costCenter: '4130' },
    }),
  );
}

async function onNewUser(operations: unknown[]): Promise<{ before: Answer; answer: Answer; after: Answer }> {
  made += 1;
  const created = await newUser(`patched${made}`);
  const path = `/Users/${created.body.id}`;
  const answer = await server.call('PATCH', path, patchBody(...operations));
  return { before: created, answer, after: await server.call('GET', path) };
}

describe('RFC 7644 §3.5.2 PATCH of a user', () => {
  const mail = { value: 'patched@jensen.org', type: 'home' };
  const cases: [string, unknown[], Record<string, unknown>][] = [
    ['§3.5.2.1 add without a path', [{ op: 'add', value: { nickName: 'Babs' } }], { nickName: 'Babs' }],
    [
      '§3.5.2.1 add to a complex attribute',
      [{ op: 'add', path: 'name', value: { middleName: 'J' } }],
      {
        name: { givenName: 'Ann', familyName: 'Example', middleName: 'J' },
      },
    ],
    [
      '§3.5.2.1 add of a sub-attribute',
      [{ op: 'add', path: 'name.middleName', value: 'J' }],
      {
        name: { givenName: 'Ann', familyName: 'Example', middleName: 'J' },
      },
    ],
    ['§3.5.2.1 an attribute that is not there yet', [{ op: 'replace', path: 'title', value: 'T' }], { title: 'T' }],
    [
      '§3.5.2.1 add in an extension',
      [{ op: 'add', path: `${ENTERPRISE}:division`, value: 'D' }],
      {
        [ENTERPRISE]: { department: 'Tours', costCenter: '4130', division: 'D' },
      },
    ],
    ['§3.5.2.2 remove of a single value', [{ op: 'remove', path: 'nickName' }], { nickName: undefined }],
    ['§3.5.2.2 remove of all values', [{ op: 'remove', path: 'addresses' }], { addresses: undefined }],
    ['§3.5.2.2 remove by filter', [{ op: 'remove', path: 'addresses[type eq "work"]' }], { addresses: [HOME] }],
    [
      '§3.5.2.2 remove of a sub-attribute of what matches',
      [{ op: 'remove', path: 'addresses[type eq "work"].streetAddress' }],
      { addresses: [{ type: 'work', locality: 'Hollywood', primary: true }, HOME] },
    ],
    ['§3.5.2.2 remove of what is not there', [{ op: 'remove', path: 'title' }], { title: undefined }],
    ['§3.5.2.2 remove of an extension', [{ op: 'remove', path: ENTERPRISE }], { [ENTERPRISE]: undefined }],
    ['§3.5.2.2 a flag that is removed is unassigned', [{ op: 'remove', path: 'active' }], { active: undefined }],
    [
      '§3.5.2.3 replace by filter',
      [{ op: 'replace', path: 'addresses[type eq "work"]', value: { type: 'work', locality: 'Gent' } }],
      { addresses: [{ type: 'work', locality: 'Gent' }, HOME] },
    ],
    [
      '§3.5.2.3 replace of a sub-attribute by filter',
      [{ op: 'replace', path: 'addresses[type eq "work"].streetAddress', value: '1010 Broadway Ave' }],
      { addresses: [{ ...WORK, streetAddress: '1010 Broadway Ave' }, HOME] },
    ],
    ['§3.5.2.3 replace of all values', [{ op: 'replace', path: 'emails', value: [mail] }], { emails: [mail] }],
    [
      '§3.5.2.3 replace without a path',
      [{ op: 'replace', value: { emails: [mail], nickName: 'B' } }],
      {
        emails: [mail],
        nickName: 'B',
      },
    ],
    [
      '§3.5.2.3 what is not named stays',
      [{ op: 'replace', path: 'name', value: { familyName: 'New' } }],
      {
        name: { givenName: 'Ann', familyName: 'New' },
      },
    ],
    [
      '§3.5.2 one after the other',
      [
        { op: 'add', path: 'title', value: 'a' },
        { op: 'replace', path: 'title', value: 'b' },
        { op: 'remove', path: 'nickName' },
      ],
      { title: 'b', nickName: undefined },
    ],
    [
      'RFC 7643 §2.5 null and an empty list unassign',
      [
        { op: 'replace', path: 'nickName', value: null },
        { op: 'replace', path: 'addresses', value: [] },
      ],
      { nickName: undefined, addresses: undefined },
    ],
  ];
  for (const [what, operations, expected] of cases) {
    test(what, async () => {
      const { before: old, answer, after: read } = await onNewUser(operations);
      assert.equal(answer.status, 200, answer.text);
      assert.deepEqual(answer.body, read.body);
      for (const name of new Set([...Object.keys(old.body), ...Object.keys(expected)])) {
        if (['meta', 'schemas'].includes(name)) continue;
        assert.deepEqual(read.body[name], Object.hasOwn(expected, name) ? expected[name] : old.body[name], name);
      }
    });
  }

  test('§3.5.2.1 a new primary takes it from the old one; the same value again changes nothing', async () => {
    const value = [{ value: 'second@example.com', type: 'home', primary: true }];
    const operation = { op: 'add', path: 'emails', value };
    const { answer } = await onNewUser([operation]);
    const emails = answer.body.emails as { value: string; primary: boolean }[];
    assert.deepEqual(
      emails.map((email) => email.primary),
      [false, true],
    );
    const again = await server.call('PATCH', `/Users/${answer.body.id}`, patchBody(operation));
    assert.equal(again.headers.get('etag'), answer.headers.get('etag'));
    assert.deepEqual(again.body, answer.body);
  });

  const refused: [string, unknown, string][] = [
    ['remove without a path', { op: 'remove' }, 'noTarget'],
    ['remove of a required attribute', { op: 'remove', path: 'userName' }, 'mutability'],
    ['a read-only attribute', { op: 'replace', path: 'id', value: 'x' }, 'mutability'],
    ['meta', { op: 'replace', path: 'meta.created', value: '2020-01-01T00:00:00Z' }, 'mutability'],
    ['groups', { op: 'add', path: 'groups', value: [{ value: 'x' }] }, 'mutability'],
    ['an unknown attribute', { op: 'replace', path: 'nope', value: 'x' }, 'invalidPath'],
    ['a malformed path', { op: 'replace', path: 'emails[', value: 'x' }, 'invalidFilter'],
    ['a wrong type', { op: 'replace', path: 'name', value: 'x' }, 'invalidValue'],
    ['no value', { op: 'add', path: 'title' }, 'invalidValue'],
    ['an unknown operation', { op: 'move', path: 'title', value: 'x' }, 'invalidSyntax'],
    [
      'no element that a replace could mean',
      { op: 'replace', path: 'emails[value co "q"].type', value: 'x' },
      'noTarget',
    ],
  ];
  for (const [what, operation, scimType] of refused) {
    test(`${what} is 400 ${scimType}, and nothing is applied`, async () => {
      const {
        before: old,
        answer,
        after: read,
      } = await onNewUser([{ op: 'replace', path: 'nickName', value: 'changed' }, operation]);
      assert.equal(answer.status, 400, answer.text);
      assert.equal(answer.body.scimType, scimType);
      assert.deepEqual(read.body, old.body);
    });
  }

  test('§3.5.2 the message needs its schema and its Operations', async () => {
    for (const body of [{ Operations: [] }, { schemas: [PATCH] }, { schemas: [GROUP], Operations: [] }]) {
      const answer = await server.call('PATCH', `/Users/${ids[0]}`, body);
      assert.equal(answer.status, 400);
      assert.equal(answer.body.scimType, 'invalidSyntax');
    }
  });
});

describe('a user whose active was removed', () => {
  const ACTIVE = patchBody({ op: 'replace', path: 'active', value: true });
  const REMOVE = patchBody({ op: 'remove', path: 'active' });

  test('is not active again by that, nor by a PUT that leaves it out; true makes it so', async () => {
    const created = await newUser('unassigned');
    const path = `/Users/${created.body.id}`;
    const status = async () => {
      const { body } = await server.call('GET', `${path}?attributes=active,${MOBIETRAIN_USER}:status`);
      return [body.active, (body[MOBIETRAIN_USER] as { status?: string } | undefined)?.status];
    };
    assert.deepEqual(await status(), [false, 'inactive']);
    await server.call('PATCH', path, REMOVE);
    assert.deepEqual(await status(), [undefined, 'inactive']);
    await server.call('PUT', path, userNamed('unassigned', { active: undefined }));
    assert.deepEqual(await status(), [undefined, 'inactive']);
    const text = encodeURIComponent(`userName eq "unassigned" and ${MOBIETRAIN_USER}:status eq "inactive"`);
    assert.equal((await server.call('GET', `/Users?filter=${text}`)).body.totalResults, 1);
    await server.call('PATCH', path, ACTIVE);
    assert.deepEqual(await status(), [true, 'active']);
    await server.call('PATCH', path, REMOVE);
    assert.deepEqual(await status(), [undefined, 'inactive']);
  });
});

describe('RFC 7644 §3.5.2 PATCH of a group', () => {
  const member = (index: number) => ({ value: ids[index] });
  const steps: [string, () => unknown[], () => (string | undefined)[]][] = [
    [
      '§3.5.2.1 add a member as in the sample',
      () => [
        {
          op: 'add',
          path: 'members',
          value: [{ display: 'Babs', $ref: `https://example.com/v2/Users/${ids[0]}`, ...member(0) }],
        },
      ],
      () => [ids[0]],
    ],
    ['§3.5.2.1 add one that is there', () => [{ op: 'add', path: 'members', value: [member(0)] }], () => [ids[0]]],
    [
      '§3.5.2.2 remove one and add another',
      () => [
        { op: 'remove', path: `members[value eq "${ids[0]}"]` },
        { op: 'add', path: 'members', value: [member(1)] },
      ],
      () => [ids[1]],
    ],
    ['§3.5.2.3 replace all', () => [{ op: 'replace', path: 'members', value: [member(0), member(1)] }], () => ids],
    ['§3.5.2.2 remove one that is not there', () => [{ op: 'remove', path: 'members[value eq "x"]' }], () => ids],
    ['§3.5.2.2 remove all', () => [{ op: 'remove', path: 'members' }], () => []],
    ['§3.5.2.1 add without a path', () => [{ op: 'add', value: { members: [member(0)] } }], () => [ids[0]]],
    [
      '§3.5.2 remove, then add without a filter',
      () => [
        { op: 'remove', path: 'members' },
        { op: 'add', path: 'members', value: [member(1)] },
      ],
      () => [ids[1]],
    ],
  ];
  describe('step by step', () => {
    for (const [what, operations, expected] of steps) {
      test(what, async () => {
        const answer = await server.call('PATCH', group, { schemas: [PATCH], Operations: operations() });
        assert.equal(answer.status, 200, answer.text);
        const members = (answer.body.members ?? []) as { value: string; $ref: string; type: string }[];
        assert.deepEqual(members.map((one) => one.value).sort(), [...expected()].sort());
        for (const one of members) assert.equal(one.$ref, `${server.base}/Users/${one.value}`);
      });
    }
  });
  test('§3.5.2.2 a required attribute stays', async () => {
    const answer = await server.call('PATCH', group, patchBody({ op: 'remove', path: 'displayName' }));
    assert.equal(answer.body.scimType, 'mutability');
  });
  test('RFC 7643 §2.3.7 a member that does not exist is 400 and nothing is applied', async () => {
    const before_ = await server.call('GET', group);
    const answer = await server.call(
      'PATCH',
      group,
      patchBody(
        { op: 'replace', path: 'displayName', value: 'Renamed' },
        { op: 'add', path: 'members', value: [{ value: 'fake-member-id' }] },
      ),
    );
    assert.equal(answer.status, 400);
    assert.match(String(answer.body.detail), /User not found/);
    assert.deepEqual((await server.call('GET', group)).body, before_.body);
  });
});

describe('RFC 7644 §3.7 Bulk', () => {
  const bulk = (operations: unknown[], more = {}): Promise<Answer> =>
    server.call('POST', '/Bulk', { schemas: [BULK], Operations: operations, ...more });
  const results = (answer: Answer) => answer.body.Operations as Record<string, string>[];

  test('§3.7.2 a user and a group that refers to it', async () => {
    const answer = await bulk([
      { method: 'POST', path: '/Users', bulkId: 'qwerty', data: userNamed('alice') },
      {
        method: 'POST',
        path: '/Groups',
        bulkId: 'ytrewq',
        data: { schemas: [GROUP], displayName: 'Bulk Guides', members: [{ type: 'User', value: 'bulkId:qwerty' }] },
      },
    ]);
    assert.equal(answer.status, 200);
    const [user, guides] = results(answer);
    assert.deepEqual([user?.status, user?.bulkId, user?.method], ['201', 'qwerty', 'POST']);
    const read = await server.call('GET', String(guides?.location));
    assert.equal(read.headers.get('etag'), guides?.version);
    assert.equal((read.body.members as { $ref: string }[])[0]?.$ref, user?.location);
  });

  test('§3.7.3 every method, its status as text; an error carries its body', async () => {
    const { body } = await newUser('bulky');
    const path = `/Users/${body.id}`;
    const answer = await bulk([
      { method: 'PATCH', path, data: patchBody({ op: 'add', path: 'title', value: 'T' }) },
      { method: 'PUT', path, version: 'W/"1"', data: userNamed('bulky') },
      { method: 'PUT', path, data: userNamed('bulky') },
      { method: 'DELETE', path },
      { method: 'DELETE', path },
      { method: 'GET', path },
      { method: 'POST', path: '/Users', data: userNamed('nobulkid') },
    ]);
    assert.deepEqual(
      results(answer).map((result) => result.status),
      ['200', '412', '200', '204', '404', '400', '400'],
    );
    const failed = results(answer)[4]?.response as unknown as { status: string; detail: string };
    assert.equal(failed.status, '404');
    assert.ok(failed.detail.length > 0);
  });

  test('§3.7.3 failOnErrors ends it; without it the rest is done', async () => {
    const operations = [
      { method: 'POST', path: '/Users', bulkId: '1', data: {} },
      { method: 'POST', path: '/Users', bulkId: '2', data: userNamed('after-error') },
    ];
    assert.deepEqual(
      results(await bulk(operations, { failOnErrors: 1 })).map((one) => one.status),
      ['400'],
    );
    assert.deepEqual(
      results(await bulk(operations)).map((one) => one.status),
      ['400', '201'],
    );
  });

  test('§3.7 a message that is none', async () => {
    for (const body of [{ schemas: [BULK] }, { Operations: [] }, { schemas: [BULK], Operations: [], failOnErrors: 0 }])
      assert.equal((await server.call('POST', '/Bulk', body)).status, 400);
  });
});
