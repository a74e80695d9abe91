// Groups that come in on users and groups that are pushed, sentence by sentence: identity, adoption, renaming, claiming, unique
// names, administrators' names, derived groups, members.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import type { Answer } from '../support/http-client.ts';
import { at } from '../support/pointer.ts';
import { ENTERPRISE, GROUP, MOBIETRAIN_GROUP, MOBIETRAIN_USER, patchBody, userNamed } from '../support/scim.ts';
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

let counter = 0;
const nextName = (): string => {
  counter += 1;
  return `inline-${counter}`;
};
const extension = (values: object) => ({ [MOBIETRAIN_USER]: values });
function taken(reply: Answer, status: number): Answer['body'] {
  assert.equal(reply.status, status, reply.text);
  return reply.body;
}
const make = async (tenant: Tenant, values: object, more: object = {}) =>
  taken(await tenant.call('POST', '/Users', { body: userNamed(nextName(), { ...extension(values), ...more }) }), 201);
const push = (tenant: Tenant, body: object) => tenant.call('POST', '/Groups', { body: { schemas: [GROUP], ...body } });
const patch = (tenant: Tenant, path: string, ...Operations: object[]) =>
  tenant.call('PATCH', path, { body: patchBody(...Operations) });
const read = async (path: string, tenant = entra) => taken(await tenant.call('GET', path), 200);
const readUser = (user: Answer['body'], tenant = entra) => read(`/Users/${String(user.id)}`, tenant);
const find = async (filter: string, tenant = entra) =>
  (await read(`/Groups?filter=${encodeURIComponent(filter)}`, tenant)).Resources as Answer['body'][];
const inline = async (user: Answer['body'], tenant = entra) =>
  ((await readUser(user, tenant))[MOBIETRAIN_USER] as Record<string, unknown> | undefined)?.userGroups;
const LIST = `${MOBIETRAIN_USER}:userGroups`;

describe('the identity of an inline group', () => {
  test('is its ID, in exact case', async () => {
    await make(entra, { userGroups: [{ value: 'Id-1', display: 'Upper', type: 'T' }] });
    await make(entra, { userGroups: [{ value: 'id-1', display: 'Lower', type: 'T' }] });
    assert.equal((await find('externalId eq "Id-1"'))[0]?.displayName, 'Upper');
    assert.equal((await find('externalId eq "id-1"'))[0]?.displayName, 'Lower');
  });
  test('without an ID is type and name in any case', async () => {
    const one = await make(entra, { userGroups: [{ display: 'Fold', type: 'Team' }] });
    const two = await make(entra, { userGroups: [{ display: 'FOLD', type: 'team' }] });
    const other = await make(entra, { userGroups: [{ display: 'Fold', type: 'Department' }] });
    const none = await make(entra, { userGroups: [{ display: 'Fold' }] });
    const groups = await find('displayName sw "fold"');
    assert.equal(groups.length, 3, 'one for each type');
    const ofTeam = groups.filter((group) => (group.members as unknown[]).length === 2);
    assert.deepEqual(at(ofTeam[0], '/members/*/value'), [one.id, two.id]);
    assert.equal((await find('displayName eq "fold"')).length, 0, 'a look-up by name finds none of several');
    assert.ok(other.id && none.id);
  });
  test('an ID that comes later is adopted, from another connection and in another case too', async () => {
    const first = await make(entra, { userGroups: [{ display: 'Late', type: 'Team' }] });
    await make(okta, { userGroups: [{ value: 'late-1', display: 'LATE', type: 'Team' }] });
    const groups = await find('displayName eq "late"');
    assert.equal(groups.length, 1);
    assert.equal(groups[0]?.externalId, 'late-1');
    assert.equal(at(await inline(first), '/0/value'), 'late-1');
    const renamed = await make(okta, { userGroups: [{ value: 'late-1', display: 'Later', type: 'Team' }] });
    assert.equal(at(await inline(first), '/0/display'), 'Later', 'renamed by its ID it keeps its users');
    assert.equal(at(await inline(renamed), '/0/value'), 'late-1');
  });
  test('an ID that is adopted by a PATCH on the element', async () => {
    const user = await make(entra, { userGroups: [{ display: 'Patched later', type: 'Team' }] });
    const [before_] = await find('displayName eq "patched later"');
    const path = `${LIST}[display eq "Patched later"].value`;
    taken(await patch(entra, `/Users/${String(user.id)}`, { op: 'replace', path, value: 'pl-1' }), 200);
    const [group] = await find('externalId eq "pl-1"');
    assert.equal(group?.id, before_?.id);
    assert.deepEqual(await inline(user), [{ value: 'pl-1', display: 'Patched later', type: 'Team' }]);
  });
  test('a renamed type keeps the group', async () => {
    const user = await make(entra, { userGroups: [{ value: 'ty-1', display: 'Typed', type: 'Team' }] });
    const path = `${LIST}[value eq "ty-1"].type`;
    taken(await patch(entra, `/Users/${String(user.id)}`, { op: 'replace', path, value: 'Squad' }), 200);
    const [group] = await find('externalId eq "ty-1"');
    assert.equal(at(group, `/${MOBIETRAIN_GROUP}/groupType`), 'Squad');
  });
  test('two IDs with one name and one type are two groups, and nobody is refused', async () => {
    const one = await make(entra, { userGroups: [{ value: 'uq-1', display: 'Unique', type: 'Team' }] });
    const two = await make(entra, { userGroups: [{ value: 'uq-2', display: 'UNIQUE', type: 'Team' }] });
    const other = await make(entra, { userGroups: [{ value: 'uq-3', display: 'UNIQUE', type: 'Squad' }] });
    for (const [user, id] of [
      [one, 'uq-1'],
      [two, 'uq-2'],
      [other, 'uq-3'],
    ] as const) {
      const [group] = await find(`externalId eq "${id}"`);
      assert.deepEqual(at(group, '/members/*/value'), [user.id]);
      assert.equal(at(await inline(user), '/0/value'), id);
    }
  });
});

