// Filters, order, pages, searches and projections as RFC 7644 and RFC 9865 word them (RFC 7644 §3.4.2, §3.4.3, §3.9, §3.10).

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import type { Answer } from '../support/http-client.ts';
import { ENTERPRISE, GROUP, SEARCH, USER, userNamed } from '../support/scim.ts';
import { openTestServer, type TestServer } from '../support/server.ts';

const MAIL = { type: 'work', value: 'bjensen@example.com', primary: true };

let server: TestServer;
const ids = new Map<string, string>();

beforeAll(async () => {
  server = await openTestServer();
  const people = [
    userNamed('bjensen', {
      schemas: [USER, ENTERPRISE],
      name: { givenName: 'Barbara', familyName: "O'Malley" },
      displayName: 'Babs',
      title: 'Tour Guide',
      userType: 'Employee',
      emails: [{ type: 'home', value: 'babs@jensen.org' }, MAIL],
      [ENTERPRISE]: { employeeNumber: '701984', department: 'Tours' },
    }),
    userNamed('jsmith', {
      userType: 'Intern',
      emails: [{ type: 'home', value: 'a@example.org' }],
      ims: [{ type: 'xmpp', value: 'jim@foo.com' }],
      active: false,
    }),
    userNamed('Mandy', { title: 'assistant', nickName: 'Mandy', emails: [{ type: 'work', value: 'm@example.net' }] }),
  ];
  for (const person of people) {
    const made = await server.call('POST', '/Users', person);
    ids.set(String(person.userName), String(made.body.id));
  }
  const members = [{ value: ids.get('bjensen') }];
  const made = await server.call('POST', '/Groups', { schemas: [GROUP], displayName: 'Tour Guides', members });
  ids.set('group', String(made.body.id));
});
afterAll(() => server.stop());

const filled = (text: string): string => text.replace(/\{(\w+)\}/g, (_match, name: string) => ids.get(name) ?? '');
const names = (answer: Answer): unknown[] =>
  (answer.body.Resources as Record<string, unknown>[]).map((one) => one.userName ?? one.displayName);
const query = (text: string): Promise<Answer> => server.call('GET', filled(text));
const filter = (text: string, more = ''): Promise<Answer> =>
  query(`/Users?${more}filter=${encodeURIComponent(filled(text))}`);

