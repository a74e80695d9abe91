// The flat attributes of stores and user groups over SCIM: views on the primary link, validated after all operations of a request,
// by POST, PUT and both PATCH dialects, in any order, where required data is enforced and where it is reported.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import type { Answer } from '../support/http-client.ts';
import { at } from '../support/pointer.ts';
import { MOBIETRAIN_USER, patchBody, userNamed } from '../support/scim.ts';
import { openTenants, type Tenant, type Tenants } from '../support/tenants.ts';

let server: Tenants;
const tenants = new Map<string, Tenant>();
beforeAll(async () => {
  server = await openTenants();
  for (const requiredData of ['enforce', 'report'] as const) {
    tenants.set(requiredData, await server.tenant({ requiredData }));
  }
});
afterAll(() => server.stop());

let counter = 0;
const nextName = (): string => {
  counter += 1;
  return `flat-${counter}`;
};
const extension = (values: object) => ({ [MOBIETRAIN_USER]: values });

function client(tenant: Tenant) {
  const taken = (reply: Answer, status: number): Answer['body'] => {
    assert.equal(reply.status, status, reply.text);
    return reply.body;
  };
  return {
    make: async (values: object, userName = nextName()) =>
      taken(await tenant.call('POST', '/Users', { body: userNamed(userName, extension(values)) }), 201),
    read: async (user: Answer['body']) => taken(await tenant.call('GET', `/Users/${String(user.id)}`), 200),
    put: async (user: Answer['body'], values: object) =>
      taken(
        await tenant.call('PUT', `/Users/${String(user.id)}`, {
          body: userNamed(String(user.userName), extension(values)),
        }),
        200,
      ),
    patch: async (user: Answer['body'], ...Operations: object[]) =>
      taken(await tenant.call('PATCH', `/Users/${String(user.id)}`, { body: patchBody(...Operations) }), 200),
  };
}
const part = (user: Answer['body']) => user[MOBIETRAIN_USER] as Record<string, unknown> | undefined;
const flatStore = (user: Answer['body']) => {
  const { storeRefId, storeName, storeCountry } = part(user) ?? {};
  return [storeRefId, storeName, storeCountry];
};
const flatGroup = (user: Answer['body']) => {
  const { userGroupId, userGroupName, userGroupType } = part(user) ?? {};
  return [userGroupId, userGroupName, userGroupType];
};
const values = (user: Answer['body'], list: 'stores' | 'userGroups') =>
  ((at(user, `/${MOBIETRAIN_USER}/${list}/*/value`) as string[] | undefined) ?? []).toSorted();
const replace = (name: string, value: unknown) => ({ op: 'Replace', path: `${MOBIETRAIN_USER}:${name}`, value });

/** Every order of a list. */
function orders<T>(list: T[]): T[][] {
  if (list.length < 2) return [list];
  return list.flatMap((first, index) => orders(list.toSpliced(index, 1)).map((rest) => [first, ...rest]));
}

