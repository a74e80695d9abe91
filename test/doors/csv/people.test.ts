// Which people the rows of a file mean: shared mailboxes, recycled addresses, damaged and re-keyed IDs, duplicates in one file. Every
// case runs as a simulation first, which must say the same.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import type { Account } from '../../../src/directory/model.ts';
import { type Attributes, emptyAttributes } from '../../../src/directory/schema/schema.ts';
import type { RunRow } from '../../../src/runs/store.ts';
import { type CsvAccount, type CsvSetting, openCsvSetting } from '../../support/csv.ts';

let setting: CsvSetting;
beforeAll(async () => {
  setting = await openCsvSetting();
});
afterAll(() => setting.close());

const HEAD = 'Uid;ExternalId;FirstName;LastName;Email';
const NO_IDS = 'FirstName;LastName;Email';
const WITH_UID = 'Uid;FirstName;LastName;Email';

/** Simulates and imports a file; both must say the same. */
async function taken(account: CsvAccount, lines: readonly string[]): Promise<RunRow[]> {
  const file = `${lines.join('\n')}\n`;
  const simulated = await account.import(file, { simulate: true });
  const imported = await account.import(file);
  const said = ({ run: _run, user: _user, ...row }: RunRow) => row;
  assert.deepEqual(imported.rows.map(said), simulated.rows.map(said));
  assert.deepEqual(imported.run.counts, simulated.run.counts);
  return imported.rows;
}

const outcomes = (rows: readonly RunRow[]) =>
  rows.map(({ outcome, faults }) => (faults ? `${outcome} ${faults.map(({ at }) => at).join()}` : outcome));

/** The users of an account: login name, External ID, first name. */
async function people({ account }: CsvAccount): Promise<string[]> {
  const found = await setting.directory.db.collection('users').find({ account: account.id }).sort({ _id: 1 }).toArray();
  return found.map(({ data }) => `${data.userName} ${data.externalId} ${data.name?.givenName}`);
}

/** Imports files one after the other; returns the outcomes of the last one. */
async function sequence(files: readonly string[][], settings: Partial<Account> = {}) {
  const account = setting.account(settings);
  let rows: RunRow[] = [];
  for (const file of files) rows = await taken(account, file);
  return { account, rows, outcomes: outcomes(rows), people: await people(account) };
}

describe('an External ID that was taken from the address', () => {
  test('follows the address, so that a newcomer with the former address is a new user', async () => {
    const { outcomes: last, people: all } = await sequence([
      [NO_IDS, 'Mia;Fox;mia@example.com'],
      [WITH_UID, 'mia.fox;Mia;Fox;mia.new@example.com'],
      [NO_IDS, 'New;Comer;mia@example.com'],
    ]);
    assert.deepEqual(last, ['created']);
    assert.deepEqual(all, ['mia.fox mia.new@example.com Mia', 'new.comer mia@example.com New']);
  });

  test.each([
    ['SCIM or the admin API', { emails: [{ value: 'mia.new@example.com', type: 'work' }] }, 'mia.new@example.com'],
    ['nothing but another attribute', { title: 'Baker' }, 'mia@example.com'],
    ['a client that states an External ID', { externalId: 'E1', emails: [{ value: 'x@example.com' }] }, 'E1'],
  ])('after a change by %s', async (_by, change: Attributes, externalId) => {
    const { account } = await sequence([[NO_IDS, 'Mia;Fox;mia@example.com']]);
    const caller = setting.directory.caller(account.account, 'con_scim');
    const [user] = await setting.directory.db.collection('users').find({ account: account.account.id }).toArray();
    const stated = new Set(Object.keys(change));
    const id = String(user?._id);
    const patched = await setting.directory.provision.updateUser(caller, id, undefined, () => ({
      ok: true,
      revision: { mode: 'patch', attributes: change, stated },
    }));
    assert.ok(patched.ok && patched.value.attributes.externalId === externalId, JSON.stringify(patched));
  });

  test('is exported as an empty cell, so that an edited export changes the address', async () => {
    const { account } = await sequence([[NO_IDS, 'Mia;Fox;mia@example.com']]);
    const file = await account.export();
    assert.match(file, /mia\.fox;;Mia;Fox;mia@example\.com/);
    const rows = await taken(account, file.trim().replace('mia@', 'mia.new@').split('\r\n'));
    assert.deepEqual(outcomes(rows), ['updated']);
    assert.deepEqual(await people(account), ['mia.fox mia.new@example.com Mia']);
  });

  test('is the login name if the address is removed or is the External ID of somebody else', async () => {
    const removed = await sequence([
      [`${NO_IDS};Phone`, 'Mia;Fox;mia@example.com;+32 470 12 34 56'],
      [`${WITH_UID};Phone`, 'mia.fox;Mia;Fox;;+32 470 12 34 56'],
    ]);
    assert.deepEqual(removed.people, ['mia.fox mia.fox Mia']);
    const shared = await sequence([[HEAD, 'a;shop@example.com;A;One;a@example.com', 'b;;B;Two;shop@example.com']]);
    assert.deepEqual(shared.people, ['a shop@example.com A', 'b b B']);
  });
});

