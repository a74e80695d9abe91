// Stores and user groups over SCIM: groups named on the user, groups pushed, groups claimed; who asserted a link, and what
// takes it away.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
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

const inline = (...userGroups: object[]) => ({ [MOBIETRAIN_USER]: { userGroups } });
const department = (value: string, display = `Name ${value}`) => ({ value, display, type: 'Department' });

async function make(tenant: Tenant, userName: string, more: Record<string, unknown> = {}) {
  const reply = await tenant.call('POST', '/Users', { body: userNamed(userName, more) });
  assert.equal(reply.status, 201, reply.text);
  return String(reply.body.id);
}
async function patch(tenant: Tenant, path: string, ...Operations: object[]) {
  const reply = await tenant.call('PATCH', path, { body: patchBody(...Operations) });
  assert.ok(reply.status === 200 || reply.status === 204, reply.text);
  return reply;
}
async function read(path: string): Promise<Record<string, unknown>> {
  const reply = await entra.call('GET', path);
  assert.equal(reply.status, 200, reply.text);
  return reply.body;
}
const groupWith = async (externalId: string) =>
  at(await read(`/Groups?filter=externalId%20eq%20%22${externalId}%22`), '/Resources/0') as Record<string, unknown>;
const inlineIds = async (id: string) => at(await read(`/Users/${id}`), `/${MOBIETRAIN_USER}/userGroups/*/value`);
const groupNames = async (id: string) => at(await read(`/Users/${id}`), '/groups/*/display');

describe('groups named on users', () => {
  test('are made, listed as groups with their members, and filtered by', async () => {
    const id = await make(entra, 'inline', inline(department('in-1', 'Produce'), department('in-2', 'Dairy')));
    const group = await groupWith('in-1');
    assert.equal(group.displayName, 'Produce');
    assert.equal(at(group, `/${MOBIETRAIN_GROUP}/groupType`), 'Department');
    assert.deepEqual(at(group, '/members/*/value'), [id]);
    const filter = encodeURIComponent(`groups.value eq "${String(group.id)}"`);
    assert.deepEqual(at(await read(`/Users?filter=${filter}`), '/Resources/*/id'), [id]);
    assert.deepEqual(await groupNames(id), ['Produce', 'Dairy']);
  });
  test('are claimed by a push of the same external ID: 201, the same id, the new name; a second one is 409', async () => {
    const id = await make(entra, 'to-claim', inline(department('cl-1', 'Before')));
    const before = await groupWith('cl-1');
    const push = { schemas: [GROUP], displayName: 'After', externalId: 'cl-1' };
    const claimed = await entra.call('POST', '/Groups', { body: push });
    assert.equal(claimed.status, 201, claimed.text);
    assert.equal(claimed.body.id, before.id);
    assert.equal(claimed.body.displayName, 'After');
    assert.ok(String(claimed.headers.get('location')).endsWith(`/Groups/${String(before.id)}`));
    assert.deepEqual(at(claimed.body, '/members/*/value'), [id], 'the members stay');
    assert.deepEqual(await groupNames(id), ['After']);
    const again = await entra.call('POST', '/Groups', { body: { ...push, displayName: 'Other' } });
    assert.equal(again.status, 409, again.text);
    assert.equal(again.body.scimType, 'uniqueness');
    const elsewhere = await okta.call('POST', '/Groups', { body: { schemas: [GROUP], displayName: 'AFTER' } });
    assert.equal(elsewhere.status, 409, 'claimed groups have unique names over all types and connections');
  });
  test('a renamed group keeps its users; restating the old name renames nothing', async () => {
    const one = await make(entra, 'renamer', inline(department('re-1', 'Old')));
    const two = await make(entra, 'restater', inline(department('re-1', 'Old')));
    const path = `${MOBIETRAIN_USER}:userGroups[value eq "re-1"].display`;
    await patch(entra, `/Users/${one}`, { op: 'replace', path, value: 'New' });
    assert.deepEqual(await groupNames(two), ['New']);
    const all = `${MOBIETRAIN_USER}:userGroups`;
    await patch(entra, `/Users/${two}`, { op: 'replace', path: all, value: [department('re-1', 'Old')] });
    assert.deepEqual(await groupNames(one), ['New'], 'a name that is sent again changes nothing');
  });
  test('an absent list changes nothing, an empty one takes all away, an echo adds nothing', async () => {
    const id = await make(entra, 'lists', inline(department('li-1')));
    const whole = await read(`/Users/${id}`);
    const echo = await entra.call('PUT', `/Users/${id}`, { body: whole });
    assert.equal(echo.status, 200, echo.text);
    assert.equal(at(echo.body, '/meta/version'), at(whole, '/meta/version'), 'an echo changes nothing');
    await entra.call('PUT', `/Users/${id}`, { body: userNamed('lists', { title: 'Lead' }) });
    assert.deepEqual(await inlineIds(id), ['li-1']);
    await entra.call('PUT', `/Users/${id}`, { body: userNamed('lists', inline()) });
    assert.equal(await inlineIds(id), undefined);
  });
});

