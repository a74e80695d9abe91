// Rules of the user management document for single cells: one spelling of codes and roles, languages and countries that exist, end dates
// that have come. Every case runs as a simulation first, which must say the same.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import type { RunRow } from '../../../src/runs/store.ts';
import { type CsvAccount, type CsvSetting, openCsvSetting } from '../../support/csv.ts';

let setting: CsvSetting;
beforeAll(async () => {
  setting = await openCsvSetting();
});
afterAll(() => setting.close());

const BASE = 'ExternalId;FirstName;LastName;Email';
const ROW = 'E1;Ann;One;a@example.com';

async function taken(account: CsvAccount, file: string): Promise<RunRow[]> {
  const simulated = await account.import(file, { simulate: true });
  const imported = await account.import(file);
  const said = ({ run: _run, user: _user, ...row }: RunRow) => row;
  assert.deepEqual(imported.rows.map(said), simulated.rows.map(said));
  return imported.rows;
}

const columnsOf = (rows: readonly RunRow[]) =>
  rows.map(({ outcome, faults = [] }) => [outcome, ...faults.map(({ at }) => at)]);

interface StoredData {
  active?: boolean;
  preferredLanguage?: string;
  roles?: { value: string }[];
  mobietrain: {
    country?: string;
    organizationalUnit?: string;
    enrollmentProfiles?: string[];
    organizations?: string[];
  };
}

async function stored(account: CsvAccount): Promise<StoredData> {
  const user = await setting.directory.db.collection('users').findOne({ account: account.account.id });
  return { mobietrain: {}, ...(user?.data as Partial<StoredData> | undefined) };
}

/** Imports one row with more columns after the other. */
async function withCells(account: CsvAccount, columns: string, cells: string): Promise<RunRow[]> {
  return taken(account, `${BASE};${columns}\n${ROW};${cells}\n`);
}

describe('a mandatory cell', () => {
  test.each([
    ['E1;   ;One;a@example.com', 'FirstName'],
    ['E1;Ann;\u00A0;a@example.com', 'LastName'],
    ['E1;Ann;One;a..b@example.com', 'Email'],
    ['E1;Ann;One;.a@example.com', 'Email'],
    ['E1;Ann;One;a.@example.com', 'Email'],
    ['E1;Ann;One;a@-x.com', 'Email'],
    ['E1;Ann;One;a@x-.com', 'Email'],
    ['E1;Ann;One;a@1.2.3.4', 'Email'],
    ['E1;Ann;One;a@example', 'Email'],
  ])('%j is refused at %s', async (row, column) => {
    assert.deepEqual(columnsOf(await taken(setting.account(), `${BASE}\n${row}\n`)), [['refused', column]]);
  });

  test.each(['jörg@example.com', 'ann_b-c.d@mail.example.com', 'a@müller.example'])('%s is taken', async (email) => {
    const rows = await taken(setting.account(), `${BASE}\nE1;Ann;One;${email}\n`);
    assert.deepEqual(columnsOf(rows), [['created']]);
  });
});

describe('codes', () => {
  test.each([
    ['Language', 'xx', undefined],
    ['Language', 'zzz', undefined],
    ['Language', 'nl-XX', undefined],
    ['Language', 'english', undefined],
    ['Language', 'nld', 'nl'],
    ['Language', 'NL', 'nl'],
    ['Language', 'fr_be', 'fr-BE'],
    ['Country', 'BEL', 'BE'],
    ['Country', 'be', 'BE'],
    ['Country', 'XX', undefined],
  ])('%s %s is stored as %s', async (column, cell, expected) => {
    const account = setting.account();
    const rows = await withCells(account, column, cell);
    assert.deepEqual(columnsOf(rows), [expected === undefined ? ['refused', column] : ['created']]);
    if (expected === undefined) return;
    const user = await stored(account);
    assert.equal(column === 'Language' ? user.preferredLanguage : user.mobietrain.country, expected);
    assert.deepEqual(columnsOf(await withCells(account, column, expected)), [['unchanged']]);
    assert.deepEqual(columnsOf(await withCells(account, column, cell)), [['unchanged']]);
  });

  test('are stored in the spelling of the account, once', async () => {
    const account = setting.account();
    const { referenceData } = setting.directory;
    for (const code of ['Retail', 'Retail/Benelux'])
      await referenceData.add(setting.directory.caller(account.account), 'orgUnit', { code });
    await referenceData.add(setting.directory.caller(account.account), 'enrollmentProfile', { code: 'ONB' });
    await referenceData.add(setting.directory.caller(account.account), 'organization', { code: 'Shops' });
    const columns = 'OrganizationalUnit;EnrollmentProfiles;Organizations';
    assert.deepEqual(columnsOf(await withCells(account, columns, 'retail/BENELUX;ONB|onb;SHOPS')), [['created']]);
    const { mobietrain } = await stored(account);
    assert.deepEqual(
      [
        mobietrain.organizationalUnit,
        [...(mobietrain.enrollmentProfiles ?? [])],
        [...(mobietrain.organizations ?? [])],
      ],
      ['Retail/Benelux', ['ONB'], ['Shops']],
    );
    assert.deepEqual(columnsOf(await withCells(account, columns, 'Retail/Benelux;onb;shops')), [['unchanged']]);
  });
});