describe('a shared mailbox', () => {
  const rows = ['a;A;One;shop@example.com', 'b;B;Two;shop@example.com', 'c;C;Three;shop@example.com'];

  test.each([[false], [true]])(
    'with three login names is three people (login names editable: %s)',
    async (editable) => {
      const file = [WITH_UID, ...rows];
      const { outcomes: again, people: all, account } = await sequence([file, file], { loginNamesEditable: editable });
      assert.deepEqual(again, ['unchanged', 'unchanged', 'unchanged']);
      assert.deepEqual(all, ['a shop@example.com A', 'b b B', 'c c C']);
      assert.deepEqual(outcomes(await taken(account, [NO_IDS, 'D;Four;shop@example.com'])), ['refused Email']);
      assert.deepEqual(outcomes(await taken(account, [WITH_UID, 'd;D;Four;shop@example.com'])), ['created']);
    },
  );

  test('of people with one name in one file is not the same person', async () => {
    const file = [WITH_UID, 's1;Shop;Team;shop@example.com', 's2;Shop;Team;shop@example.com'];
    assert.deepEqual((await sequence([file], { loginNamesEditable: true })).outcomes, ['created', 'created']);
  });

  test('with one user of the same name is that user, under another login name', async () => {
    const files = [
      [NO_IDS, 'Mia;Fox;mia@example.com'],
      [WITH_UID, 'mfox;Mia;Fox;mia@example.com'],
    ];
    assert.deepEqual((await sequence(files)).outcomes, ['refused Uid']);
    const editable = await sequence(files, { loginNamesEditable: true });
    assert.deepEqual(editable.people, ['mfox mia@example.com Mia']);
  });
});

describe('two rows of one file', () => {
  test.each([
    ['no IDs and one address', [NO_IDS, 'Ann;One;x@example.com', 'Bob;Two;x@example.com'], 'Email'],
    ['no IDs, an address in another case', [NO_IDS, 'Ann;One;x@example.com', 'Bob;Two;X@Example.com'], 'Email'],
    ['one External ID', [HEAD, ';E1;Ann;One;a@example.com', ';E1;Bob;Two;b@example.com'], 'ExternalId'],
    [
      'one External ID, two login names',
      [HEAD, 'a;E1;Ann;One;a@example.com', 'b;E1;Ann;One;a@example.com'],
      'ExternalId',
    ],
    ['one Uid, two External IDs', [HEAD, 'u1;E1;Ann;One;a@example.com', 'u1;E2;Ann;One;a@example.com'], 'Uid'],
    ['one Uid in two cases', [WITH_UID, 'ann;Ann;One;a@example.com', 'ANN;Bob;Two;b@example.com'], 'Uid'],
    [
      'an External ID and the same text as address',
      [HEAD, ';x@example.com;Ann;One;', ';;Bob;Two;x@example.com'],
      'Email',
    ],
  ])('with %s: the second is refused as a duplicate', async (_name, file, column) => {
    const editable = file[0] === HEAD;
    const { rows } = await sequence([[`${file[0]};Phone`, ...file.slice(1).map((row) => `${row};+32 470 12 34 56`)]], {
      loginNamesEditable: editable,
    });
    assert.deepEqual(outcomes(rows), ['created', `refused ${column}`]);
    assert.match(rows[1]?.faults?.[0]?.words ?? '', /duplicate of line 2/);
  });

  test('with two identities of one stored user: the second is refused', async () => {
    const { outcomes: last, people: all } = await sequence([
      [HEAD, 'u1;E1;Ann;One;a@example.com'],
      [HEAD, 'u1;;Ann;One;a@example.com', ';E1;Bob;Two;b@example.com'],
    ]);
    assert.deepEqual(last, ['unchanged', 'refused Uid']);
    assert.deepEqual(all, ['u1 E1 Ann']);
  });

  test('for one person are taken one after the other', async () => {
    const file = [HEAD, 'u1;E1;Ann;One;a@example.com', ';E1;ann;ONE;b@example.com'];
    assert.deepEqual((await sequence([file])).outcomes, ['created', 'updated']);
  });
});