describe('RFC 7644 §3.4.2.2 filters', () => {
  const everybody = ['bjensen', 'jsmith', 'Mandy'];
  const cases: [string, string[]][] = [
    ['userName eq "bjensen"', ['bjensen']],
    ['userName Eq "BJENSEN"', ['bjensen']],
    ['name.familyName co "O\'Malley"', ['bjensen']],
    ['userName sw "J"', ['jsmith']],
    [`${USER}:userName sw "J"`, ['jsmith']],
    ['userName ew "Y"', ['Mandy']],
    ['title pr', ['bjensen', 'Mandy']],
    ['meta.lastModified gt "2011-05-13T04:42:34Z"', everybody],
    ['meta.lastModified ge "2011-05-13T04:42:34Z"', everybody],
    ['meta.lastModified lt "2011-05-13T04:42:34Z"', []],
    ['meta.lastModified le "2011-05-13T04:42:34Z"', []],
    ['meta.resourceType eq "User"', everybody],
    ['meta.resourceType eq "Group"', []],
    ['title pr and userType eq "Employee"', ['bjensen']],
    ['title pr or userType eq "Intern"', everybody],
    [`schemas eq "${ENTERPRISE}"`, ['bjensen']],
    ['userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")', ['bjensen']],
    ['userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")', ['Mandy']],
    ['userType eq "Employee" and (emails.type eq "work")', ['bjensen']],
    ['userType eq "Employee" and emails[type eq "work" and value co "@example.com"]', ['bjensen']],
    ['emails[type eq "home" and value co "@example.com"]', []],
    [
      'emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]',
      ['bjensen', 'jsmith'],
    ],
    ['userName eq "jsmith" or title pr and userType eq "Intern"', ['jsmith']],
    ['(userName eq "jsmith" or title pr) and userType eq "Intern"', ['jsmith']],
    ['not (active eq true)', ['jsmith']],
    ['active eq False', ['jsmith']],
    ['id eq "{bjensen}"', ['bjensen']],
    ['externalId eq "ext-bjensen"', ['bjensen']],
    ['externalId eq "EXT-BJENSEN"', []],
    ['groups.value eq "{group}"', ['bjensen']],
    [`${ENTERPRISE}:employeeNumber eq "701984"`, ['bjensen']],
    ['userName eq "\\u0062jensen"', ['bjensen']],
    ['nickName eq "nobody"', []],
    ['title eq null', ['jsmith']],
    ['userName gt "b" and userName lt "c"', ['bjensen']],
  ];
  for (const [text, found] of cases) {
    test(text, async () => {
      const answer = await filter(text);
      assert.equal(answer.status, 200, answer.text);
      assert.deepEqual(names(answer), found);
      assert.equal(answer.body.totalResults, found.length);
    });
  }

  const refused = [
    'userName',
    'userName eq',
    'userName eq bjensen',
    'userName xx "a"',
    '(userName eq "a"',
    'userName eq "a" and',
    'not userName eq "a"',
    'nope eq "a"',
    'active gt true',
    'userName eq true',
    'name eq "x"',
    'password eq "x"',
    'meta.created gt "yesterday"',
    'emails[type eq "work"',
    'emails[]',
  ];
  for (const text of refused) {
    test(`${text} is 400 invalidFilter`, async () => {
      const answer = await filter(text);
      assert.equal(answer.status, 400, answer.text);
      assert.equal(answer.body.scimType, 'invalidFilter');
    });
  }

  test('groups by member', async () => {
    for (const text of [
      'members.value eq "{bjensen}"',
      'members[value eq "{bjensen}"]',
      'displayName eq "TOUR GUIDES"',
    ]) {
      const answer = await query(`/Groups?filter=${encodeURIComponent(filled(text))}`);
      assert.deepEqual(names(answer), ['Tour Guides'], text);
    }
  });
});

describe('RFC 7644 §3.4.2.3 sorting', () => {
  const cases: [string, string[]][] = [
    ['userName', ['bjensen', 'jsmith', 'Mandy']],
    ['userName&sortOrder=descending', ['Mandy', 'jsmith', 'bjensen']],
    // What has no value comes last where it is ascending, first where it is descending.
    ['title', ['Mandy', 'bjensen', 'jsmith']],
    ['title&sortOrder=descending', ['jsmith', 'bjensen', 'Mandy']],
    // Of several values the primary one counts, else the first.
    ['emails.value', ['jsmith', 'bjensen', 'Mandy']],
    ['emails', ['jsmith', 'bjensen', 'Mandy']],
    [`${ENTERPRISE}:department`, ['bjensen', 'jsmith', 'Mandy']],
    ['meta.created&sortOrder=descending', ['Mandy', 'jsmith', 'bjensen']],
  ];
  for (const [sort, order] of cases) {
    test(`by ${sort}, whole and page by page`, async () => {
      assert.deepEqual(names(await query(`/Users?sortBy=${sort}`)), order);
      const byIndex: unknown[] = [];
      const byCursor: unknown[] = [];
      let cursor: unknown = '';
      for (let startIndex = 1; startIndex <= 3; startIndex += 1) {
        byIndex.push(...names(await query(`/Users?sortBy=${sort}&startIndex=${startIndex}&count=1`)));
        const page = await query(`/Users?sortBy=${sort}&count=1&cursor=${cursor}`);
        byCursor.push(...names(page));
        cursor = page.body.nextCursor;
      }
      assert.deepEqual(byIndex, order);
      assert.deepEqual(byCursor, order);
      assert.equal(cursor, undefined);
    });
  }
  test('sortOrder alone is ignored; what has no order is 400', async () => {
    assert.equal((await query('/Users?sortOrder=descending')).status, 200);
    for (const by of ['nope', 'password', 'name', 'userName&sortOrder=sideways'])
      assert.equal((await query(`/Users?sortBy=${by}`)).status, 400, by);
  });
});