describe('a group that is claimed', () => {
  test('keeps id and members, gets the new name; the type that users named stays', async () => {
    const user = await make(entra, { userGroups: [{ value: 'cm-1', display: 'Inline name', type: 'Team' }] });
    const [before_] = await find('externalId eq "cm-1"');
    const other = await make(entra, {});
    const reply = await push(okta, { displayName: 'Pushed', externalId: 'cm-1', members: [{ value: other.id }] });
    assert.equal(reply.status, 201, reply.text);
    assert.equal(reply.body.id, before_?.id);
    assert.equal(reply.body.displayName, 'Pushed');
    assert.equal(at(reply.body, `/${MOBIETRAIN_GROUP}/groupType`), 'Team');
    assert.deepEqual(at(reply.body, '/members/*/value'), [user.id, other.id]);
    assert.equal((await push(okta, { displayName: 'Third', externalId: 'cm-1' })).status, 409);
    assert.equal((await find('displayName eq "Pushed"')).length, 1);
    assert.equal((await find('displayName eq "Inline name"')).length, 0);
  });
  test('has a name that is unique over all types', async () => {
    taken(
      await push(entra, { displayName: 'All types', externalId: 'at-1', [MOBIETRAIN_GROUP]: { groupType: 'A' } }),
      201,
    );
    const clash = await push(okta, { displayName: 'ALL TYPES', [MOBIETRAIN_GROUP]: { groupType: 'B' } });
    assert.equal(clash.status, 409, clash.text);
    await make(entra, { userGroups: [{ value: 'at-2', display: 'All Types', type: 'C' }] });
    const claim = await push(okta, { displayName: 'All types', externalId: 'at-2' });
    assert.equal(claim.status, 409, 'an inline one of that name is not claimed under it');
    assert.equal(claim.body.scimType, 'uniqueness');
    const other = taken(await push(okta, { displayName: 'Another', externalId: 'at-3' }), 201);
    const renamed = await patch(okta, `/Groups/${String(other.id)}`, {
      op: 'replace',
      value: { displayName: 'aLL types' },
    });
    assert.equal(renamed.status, 409, renamed.text);
  });
  test('a user’s first statement does not rename it, a changed one does', async () => {
    taken(await push(entra, { displayName: 'Stable', externalId: 'st-1' }), 201);
    const user = await make(entra, { userGroups: [{ value: 'st-1', display: 'Old profile', type: 'Team' }] });
    assert.equal(at(await inline(user), '/0/display'), 'Stable');
    const put = userNamed(
      String(user.userName),
      extension({ userGroups: [{ value: 'st-1', display: 'Old profile', type: 'Team' }] }),
    );
    taken(await entra.call('PUT', `/Users/${String(user.id)}`, { body: put }), 200);
    assert.equal(at(await inline(user), '/0/display'), 'Stable');
    const changed = userNamed(
      String(user.userName),
      extension({ userGroups: [{ value: 'st-1', display: 'New profile', type: 'Team' }] }),
    );
    taken(await entra.call('PUT', `/Users/${String(user.id)}`, { body: changed }), 200);
    assert.equal(at(await inline(user), '/0/display'), 'New profile');
  });
  test('a type that nobody gave it comes from the first user who names one', async () => {
    const group = taken(await push(entra, { displayName: 'Typeless', externalId: 'tl-1' }), 201);
    await make(entra, { userGroups: [{ value: 'tl-1', display: 'Typeless', type: 'Department' }] });
    assert.equal(at(await read(`/Groups/${String(group.id)}`), `/${MOBIETRAIN_GROUP}/groupType`), 'Department');
    await make(entra, { userGroups: [{ value: 'tl-1', display: 'Typeless', type: 'Team' }] });
    assert.equal(at(await read(`/Groups/${String(group.id)}`), `/${MOBIETRAIN_GROUP}/groupType`), 'Department');
  });
  test('by type and name, and its ID comes with the push', async () => {
    const user = await make(entra, { userGroups: [{ display: 'By name' }] });
    const claimed = taken(await push(okta, { displayName: 'By Name', externalId: 'bn-1' }), 201);
    assert.deepEqual(at(claimed, '/members/*/value'), [user.id]);
    assert.equal(at(await inline(user), '/0/value'), 'bn-1');
  });
  test('a PUT that leaves out externalId and groupType keeps them', async () => {
    const group = taken(
      await push(entra, { displayName: 'Kept', externalId: 'kp-1', [MOBIETRAIN_GROUP]: { groupType: 'Team' } }),
      201,
    );
    const body = { schemas: [GROUP], displayName: 'Kept 2', members: [] };
    const put = taken(await okta.call('PUT', `/Groups/${String(group.id)}`, { body }), 200);
    assert.equal(put.externalId, 'kp-1');
    assert.equal(at(put, `/${MOBIETRAIN_GROUP}/groupType`), 'Team');
    assert.equal(put.displayName, 'Kept 2');
  });
});