describe('an ID that a spreadsheet damaged', () => {
  const damaged = [
    '4,70E+11',
    '4.70E+11',
    '4,7E+08',
    '-1E+10',
    '#N/A',
    '#REF!',
    '#VALUE!',
    '#NAME?',
    '#DIV/0!',
    '#NUM!',
    '#NULL!',
    '#N/B',
    '#NV',
    '#BEZUG!',
    '#WAARDE!',
    '#VERW!',
    '#NOM?',
    '#####',
    'NULL',
    'null',
    '(null)',
    'N/A',
    'NaN',
    '0',
    '0,00',
  ];
  test.each(damaged.map((text) => [text]))('is refused: %s', async (text) => {
    const account = setting.account();
    const rows = await taken(account, [
      `${HEAD};EmployeeNumber;CompanyId`,
      `a;${text};A;One;a@example.com;;`,
      `${text};E2;B;Two;b@example.com;;`,
      `c;E3;C;Three;c@example.com;${text};`,
      `d;E4;D;Four;d@example.com;;${text}`,
    ]);
    assert.deepEqual(outcomes(rows), [
      'refused ExternalId',
      'refused Uid',
      'refused EmployeeNumber',
      'refused CompanyId',
    ]);
    assert.match(rows[0]?.faults?.[0]?.words ?? '', /spreadsheet/);
    assert.deepEqual(await people(account), []);
  });

  test.each([['47E11'], ['1E5'], ['#12'], ['00'], ['A-0'], ['E+11'], ['NULLA'], ['10']])('is not %s', async (text) => {
    const expected = text === '00' ? ['refused ExternalId'] : ['created'];
    assert.deepEqual((await sequence([[HEAD, `a;${text};A;One;a@example.com`]])).outcomes, expected);
  });

  test('does not match somebody whose ID is stored so', async () => {
    const account = setting.account();
    const caller = setting.directory.caller(account.account, 'con_scim');
    const draft = {
      userName: 'a',
      externalId: 'NULL',
      name: { givenName: 'A', familyName: 'One' },
      emails: [{ value: 'a@example.com' }],
    };
    assert.ok((await setting.directory.provision.createUser(caller, draft)).ok);
    assert.deepEqual(outcomes(await taken(account, (await account.export()).trim().split('\r\n'))), ['unchanged']);
    assert.deepEqual(outcomes(await taken(account, [HEAD, ';NULL;B;Two;b@example.com'])), ['refused ExternalId']);
    assert.deepEqual(await people(account), ['a NULL A']);
  });

  test('in a store’s ref id is refused', async () => {
    const rows = await taken(setting.account(), [
      `${HEAD};Stores`,
      'a;E1;A;One;a@example.com;Gent{id=4.70E+11,country=32}',
      'b;E2;B;Two;b@example.com;Gent{id=#N/A,country=32}',
    ]);
    assert.deepEqual(outcomes(rows), ['refused Stores', 'refused Stores']);
  });
});

describe('another External ID for a login name', () => {
  test('without its leading zeros is refused', async () => {
    const { rows, people: all } = await sequence([
      [HEAD, 'u1;000470123456;Ann;One;a@example.com'],
      [HEAD, 'u1;470123456;Ann;One;a@example.com'],
    ]);
    assert.deepEqual(outcomes(rows), ['refused ExternalId']);
    assert.match(rows[0]?.faults?.[0]?.words ?? '', /leading zeros/);
    assert.deepEqual(all, ['u1 000470123456 Ann']);
  });

  test('is taken with a note', async () => {
    const { rows } = await sequence([
      [HEAD, 'u1;E1;Ann;One;a@example.com'],
      [HEAD, 'u1;E2;Ann;One;a@example.com'],
    ]);
    assert.deepEqual(outcomes(rows), ['updated ExternalId']);
    assert.match(rows[0]?.faults?.[0]?.words ?? '', /"E1".*"E2"/);
  });

  test('a new user whose ID somebody has with leading zeros is noted', async () => {
    const { outcomes: last, account } = await sequence([
      [HEAD, 'u1;000470123456;Ann;One;a@example.com', '0042;E2;Bob;Two;b@example.com'],
      [HEAD, 'u2;470123456;Ann;One;a@example.com', ';470999;C;Three;c@example.com'],
    ]);
    assert.deepEqual(last, ['created ExternalId', 'created']);
    assert.deepEqual(outcomes(await taken(account, [HEAD, '4200;E3;D;Four;d@example.com'])), ['created']);
  });

  test('that is somebody else’s: two users are meant', async () => {
    const { rows } = await sequence([
      [HEAD, 'u1;E1;Ann;One;a@example.com', 'u2;E2;Bob;Two;b@example.com'],
      [HEAD, 'u2;E1;Ann;One;a@example.com'],
    ]);
    assert.deepEqual(outcomes(rows), ['refused Uid']);
    assert.match(rows[0]?.faults?.[0]?.words ?? '', /two users are meant/);
  });
});

