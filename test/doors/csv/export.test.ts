// What came by another way, odd and long as it may be, goes out to a file and in again without a change.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import type { Attributes } from '../../../src/directory/schema/schema.ts';
import { type CsvSetting, openCsvSetting } from '../../support/csv.ts';

let setting: CsvSetting;
beforeAll(async () => {
  setting = await openCsvSetting();
});
afterAll(() => setting.close());

const person = (userName: string, more: Attributes = {}): Attributes => ({ userName, ...more });

/** Users as no file would make them; the account reports and does not refuse. */
const ODD: Attributes[] = [
  person('bare'),
  person('formula', {
    externalId: '=1+1',
    name: { givenName: '+Ann', familyName: '@Peeters', honorificPrefix: "'-Dr", middleName: '＝x' },
    title: '\t-title',
  }),
  person('long', {
    externalId: 'x'.repeat(255),
    name: { givenName: 'g'.repeat(200), familyName: 'f'.repeat(255) },
    enterprise: { department: 'd'.repeat(300), costCenter: ' with blanks ' },
  }),
  person('mails', {
    externalId: 'M1',
    emails: [
      { value: 'ann+work@example.com', type: 'work' },
      { value: 'not an address', type: 'home', primary: true },
    ],
    phoneNumbers: [{ value: '0470 12 34 56', type: 'mobile' }],
  }),
  person('shared.1', { emails: [{ value: 'shop@example.com' }] }),
  person('shared.2', { emails: [{ value: 'shop@example.com' }] }),
  person('quoted "name"; with, signs', { externalId: 'Q1', displayName: 'a "line" break', title: 'a;b\r\n"c"' }),
  person('groups', {
    externalId: 'G1',
    mobietrain: {
      userGroups: [
        { value: 'g|1', display: 'Night{shift}', type: 'De,partment', primary: true },
        { display: 'only a name' },
        { display: ' blanks ', type: 'Other' },
      ],
      stores: [
        { value: 'S,1', display: 'Gent|Zuid', country: '32', primary: true },
        { value: 'S2' },
        { display: 'no ref id' },
      ],
      organizationalUnit: 'Nowhere/Known',
      enrollmentProfiles: ['P1', 'P|2'],
      companyId: '=C1',
    },
  }),
  person('breaks', {
    externalId: 'BR1',
    title: '＝1+1',
    enterprise: { department: ' =1', division: '\u00a0+1', costCenter: '\u200b@x', organization: '＠x' },
    mobietrain: {
      organizationalRole: "a\r\n'-b\r=c\n\n＋d",
      customField01: 'a\n=1+1',
      customField02: '\n=1',
      customField03: '\'\n\' =1;"x"\n',
    },
  }),
  person('country.only', { externalId: 'C1', mobietrain: { storeCountry: '32', country: 'BE' } }),
  person('reports', { externalId: 'R1', enterprise: { manager: { value: 'nobody yet' } } }),
  person('reports.2', { externalId: 'R2', enterprise: { manager: { value: 'G1' } } }),
  person('roles', { externalId: 'RO', roles: [{ value: 'Unheard of', primary: true }, { value: 'Manager' }] }),
  person('inactive', { externalId: 'I1', active: false, preferredLanguage: 'Klingon?' }),
];

describe('an export', () => {
  test('of users from another connection changes nothing when it is imported untouched', async () => {
    const tenant = setting.account({ requiredData: 'report' });
    const caller = setting.directory.caller(tenant.account, 'con_scim');
    for (const draft of ODD) {
      const made = await setting.directory.provision.createUser(caller, draft);
      assert.ok(made.ok, JSON.stringify(made));
    }
    const users = () =>
      setting.directory.db
        .collection('users')
        .find({ account: tenant.account.id }, { projection: { changes: 0 } })
        .sort({ _id: 1 })
        .toArray();
    const before = await users();
    const file = await tenant.export();
    // No line begins with a formula, not even for a program that knows no quotes.
    assert.doesNotMatch(file, /(?:^|[;\r\n])"?[\s\p{Z}\p{Cf}]*[=+\-@＝＋－＠]/mu);
    for (const simulate of [true, false]) {
      const { run, rows } = await tenant.import(file, { simulate });
      assert.deepEqual(
        rows.filter((row) => row.outcome !== 'unchanged' || row.faults),
        [],
      );
      assert.equal(run.counts.unchanged, ODD.length);
    }
    assert.deepEqual(await users(), before);
    assert.equal(await tenant.export(), file);
  });

  test('shows the names that administrators gave, and they mean the same when they come back', async () => {
    const tenant = setting.account();
    const header = 'ExternalId;FirstName;LastName;Email;UserGroups;Stores';
    const cells = 'Sales{id=G1,type=Team};Gent{id=S1,country=32}';
    await tenant.import(`${header}\nE1;A;One;a@example.com;${cells}\n`);
    const caller = setting.directory.caller(tenant.account, 'con_admin');
    const { administration, provision } = setting.directory;
    const [group] = (await administration.groups(caller, { count: 10 })).resources;
    const [store] = (await administration.stores(caller, { count: 10 })).resources;
    const named = await provision.updateGroup(caller, group?.id ?? '', undefined, ({ attributes }) => ({
      ok: true,
      revision: { mode: 'patch', attributes, stated: new Set(), members: { kind: 'none' }, adminName: 'Our sales' },
    }));
    assert.ok(named.ok);
    assert.ok((await administration.changeStore(caller, store?.id ?? '', undefined, { adminName: 'The shop' })).ok);
    const file = await tenant.export();
    assert.match(file, /Our sales\{id=G1,type=Team\}/);
    assert.match(file, /The shop\{id=S1,country=32\}/);
    assert.equal((await tenant.import(file)).run.counts.unchanged, 1);
    const { rows } = await tenant.import(`${header}\nE2;B;Two;b@example.com;our SALES;The shop\n`);
    assert.equal(rows[0]?.outcome, 'created', JSON.stringify(rows[0]));
    const groups = await setting.directory.db.collection('groups').find({ account: tenant.account.id }).toArray();
    assert.deepEqual(
      groups.map(({ name, adminName }) => [name, adminName]),
      [['Sales', 'Our sales']],
    );
  });

  test('keeps to the users that the caller may see', async () => {
    const tenant = setting.account();
    await tenant.import('ExternalId;FirstName;LastName;Email\nE1;A;One;a@example.com\nE2;B;Two;b@example.com\n');
    const attribute = setting.directory.catalogue.user.byKey.get('externalId');
    assert.ok(attribute);
    const caller = setting.directory.caller(tenant.account, 'con_csv');
    let text = '';
    const filter = { kind: 'compare', attribute, operator: 'eq', value: 'E2' } as const;
    for await (const part of setting.door.export(caller, filter)) text += part;
    assert.equal(text.trim().split('\r\n').length, 2);
    assert.match(text, /;E2;B;Two;/);
  });
});
