// Every `$ref` of an answer leads to a resource of the account; what does not resolve has none (RFC 7643 §2.4).

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import type { Answer } from '../../support/http-client.ts';
import { ENTERPRISE, GROUP, MOBIETRAIN_USER, patchBody, SEARCH, userNamed } from '../../support/scim.ts';
import { openTenants, type Tenant, type Tenants } from '../../support/tenants.ts';

const RESOLVED_MS_MAX = 5_000;

let server: Tenants;
let tenant: Tenant;
beforeAll(async () => {
  server = await openTenants();
  tenant = await server.tenant();
});
afterAll(() => server.stop());

const managedBy = (value: string) => ({ [ENTERPRISE]: { department: 'Sales', manager: { value } } });

/** Every `$ref` in a body. */
function referencesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => (key === '$ref' ? [String(inner)] : referencesIn(inner)));
}

async function assertLead(answer: Answer): Promise<number> {
  const references = referencesIn(answer.body);
  for (const reference of references) {
    assert.ok(reference.startsWith(`${server.base}/`), reference);
    assert.equal((await tenant.call('GET', reference.slice(server.base.length))).status, 200, reference);
  }
  return references.length;
}

/** The user in every answer that has one: of reads, lists, searches and writes. */
async function views(id: string, userName: string, reference: string): Promise<Answer[]> {
  const path = `/Users/${id}`;
  const filter = encodeURIComponent(`userName eq "${userName}"`);
  const title = randomUUID();
  return [
    await tenant.call('GET', path),
    await tenant.call('GET', `/Users?filter=${filter}`),
    await tenant.call('GET', `/Users?filter=${filter}&count=1&cursor`),
    await tenant.call('GET', '/Users?count=100&sortBy=userName'),
    await tenant.call('POST', '/.search', { body: { schemas: [SEARCH], filter: `userName eq "${userName}"` } }),
    await tenant.call('GET', `${path}?attributes=${ENTERPRISE}:manager`),
    await tenant.call('GET', `${path}?attributes=${ENTERPRISE}:manager.$ref`),
    await tenant.call('PATCH', path, { body: patchBody({ op: 'replace', path: 'title', value: title }) }),
    await tenant.call('PUT', path, { body: userNamed(userName, { title, ...managedBy(reference) }) }),
    await tenant.call('PUT', path, { body: userNamed(userName, { title: 'PUT', ...managedBy(reference) }) }),
  ];
}

describe('a manager who does not exist in the account', () => {
  const cases: [what: string, reference: () => Promise<string>][] = [
    ['an id of nobody', async () => randomUUID()],
    ['a login name of nobody', async () => 'nobody@example.com'],
    [
      "a group's id",
      async () =>
        String((await tenant.call('POST', '/Groups', { body: { schemas: [GROUP], displayName: 'Bosses' } })).body.id),
    ],
    [
      "another account's user",
      async () => {
        const other = await server.tenant();
        return String((await other.call('POST', '/Users', { body: userNamed('boss') })).body.id);
      },
    ],
  ];
  for (const [index, [what, referenceOf]] of cases.entries()) {
    test(`has no $ref in any answer: ${what}`, async () => {
      const reference = await referenceOf();
      const userName = `unresolved.${index}`;
      const made = await tenant.call('POST', '/Users', { body: userNamed(userName, managedBy(reference)) });
      assert.equal(made.status, 201, made.text);
      for (const answer of [made, ...(await views(String(made.body.id), userName, reference))]) {
        assert.ok(answer.status < 300, answer.text);
        assert.equal(await assertLead(answer), 0);
      }
      const read = await tenant.call('GET', `/Users/${made.body.id}`);
      assert.deepEqual((read.body[ENTERPRISE] as { manager: object }).manager, { value: reference });
    });
  }
});

test('the $ref comes when the manager does, in every answer, and goes with the manager', async () => {
  const reference = randomUUID();
  const made = await tenant.call('POST', '/Users', { body: userNamed('report', managedBy(reference)) });
  const path = `/Users/${made.body.id}`;
  const boss = await tenant.call('POST', '/Users', { body: { ...userNamed('boss'), externalId: reference } });
  const end = Date.now() + RESOLVED_MS_MAX;
  while ((await assertLead(await tenant.call('GET', path))) === 0 && Date.now() < end) await sleep(50);
  for (const answer of await views(String(made.body.id), 'report', String(boss.body.id))) {
    assert.ok((await assertLead(answer)) > 0, answer.text);
  }
  assert.equal((await tenant.call('DELETE', `/Users/${boss.body.id}`)).status, 204);
  for (const answer of [await tenant.call('GET', path), await tenant.call('GET', '/Users?count=100')])
    assert.equal(await assertLead(answer), 0);
});

test('the $ref of groups and members lead somewhere, also after one of them is deleted', async () => {
  const groups = {
    [MOBIETRAIN_USER]: {
      userGroups: [
        { value: 'g-1', display: 'Bakers' },
        { value: 'g-2', display: 'Cooks' },
      ],
    },
  };
  const users = [
    await tenant.call('POST', '/Users', { body: userNamed('grouped.one', groups) }),
    await tenant.call('POST', '/Users', { body: userNamed('grouped.two', groups) }),
  ];
  const paths = users.map(({ body }) => `/Users/${body.id}`);
  const read = await tenant.call('GET', String(paths[0]));
  assert.equal(await assertLead(read), 2);
  const [gone] = read.body.groups as { value: string }[];
  await tenant.call('DELETE', `/Groups/${gone?.value}`);
  await tenant.call('DELETE', String(paths[1]));
  assert.equal(await assertLead(await tenant.call('GET', String(paths[0]))), 1);
  const listed = await tenant.call('GET', '/Groups?count=100');
  assert.ok((await assertLead(listed)) > 0);
  assert.ok(!listed.text.includes(String(users[1]?.body.id)));
});