describe('a cell', () => {
  test.each([
    ['a login name in another case', 'ANN;E1;Zoë;One;a@example.com'],
    ['blanks around it', ' ann ; E1 ; Zoë ; One ; a@example.com '],
    ['no-break spaces around it', 'ann\u00A0;\u00A0E1;\u00A0Zoë\u00A0;One\u202F;a@example.com\u00A0'],
    ['decomposed letters', `ann;E1;${'Zoë'.normalize('NFD')};One;a@example.com`],
  ])('with %s is the same', async (_name, row) => {
    const first = 'ann;E1;Zoë;One;a@example.com';
    for (const loginNamesEditable of [false, true]) {
      const { outcomes: last } = await sequence(
        [
          [HEAD, first],
          [HEAD, row],
        ],
        { loginNamesEditable },
      );
      assert.deepEqual(last, ['unchanged']);
    }
  });

  test('a login name is the same composed and decomposed', async () => {
    const files = ['NFC', 'NFD'].map((form) => [WITH_UID, `${'zoë'.normalize(form)};Zoë;One;z@example.com`]);
    assert.deepEqual((await sequence(files)).outcomes, ['unchanged']);
  });
});

describe('a chain of login names', () => {
  const before = [HEAD, 'a;E1;Ann;One;a@example.com', 'b;E2;Bob;Two;b@example.com', 'c;E3;Cem;Three;c@example.com'];
  const chain = ['b;E1;Ann;One;a@example.com', 'c;E2;Bob;Two;b@example.com', 'd;E3;Cem;Three;c@example.com'];
  const newcomer = 'a;E9;New;Comer;n@example.com';
  const orders = [
    [chain[0], chain[1], chain[2], newcomer],
    [newcomer, chain[0], chain[1], chain[2]],
    [chain[2], newcomer, chain[1], chain[0]],
    [chain[1], chain[0], newcomer, chain[2]],
  ] as string[][];

  test.each(orders.map((order) => [order]))('comes to the same end in any order: %j', async (order) => {
    const { people: all, outcomes: last } = await sequence([before, [HEAD, ...order]], { loginNamesEditable: true });
    assert.deepEqual(all, ['b E1 Ann', 'c E2 Bob', 'd E3 Cem', 'a E9 New']);
    assert.deepEqual([...last].sort(), ['created', 'updated', 'updated', 'updated']);
  });

  test('a name that stays taken is refused in any order', async () => {
    for (const order of [
      [chain[0], chain[1]],
      [chain[1], chain[0]],
    ] as string[][]) {
      const { outcomes: last } = await sequence([before, [HEAD, ...order]], { loginNamesEditable: true });
      assert.deepEqual(last, ['refused Uid', 'refused Uid']);
    }
  });
});

describe('a user of an XML file', () => {
  test('whose External ID is the UserId follows a new login name', async () => {
    const account = setting.account({ loginNamesEditable: true });
    const caller = setting.directory.caller(account.account, 'con_xml');
    const attributes = Object.assign(emptyAttributes(), {
      userName: 'mia',
      name: { givenName: 'Mia', familyName: 'Fox' },
      emails: [{ value: 'm@example.com' }],
    });
    const made = await setting.directory.provision.saveUser(caller, { by: 'userName', userName: 'mia' }, () => ({
      ok: true,
      revision: { mode: 'replace', attributes, stated: new Set(), externalIdFrom: 'userName' },
    }));
    assert.ok(made.ok && made.value.after.attributes.externalId === 'mia', JSON.stringify(made));
    assert.deepEqual(outcomes(await taken(account, [HEAD, 'mfox;mia;Mia;Fox;m@example.com'])), ['updated']);
    assert.deepEqual(await people(account), ['mfox mfox Mia']);
  });
});
