// Many writers at once: unique indexes and atomic updates decide, nothing is lost, and what was acknowledged is there.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import type { Answer } from '../support/http-client.ts';
import { at } from '../support/pointer.ts';
import { GROUP, MOBIETRAIN_USER, patchBody, userNamed } from '../support/scim.ts';
import { openTenants, type Tenant, type Tenants } from '../support/tenants.ts';

let server: Tenants;
let tenant: Tenant;
beforeAll(async () => {
  server = await openTenants();
  tenant = await server.tenant();
});
afterAll(() => server.stop());

const times = <T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => work(index)));

function counts(replies: Answer[]): Record<string, number> {
  const by: Record<string, number> = {};
  for (const { status, body } of replies) {
    const key = `${status} ${String(body.scimType ?? '')}`.trim();
    by[key] = (by[key] ?? 0) + 1;
  }
  return by;
}

const made = async (userName: string, more: Record<string, unknown> = {}): Promise<string> => {
  const reply = await tenant.call('POST', '/Users', { body: userNamed(userName, more) });
  assert.equal(reply.status, 201, reply.text);
  return String(reply.body.id);
};
const patching = (path: string, ...Operations: object[]) =>
  tenant.call('PATCH', path, { body: patchBody(...Operations) });

describe('uniqueness', () => {
  test('twenty creates of one userName, in different cases: one 201, nineteen 409', async () => {
    const replies = await times(20, (index) =>
      tenant.call('POST', '/Users', {
        body: userNamed(index % 2 ? 'twin' : 'TWIN', { externalId: `twin-${index}` }),
      }),
    );
    assert.deepEqual(counts(replies), { '201': 1, '409 uniqueness': 19 });
    const found = await tenant.call('GET', '/Users?filter=userName%20eq%20%22Twin%22');
    assert.equal(found.body.totalResults, 1);
  });
  test('twenty creates of one external ID', async () => {
    const replies = await times(20, (index) =>
      tenant.call('POST', '/Users', { body: userNamed(`same-${index}`, { externalId: 'one' }) }),
    );
    assert.deepEqual(counts(replies), { '201': 1, '409 uniqueness': 19 });
  });
  test('twenty creates of one group', async () => {
    const replies = await times(20, () =>
      tenant.call('POST', '/Groups', { body: { schemas: [GROUP], displayName: 'Once', externalId: 'once' } }),
    );
    assert.deepEqual(counts(replies), { '201': 1, '409 uniqueness': 19 });
  });
  test('twenty users come with one new store and one new group: there is one of each', async () => {
    const inline = {
      [MOBIETRAIN_USER]: {
        stores: [{ value: 'shared', display: 'Shared', country: '32' }],
        userGroups: [{ value: 'shared', display: 'Shared', type: 'Department' }],
      },
    };
    const ids = await times(20, (index) => made(`comer-${index}`, inline));
    const groups = await tenant.call('GET', '/Groups?filter=externalId%20eq%20%22shared%22');
    assert.equal(groups.body.totalResults, 1);
    assert.deepEqual((at(groups.body, '/Resources/0/members/*/value') as string[]).sort(), ids.sort());
    const stores = server.database.db.collection('stores');
    assert.equal(await stores.countDocuments({ account: tenant.account.id, refId: 'shared' }), 1);
  });
  test('an inline group claimed by ten at once is claimed once', async () => {
    await made('named-it', { [MOBIETRAIN_USER]: { userGroups: [{ value: 'claim', display: 'Before' }] } });
    const replies = await times(10, () =>
      tenant.call('POST', '/Groups', { body: { schemas: [GROUP], displayName: 'Claimed', externalId: 'claim' } }),
    );
    assert.deepEqual(counts(replies), { '201': 1, '409 uniqueness': 9 });
  });
});