describe('origins', () => {
  test('a list that leaves a link out withdraws its own connection’s assertion only', async () => {
    const id = await make(entra, 'two-sources', inline(department('or-1')));
    const path = `${MOBIETRAIN_USER}:userGroups`;
    await patch(okta, `/Users/${id}`, { op: 'add', path, value: [department('or-1'), department('or-2')] });
    await patch(entra, `/Users/${id}`, { op: 'replace', path, value: [] });
    assert.deepEqual(await inlineIds(id), ['or-1', 'or-2'], 'okta still says so');
    await patch(okta, `/Users/${id}`, { op: 'replace', path, value: [department('or-2')] });
    assert.deepEqual(await inlineIds(id), ['or-2']);
  });
  test('a pushed member stays when the inline list goes; a removal by filter removes it no matter who linked it', async () => {
    const id = await make(entra, 'pushed', inline(department('pu-1')));
    const group = await groupWith('pu-1');
    await patch(okta, `/Groups/${String(group.id)}`, { op: 'add', path: 'members', value: [{ value: id }] });
    await patch(entra, `/Users/${id}`, { op: 'replace', path: `${MOBIETRAIN_USER}:userGroups`, value: [] });
    assert.equal(await inlineIds(id), undefined);
    assert.deepEqual(at(await read(`/Groups/${String(group.id)}`), '/members/*/value'), [id]);
    await patch(entra, `/Groups/${String(group.id)}`, { op: 'remove', path: `members[value eq "${id}"]` });
    assert.equal((await read(`/Groups/${String(group.id)}`)).members, undefined);
  });
  test('a replaced member list takes inline links away too', async () => {
    const one = await make(entra, 'replaced-1', inline(department('rp-1')));
    const two = await make(entra, 'replaced-2');
    const group = await groupWith('rp-1');
    await patch(okta, `/Groups/${String(group.id)}`, { op: 'replace', path: 'members', value: [{ value: two }] });
    assert.deepEqual(at(await read(`/Groups/${String(group.id)}`), '/members/*/value'), [two]);
    assert.equal(await inlineIds(one), undefined);
  });
  test('a new token of the connection is the same origin', async () => {
    const id = await make(okta, 'rotated', inline(department('ro-1')));
    const rotated = await server.connect(entra.account, 'OKTA');
    assert.equal(rotated.connection.id, okta.connection.id);
    await patch(rotated, `/Users/${id}`, { op: 'replace', path: `${MOBIETRAIN_USER}:userGroups`, value: [] });
    assert.equal(await inlineIds(id), undefined);
  });
  test('a deleted group takes its links along', async () => {
    const id = await make(entra, 'bereft', inline(department('de-1')));
    const group = await groupWith('de-1');
    assert.equal((await entra.call('DELETE', `/Groups/${String(group.id)}`)).status, 204);
    const after = await read(`/Users/${id}`);
    assert.equal(after.groups, undefined);
    assert.equal(at(after, `/${MOBIETRAIN_USER}/userGroups`), undefined);
  });
});

