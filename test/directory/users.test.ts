// The directory's rules on users, against a real database.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import type { Outcome } from '../../src/directory/faults.ts';
import type { Attributes } from '../../src/directory/schema/schema.ts';
import { openTestDirectory, patching, replacing, type TestDirectory } from '../support/directory.ts';

let directory: TestDirectory;
beforeAll(async () => {
  directory = await openTestDirectory();
});
afterAll(() => directory.close());

let counter = 0;
function person(extra: Attributes = {}): Attributes {
  counter += 1;
  return {
    userName: `person${counter}@example.com`,
    externalId: `ext-${counter}`,
    name: { givenName: 'Ada', familyName: `Number ${counter}` },
    emails: [{ value: `person${counter}@example.com`, type: 'work' }],
    ...extra,
  };
}
function taken<T>(outcome: Outcome<T>): T {
  assert.ok(outcome.ok, JSON.stringify(outcome));
  return outcome.value;
}
function codes<T>(outcome: Outcome<T>): string[] {
  assert.ok(!outcome.ok, 'was taken');
  return outcome.faults.map((fault) => `${fault.code} ${fault.path}`);
}
/** Without the missing prototypes that deepEqual would see. */
const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value));
const mobietrain = (view: { attributes: Attributes }): Attributes => plain(view.attributes.mobietrain as Attributes);

describe('uniqueness', () => {
  test('a userName is unique in any case, an externalId exactly', async () => {
    const caller = directory.caller();
    const draft = person();
    taken(await directory.provision.createUser(caller, draft));
    const again = { ...person(), userName: String(draft.userName).toUpperCase() };
    assert.deepEqual(codes(await directory.provision.createUser(caller, again)), ['uniqueness userName']);
    const sameId = { ...person(), externalId: draft.externalId ?? null };
    assert.deepEqual(codes(await directory.provision.createUser(caller, sameId)), ['uniqueness externalId']);
    taken(
      await directory.provision.createUser(caller, { ...person(), externalId: String(draft.externalId).toUpperCase() }),
    );
    taken(await directory.provision.createUser(directory.caller({ id: 'acc_other' }), draft));
  });
  test('twenty at once: one is made', async () => {
    const draft = person();
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () => directory.provision.createUser(directory.caller(), { ...draft })),
    );
    assert.equal(outcomes.filter((outcome) => outcome.ok).length, 1);
    assert.equal(outcomes.filter((outcome) => !outcome.ok && outcome.faults[0].code === 'uniqueness').length, 19);
  });
  test('a deleted user frees its names and leaves a tombstone', async () => {
    const caller = directory.caller();
    const draft = person();
    const first = taken(await directory.provision.createUser(caller, draft));
    taken(await directory.provision.deleteUser(caller, first.id, undefined));
    const second = taken(await directory.provision.createUser(caller, draft));
    assert.notEqual(second.id, first.id);
    assert.equal(await directory.db.collection<{ _id: string }>('tombstones').countDocuments({ _id: first.id }), 1);
    assert.deepEqual(codes(await directory.provision.deleteUser(caller, first.id, undefined)), ['notFound User']);
  });
});