describe('RFC 7644 §3.4.2.4 pages by index', () => {
  const cases: [string, { startIndex: number; itemsPerPage: number }][] = [
    ['count=0', { startIndex: 1, itemsPerPage: 0 }],
    ['count=-1', { startIndex: 1, itemsPerPage: 0 }],
    ['count=2', { startIndex: 1, itemsPerPage: 2 }],
    ['startIndex=3&count=2', { startIndex: 3, itemsPerPage: 1 }],
    ['startIndex=0&count=1', { startIndex: 1, itemsPerPage: 1 }],
    ['startIndex=-5&count=1', { startIndex: 1, itemsPerPage: 1 }],
    ['startIndex=4', { startIndex: 4, itemsPerPage: 0 }],
    ['startIndex=999999999999', { startIndex: 1_000_000_000, itemsPerPage: 0 }],
    ['', { startIndex: 1, itemsPerPage: 3 }],
    ['startIndex=&count=&filter=', { startIndex: 1, itemsPerPage: 3 }],
  ];
  for (const [parameters, expected] of cases) {
    test(`?${parameters}`, async () => {
      const { status, body } = await query(`/Users?${parameters}`);
      assert.equal(status, 200);
      assert.equal(body.totalResults, 3);
      assert.equal(body.startIndex, expected.startIndex);
      assert.equal(body.itemsPerPage, expected.itemsPerPage);
      assert.equal((body.Resources as unknown[]).length, expected.itemsPerPage);
      assert.equal(body.nextCursor, undefined);
    });
  }
  for (const parameters of ['count=x', 'count=1.5', 'startIndex=x']) {
    test(`?${parameters} is 400`, async () => assert.equal((await query(`/Users?${parameters}`)).status, 400));
  }
});

describe('RFC 9865 pages by cursor', () => {
  test('§2 from the empty cursor to the page without nextCursor', async () => {
    const first = await query('/Users?cursor&count=2');
    assert.equal(first.body.totalResults, 3);
    assert.equal(first.body.itemsPerPage, 2);
    assert.equal(first.body.startIndex, undefined);
    assert.equal(first.body.previousCursor, undefined);
    const last = await query(`/Users?cursor=${first.body.nextCursor}&count=2`);
    assert.deepEqual([...names(first), ...names(last)], ['bjensen', 'jsmith', 'Mandy']);
    assert.equal(last.body.nextCursor, undefined);
    assert.equal((await query('/Users?cursor=&count=0')).body.totalResults, 3);
  });
  const refused: [string, string][] = [
    ['cursor=nonsense', 'invalidCursor'],
    ['cursor=&count=-1', 'invalidCount'],
    ['cursor=&count=x', 'invalidCount'],
    ['cursor=&startIndex=1', 'invalidValue'],
  ];
  for (const [parameters, scimType] of refused) {
    test(`§2.1 ${parameters} is 400 ${scimType}`, async () => {
      const answer = await query(`/Users?${parameters}`);
      assert.equal(answer.status, 400);
      assert.equal(answer.body.scimType, scimType);
    });
  }
  test('§2 by POST too', async () => {
    const body = { schemas: [SEARCH], cursor: '', count: 1, sortBy: 'userName' };
    const first = await server.call('POST', '/Users/.search', body);
    const second = await server.call('POST', '/Users/.search', { ...body, cursor: first.body.nextCursor });
    assert.deepEqual([...names(first), ...names(second)], ['bjensen', 'jsmith']);
  });
});

