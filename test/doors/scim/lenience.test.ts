// What clients leave out or write otherwise, and is taken: envelopes without schemas, paths in another case, other charset labels.
// And what is never dropped in silence.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { ENTERPRISE, GROUP, PATCH, SEARCH, USER, userNamed } from '../../support/scim.ts';
import { openTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.stop());

describe('a POST or PUT without schemas', () => {
  for (const [what, schemas] of [
    ['absent', undefined],
    ['null', null],
    ['empty', []],
  ] as const) {
    test(`is taken: ${what}`, async () => {
      const body = { ...userNamed(`schemas.${what}`, { [ENTERPRISE]: { department: 'Sales' } }), schemas };
      const made = await server.call('POST', '/Users', body);
      assert.equal(made.status, 201, made.text);
      assert.deepEqual((made.body.schemas as string[]).slice(0, 2), [USER, ENTERPRISE]);
      const put = await server.call('PUT', `/Users/${made.body.id}`, { ...body, title: 'Baker' });
      assert.deepEqual([put.status, put.body.title], [200, 'Baker']);
      const group = await server.call('POST', '/Groups', { schemas, displayName: `schemas ${what}` });
      assert.equal(group.status, 201, group.text);
      const renamed = await server.call('PUT', `/Groups/${group.body.id}`, {
        schemas,
        displayName: `Schemas ${what}!`,
      });
      assert.equal(renamed.status, 200, renamed.text);
    });
  }

  for (const schemas of [[GROUP], [PATCH], [ENTERPRISE], USER, [7]]) {
    test(`is refused with others: ${JSON.stringify(schemas)}`, async () => {
      const made = await server.call('POST', '/Users', { ...userNamed('wrong'), schemas });
      assert.equal(made.status, 400);
      assert.match(String(made.body.detail), /^schemas must/);
    });
  }
});

describe('a path in another case', () => {
  for (const path of ['/users', '/USERS', '/groups/', '/Serviceproviderconfig', '/schemas', '/resourcetypes/user']) {
    test(`${path} is found, after authentication`, async () => {
      assert.equal((await server.call('GET', path)).status, 200);
      assert.equal((await server.raw(path)).status, 401);
    });
  }

  test('addresses in answers are the usual ones, and methods those of the endpoint', async () => {
    const made = await server.call('POST', '/uSers', userNamed('lower.case'));
    assert.equal(made.status, 201);
    assert.equal(made.headers.get('location'), `${server.base}/Users/${made.body.id}`);
    const found = await server.call('POST', '/users/.SEARCH', { schemas: [SEARCH], count: 1 });
    assert.equal(found.status, 200);
    assert.equal((await server.call('DELETE', '/users')).headers.get('allow'), 'GET, HEAD, POST');
    assert.equal((await server.call('GET', '/me')).status, 501);
  });
});

describe('a charset', () => {
  const labels = ['ISO-8859-1', 'us-ascii', '"utf-8"', '"ISO-8859-1"', 'UTF-16', 'latin1', ''];
  for (const [index, label] of labels.entries()) {
    test(`is a label and no more: ${label}`, async () => {
      const headers = { 'Content-Type': `application/scim+json; charset=${label}` };
      const body = userNamed(`charset.${index}`, { title: 'Bäcker' });
      const made = await server.call('POST', '/Users', body, headers);
      assert.deepEqual([made.status, made.body.title], [201, 'Bäcker']);
    });
  }

  test('does not make other bytes readable', async () => {
    const headers = { Authorization: `Bearer ${server.token}`, 'Content-Type': 'application/json; charset=ISO-8859-1' };
    const text = JSON.stringify(userNamed('charset.bytes', { title: 'Bäcker' }));
    const made = await server.raw('/Users', { method: 'POST', headers, body: Buffer.from(text, 'latin1') });
    assert.deepEqual([made.status, made.body.scimType], [400, 'invalidSyntax']);
    assert.match(String(made.body.detail), /UTF-8/);
  });
});

describe('parameters that are malformed are 400 and named', () => {
  const filter = encodeURIComponent('emails[type eq "work"]');
  const many = Array.from({ length: 101 }, (_, index) => `attributes=a${index}`).join('&');
  const cases: [query: string, detail: RegExp][] = [
    [`attributes=${filter}`, /^attributes: "emails\[type eq \\"work\\"\]" /],
    [`attributes=userName,${filter}`, /^attributes/],
    [`excludedAttributes=${filter}`, /^excludedAttributes/],
    ['attributes=name.', /^attributes: "name\."/],
    [`sortBy=${filter}`, /^sortBy/],
    ['sortBy=emails%5B%5D', /^sortBy/],
    ['sortBy=userName&sortBy=title', /^sortBy/],
    ['sortBy=userName&sortOrder=ascending&sortOrder=descending', /^sortOrder/],
    ['filter=title%20pr&filter=active%20pr', /^filter/],
    [many, /100 parameters/],
  ];
  for (const [query, detail] of cases) {
    test(query.slice(0, 60), async () => {
      for (const path of ['/Users', '/Groups']) {
        const answer = await server.call('GET', `${path}?${query}`);
        assert.deepEqual([answer.status, answer.body.scimType], [400, 'invalidValue'], answer.text);
        assert.match(String(answer.body.detail), detail);
      }
    });
  }

  test('on every request that takes them, before anything is written', async () => {
    const query = `?attributes=${filter}`;
    const made = await server.call('POST', '/Users', userNamed('malformed'));
    const path = `/Users/${made.body.id}`;
    const patch = { schemas: [PATCH], Operations: [{ op: 'add', path: 'title', value: 'Baker' }] };
    const answers = [
      await server.call('GET', path + query),
      await server.call('PUT', path + query, userNamed('malformed', { title: 'Baker' })),
      await server.call('PATCH', path + query, patch),
      await server.call('POST', `/Users${query}`, userNamed('malformed.too')),
      await server.call('POST', '/Users/.search', { schemas: [SEARCH], attributes: ['emails[type eq "work"]'] }),
      await server.call('POST', '/.search', { schemas: [SEARCH], excludedAttributes: 'emails[type eq "work"]' }),
    ];
    assert.deepEqual(
      answers.map((answer) => answer.status),
      answers.map(() => 400),
    );
    assert.deepEqual((await server.call('GET', path)).body, made.body);
    assert.equal((await server.call('GET', '/Users?filter=userName%20eq%20%22malformed.too%22')).body.totalResults, 0);
  });

  test('what is repeated with the same value is one, of a page the first value counts', async () => {
    assert.equal((await server.call('GET', '/Users?sortBy=userName&count=1&sortBy=userName&count=2')).status, 200);
  });
});
