// Links under many writers at once: entities are made once, claimed once, adopted once; no link is lost, and none
// leads to a group that is gone.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import type { Answer } from '../support/http-client.ts';
import { at } from '../support/pointer.ts';
import { ENTERPRISE, GROUP, MOBIETRAIN_USER, patchBody, userNamed } from '../support/scim.ts';
import { openTenants, type Tenant, type Tenants } from '../support/tenants.ts';

let server: Tenants;
let entra: Tenant;
let okta: Tenant;
beforeAll(async () => {
  server = await openTenants();
  entra = await server.tenant();
  okta = await server.connect(entra.account, 'okta');
});
afterAll(() => server.stop());

const LIST = `${MOBIETRAIN_USER}:userGroups`;
const extension = (values: object) => ({ [MOBIETRAIN_USER]: values });
const times = <T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => work(index)));
const both = (index: number): Tenant => (index % 2 ? okta : entra);
function all(replies: Answer[], status: number): Answer[] {
  for (const reply of replies) assert.equal(reply.status, status, reply.text);
  return replies;
}
let counter = 0;
async function make(tenant: Tenant, values: object, more: object = {}) {
  counter += 1;
  const body = userNamed(`race-${counter}`, { ...extension(values), ...more });
  return tenant.call('POST', '/Users', { body });
}
const push = (tenant: Tenant, body: object) => tenant.call('POST', '/Groups', { body: { schemas: [GROUP], ...body } });
const patch = (tenant: Tenant, path: string, ...Operations: object[]) =>
  tenant.call('PATCH', path, { body: patchBody(...Operations) });
const find = async (filter: string) =>
  (await entra.call('GET', `/Groups?filter=${encodeURIComponent(filter)}`)).body.Resources as Answer['body'][];

const membersOf = (group: Answer['body'] | undefined) => (at(group, '/members') as unknown[] | undefined) ?? [];

describe('one entity', () => {
  test('of users from two connections that name one new store by list and flat', async () => {
    const replies = await times(16, (index) =>
      make(
        both(index),
        index % 4 < 2
          ? { stores: [{ value: 'one', display: 'One', country: '32' }] }
          : { storeRefId: 'one', storeName: 'One', storeCountry: '32' },
      ),
    );
    all(replies, 201);
    const stores = server.database.db.collection('stores');
    assert.equal(await stores.countDocuments({ account: entra.account.id, refId: 'one' }), 1);
    for (const reply of replies) assert.equal(at(reply.body, `/${MOBIETRAIN_USER}/storeName`), 'One');
  });
  test('of users that name one new group without an ID, in different cases', async () => {
    const replies = await times(16, (index) =>
      make(both(index), { userGroups: [{ display: index % 3 ? 'Nameless' : 'NAMELESS', type: 'Team' }] }),
    );
    all(replies, 201);
    const groups = await find('displayName eq "nameless"');
    assert.equal(groups.length, 1);
    assert.equal(membersOf(groups[0]).length, 16);
  });
  test('of users of whom some bring its ID: it is adopted once', async () => {
    const replies = await times(16, (index) =>
      make(both(index), { userGroups: [{ ...(index % 2 ? { value: 'adopt' } : {}), display: 'Adopt', type: 'Team' }] }),
    );
    all(replies, 201);
    const groups = await find('displayName eq "adopt"');
    assert.equal(groups.length, 1);
    assert.equal(groups[0]?.externalId, 'adopt');
    assert.equal(membersOf(groups[0]).length, 16);
  });
  test('of a push and users that name it at the same time', async () => {
    for (let round = 0; round < 4; round += 1) {
      const externalId = `same-${round}`;
      const [pushed, ...users] = await Promise.all([
        push(okta, { displayName: `Same ${round}`, externalId }),
        ...Array.from({ length: 6 }, () =>
          make(entra, { userGroups: [{ value: externalId, display: `Same ${round}` }] }),
        ),
      ]);
      all([pushed], 201);
      all(users, 201);
      const groups = await find(`externalId eq "${externalId}"`);
      assert.equal(groups.length, 1);
      assert.deepEqual(
        (at(groups[0], '/members/*/value') as string[]).toSorted(),
        users.map((user) => String(user.body.id)).toSorted(),
      );
    }
  });
  test('of users whose department makes a group', async () => {
    const tenant = await server.tenant({
      derivedGroups: [{ attribute: 'enterprise.department', groupType: 'Department' }],
    });
    const replies = await times(16, () => make(tenant, {}, { [ENTERPRISE]: { department: 'Food' } }));
    all(replies, 201);
    const groups = (await tenant.call('GET', '/Groups')).body;
    assert.equal(groups.totalResults, 1);
    assert.equal((at(groups, '/Resources/0/members') as unknown[]).length, 16);
  });
});

test('a claim by twelve at once, under different names, is one 201 and eleven 409', async () => {
  await make(entra, { userGroups: [{ value: 'claim', display: 'Inline', type: 'Team' }] });
  const replies = await times(12, (index) =>
    push(both(index), { displayName: `Claimed ${index}`, externalId: 'claim' }),
  );
  assert.deepEqual(replies.map((reply) => reply.status).toSorted(), [201, ...Array<number>(11).fill(409)]);
  const winner = replies.find((reply) => reply.status === 201);
  const groups = await find('externalId eq "claim"');
  assert.equal(groups.length, 1);
  assert.equal(groups[0]?.displayName, winner?.body.displayName);
  assert.equal(membersOf(groups[0]).length, 1);
});