describe('groups', () => {
  test('have no hierarchy', async () => {
    const body = { schemas: [GROUP], displayName: 'Inner' };
    const inner = String((await entra.call('POST', '/Groups', { body })).body.id);
    const nested = { schemas: [GROUP], displayName: 'Outer', members: [{ value: inner, type: 'Group' }] };
    const reply = await entra.call('POST', '/Groups', { body: nested });
    assert.equal(reply.status, 400, reply.text);
    assert.match(String(reply.body.detail), /group can't be a member/);
    const same = { ...nested, members: [{ value: inner }] };
    assert.equal((await entra.call('POST', '/Groups', { body: same })).status, 400);
  });
  test('that follow from an attribute are not written from outside', async () => {
    const derivedGroups = [{ attribute: 'enterprise.department', groupType: 'Department' }];
    const tenant = await server.tenant({ derivedGroups });
    const made = await tenant.call('POST', '/Users', {
      body: userNamed('d', { [ENTERPRISE]: { department: 'Food' } }),
    });
    const group = at(made.body, '/groups/0/value') as string;
    const Operations = [{ op: 'add', path: 'members', value: [{ value: made.body.id }] }];
    const reply = await tenant.call('PATCH', `/Groups/${group}`, { body: patchBody(...Operations) });
    assert.equal(reply.status, 400, reply.text);
    assert.equal(reply.body.scimType, 'mutability');
  });
  test('a contract’s limit counts active users: 403 with the number', async () => {
    const tenant = await server.tenant({ userLimit: 1 });
    assert.equal((await tenant.call('POST', '/Users', { body: userNamed('first') })).status, 201);
    const second = await tenant.call('POST', '/Users', { body: userNamed('second') });
    assert.equal(second.status, 403, second.text);
    assert.match(String(second.body.detail), /\b1\b/);
    const off = userNamed('second', { active: false });
    const inactive = await tenant.call('POST', '/Users', { body: off });
    assert.equal(inactive.status, 201);
    const change = (operation: object) =>
      tenant.call('PATCH', `/Users/${inactive.body.id}`, { body: patchBody(operation) });
    // Taking the flag away is no way around: who has none is not active.
    assert.equal((await change({ op: 'remove', path: 'active' })).status, 200);
    assert.equal((await change({ op: 'add', path: 'active', value: true })).status, 403);
    assert.equal((await change({ op: 'add', path: 'active', value: false })).status, 200);
    assert.equal((await tenant.call('POST', '/Users', { body: userNamed('third') })).status, 403);
  });
});

describe('stores', () => {
  test('two syncs that name one store differently do not flip it', async () => {
    const store = (display: string) => ({ [MOBIETRAIN_USER]: { stores: [{ value: 'fl', display, country: '32' }] } });
    const one = await make(entra, 'flip-1', store('North'));
    await make(okta, 'flip-2', store('Noord'));
    const shown = async () => at(await read(`/Users/${one}`), `/${MOBIETRAIN_USER}/storeName`);
    assert.equal(await shown(), 'Noord', 'a first statement counts');
    for (let cycle = 0; cycle < 2; cycle += 1) {
      await entra.call('PUT', `/Users/${one}`, { body: userNamed('flip-1', store('North')) });
      assert.equal(await shown(), 'Noord');
    }
    await entra.call('PUT', `/Users/${one}`, { body: userNamed('flip-1', store('North Station')) });
    assert.equal(await shown(), 'North Station', 'a changed statement counts');
  });
  test('the flat form sets the primary, the list the rest; a moved user renames no shop', async () => {
    const id = await make(entra, 'mover', {
      [MOBIETRAIN_USER]: {
        storeRefId: 'm1',
        storeName: 'M one',
        storeCountry: '32',
        stores: [{ value: 'm2', display: 'M two', country: '33' }],
      },
    });
    const shown = await read(`/Users/${id}`);
    assert.equal(at(shown, `/${MOBIETRAIN_USER}/storeRefId`), 'm1');
    assert.deepEqual((at(shown, `/${MOBIETRAIN_USER}/stores/*/value`) as string[]).sort(), ['m1', 'm2']);
    const urn = MOBIETRAIN_USER;
    await patch(
      entra,
      `/Users/${id}`,
      { op: 'Replace', path: `${urn}:storeCountry`, value: '31' },
      { op: 'Replace', path: `${urn}:storeName`, value: 'M three' },
      { op: 'Replace', path: `${urn}:storeRefId`, value: 'm3' },
    );
    const stores = await server.database.db.collection('stores').find({ account: entra.account.id }).toArray();
    const named = Object.fromEntries(stores.map((store) => [store.refId, `${store.name} ${store.country}`]));
    assert.equal(named.m1, 'M one 32');
    assert.equal(named.m2, 'M two 33');
    assert.equal(named.m3, 'M three 31');
  });
});
