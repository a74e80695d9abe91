// Requests that cost much: a Bulk request of a thousand changes of a large user, and filters that no index serves.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { bulkBody, patchBody, userNamed } from '../support/scim.ts';
import { openTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.stop());

interface BulkResult {
  status: string;
  response?: { detail: string };
}

test('a thousand changes of a user with 999 e-mails end where the work of one request ends; others get their turn', async () => {
  const emails = Array.from({ length: 999 }, (_, index) => ({ value: `large-${index}@example.com`, type: 'other' }));
  const made = await server.call('POST', '/Users', userNamed('large', { emails }));
  assert.equal(made.status, 201, made.text.slice(0, 300));
  const path = `/Users/${made.body.id}`;
  const change = (index: number) => ({
    method: 'PATCH',
    path,
    data: patchBody({ op: 'replace', path: 'title', value: `t${index}` }),
  });
  const bulk = server.call('POST', '/Bulk', bulkBody(...Array.from({ length: 1_000 }, (_, index) => change(index))));
  const others: number[] = [];
  let isOver = false;
  void bulk.then(() => {
    isOver = true;
  });
  while (!isOver) others.push((await server.call('GET', '/Users?count=0')).status);
  const answer = await bulk;
  assert.equal(answer.status, 200);
  const results = answer.body.Operations as BulkResult[];
  const done = results.filter(({ status }) => status === '200').length;
  assert.ok(done >= 100 && done < 300, `${done} were carried out`);
  const refused = results.slice(done);
  assert.ok(
    refused.every(({ status, response }) => status === '429' && /another request/.test(response?.detail ?? '')),
  );
  assert.equal((await server.call('GET', path)).body.title, `t${done - 1}`);
  assert.ok(others.length > 10, `${others.length} other requests were answered`);
});

describe('a filter', () => {
  const terms = (count: number, term: (index: number) => string) =>
    Array.from({ length: count }, (_, index) => term(index)).join(' or ');
  const four = ['title', 'nickName', 'displayName', 'name.familyName'];
  for (const operator of ['ew', 'co'])
    test(`of 200 ${operator} over four attributes is refused at once: 400 tooMany`, async () => {
      const filter = terms(200, (index) => `${four[index % 4]} ${operator} "x${index}"`);
      const answer = await server.call('GET', `/Users?filter=${encodeURIComponent(filter)}`);
      assert.deepEqual([answer.status, answer.body.scimType], [400, 'tooMany'], answer.text);
      assert.match(String(answer.body.detail), /more than 50 comparisons/);
    });
  for (const [what, filter] of [
    ['50 ew', terms(50, (index) => `title ew "x${index}"`)],
    ['200 eq', terms(200, (index) => `userName eq "x${index}"`)],
    ['200 sw', terms(200, (index) => `userName sw "x${index}"`)],
  ] as const)
    test(`of ${what} is answered`, async () => {
      const answer = await server.call('GET', `/Users?filter=${encodeURIComponent(filter)}`);
      assert.equal(answer.status, 200, answer.text);
    });
});
