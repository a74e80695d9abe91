// Fuzz over HTTP: bodies, PATCH operations, filters and addresses that nobody would write. Whatever is answered is SCIM and no
// fault of the server (RFC 7644 §3.12).

import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from '@jest/globals';
import fc from 'fast-check';
import type { Answer } from '../support/http-client.ts';
import { assertRefused } from '../support/refusal.ts';
import { ENTERPRISE, GROUP, MOBIETRAIN_USER, PATCH, patchBody, USER, userNamed } from '../support/scim.ts';
import { openTenants, type Tenant, type Tenants } from '../support/tenants.ts';

const RUNS = 150;

let server: Tenants;
let tenant: Tenant;
let user: string;
let group: string;
beforeAll(async () => {
  server = await openTenants();
  tenant = await server.tenant({ requiredData: 'report' });
  user = String((await tenant.call('POST', '/Users', { body: userNamed('steady') })).body.id);
  const body = { schemas: [GROUP], displayName: 'Steady', members: [{ value: user }] };
  group = String((await tenant.call('POST', '/Groups', { body })).body.id);
});
afterAll(() => server.stop());

const patchOf = (...Operations: unknown[]) => patchBody(...Operations);

const key = fc.oneof(
  fc.constantFrom(
    'schemas',
    'userName',
    'emails',
    'name',
    'active',
    'members',
    'Operations',
    'op',
    'path',
    'value',
    'filter',
    '__proto__',
    'constructor',
    '$where',
    '$ne',
    'meta',
    'id',
    'groups',
    'roles',
    'manager',
    ENTERPRISE,
    MOBIETRAIN_USER,
  ),
  fc.string({ maxLength: 12 }),
);
const tree = fc.letrec((tie) => ({
  leaf: fc.oneof(
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.integer(),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.constantFrom('work', 'True', 'add', 'Replace', 'members[value eq "x"]', USER, PATCH),
  ),
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('leaf'),
    fc.array(tie('node'), { maxLength: 4 }),
    fc.dictionary(key, tie('node'), { maxKeys: 5 }),
  ),
})).node;
/** Whatever is answered, it is SCIM, and no fault of the server. */
const sane = (reply: Answer, what: string): void => {
  assert.ok(reply.status < 500, `${what}: ${reply.status} ${reply.text.slice(0, 500)}`);
  if (reply.status >= 400) assertRefused(reply, what);
  assert.equal(Reflect.get({}, 'polluted'), undefined);
};

test('bodies of every endpoint that takes one', async () => {
  const users = ['POST /Users', `PUT /Users/${user}`, `PATCH /Users/${user}`];
  const groups = ['POST /Groups', `PUT /Groups/${group}`, `PATCH /Groups/${group}`];
  const targets = [...users, ...groups, 'POST /Bulk', 'POST /.search', 'POST /Users/.search'];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...targets), tree, async (target, body) => {
      const [method = '', path = ''] = target.split(' ');
      sane(await tenant.call(method, path, { raw: JSON.stringify(body) }), `${target} ${JSON.stringify(body)}`);
    }),
    { numRuns: RUNS },
  );
});
test('operations of a PATCH', async () => {
  const operation = fc.record(
    {
      op: fc.constantFrom('add', 'Replace', 'REMOVE', 'move', ''),
      path: fc.oneof(
        fc.constantFrom(
          'emails',
          'members',
          'name.givenName',
          'emails[type eq "work"].value',
          'roles[primary eq "True"].value',
          `${MOBIETRAIN_USER}:stores`,
          `${ENTERPRISE}:manager`,
          'schemas',
          'id',
          'meta',
          'groups',
          '',
        ),
        fc.string({ unit: 'binary', maxLength: 30 }),
        fc
          .array(
            fc.constantFrom('emails', '[', ']', '"', 'type', ' eq ', '.', 'value', '\\', '(', ')', ' and ', ':', 'urn'),
            { maxLength: 12 },
          )
          .map((parts) => parts.join('')),
      ),
      value: tree,
    },
    { requiredKeys: ['op'] },
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(`/Users/${user}`, `/Groups/${group}`),
      fc.array(operation, { minLength: 1, maxLength: 4 }),
      async (path, list) => {
        sane(await tenant.call('PATCH', path, { body: patchOf(...list) }), JSON.stringify(list));
      },
    ),
    { numRuns: RUNS * 2 },
  );
});
test('filters and queries', async () => {
  const word = fc.oneof(
    fc.constantFrom(
      'userName',
      'emails',
      'emails.value',
      'active',
      'meta.created',
      'members',
      'displayName',
      'groups.value',
      `${MOBIETRAIN_USER}:stores.value`,
      'eq',
      'ne',
      'co',
      'sw',
      'gt',
      'pr',
      'and',
      'or',
      'not',
      '(',
      ')',
      '[',
      ']',
      '"x"',
      'true',
      'null',
      '1.5',
      '"2020-01-01T00:00:00Z"',
    ),
    fc.string({ unit: 'binary', maxLength: 8 }),
  );
  const filter = fc.array(word, { maxLength: 14 }).map((words) => words.join(' '));
  const query = fc.record(
    { filter, sortBy: word, count: fc.oneof(fc.integer(), word), attributes: word },
    { requiredKeys: ['filter'] },
  );
  await fc.assert(
    fc.asyncProperty(fc.constantFrom('/Users', '/Groups'), query, async (path, parameters) => {
      const search = Object.entries(parameters).map(([name, value]) => `${name}=${encodeWhole(String(value))}`);
      sane(await tenant.call('GET', `${path}?${search.join('&')}`), JSON.stringify(parameters));
    }),
    { numRuns: RUNS * 2 },
  );
});
test('addresses', async () => {
  const piece = fc.oneof(
    fc.constantFrom('Users', 'Groups', '.search', '..', '.', '%2f', '%00', '%', user),
    fc.stringMatching(/^[!-~]{0,10}$/),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('GET', 'PATCH', 'DELETE', 'POST'),
      fc.array(piece, { maxLength: 4 }),
      async (method, pieces) => {
        const path = `/${pieces.join('/')}`.replaceAll('#', '%23');
        // The resources of this test itself stay.
        fc.pre(method !== 'DELETE' || !path.includes(user));
        sane(await tenant.call(method, path), `${method} ${path}`);
      },
    ),
    { numRuns: RUNS },
  );
});

/** Percent-encoding of text in which half a character may stand: an address can't hold one. */
function encodeWhole(text: string): string {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '?'));
}