describe('members', () => {
  test('fifty PATCHes add fifty members at once, then take half of them off: none is lost, each is a version', async () => {
    const users = await times(50, (index) => made(`member-${index}`));
    const group = await tenant.call('POST', '/Groups', { body: { schemas: [GROUP], displayName: 'Fifty' } });
    const path = `/Groups/${String(group.body.id)}`;
    const added = await Promise.all(
      users.map((value) => patching(path, { op: 'Add', path: 'members', value: [{ value }] })),
    );
    assert.deepEqual(counts(added), { '200': 50 });
    const full = await tenant.call('GET', path);
    assert.deepEqual((at(full.body, '/members/*/value') as string[]).sort(), [...users].sort());
    assert.equal(at(full.body, '/meta/version'), 'W/"51"', 'one version for each change');
    assert.equal(full.headers.get('etag'), 'W/"51"');
    const leaving = users.slice(0, 25);
    const removed = await Promise.all(
      leaving.map((value, index) =>
        patching(
          path,
          index % 2
            ? { op: 'Remove', path: 'members', value: [{ value }] }
            : { op: 'remove', path: `members[value eq "${value}"]` },
        ),
      ),
    );
    assert.deepEqual(counts(removed), { '200': 25 });
    const half = await tenant.call('GET', path);
    assert.deepEqual((at(half.body, '/members/*/value') as string[]).sort(), users.slice(25).sort());
    assert.equal(at(half.body, '/meta/version'), 'W/"76"');
  });
  test('one member added twenty times at once is one member, and one change', async () => {
    const value = await made('repeated');
    const group = await tenant.call('POST', '/Groups', { body: { schemas: [GROUP], displayName: 'Repeated' } });
    const path = `/Groups/${String(group.body.id)}`;
    const replies = await times(20, () => patching(path, { op: 'Add', path: 'members', value: [{ value }] }));
    assert.deepEqual(counts(replies), { '200': 20 });
    const read = await tenant.call('GET', path);
    assert.equal((read.body.members as unknown[]).length, 1);
    assert.equal(at(read.body, '/meta/version'), 'W/"2"');
  });
  test('a member is added to twenty groups at once, while the user is changed', async () => {
    const value = await made('popular');
    const groups = await times(20, async (index) => {
      const body = { schemas: [GROUP], displayName: `Popular ${index}` };
      return String((await tenant.call('POST', '/Groups', { body })).body.id);
    });
    const replies = await Promise.all([
      ...groups.map((id) => patching(`/Groups/${id}`, { op: 'Add', path: 'members', value: [{ value }] })),
      ...Array.from({ length: 10 }, (_, index) =>
        patching(`/Users/${value}`, { op: 'replace', path: 'title', value: `Title ${index}` }),
      ),
    ]);
    assert.deepEqual(counts(replies), { '200': 30 });
    const read = await tenant.call('GET', `/Users/${value}`);
    assert.deepEqual((at(read.body, '/groups/*/value') as string[]).sort(), groups.sort());
  });
});

describe('a user', () => {
  test('ten PATCHes of ten attributes at once: none is lost', async () => {
    const id = await made('patched');
    const paths = ['title', 'nickName', 'displayName', 'locale', 'timezone', 'userType', 'preferredLanguage'];
    const more = ['name.middleName', 'name.formatted', `${MOBIETRAIN_USER}:companyId`];
    const values = [...paths, ...more].map((path) => ({ path, value: path === 'locale' ? 'nl-BE' : `v ${path}` }));
    const replies = await Promise.all(
      values.map(({ path, value }) => patching(`/Users/${id}`, { op: 'replace', path, value })),
    );
    assert.deepEqual(counts(replies), { '200': 10 }, replies.map((reply) => reply.text).join('\n'));
    const read = await tenant.call('GET', `/Users/${id}`);
    for (const path of paths) assert.equal(read.body[path], path === 'locale' ? 'nl-BE' : `v ${path}`);
    assert.equal(at(read.body, '/name/middleName'), 'v name.middleName');
    assert.equal(at(read.body, '/meta/version'), 'W/"11"');
  });
  test('ten PUTs under one If-Match: one wins, nine are refused', async () => {
    const id = await made('contended');
    const etag = 'W/"1"';
    const replies = await times(10, (index) =>
      tenant.call('PUT', `/Users/${id}`, {
        body: userNamed('contended', { title: `T${index}` }),
        headers: { 'If-Match': etag },
      }),
    );
    assert.deepEqual(counts(replies), { '200': 1, '412': 9 });
    const read = await tenant.call('GET', `/Users/${id}`);
    assert.equal(read.headers.get('etag'), 'W/"2"');
    assert.equal(read.body.title, replies.find((reply) => reply.status === 200)?.body.title);
  });
  test('deleted ten times at once is deleted once', async () => {
    const id = await made('deleted');
    const replies = await times(10, () => tenant.call('DELETE', `/Users/${id}`));
    assert.deepEqual(counts(replies), { '204': 1, '404': 9 });
  });
});