describe('changes', () => {
  test('an update that changes nothing keeps the version', async () => {
    const caller = directory.caller();
    const made = taken(await directory.provision.createUser(caller, person({ title: 'Clerk' })));
    const outcome = await directory.provision.updateUser(caller, made.id, undefined, patching({ title: 'Clerk' }));
    assert.ok(outcome.ok && outcome.effect === 'unchanged');
    assert.equal(outcome.value.version, made.version);
    const changed = taken(
      await directory.provision.updateUser(caller, made.id, undefined, patching({ title: 'Boss' })),
    );
    assert.equal(changed.version, made.version + 1);
    assert.equal(changed.attributes.title, 'Boss');
  });
  test('forty parallel changes of different attributes are all kept', async () => {
    const caller = directory.caller();
    const made = taken(await directory.provision.createUser(caller, person()));
    const keys = [
      'title',
      'nickName',
      'displayName',
      'locale',
      'timezone',
      'userType',
      'preferredLanguage',
      'profileUrl',
    ];
    await Promise.all(
      keys.map(async (key) =>
        taken(await directory.provision.updateUser(caller, made.id, undefined, patching({ [key]: key }))),
      ),
    );
    const read = await directory.lookup.user(caller, made.id);
    for (const key of keys) assert.equal(read?.attributes[key], key);
  });
  test('a version that has passed is a failed precondition', async () => {
    const caller = directory.caller();
    const made = taken(await directory.provision.createUser(caller, person()));
    taken(await directory.provision.updateUser(caller, made.id, { versions: [1] }, patching({ title: 'a' })));
    const stale = await directory.provision.updateUser(caller, made.id, { versions: [1] }, patching({ title: 'b' }));
    assert.deepEqual(codes(stale), ['preconditionFailed ']);
  });
  test('a PUT keeps externalId, active, stores and user groups that it leaves out, and drops the rest', async () => {
    const caller = directory.caller();
    const draft = person({
      title: 'Clerk',
      active: false,
      mobietrain: {
        companyId: 'C1',
        stores: [{ value: 'put-1', display: 'Gent', country: '32' }],
        userGroups: [{ value: 'put-g', display: 'HR', type: 'Department' }],
      },
    });
    const made = taken(await directory.provision.createUser(caller, draft));
    const { userName = null, name = null } = draft;
    const put = taken(await directory.provision.updateUser(caller, made.id, undefined, replacing({ userName, name })));
    assert.equal(put.attributes.externalId, draft.externalId);
    assert.equal(put.attributes.active, false);
    assert.equal(put.attributes.title, undefined);
    assert.equal(mobietrain(put).companyId, undefined);
    assert.deepEqual(
      (mobietrain(put).stores as Attributes[]).map((store) => store.value),
      ['put-1'],
    );
    assert.deepEqual(
      (mobietrain(put).userGroups as Attributes[]).map((group) => group.value),
      ['put-g'],
    );
  });
});

describe('enforce and report', () => {
  const cases: [string, Attributes, string[]][] = [
    ['no externalId', { externalId: null }, ['required externalId']],
    ['no given name', { name: { familyName: 'X' } }, ['required name.givenName']],
    ['no names', { name: null }, ['required name.givenName', 'required name.familyName']],
    ['neither e-mail nor phone', { emails: null }, ['required emails']],
    ['a malformed e-mail', { emails: [{ value: 'nope' }] }, ['invalidValue emails[0].value']],
    [
      'a malformed phone only',
      { emails: null, phoneNumbers: [{ value: '0470' }] },
      ['invalidValue phoneNumbers[0].value'],
    ],
    [
      'a store without country',
      { mobietrain: { stores: [{ value: 'er-1', display: 'S' }] } },
      ['required stores[0].country'],
    ],
    [
      'a store without ref id',
      { mobietrain: { stores: [{ display: 'S', country: '32' }] } },
      ['required stores[0].value'],
    ],
    [
      'a store in no country',
      { mobietrain: { stores: [{ value: 'er-2', display: 'S', country: '999' }] } },
      ['invalidValue stores[0].country'],
    ],
    ['a flat store without ref id', { mobietrain: { storeName: 'S', storeCountry: '32' } }, ['required storeRefId']],
  ];
  for (const [name, broken, expected] of cases) {
    test(`${name}: refused in enforce, marked in report`, async () => {
      const enforce = directory.caller({ id: 'acc_enforce', requiredData: 'enforce' });
      assert.deepEqual(codes(await directory.provision.createUser(enforce, person(broken))), expected);
      const report = taken(await directory.provision.createUser(directory.caller(), person(broken)));
      assert.deepEqual(
        mobietrain(report).missing,
        expected.map((entry) => entry.split(' ')[1]),
      );
      assert.equal(mobietrain(report).status, 'incomplete');
    });
  }
  test('enforce checks only what an update changes, and never a deactivation', async () => {
    const id = 'acc_enforce_update';
    const report = directory.caller({ id });
    const enforce = directory.caller({ id, requiredData: 'enforce' });
    const made = taken(await directory.provision.createUser(report, person({ name: null })));
    taken(await directory.provision.updateUser(enforce, made.id, undefined, patching({ title: 'Boss' })));
    const emptied = await directory.provision.updateUser(enforce, made.id, undefined, patching({ emails: null }));
    assert.deepEqual(codes(emptied), ['required emails']);
    taken(await directory.provision.updateUser(enforce, made.id, undefined, patching({ emails: null, active: false })));
  });
  test('sizes hold in both', async () => {
    const long = person({ title: 'x'.repeat(256) });
    assert.deepEqual(codes(await directory.provision.createUser(directory.caller(), long)), ['tooLong title']);
    taken(await directory.provision.createUser(directory.caller(), person({ title: 'x'.repeat(255) })));
  });
});