describe('roles', () => {
  const rolesOf = async (account: CsvAccount) => ((await stored(account)).roles ?? []).map((role) => role.value);

  test.each([
    [['Learner'], 'true', 'Learner', ['Learner', 'Superior']],
    [['Superior', 'Learner'], 'false', 'Superior|Learner', ['Learner']],
    [[], 'false', 'Superior|Learner', ['Superior', 'Learner']],
    [[], 'true', 'Manager', ['Manager']],
    [[], '', 'Manager|Superior', ['Manager']],
    [[], '', 'Learner|user', ['Learner']],
  ])('%j, then Superior %s and Roles %s, in both orders', async (before, superior, roles, expected) => {
    for (const columns of ['Superior;Roles', 'Roles;Superior']) {
      const account = setting.account();
      await withCells(account, 'Roles', before.join('|'));
      await withCells(account, columns, columns === 'Superior;Roles' ? `${superior};${roles}` : `${roles};${superior}`);
      assert.deepEqual(await rolesOf(account), expected, columns);
    }
  });

  test('one that does not exist is reported at Roles', async () => {
    const [row] = await withCells(setting.account(), 'Superior;Roles', 'true;Nobody');
    assert.deepEqual([row?.outcome, row?.faults?.map(({ at }) => at)], ['refused', ['Roles']]);
  });
});

describe('an end date that has come', () => {
  test('makes the user inactive at once, also if the row activates', async () => {
    const account = setting.account();
    assert.deepEqual(columnsOf(await withCells(account, 'EndDate;Activated', '2020-01-01;true')), [['created']]);
    assert.equal((await stored(account)).active, false);
    await withCells(account, 'EndDate;Activated', '2099-01-01;true');
    assert.equal((await stored(account)).active, true);
    const [row] = await withCells(account, 'EndDate', '01/01/2020');
    assert.deepEqual(
      row?.fields?.map(({ name }) => name),
      ['Activated', 'EndDate'],
    );
    assert.deepEqual(columnsOf(await withCells(account, 'EndDate;Activated', '2020-01-01;true')), [['unchanged']]);
  });
});

describe('what is reported to the administrator', () => {
  test('the login name that was made', async () => {
    const [row] = await taken(setting.account(), `FirstName;LastName;Email\nAnn;Peeters;a@example.com\n`);
    assert.deepEqual(row?.fields, [{ name: 'Uid', to: 'ann.peeters' }]);
  });

  test('the form of a store’s cell; the ref id of a store that exists is enough', async () => {
    const account = setting.account();
    const [row] = await withCells(account, 'Stores', '4711');
    assert.match(row?.faults?.[0]?.words ?? '', /\{id=4711,country=32\}/);
    await withCells(account, 'Stores', 'Gent{id=4711,country=32}');
    assert.deepEqual(columnsOf(await taken(account, `${BASE};Stores\nE2;Bob;Two;b@example.com;4711\n`)), [['created']]);
  });

  test('the number of all problems of a file', async () => {
    const account = setting.account();
    const lines = Array.from({ length: 250 }, () => 'a;b\n').join('');
    await assert.rejects(account.import(`FirstName;LastName;Email\n${lines}`), /"problemCount":250/);
  });
});