describe('members', () => {
  test('that do not exist are 400 "User not found", and nothing is applied', async () => {
    const user = await make(entra, {});
    const group = taken(await push(entra, { displayName: 'Nobody' }), 201);
    const path = `/Groups/${String(group.id)}`;
    const members = [{ value: user.id }, { value: '01890000-0000-7000-8000-000000000000' }];
    const replies = [
      await patch(entra, path, { op: 'add', path: 'members', value: members }),
      await patch(entra, path, { op: 'replace', value: { displayName: 'Changed', members } }),
      await entra.call('PUT', path, { body: { schemas: [GROUP], displayName: 'Changed', members } }),
      await push(entra, { displayName: 'Never made', members }),
    ];
    for (const reply of replies) {
      assert.equal(reply.status, 400, reply.text);
      assert.match(String(reply.body.detail), /User not found/);
    }
    const after_ = await read(path);
    assert.equal(after_.members, undefined);
    assert.equal(after_.displayName, 'Nobody');
    assert.equal((await find('displayName eq "Never made"')).length, 0);
    assert.equal((await readUser(user)).groups, undefined);
  });
  test('an unknown member on its way out is no reason to refuse', async () => {
    const group = taken(await push(entra, { displayName: 'Leaving' }), 201);
    const value = [{ value: '01890000-0000-7000-8000-000000000000' }];
    assert.equal(
      (await patch(entra, `/Groups/${String(group.id)}`, { op: 'Remove', path: 'members', value })).status,
      200,
    );
  });
  test('of a group that users name and that is pushed hold by both: one gone, the other stays', async () => {
    const user = await make(entra, { userGroups: [{ value: 'bo-1', display: 'Both', type: 'Team' }] });
    const group = taken(
      await push(entra, { displayName: 'Both', externalId: 'bo-1', members: [{ value: user.id }] }),
      201,
    );
    const userPath = `/Users/${String(user.id)}`;
    taken(await patch(entra, userPath, { op: 'replace', path: LIST, value: [] }), 200);
    assert.equal(await inline(user), undefined, 'userGroups serves the inline links');
    assert.deepEqual(at(await readUser(user), '/groups/*/value'), [group.id], 'groups serves all');
    taken(await patch(entra, userPath, { op: 'add', path: LIST, value: [{ value: 'bo-1' }] }), 200);
    assert.equal(at(await inline(user), '/0/value'), 'bo-1');
    const gone = await patch(entra, `/Groups/${String(group.id)}`, { op: 'replace', path: 'members', value: [] });
    assert.equal(gone.status, 200, gone.text);
    assert.equal((await readUser(user)).groups, undefined, 'an explicit removal takes it no matter who made it');
    assert.equal(await inline(user), undefined);
  });
  test('a replaced list that repeats a member leaves its link alone', async () => {
    const user = await make(entra, { userGroups: [{ value: 're-1', display: 'Repeat', type: 'Team' }] });
    const [group] = await find('externalId eq "re-1"');
    const path = `/Groups/${String(group?.id)}`;
    taken(await patch(okta, path, { op: 'replace', path: 'members', value: [{ value: user.id }] }), 200);
    taken(await patch(entra, `/Users/${String(user.id)}`, { op: 'replace', path: LIST, value: [] }), 200);
    assert.equal((await readUser(user)).groups, undefined, 'an echo added no origin');
  });
});