describe('stores and inline groups', () => {
  test('a store is made once and renamed by a changed statement only', async () => {
    const caller = directory.caller();
    const store = (display: string) => [{ value: 'st-flip', display, country: '32' }];
    const a = taken(await directory.provision.createUser(caller, person({ mobietrain: { stores: store('Gent') } })));
    const b = taken(await directory.provision.createUser(caller, person({ mobietrain: { stores: store('Ghent') } })));
    const restated = taken(
      await directory.provision.updateUser(caller, a.id, undefined, patching({ 'mobietrain.stores': store('Gent') })),
    );
    assert.equal(mobietrain(restated).storeName, 'Ghent', 'restating renames nothing');
    taken(
      await directory.provision.updateUser(caller, b.id, undefined, patching({ 'mobietrain.stores': store('Gand') })),
    );
    assert.equal(mobietrain((await directory.lookup.user(caller, a.id)) as never).storeName, 'Gand');
    assert.equal(await directory.db.collection('stores').countDocuments({ refId: 'st-flip' }), 1);
  });
  test('flat attributes view and move the primary store, whatever their order', async () => {
    const caller = directory.caller();
    const flat = { storeRefId: 'fl-1', storeName: 'One', storeCountry: '32' };
    const made = taken(await directory.provision.createUser(caller, person({ mobietrain: flat })));
    assert.deepEqual(mobietrain(made).stores, [{ value: 'fl-1', display: 'One', country: '32' }]);
    const moved = taken(
      await directory.provision.updateUser(
        caller,
        made.id,
        undefined,
        patching({ 'mobietrain.storeName': 'Two', 'mobietrain.storeRefId': 'fl-2', 'mobietrain.storeCountry': '33' }),
      ),
    );
    assert.deepEqual(mobietrain(moved).stores, [{ value: 'fl-2', display: 'Two', country: '33' }]);
    const names = await directory.db.collection('stores').find({ refId: /^fl-/ }).sort({ refId: 1 }).toArray();
    assert.deepEqual(
      names.map((store) => store.name),
      ['One', 'Two'],
      'the old shop keeps its name',
    );
  });
  test("who lacked a store's country is complete when another user brings it", async () => {
    const caller = directory.caller();
    const lacking = person({ mobietrain: { stores: [{ value: 'la-1', display: 'Later' }] } });
    const made = taken(await directory.provision.createUser(caller, lacking));
    assert.deepEqual(mobietrain(made).missing, ['stores[0].country']);
    const full = person({ mobietrain: { stores: [{ value: 'la-1', display: 'Later', country: '32' }] } });
    taken(await directory.provision.createUser(caller, full));
    for (let wait = 0; wait < 50; wait += 1) {
      const read = await directory.lookup.user(caller, made.id);
      if (mobietrain(read as never).missing === undefined) return;
      await new Promise((done) => setTimeout(done, 20));
    }
    assert.fail('still incomplete');
  });
  test('a store country alone is kept', async () => {
    const made = taken(
      await directory.provision.createUser(directory.caller(), person({ mobietrain: { storeCountry: '32' } })),
    );
    assert.equal(mobietrain(made).storeCountry, '32');
    assert.equal(mobietrain(made).stores, undefined);
    assert.equal(mobietrain(made).missing, undefined);
  });
  test('a list that leaves a link out withdraws its own assertion only', async () => {
    const one = directory.caller({}, 'con_one');
    const two = directory.caller({}, 'con_two');
    const groups = (...ids: string[]) => ids.map((value) => ({ value, display: `Group ${value}` }));
    const made = taken(
      await directory.provision.createUser(one, person({ mobietrain: { userGroups: groups('or-1') } })),
    );
    taken(
      await directory.provision.updateUser(
        two,
        made.id,
        undefined,
        patching({ 'mobietrain.userGroups': groups('or-1', 'or-2') }),
      ),
    );
    const read = taken(
      await directory.provision.updateUser(one, made.id, undefined, patching({ 'mobietrain.userGroups': groups() })),
    );
    assert.deepEqual(
      (mobietrain(read).userGroups as Attributes[]).map((group) => group.value),
      ['or-2'],
    );
  });
  test('a renamed group keeps its users; an ID that comes later is adopted', async () => {
    const caller = directory.caller();
    const named = { display: 'Sales', type: 'Department' };
    const a = taken(await directory.provision.createUser(caller, person({ mobietrain: { userGroups: [named] } })));
    const b = taken(
      await directory.provision.createUser(
        caller,
        person({ mobietrain: { userGroups: [{ ...named, value: 'ad-1' }] } }),
      ),
    );
    taken(
      await directory.provision.updateUser(
        caller,
        b.id,
        undefined,
        patching({ 'mobietrain.userGroups': [{ value: 'ad-1', display: 'Sales EU', type: 'Department' }] }),
      ),
    );
    const read = await directory.lookup.user(caller, a.id);
    assert.deepEqual(mobietrain(read as never).userGroups, [
      { value: 'ad-1', display: 'Sales EU', type: 'Department' },
    ]);
  });
});

