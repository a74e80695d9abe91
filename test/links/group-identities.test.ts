// A group that several sources know by IDs of their own.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import type { Answer } from '../support/http-client.ts';
import { at } from '../support/pointer.ts';
import { GROUP, MOBIETRAIN_USER, patchBody, userNamed } from '../support/scim.ts';
import { openTenants, type Tenant, type Tenants } from '../support/tenants.ts';

let server: Tenants;
let hr: Tenant;
let entra: Tenant;
beforeAll(async () => {
  server = await openTenants();
  hr = await server.tenant();
  entra = await server.connect(hr.account, 'entra');
});
afterAll(() => server.stop());

let counter = 0;
const nextName = (): string => {
  counter += 1;
  return `identity-${counter}`;
};
function taken(reply: Answer, status: number): Answer['body'] {
  assert.equal(reply.status, status, reply.text);
  return reply.body;
}
const make = async (tenant: Tenant, values: object) =>
  taken(await tenant.call('POST', '/Users', { body: userNamed(nextName(), { [MOBIETRAIN_USER]: values }) }), 201);
const flat = (id: string, name: string, type = 'Department') => ({
  userGroupId: id,
  userGroupName: name,
  userGroupType: type,
});
const push = (tenant: Tenant, body: object) => tenant.call('POST', '/Groups', { body: { schemas: [GROUP], ...body } });
const patch = (tenant: Tenant, path: string, ...Operations: object[]) =>
  tenant.call('PATCH', path, { body: patchBody(...Operations) });
const patchGroup = (group: Answer['body'] | undefined, ...operations: object[]) =>
  patch(entra, `/Groups/${String(group?.id)}`, ...operations);
const list = async (path: string, filter: string) =>
  taken(await hr.call('GET', `${path}?filter=${encodeURIComponent(filter)}`), 200).Resources as Answer['body'][];
const find = (filter: string) => list('/Groups', filter);
const readUser = async (user: Answer['body']) => taken(await hr.call('GET', `/Users/${String(user.id)}`), 200);
const shownId = async (user: Answer['body']) => at(await readUser(user), `/${MOBIETRAIN_USER}/userGroupId`);
const groupOf = async (user: Answer['body']) => at(await readUser(user), '/groups/0/value');
const addId = (value: string) => ({ op: 'Add', path: 'externalId', value });

describe('an ID that a client pushes', () => {
  test('is kept beside the one that users stated, and both lead to the group', async () => {
    const user = await make(hr, flat('hr-1', 'Ops'));
    const [group, ...others] = await find('displayName eq "Ops"');
    assert.deepEqual(others, []);
    const pushed = taken(await patchGroup(group, addId('obj-1')), 200);
    assert.equal(pushed.externalId, 'obj-1', 'a group shows what was pushed');
    assert.equal(await shownId(user), 'hr-1', 'a user shows what its own source stated');
    const hire = await make(hr, flat('hr-1', 'Ops'));
    assert.equal(await groupOf(hire), group?.id);
    assert.equal(await shownId(hire), 'hr-1');
    const other = await make(entra, { userGroups: [{ value: 'obj-1' }] });
    assert.equal(await groupOf(other), group?.id);
    assert.equal(await shownId(other), 'obj-1');
    assert.deepEqual(at(await find('externalId eq "obj-1"'), '/*/id'), [group?.id]);
    assert.deepEqual(await find('externalId eq "hr-1"'), [], 'groups are filtered by the ID that they show');
    for (const id of ['hr-1', 'obj-1']) {
      const found = await list('/Users', `${MOBIETRAIN_USER}:userGroups.value eq "${id}"`);
      assert.deepEqual(at(found, '/*/id'), [user.id, hire.id, other.id], 'users are found by any ID of their group');
    }
  });
  test('can change and go; those that users stated stay', async () => {
    const user = await make(hr, flat('hr-2', 'Changing'));
    const [group] = await find('displayName eq "Changing"');
    taken(await patchGroup(group, addId('obj-2')), 200);
    const later = await make(entra, { userGroups: [{ value: 'obj-2' }] });
    assert.equal(taken(await patchGroup(group, addId('obj-3')), 200).externalId, 'obj-3');
    assert.equal(await shownId(later), 'obj-2', 'it was stated by a user, too');
    const gone = taken(await patchGroup(group, { op: 'Remove', path: 'externalId' }), 200);
    assert.equal(gone.externalId, undefined);
    assert.equal(await shownId(user), 'hr-2');
    for (const id of ['hr-2', 'obj-2']) assert.equal(await groupOf(await make(hr, flat(id, 'Changing'))), group?.id);
    const freed = taken(await push(entra, { displayName: 'Took it over', externalId: 'obj-3' }), 201);
    assert.notEqual(freed.id, group?.id);
  });
  test('of another group is 409, no matter which connection stated it', async () => {
    await make(hr, flat('hr-4', 'Stated'));
    const group = taken(await push(entra, { displayName: 'Pushed', externalId: 'obj-4' }), 201);
    const reply = await patchGroup(group, addId('hr-4'));
    assert.equal(reply.status, 409, reply.text);
    assert.equal(reply.body.scimType, 'uniqueness');
  });
  test('on a PUT of what was read leaves the group as it was', async () => {
    const user = await make(hr, flat('hr-5', 'Put back'));
    const [group] = await find('displayName eq "Put back"');
    taken(await patchGroup(group, addId('obj-5')), 200);
    const read = await readUser(user);
    const put = taken(await hr.call('PUT', `/Users/${String(user.id)}`, { body: read }), 200);
    assert.equal(at(put, '/meta/version'), at(read, '/meta/version'));
    assert.equal(await shownId(user), 'hr-5');
  });
});