describe('two connections', () => {
  test('a list of one that adds to what it read asserts only what it added', async () => {
    const user = await make(entra, { userGroups: [{ value: 'ta-1', display: 'TA one', type: 'Team' }] });
    const path = `/Users/${String(user.id)}`;
    const both = [
      { value: 'ta-1', display: 'TA one', type: 'Team' },
      { value: 'ta-2', display: 'TA two', type: 'Team' },
    ];
    taken(
      await okta.call('PUT', path, { body: userNamed(String(user.userName), extension({ userGroups: both })) }),
      200,
    );
    taken(await patch(entra, path, { op: 'replace', path: LIST, value: [] }), 200);
    assert.deepEqual(at(await inline(user), '/*/value'), ['ta-2']);
    taken(await patch(entra, path, { op: 'remove', path: `${LIST}[value eq "ta-2"]` }), 200);
    assert.equal(await inline(user), undefined, 'a removal that names it takes it no matter who made it');
  });
  test('a store is withdrawn by its own connection, removed by name by any', async () => {
    const stores = [{ value: 'sw-1', display: 'SW', country: '32' }];
    const user = await make(entra, { stores });
    const path = `/Users/${String(user.id)}`;
    const list = `${MOBIETRAIN_USER}:stores`;
    taken(await patch(okta, path, { op: 'replace', path: list, value: [] }), 200);
    assert.equal(at(await readUser(user), `/${MOBIETRAIN_USER}/storeRefId`), 'sw-1');
    taken(await patch(okta, path, { op: 'remove', path: `${list}[value eq "sw-1"]` }), 200);
    assert.equal(at(await readUser(user), `/${MOBIETRAIN_USER}/storeRefId`), undefined);
  });
  test('an entry that no store stands for is withdrawn by its own connection only, too', async () => {
    const lax = await server.tenant({ requiredData: 'report' });
    const second = await server.connect(lax.account, 'second');
    const user = await make(lax, { stores: [{ display: 'No ref id', country: '32' }] });
    const path = `/Users/${String(user.id)}`;
    const list = `${MOBIETRAIN_USER}:stores`;
    taken(
      await patch(second, path, {
        op: 'replace',
        path: list,
        value: [{ value: 'nr-1', display: 'NR', country: '32' }],
      }),
      200,
    );
    const stores = async () => at(await readUser(user, lax), `/${MOBIETRAIN_USER}/stores/*/display`);
    assert.deepEqual(await stores(), ['NR', 'No ref id']);
    taken(await patch(second, path, { op: 'remove', path: `${list}[display eq "No ref id"]` }), 200);
    assert.deepEqual(await stores(), ['NR']);
  });
});