describe('managers', () => {
  test('one that does not resolve is kept, found when it comes, and unset when it goes', async () => {
    const caller = directory.caller();
    const report = taken(
      await directory.provision.createUser(caller, person({ enterprise: { manager: { value: 'boss-1' } } })),
    );
    assert.deepEqual(mobietrain(report).missing, ['manager']);
    const boss = taken(await directory.provision.createUser(caller, person({ externalId: 'boss-1' })));
    await new Promise((done) => setTimeout(done, 200));
    const found = await directory.lookup.user(caller, report.id);
    assert.deepEqual(plain(found?.attributes.enterprise), { manager: { value: boss.id } });
    assert.equal(mobietrain(found as never).missing, undefined);
    taken(await directory.provision.deleteUser(caller, boss.id, undefined));
    const left = await directory.lookup.user(caller, report.id);
    assert.equal((left?.attributes.enterprise as Attributes | undefined)?.manager, undefined);
  });
});

describe('groups', () => {
  test('fifty parallel changes of members lose none; a removal removes a member no matter who linked it', async () => {
    const caller = directory.caller();
    const users = await Promise.all(
      Array.from({ length: 50 }, async () => taken(await directory.provision.createUser(caller, person())).id),
    );
    const group = taken(await directory.provision.createGroup(caller, { displayName: 'Parallel' }, []));
    const change = (add: string[], remove: string[]) => () =>
      ({
        ok: true,
        revision: {
          mode: 'patch',
          attributes: { displayName: 'Parallel' },
          stated: new Set<string>(),
          members: { kind: 'delta', add, remove },
        },
      }) as const;
    await Promise.all(
      users.map(async (id) =>
        taken(await directory.provision.updateGroup(caller, group.id, undefined, change([id], []))),
      ),
    );
    assert.equal(await directory.lookup.memberCount(caller, group.id, 1000), 50);
    const gone = users.slice(0, 10);
    taken(
      await directory.provision.updateGroup(directory.caller({}, 'con_else'), group.id, undefined, change([], gone)),
    );
    const members: string[] = [];
    for await (const batch of directory.lookup.members(caller, group.id))
      members.push(...batch.map((member) => member.id));
    assert.deepEqual(members.sort(), users.slice(10).sort());
    const unknown = await directory.provision.updateGroup(
      caller,
      group.id,
      undefined,
      change(['nobody', users[0] as string], []),
    );
    assert.deepEqual(codes(unknown), ['memberNotFound members']);
    assert.equal(await directory.lookup.memberCount(caller, group.id, 1000), 40, 'nothing is applied');
  });
  test('an inline group is claimed by a push with its ID, once', async () => {
    const caller = directory.caller();
    const userGroups = [{ value: 'cl-1', display: 'Before', type: 'Department' }];
    const user = taken(await directory.provision.createUser(caller, person({ mobietrain: { userGroups } })));
    const groups = (await directory.lookup.user(caller, user.id))?.attributes.groups as Attributes[] | undefined;
    const inline = groups?.[0]?.value;
    const claimed = await directory.provision.createGroup(caller, { displayName: 'After', externalId: 'cl-1' }, []);
    assert.ok(claimed.ok && claimed.effect === 'claimed');
    assert.equal(claimed.value.id, inline);
    assert.equal(claimed.value.attributes.displayName, 'After');
    const again = await directory.provision.createGroup(caller, { displayName: 'After 2', externalId: 'cl-1' }, []);
    assert.deepEqual(codes(again), ['uniqueness externalId']);
    const sameName = await directory.provision.createGroup(caller, { displayName: 'AFTER' }, []);
    assert.deepEqual(codes(sameName), ['uniqueness displayName']);
  });
  test('departments become groups by rule, and follow', async () => {
    const derivedGroups = [{ attribute: 'enterprise.department', groupType: 'Department' }];
    const caller = directory.caller({ id: 'acc_derived', derivedGroups });
    const made = taken(await directory.provision.createUser(caller, person({ enterprise: { department: 'Food' } })));
    const [group] = made.attributes.groups as Attributes[];
    assert.equal(group?.display, 'Food');
    const moved = taken(
      await directory.provision.updateUser(caller, made.id, undefined, patching({ 'enterprise.department': 'Fresh' })),
    );
    assert.deepEqual(
      (moved.attributes.groups as Attributes[]).map((entry) => entry.display),
      ['Fresh'],
    );
    const members = { kind: 'delta', add: [made.id], remove: [] } as const;
    const outside = await directory.provision.updateGroup(caller, String(group?.value), undefined, () => ({
      ok: true,
      revision: {
        mode: 'patch',
        attributes: { displayName: 'Food' },
        stated: new Set(),
        members: { ...members, add: [...members.add], remove: [] },
      },
    }));
    assert.deepEqual(codes(outside), ['mutability members']);
  });
});

test('a contract limit counts active users', async () => {
  const caller = directory.caller({ id: 'acc_limit', userLimit: 2 });
  const made = taken(await directory.provision.createUser(caller, person()));
  taken(await directory.provision.createUser(caller, person({ active: false })));
  taken(await directory.provision.createUser(caller, person()));
  assert.deepEqual(codes(await directory.provision.createUser(caller, person())), ['userLimit active']);
  taken(await directory.provision.updateUser(caller, made.id, undefined, patching({ active: false })));
  taken(await directory.provision.createUser(caller, person()));
});