describe('a group is claimed', () => {
  test('by a POST of any of its IDs, once', async () => {
    const user = await make(hr, flat('hr-10', 'By ID'));
    const claimed = taken(await push(entra, { displayName: 'New name', externalId: 'hr-10' }), 201);
    assert.equal(claimed.id, await groupOf(user));
    assert.equal(claimed.displayName, 'New name');
    assert.equal((await push(entra, { displayName: 'Another', externalId: 'hr-10' })).status, 409);
  });
  test('by a POST of its name, if it is the only one without an ID, whatever its type', async () => {
    const user = await make(hr, { userGroups: [{ display: 'Nameless', type: 'Department' }] });
    const claimed = taken(await push(entra, { displayName: 'NAMELESS', externalId: 'obj-11' }), 201);
    assert.equal(claimed.id, await groupOf(user));
    assert.equal(claimed.displayName, 'NAMELESS');
    assert.equal(await shownId(user), 'obj-11', 'its source stated none');
  });
  test('by no POST of a name that several without an ID have', async () => {
    const users = [
      await make(hr, { userGroups: [{ display: 'Several', type: 'Department' }] }),
      await make(hr, { userGroups: [{ display: 'Several', type: 'Region' }] }),
    ];
    const made = taken(await push(entra, { displayName: 'Several', externalId: 'obj-12' }), 201);
    for (const user of users) assert.notEqual(await groupOf(user), made.id);
  });
  test('by a PATCH, after which a POST of its name is 409', async () => {
    const user = await make(hr, flat('hr-13', 'Looked up'));
    const [group] = await find('displayName eq "Looked up"');
    taken(await patchGroup(group, { op: 'Add', path: 'members', value: [{ value: user.id }] }), 200);
    const reply = await push(entra, { displayName: 'Looked up', externalId: 'obj-13' });
    assert.equal(reply.status, 409, reply.text);
    assert.equal((await find('externalId eq "hr-13"')).length, 1, 'it still shows the ID that it showed');
  });
  test('by no change of its members if its name is a claimed group’s: they are changed all the same', async () => {
    const user = await make(hr, flat('hr-14', 'Twice'));
    taken(await push(entra, { displayName: 'Twice', externalId: 'obj-14' }), 201);
    const [group] = await find('externalId eq "hr-14"');
    const other = await make(hr, {});
    taken(await patchGroup(group, { op: 'Add', path: 'members', value: [{ value: other.id }] }), 200);
    assert.deepEqual(at(await find('externalId eq "hr-14"'), '/0/members/*/value'), [user.id, other.id]);
  });
});