for (const required of ['enforce', 'report'] as const) {
  const user = () => client(tenants.get(required) as Tenant);
  const label = (text: string) => `${text} (${required})`;

  describe(label('stores'), () => {
    test('one flat store in a POST is the only store', async () => {
      const made = await user().make({ storeRefId: 'p-1', storeName: 'P one', storeCountry: '32' });
      assert.deepEqual(at(made, `/${MOBIETRAIN_USER}/stores`), [{ value: 'p-1', display: 'P one', country: '32' }]);
      assert.deepEqual(flatStore(made), ['p-1', 'P one', '32']);
    });
    test('every order of the operations moves the user and renames no shop', async () => {
      const operations = [replace('storeRefId', 'o-2'), replace('storeName', 'O two'), replace('storeCountry', '33')];
      for (const [index, order] of orders(operations).entries()) {
        const from = `o-1-${index}`;
        const made = await user().make({ storeRefId: from, storeName: 'O one', storeCountry: '32' });
        const moved = await user().patch(made, ...order);
        assert.deepEqual(flatStore(moved), ['o-2', 'O two', '33']);
        assert.deepEqual(values(moved, 'stores'), ['o-2'], 'the old shop is left');
        const stayed = await user().make({ stores: [{ value: from }] });
        assert.deepEqual(flatStore(stayed), [from, 'O one', '32'], 'the old shop keeps its name');
      }
    });
    test('the dialect of one operation without a path does the same', async () => {
      const made = await user().make({ storeRefId: 'd-1', storeName: 'D one', storeCountry: '32' });
      const keys = { storeCountry: '33', storeName: 'D two', storeRefId: 'd-2' };
      const dotted = Object.entries(keys).map(([key, value]) => [`${MOBIETRAIN_USER}:${key}`, value]);
      const moved = await user().patch(made, { op: 'replace', value: Object.fromEntries(dotted) });
      assert.deepEqual(flatStore(moved), ['d-2', 'D two', '33']);
      const nested = await user().patch(made, { op: 'add', value: { [MOBIETRAIN_USER]: { storeRefId: 'd-1' } } });
      assert.deepEqual(flatStore(nested), ['d-1', 'D one', '32']);
    });
    test('a moved ref id alone shows the name and country of the target', async () => {
      await user().make({ storeRefId: 'm-2', storeName: 'M two', storeCountry: '33' });
      const made = await user().make({ storeRefId: 'm-1', storeName: 'M one', storeCountry: '32' });
      assert.deepEqual(flatStore(await user().patch(made, replace('storeRefId', 'm-2'))), ['m-2', 'M two', '33']);
      assert.deepEqual(flatStore(await user().make({ storeRefId: 'm-1' })), ['m-1', 'M one', '32']);
    });
    test('a PUT that moves the ref id and echoes name and country renames no shop that is there', async () => {
      await user().make({ storeRefId: 'e-2', storeName: 'E two', storeCountry: '33' });
      const made = await user().make({ storeRefId: 'e-1', storeName: 'E one', storeCountry: '32' });
      const stores = [{ value: 'e-1', display: 'E one', country: '32' }];
      const moved = await user().put(made, { storeRefId: 'e-2', storeName: 'E one', storeCountry: '32', stores });
      assert.deepEqual(flatStore(moved), ['e-2', 'E two', '33']);
      assert.deepEqual(values(moved, 'stores'), ['e-2']);
    });
    test('in a PUT the form that differs from what is stored wins', async () => {
      const made = await user().make({ storeRefId: 'w-1', storeName: 'W one', storeCountry: '32' });
      const echo = { storeRefId: 'w-1', storeName: 'W one', storeCountry: '32' };
      const list = await user().put(made, { ...echo, stores: [{ value: 'w-2', display: 'W two', country: '33' }] });
      assert.deepEqual(flatStore(list), ['w-2', 'W two', '33'], 'the list differs');
      const stores = [{ value: 'w-2', display: 'W two', country: '33' }];
      const flat = await user().put(made, { ...echo, stores });
      assert.deepEqual(flatStore(flat), ['w-1', 'W one', '32'], 'the flat form differs');
      const neither = await user().put(made, { ...echo, stores: at(flat, `/${MOBIETRAIN_USER}/stores`) });
      assert.equal(at(neither, '/meta/version'), at(flat, '/meta/version'), 'an echo changes nothing');
    });
    test('a renamed flat name renames the shop for everybody', async () => {
      const one = await user().make({ storeRefId: 'n-1', storeName: 'Before', storeCountry: '32' });
      const two = await user().make({ storeRefId: 'n-1', storeName: 'Before', storeCountry: '32' });
      await user().patch(one, replace('storeName', 'After'));
      assert.deepEqual(flatStore(await user().read(two)), ['n-1', 'After', '32']);
      await user().patch(two, replace('storeName', 'Before'));
      assert.deepEqual(
        flatStore(await user().read(one)),
        ['n-1', 'After', '32'],
        'a name that is sent again changes nothing',
      );
    });
    test('a list and a flat name in one PATCH: the name is that of the new primary', async () => {
      const made = await user().make({ storeRefId: 'l-1', storeName: 'L one', storeCountry: '32' });
      const list = replace('stores', [{ value: 'l-2', display: 'L two', country: '33', primary: true }]);
      for (const order of orders([list, replace('storeName', 'L second')])) {
        const moved = await user().patch(made, ...order);
        assert.deepEqual(flatStore(moved), ['l-2', 'L second', '33']);
        assert.deepEqual(values(moved, 'stores'), ['l-2']);
        await user().patch(made, replace('storeRefId', 'l-1'));
      }
      assert.deepEqual(flatStore(await user().read(made)), ['l-1', 'L one', '32']);
    });
    test('the flat form of a POST sets the primary, the list the rest', async () => {
      const stores = [
        { value: 'r-1', display: 'R one', country: '32', primary: true },
        { value: 'r-2', display: 'R two', country: '32' },
      ];
      const made = await user().make({ stores, storeRefId: 'r-3', storeName: 'R three', storeCountry: '32' });
      assert.deepEqual(values(made, 'stores'), ['r-1', 'r-2', 'r-3']);
      assert.deepEqual(flatStore(made), ['r-3', 'R three', '32']);
      const listed = await user().make({ stores, storeRefId: 'r-2' });
      assert.deepEqual(values(listed, 'stores'), ['r-1', 'r-2']);
      assert.deepEqual(flatStore(listed), ['r-2', 'R two', '32']);
      const marked = at(listed, `/${MOBIETRAIN_USER}/stores[primary=true]/value`);
      assert.equal(marked, 'r-2');
    });
    test('the country alone says where the user is, is kept, and is filtered by', async () => {
      const made = await user().make({ storeCountry: '352' });
      assert.deepEqual(flatStore(await user().read(made)), [undefined, undefined, '352']);
      assert.deepEqual(values(made, 'stores'), []);
      const tenant = tenants.get(required) as Tenant;
      const filter = encodeURIComponent(`${MOBIETRAIN_USER}:storeCountry eq "352"`);
      const found = await tenant.call('GET', `/Users?filter=${filter}`);
      assert.deepEqual(at(found.body, '/Resources/*/id'), [made.id], found.text);
      const kept = await user().put(made, { companyId: 'C' });
      assert.deepEqual(flatStore(kept), [undefined, undefined, '352'], 'a PUT that leaves it out keeps it');
      const moved = await user().patch(made, replace('storeRefId', 'c-1'), replace('storeName', 'C one'));
      assert.deepEqual(flatStore(moved), ['c-1', 'C one', '352'], 'the first store is in that country');
    });
    test('a cleared ref id takes the user out of the shop', async () => {
      for (const value of ['', null]) {
        const made = await user().make({ storeRefId: 'x-1', storeName: 'X one', storeCountry: '32' });
        const left = await user().patch(made, replace('storeRefId', value));
        assert.deepEqual(values(left, 'stores'), []);
        assert.equal(flatStore(left)[0], undefined);
      }
    });
    test('one primary and no other is moved: the rest of the list stays', async () => {
      const stores = [
        { value: 's-1', display: 'S one', country: '32' },
        { value: 's-2', display: 'S two', country: '32', primary: true },
      ];
      const made = await user().make({ stores });
      assert.equal(flatStore(made)[0], 's-2');
      const moved = await user().patch(
        made,
        replace('storeRefId', 's-3'),
        replace('storeName', 'S three'),
        replace('storeCountry', '32'),
      );
      assert.deepEqual(values(moved, 'stores'), ['s-1', 's-3']);
      assert.equal(flatStore(moved)[0], 's-3');
    });
    test('an element whose ref id is replaced leads elsewhere, in any order, and renames no shop', async () => {
      await user().make({ storeRefId: 'v-2', storeName: 'V two', storeCountry: '33' });
      const list = `${MOBIETRAIN_USER}:stores`;
      const value = { op: 'replace', path: `${list}[primary eq true].value`, value: 'v-2' };
      const stores = [{ value: 'v-1', display: 'V one', country: '32', primary: true }];
      const made = await user().make({ stores });
      const moved = await user().patch(made, value);
      assert.deepEqual(at(moved, `/${MOBIETRAIN_USER}/stores`), [
        { value: 'v-2', display: 'V two', country: '33', primary: true },
      ]);
      const display = { op: 'replace', path: `${list}[primary eq true].display`, value: 'V second' };
      for (const order of orders([value, display])) {
        const other = await user().make({ stores });
        assert.deepEqual(flatStore(await user().patch(other, ...order)), ['v-2', 'V second', '33']);
      }
      assert.deepEqual(flatStore(await user().make({ storeRefId: 'v-1' })), ['v-1', 'V one', '32']);
    });
    test('are filtered by', async () => {
      const made = await user().make({ storeRefId: 'f-1', storeName: 'Filter One', storeCountry: '358' });
      const tenant = tenants.get(required) as Tenant;
      for (const term of [
        'storeRefId eq "f-1"',
        'storeName eq "filter one"',
        'storeCountry eq "358"',
        'stores.value eq "f-1"',
        'stores[display eq "FILTER ONE" and country eq "358"]',
      ]) {
        const filter = encodeURIComponent(`${MOBIETRAIN_USER}:${term}`);
        const found = await tenant.call('GET', `/Users?filter=${filter}`);
        assert.equal(found.status, 200, found.text);
        assert.deepEqual(at(found.body, '/Resources/*/id'), [made.id], term);
      }
    });
  });

  describe(label('user groups'), () => {
    test('every order of the operations moves the user and renames no group', async () => {
      const operations = [
        replace('userGroupId', 'g-2'),
        replace('userGroupName', 'G two'),
        replace('userGroupType', 'Team'),
      ];
      for (const [index, order] of orders(operations).entries()) {
        const from = `g-1-${index}`;
        const flat = { userGroupId: from, userGroupName: `G one ${index}`, userGroupType: 'Department' };
        const made = await user().make(flat);
        assert.deepEqual(flatGroup(made), [from, `G one ${index}`, 'Department']);
        const moved = await user().patch(made, ...order);
        assert.deepEqual(flatGroup(moved), ['g-2', 'G two', 'Team']);
        assert.deepEqual(values(moved, 'userGroups'), ['g-2']);
        const stayed = await user().make({ userGroupId: from });
        assert.deepEqual(flatGroup(stayed), [from, `G one ${index}`, 'Department']);
      }
    });
    test('every order of first operations makes one group', async () => {
      const operations = [
        replace('userGroupId', 'h-1'),
        replace('userGroupName', 'H one'),
        replace('userGroupType', 'Team'),
      ];
      for (const order of orders(operations)) {
        const made = await user().make({ companyId: 'none yet' });
        assert.deepEqual(flatGroup(await user().patch(made, ...order)), ['h-1', 'H one', 'Team']);
      }
    });
    test('without an ID a new name is another group; the old one keeps its name', async () => {
      const flat = { userGroupName: 'Nameless one', userGroupType: 'Team' };
      const made = await user().make(flat);
      const stays = await user().make(flat);
      const moved = await user().patch(made, replace('userGroupName', 'Nameless two'));
      assert.deepEqual(flatGroup(moved), [undefined, 'Nameless two', 'Team']);
      assert.deepEqual(flatGroup(await user().read(stays)), [undefined, 'Nameless one', 'Team']);
    });
    test('with an ID a new name is a renamed group, which keeps its users', async () => {
      const flat = { userGroupId: 'i-1', userGroupName: 'I before', userGroupType: 'Team' };
      const made = await user().make(flat);
      const other = await user().make(flat);
      await user().patch(made, replace('userGroupName', 'I after'));
      assert.deepEqual(flatGroup(await user().read(other)), ['i-1', 'I after', 'Team']);
    });
    test('an ID that comes later is adopted by the group', async () => {
      const made = await user().make({ userGroupName: 'Adopted', userGroupType: 'Team' });
      const other = await user().make({ userGroupName: 'Adopted', userGroupType: 'Team' });
      const groupOf = async (one: Answer['body']) => at(await user().read(one), '/groups/0/value');
      const before_ = await groupOf(made);
      const named = await user().patch(made, replace('userGroupId', 'j-1'));
      assert.deepEqual(flatGroup(named), ['j-1', 'Adopted', 'Team']);
      assert.equal(await groupOf(made), before_, 'the same group');
      assert.deepEqual(flatGroup(await user().read(other)), ['j-1', 'Adopted', 'Team']);
    });
    test('the flat form of a POST sets the primary, the list the rest', async () => {
      const userGroups = [{ value: 'k-1', display: 'K one', type: 'Team', primary: true }];
      const made = await user().make({ userGroups, userGroupId: 'k-2', userGroupName: 'K two', userGroupType: 'Team' });
      assert.deepEqual(values(made, 'userGroups'), ['k-1', 'k-2']);
      assert.deepEqual(flatGroup(made), ['k-2', 'K two', 'Team']);
    });
    test('are filtered by', async () => {
      const made = await user().make({ userGroupId: 'q-1', userGroupName: 'Query One', userGroupType: 'Squad' });
      const tenant = tenants.get(required) as Tenant;
      for (const term of [
        'userGroupId eq "q-1"',
        'userGroupName eq "query one"',
        'userGroupType eq "squad"',
        'userGroups.display eq "Query one"',
        'userGroups[type eq "Squad" and value eq "q-1"]',
      ]) {
        const filter = encodeURIComponent(`${MOBIETRAIN_USER}:${term}`);
        const found = await tenant.call('GET', `/Users?filter=${filter}`);
        assert.equal(found.status, 200, found.text);
        assert.deepEqual(at(found.body, '/Resources/*/id'), [made.id], term);
      }
    });
  });
}