test('two connections that add groups to one user at once lose none', async () => {
  const user = `/Users/${String((await make(entra, {})).body.id)}`;
  const replies = await times(20, (index) =>
    patch(both(index), user, {
      op: 'add',
      path: LIST,
      value: [{ value: `add-${index}`, display: `Add ${index}`, type: 'Team' }],
    }),
  );
  all(replies, 200);
  const read = await entra.call('GET', user);
  const expected = Array.from({ length: 20 }, (_, index) => `add-${index}`).toSorted();
  assert.deepEqual((at(read.body, `/${MOBIETRAIN_USER}/userGroups/*/value`) as string[]).toSorted(), expected);
  assert.equal((read.body.groups as unknown[]).length, 20);
  assert.equal(at(read.body, '/meta/version'), 'W/"21"');
});

test('links by list, by member list and by department on one user at once are all kept', async () => {
  const tenant = await server.tenant({
    derivedGroups: [{ attribute: 'enterprise.department', groupType: 'Department' }],
  });
  const user = String((await make(tenant, {})).body.id);
  const pushed = await times(8, async (index) =>
    String((await push(tenant, { displayName: `Pushed ${index}` })).body.id),
  );
  const replies = await Promise.all([
    ...pushed.map((id) => patch(tenant, `/Groups/${id}`, { op: 'add', path: 'members', value: [{ value: user }] })),
    ...Array.from({ length: 8 }, (_, index) =>
      patch(tenant, `/Users/${user}`, {
        op: 'add',
        path: LIST,
        value: [{ value: `in-${index}`, display: `In ${index}` }],
      }),
    ),
    patch(tenant, `/Users/${user}`, { op: 'replace', path: `${ENTERPRISE}:department`, value: 'Food' }),
  ]);
  all(replies, 200);
  const read = await tenant.call('GET', `/Users/${user}`);
  assert.equal((read.body.groups as unknown[]).length, 17);
});

test('a group that is deleted while users join it, in both ways, is nowhere served', async () => {
  for (let round = 0; round < 4; round += 1) {
    const externalId = `doomed-${round}`;
    const group = String((await push(okta, { displayName: `Doomed ${round}`, externalId })).body.id);
    const users = await times(8, async () => String((await make(entra, {})).body.id));
    const replies = await Promise.all([
      ...users.map((id, index) =>
        index % 2
          ? patch(okta, `/Groups/${group}`, { op: 'add', path: 'members', value: [{ value: id }] })
          : patch(entra, `/Users/${id}`, {
              op: 'add',
              path: LIST,
              value: [{ value: externalId, display: `Doomed ${round}` }],
            }),
      ),
      entra.call('DELETE', `/Groups/${group}`),
    ]);
    assert.equal(replies.at(-1)?.status, 204);
    for (const reply of replies.slice(0, -1)) assert.ok([200, 404].includes(reply.status), reply.text);
    const again = await find(`externalId eq "${externalId}"`);
    for (const id of users) {
      const { body } = await entra.call('GET', `/Users/${id}`);
      const groups = (at(body, '/groups/*/value') as string[] | undefined) ?? [];
      assert.ok(!groups.includes(group), 'the deleted group is not served');
      // A user who named it afterwards created it again, and is its member.
      for (const other of groups) assert.equal(other, again[0]?.id);
      const inline = (at(body, `/${MOBIETRAIN_USER}/userGroups`) as unknown[] | undefined) ?? [];
      assert.equal(inline.length, groups.length);
    }
    const filter = encodeURIComponent(`groups.value eq "${group}"`);
    assert.equal((await entra.call('GET', `/Users?filter=${filter}`)).body.totalResults, 0);
  }
});

test('a user that is deleted while groups take it in is in none', async () => {
  for (let round = 0; round < 4; round += 1) {
    const user = String((await make(entra, {})).body.id);
    const groups = await times(6, async (index) =>
      String((await push(okta, { displayName: `Taker ${round} ${index}` })).body.id),
    );
    const replies = await Promise.all([
      ...groups.map((id) => patch(okta, `/Groups/${id}`, { op: 'add', path: 'members', value: [{ value: user }] })),
      entra.call('DELETE', `/Users/${user}`),
    ]);
    assert.equal(replies.at(-1)?.status, 204);
    for (const reply of replies.slice(0, -1)) {
      assert.ok(reply.status === 200 || /User not found/.test(String(reply.body.detail)), reply.text);
    }
    for (const id of groups) assert.equal((await okta.call('GET', `/Groups/${id}`)).body.members, undefined);
  }
});

test('one store that many rename at once has one of the names, and everybody reads the same', async () => {
  const replies = await times(8, () => make(entra, { storeRefId: 'many', storeName: 'Many', storeCountry: '32' }));
  const ids = replies.map((reply) => String(reply.body.id));
  const path = `${MOBIETRAIN_USER}:storeName`;
  all(
    await Promise.all(
      ids.map((id, index) => patch(both(index), `/Users/${id}`, { op: 'replace', path, value: `Many ${index}` })),
    ),
    200,
  );
  const names = await Promise.all(
    ids.map(async (id) =>
      at((await entra.call('GET', `/Users/${id}`)).body, `/${path.replace(':storeName', '')}/storeName`),
    ),
  );
  assert.equal(new Set(names).size, 1);
  assert.match(String(names[0]), /^Many \d$/);
});