describe('no user is refused because of a group’s name', () => {
  test('a look-up finds the pushed group beside others of its name', async () => {
    await make(hr, flat('gh-1', 'Ghent', 'Department'));
    await make(hr, flat('gh-2', 'Ghent', 'Region'));
    assert.deepEqual(await find('displayName eq "Ghent"'), [], 'none of two: a client would stop');
    const pushed = taken(await push(entra, { displayName: 'Ghent', externalId: 'gh-3' }), 201);
    assert.deepEqual(at(await find('displayName eq "ghent"'), '/*/id'), [pushed.id]);
    assert.equal((await find('displayName sw "Ghent"')).length, 3, 'other filters find all of them');
  });
  test('two departments with different IDs, one name and one type', async () => {
    const [one, two] = [await make(hr, flat('dp-1', 'Twins')), await make(hr, flat('dp-2', 'Twins'))];
    assert.notEqual(await groupOf(one), await groupOf(two));
    const path = `${MOBIETRAIN_USER}:userGroupName`;
    taken(await patch(hr, `/Users/${String(two.id)}`, { op: 'replace', path, value: 'Triplets' }), 200);
    taken(await patch(hr, `/Users/${String(two.id)}`, { op: 'replace', path, value: 'Twins' }), 200);
    assert.notEqual(await groupOf(one), await groupOf(two));
  });
  test('a user’s new name for a claimed group that another claimed group has renames nothing', async () => {
    taken(await push(entra, { displayName: 'Taken', externalId: 'tk-1' }), 201);
    const group = taken(await push(entra, { displayName: 'Mine', externalId: 'tk-2' }), 201);
    const user = await make(hr, flat('tk-2', 'Mine', ''));
    const path = `${MOBIETRAIN_USER}:userGroupName`;
    taken(await patch(hr, `/Users/${String(user.id)}`, { op: 'replace', path, value: 'Taken' }), 200);
    assert.equal(taken(await entra.call('GET', `/Groups/${String(group.id)}`), 200).displayName, 'Mine');
  });
  test('of many who come at once with two IDs and one name', async () => {
    const replies = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        hr.call('POST', '/Users', {
          body: userNamed(nextName(), { [MOBIETRAIN_USER]: flat(`many-${index % 2}`, 'Many') }),
        }),
      ),
    );
    for (const reply of replies) assert.equal(reply.status, 201, reply.text);
    for (const id of ['many-0', 'many-1'])
      assert.equal((at(await find(`externalId eq "${id}"`), '/0/members') as unknown[]).length, 6);
  });
});

test('two sources with an ID each for one group do not take turns on a user', async () => {
  const user = await make(hr, flat('tt-1', 'Turns'));
  const [group] = await find('displayName eq "Turns"');
  taken(await patchGroup(group, addId('tt-2')), 200);
  const path = `/Users/${String(user.id)}`;
  const state = (tenant: Tenant, value: string) =>
    patch(tenant, path, { op: 'replace', path: `${MOBIETRAIN_USER}:userGroups`, value: [{ value }] });
  taken(await state(entra, 'tt-2'), 200);
  const version = at(await readUser(user), '/meta/version');
  for (const [tenant, id] of [
    [hr, 'tt-1'],
    [entra, 'tt-2'],
  ] as const) {
    taken(await state(tenant, id), 200);
    assert.equal(at(await readUser(user), '/meta/version'), version);
    assert.equal(await shownId(user), 'tt-1');
  }
  taken(await patch(hr, path, { op: 'replace', path: `${MOBIETRAIN_USER}:userGroups`, value: [] }), 200);
  assert.equal(await groupOf(user), group?.id, 'the other source still says so');
});