describe('a group that follows an attribute', () => {
  let tenant: Tenant;
  beforeAll(async () => {
    tenant = await server.tenant({ derivedGroups: [{ attribute: 'enterprise.department', groupType: 'Department' }] });
  });
  const groupsOf = async (user: Answer['body']) => at(await readUser(user, tenant), '/groups/*/display');
  const department = (value: unknown) => ({ op: 'replace', path: `${ENTERPRISE}:department`, value });

  test('follows it in every way it changes, and is not listed as an inline group', async () => {
    const user = await make(tenant, {}, { [ENTERPRISE]: { department: 'Food' } });
    const path = `/Users/${String(user.id)}`;
    assert.deepEqual(await groupsOf(user), ['Food']);
    assert.equal(await inline(user, tenant), undefined);
    const [group] = await find('displayName eq "Food"', tenant);
    assert.equal(at(group, `/${MOBIETRAIN_GROUP}/groupType`), 'Department');
    taken(await patch(tenant, path, department('Fresh')), 200);
    assert.deepEqual(await groupsOf(user), ['Fresh']);
    taken(await patch(tenant, path, { op: 'replace', value: { [`${ENTERPRISE}:department`]: 'FRESH' } }), 200);
    assert.equal((await find('displayName eq "fresh"', tenant)).length, 1, 'one group in any case');
    taken(await patch(tenant, path, department('')), 200);
    assert.equal(await groupsOf(user), undefined);
    taken(await patch(tenant, path, department('Food')), 200);
    taken(await tenant.call('PUT', path, { body: userNamed(String(user.userName)) }), 200);
    assert.equal(await groupsOf(user), undefined, 'a PUT without it clears it');
  });
  test('has members that nobody writes from outside', async () => {
    const user = await make(tenant, {}, { [ENTERPRISE]: { department: 'Closed' } });
    const other = await make(tenant, {});
    const [group] = await find('displayName eq "Closed"', tenant);
    const path = `/Groups/${String(group?.id)}`;
    const replies = [
      await patch(tenant, path, { op: 'add', path: 'members', value: [{ value: other.id }] }),
      await patch(tenant, path, { op: 'remove', path: `members[value eq "${String(user.id)}"]` }),
      await patch(tenant, path, { op: 'replace', path: 'members', value: [] }),
      await tenant.call('PUT', path, { body: { schemas: [GROUP], displayName: 'Closed', members: [] } }),
      await patch(tenant, `/Users/${String(other.id)}`, {
        op: 'add',
        path: LIST,
        value: [{ display: 'Closed', type: 'Department' }],
      }),
      await tenant.call('POST', '/Users', {
        body: userNamed(nextName(), extension({ userGroupName: 'closed', userGroupType: 'department' })),
      }),
    ];
    for (const reply of replies) {
      assert.equal(reply.status, 400, reply.text);
      assert.equal(reply.body.scimType, 'mutability', reply.text);
    }
    assert.deepEqual(at(await read(path, tenant), '/members/*/value'), [user.id]);
  });
});

test('everybody’s group is not served', async () => {
  const tenant = await server.tenant();
  const user = await make(tenant, {});
  assert.equal((await readUser(user, tenant)).groups, undefined);
  assert.equal((await read('/Groups', tenant)).totalResults, 0);
});

test('the name an administrator gave is not what SCIM reads, filters or holds unique', async () => {
  const user = await make(entra, {
    userGroups: [{ value: 'an-1', display: 'Source', type: 'Team' }],
    storeRefId: 'an-s',
    storeName: 'Source store',
    storeCountry: '32',
  });
  const [group] = await find('externalId eq "an-1"');
  const db = server.database.db;
  await db
    .collection<{ _id: string }>('groups')
    .updateOne({ _id: String(group?.id) }, { $set: { adminName: 'Boss', adminNameFold: 'boss' } });
  await db
    .collection('stores')
    .updateOne(
      { account: entra.account.id, refId: 'an-s' },
      { $set: { adminName: 'Boss store', adminNameFold: 'boss store' } },
    );
  const path = `/Users/${String(user.id)}`;
  assert.equal((await find('displayName eq "Boss"')).length, 0);
  assert.equal((await find('displayName eq "Source"')).length, 1);
  const shown = await readUser(user);
  assert.equal(at(shown, `/${MOBIETRAIN_USER}/storeName`), 'Source store');
  assert.deepEqual(at(shown, '/groups/*/display'), ['Source']);
  const renamed = userNamed(
    String(user.userName),
    extension({ userGroups: [{ value: 'an-1', display: 'Source 2', type: 'Team' }], storeName: 'Source store 2' }),
  );
  taken(await entra.call('PUT', path, { body: renamed }), 200);
  const kept = await db.collection('groups').findOne({ account: entra.account.id, externalId: 'an-1' });
  assert.deepEqual([kept?.name, kept?.adminName], ['Source 2', 'Boss'], 'what was changed by hand is kept');
  const store = await db.collection('stores').findOne({ account: entra.account.id, refId: 'an-s' });
  assert.deepEqual([store?.name, store?.adminName], ['Source store 2', 'Boss store']);
  assert.equal((await push(entra, { displayName: 'Boss' })).status, 201, 'uniqueness is about the source’s names');
});