describe('RFC 7644 §3.4.3 searching by POST', () => {
  const cases: [string, Record<string, unknown>, string[]][] = [
    ['/.search', { attributes: ['displayName', 'userName'], filter: 'displayName sw "b"' }, ['bjensen']],
    ['/.search', { filter: 'displayName co "b" or displayName sw "tour"' }, ['bjensen', 'Tour Guides']],
    ['/.search', { filter: 'meta.resourceType eq "Group"' }, ['Tour Guides']],
    ['/.search', { startIndex: 3, count: 2 }, ['Mandy', 'Tour Guides']],
    ['/Users/.search', { sortBy: 'userName', sortOrder: 'descending', count: 2 }, ['Mandy', 'jsmith']],
    ['/Users/.search', { filter: 'title pr', startIndex: 2, count: 5 }, ['Mandy']],
    ['/Groups/.search', {}, ['Tour Guides']],
  ];
  for (const [endpoint, body, found] of cases) {
    test(`${endpoint} ${JSON.stringify(body)}`, async () => {
      const answer = await server.call('POST', endpoint, { schemas: [SEARCH], ...body });
      assert.equal(answer.status, 200, answer.text);
      assert.deepEqual(names(answer), found);
    });
  }
  const refused: [string, unknown][] = [
    ['no schemas', {}],
    ['an array', []],
    ['a bad filter', { schemas: [SEARCH], filter: 'userName' }],
    ['a count that is not a number', { schemas: [SEARCH], count: 'x' }],
    ['a fraction', { schemas: [SEARCH], count: 1.5 }],
    ['names of another type', { schemas: [SEARCH], attributes: { a: 1 } }],
  ];
  for (const [what, body] of refused) {
    test(`${what} is 400`, async () => assert.equal((await server.call('POST', '/Users/.search', body)).status, 400));
  }
});

describe('RFC 7644 §3.9 attributes and excludedAttributes', () => {
  const cases: [string, string[]][] = [
    ['attributes=userName', ['userName']],
    ['attributes=USERNAME,title', ['userName', 'title']],
    ['attributes=id', []],
    ['attributes=nope', []],
    ['attributes=password', []],
    [`attributes=${USER}:displayName`, ['displayName']],
    [`attributes=${ENTERPRISE}`, [ENTERPRISE]],
    [`attributes=${ENTERPRISE}:department`, [ENTERPRISE]],
    ['attributes=name.familyName,emails.value,meta.version', ['name', 'emails', 'meta']],
    [
      `excludedAttributes=emails,name,meta,${ENTERPRISE},groups,externalId,active`,
      ['userName', 'displayName', 'title', 'userType'],
    ],
  ];
  for (const [parameters, expected] of cases) {
    test(parameters, async () => {
      const read = await query(`/Users/{bjensen}?${parameters}`);
      assert.equal(read.status, 200);
      assert.deepEqual(Object.keys(read.body).sort(), ['id', 'schemas', ...expected].sort());
      const listed = await filter('userName eq "bjensen"', `${parameters}&`);
      assert.deepEqual((listed.body.Resources as unknown[])[0], read.body);
    });
  }
  test('sub-attributes alone', async () => {
    const { body } = await query('/Users/{bjensen}?attributes=name.familyName,emails.value,meta.version');
    assert.deepEqual(body.name, { familyName: "O'Malley" });
    assert.deepEqual(body.emails, [{ value: 'babs@jensen.org' }, { value: 'bjensen@example.com' }]);
    assert.deepEqual(Object.keys(body.meta as object), ['version']);
  });
  test('RFC 7643 §7 what is returned always is not excluded', async () => {
    const { body } = await query('/Users/{bjensen}?excludedAttributes=id,schemas,userName');
    assert.equal(body.id, ids.get('bjensen'));
    assert.deepEqual(body.schemas, [USER, ENTERPRISE]);
    assert.equal(body.userName, undefined);
  });
  test('both at once are 400', async () => {
    assert.equal((await query('/Users?attributes=id&excludedAttributes=name')).status, 400);
  });
});