describe('IDs that two connections push to one group', () => {
  const read = async (tenant: Tenant, id: unknown) =>
    taken(await tenant.call('GET', `/Groups/${String(id)}`), 200).externalId;
  const findAs = async (tenant: Tenant, filter: string) =>
    at(taken(await tenant.call('GET', `/Groups?filter=${encodeURIComponent(filter)}`), 200).Resources, '/*/id');
  const pushBoth = async (name: string, own: string, other: string) => {
    const group = taken(await push(hr, { displayName: name, externalId: own }), 201);
    assert.equal(taken(await patchGroup(group, addId(other)), 200).externalId, other);
    return group;
  };

  test('are both kept; each connection is shown its own and finds the group by it', async () => {
    const group = await pushBoth('Both', 'both-hr', 'both-entra');
    assert.equal(await read(hr, group.id), 'both-hr');
    assert.equal(await read(entra, group.id), 'both-entra');
    assert.deepEqual(await findAs(hr, 'externalId eq "both-hr"'), [group.id]);
    assert.deepEqual(await findAs(entra, 'externalId eq "both-entra"'), [group.id]);
    assert.deepEqual(await findAs(hr, 'externalId eq "both-entra"'), [], 'an answer never contradicts its filter');
    assert.deepEqual(await findAs(hr, 'displayName eq "Both" and externalId ne "both-hr"'), []);
    assert.deepEqual(await findAs(hr, 'displayName eq "Both" and externalId ne "both-entra"'), [group.id]);
    const [listed] = taken(await entra.call('GET', '/Groups?filter=displayName%20eq%20%22Both%22'), 200)
      .Resources as Answer['body'][];
    assert.equal(listed?.externalId, 'both-entra');
    for (const id of ['both-hr', 'both-entra'])
      assert.equal(await groupOf(await make(hr, { userGroups: [{ value: id }] })), group.id, id);
  });
  test('change and go without each other', async () => {
    const group = await pushBoth('Apart', 'apart-hr', 'apart-entra');
    taken(await patch(hr, `/Groups/${String(group.id)}`, addId('apart-hr-2')), 200);
    assert.deepEqual([await read(hr, group.id), await read(entra, group.id)], ['apart-hr-2', 'apart-entra']);
    const body = { schemas: [GROUP], displayName: 'Apart', externalId: 'apart-entra-2' };
    assert.equal(
      taken(await entra.call('PUT', `/Groups/${String(group.id)}`, { body }), 200).externalId,
      'apart-entra-2',
    );
    assert.equal(await read(hr, group.id), 'apart-hr-2');
    taken(await patchGroup(group, { op: 'Remove', path: 'externalId' }), 200);
    assert.deepEqual(await findAs(hr, 'externalId eq "apart-hr-2"'), [group.id]);
    const third = await server.connect(hr.account, 'third');
    assert.equal(await read(third, group.id), 'apart-hr-2', 'who pushed none is shown the first one');
    assert.deepEqual(await findAs(third, 'externalId eq "apart-hr-2"'), [group.id]);
    taken(await patch(third, `/Groups/${String(group.id)}`, { op: 'Remove', path: 'externalId' }), 200);
    assert.equal(await read(hr, group.id), 'apart-hr-2', 'a connection removes only its own ID');
    taken(await push(entra, { displayName: 'Freed', externalId: 'apart-entra-2' }), 201);
  });
  test('stay unique in the account, and claim once', async () => {
    const group = await pushBoth('Unique', 'unique-hr', 'unique-entra');
    for (const tenant of [hr, entra])
      for (const id of ['unique-hr', 'unique-entra'])
        assert.equal((await push(tenant, { displayName: `Again ${id}`, externalId: id })).status, 409, id);
    const other = taken(await push(entra, { displayName: 'Other' }), 201);
    assert.equal((await patchGroup(other, addId('unique-hr'))).status, 409);
    assert.equal(taken(await patchGroup(group, addId('unique-hr')), 200).externalId, 'unique-hr', 'of the same group');
    assert.equal(await read(hr, group.id), 'unique-hr');
  });
  test('an echo of another connection’s ID adds nothing', async () => {
    const group = taken(await push(hr, { displayName: 'Echo', externalId: 'echo-hr' }), 201);
    const { body, headers } = await entra.call('GET', `/Groups/${String(group.id)}`);
    const put = await entra.call('PUT', `/Groups/${String(group.id)}`, { body });
    assert.equal(put.status, 200, put.text);
    assert.equal(put.headers.get('etag'), headers.get('etag'));
    taken(await patch(hr, `/Groups/${String(group.id)}`, addId('echo-hr-2')), 200);
    assert.equal(await read(entra, group.id), 'echo-hr-2');
  });
});
