// Files of users into a real directory: which users the rows mean, their outcomes, and that the simulation says the same before.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import type { RunRow } from '../../../src/runs/store.ts';
import { type CsvAccount, type CsvSetting, openCsvSetting, textOf } from '../../support/csv.ts';

let setting: CsvSetting;
beforeAll(async () => {
  setting = await openCsvSetting();
});
afterAll(() => setting.close());

/** What a row came to, without what differs from run to run. */
function said({ run: _run, user: _user, ...row }: RunRow) {
  return row;
}

/** Simulates a file, imports it, and checks that both said the same of every row. */
async function both(account: CsvAccount, content: string) {
  const simulated = await account.import(content, { simulate: true });
  const imported = await account.import(content);
  assert.deepEqual(imported.rows.map(said), simulated.rows.map(said));
  const { total, done, created, updated, unchanged, refused, noted } = imported.run.counts;
  assert.deepEqual(simulated.run.counts, imported.run.counts);
  return { ...imported, counts: { total, done, created, updated, unchanged, refused, noted } };
}

const users = async (account: CsvAccount) => {
  const found = await setting.directory.db.collection('users').find({ account: account.account.id }).toArray();
  return found.map((user) => user.data as Record<string, unknown>);
};

describe('a file of users', () => {
  test('makes them, with login names counted up and the e-mail as External ID', async () => {
    const account = setting.account();
    const { counts, rows } = await both(
      account,
      'FirstName;LastName;Email\nAnn;Peeters;ann@example.com\nAnn;Peeters;ann2@example.com\nAnn ; Peeters;ann3@example.com\n',
    );
    assert.deepEqual(counts, { total: 3, done: 3, created: 3, updated: 0, unchanged: 0, refused: 0, noted: undefined });
    assert.deepEqual((await users(account)).map((user) => [user.userName, user.externalId, user.active]).sort(), [
      ['ann.peeters', 'ann@example.com', true],
      ['ann.peeters2', 'ann2@example.com', true],
      ['ann.peeters3', 'ann3@example.com', true],
    ]);
    assert.equal(rows[0]?.line, 2);
  });

  test('leaves missing columns alone, clears empty cells, and reports what it changed', async () => {
    const account = setting.account();
    await account.import(
      'Uid;ExternalId;FirstName;LastName;Email;Department;CostCenter\njan;E1;Jan;Maes;jan@example.com;Sales;C1\n',
    );
    const { rows } = await both(
      account,
      'ExternalId;FirstName;LastName;Email;Department\nE1;Jan;Claes;jan@example.com;\n',
    );
    assert.deepEqual(rows[0]?.fields, [
      { name: 'LastName', from: 'Maes', to: 'Claes' },
      { name: 'Department', from: 'Sales' },
    ]);
    const [user] = await users(account);
    assert.deepEqual(user?.enterprise, { costCenter: 'C1' });
    const again = await both(
      account,
      'ExternalId;FirstName;LastName;Email;Department\nE1;Jan;Claes;jan@example.com;\n',
    );
    assert.equal(again.counts.unchanged, 1);
    assert.match(again.run.reason ?? '', /^The same file was imported before, on /);
  });

  test('says of each row what its user lacks, where required data is only reported', async () => {
    const account = setting.account({ requiredData: 'report' });
    const heading = 'ExternalId;FirstName;LastName;Email;SuperiorExternalId';
    const file = `${heading}\nL1;;Maes;l1@example.com;\nL2;Ann;;;\nL3;Ann;Claes;l3@example.com;\nL4;;Four;l4@example.com;E404\n`;
    const { counts, rows } = await both(account, file);
    const columnsOf = (row: RunRow) => row.faults?.map(({ at }) => at);
    assert.deepEqual(
      rows.map((row) => [row.outcome, columnsOf(row)]),
      [
        ['created', ['FirstName']],
        ['created', ['LastName', 'Email']],
        ['created', undefined],
        ['created', ['FirstName', 'SuperiorExternalId']],
      ],
    );
    assert.equal(counts.noted, 3);
    assert.match(rows[0]?.faults?.[0]?.words ?? '', /incomplete and cannot sign in/);
    const completed = await both(account, `${heading}\nL1;Jan;Maes;l1@example.com;\n`);
    assert.deepEqual(completed.rows.map(columnsOf), [undefined]);
    const enforced = await both(setting.account(), file);
    assert.deepEqual(
      enforced.rows.map(({ outcome }) => outcome),
      ['refused', 'refused', 'created', 'refused'],
    );
  });

  test('names superiors in any order, who need the role', async () => {
    const account = setting.account();
    const { rows, counts } = await both(
      account,
      [
        'ExternalId;FirstName;LastName;Email;Superior;SuperiorExternalId',
        'E1;A;One;a@example.com;;E3',
        'E2;B;Two;b@example.com;;E1',
        'E3;C;Three;c@example.com;true;E4',
        'E4;D;Four;d@example.com;TRUE;',
        'E5;E;Five;e@example.com;WAAR;E404',
      ].join('\r\n'),
    );
    assert.deepEqual(
      rows.map((row) => [row.outcome, row.faults?.map(({ code, at }) => [code, at])]),
      [
        ['created', undefined],
        ['created', [['invalidValue', 'SuperiorExternalId']]],
        ['created', undefined],
        ['created', undefined],
        ['created', [['unknownReference', 'SuperiorExternalId']]],
      ],
    );
    assert.equal(counts.noted, 2);
    const stored = await setting.directory.db.collection('users').find({ account: account.account.id }).toArray();
    const idOf = (externalId: string) => stored.find((user) => user.data.externalId === externalId)?._id;
    assert.equal(stored.find((user) => user.data.externalId === 'E1')?.manager, idOf('E3'));
    assert.equal(stored.find((user) => user.data.externalId === 'E3')?.manager, idOf('E4'));
  });

  test('groups and stores: named only by name they must exist, with all their values they are made', async () => {
    const account = setting.account();
    const { rows } = await both(
      account,
      [
        'ExternalId,FirstName,LastName,Email,UserGroups,Stores',
        'E1,A,One,a@example.com,Night shift,',
        'E2,B,Two,b@example.com,"Night shift{id=G-1,type=Department}","Gent Veldstraat{id=4711,country=32,primary}"',
        'E3,C,Three,c@example.com,Night shift,Gent Veldstraat',
        'E4,D,Four,d@example.com,,Gent{id=9}',
        'E5,E,Five,e@example.com,"Night shift|Sales{id=G-2,type=Department}",{id=4711}',
      ].join('\n'),
    );
    assert.deepEqual(
      rows.map((row) => [row.outcome, row.faults?.map(({ code, at }) => [code, at])]),
      [
        ['refused', [['unknownReference', 'UserGroups']]],
        ['created', undefined],
        ['created', undefined],
        ['refused', [['unknownReference', 'Stores']]],
        ['created', undefined],
      ],
    );
    const exported = await account.export();
    assert.match(exported, /Night shift\{id=G-1,type=Department\}\|Sales\{id=G-2,type=Department\}/);
    const again = await both(account, exported);
    assert.deepEqual([again.counts.unchanged, again.counts.done], [3, 3]);
  });

  test('tells every reason of a refused row, and gives the failed rows back to be corrected', async () => {
    const account = setting.account();
    await setting.directory.referenceData.add(setting.directory.caller(account.account), 'orgUnit', { code: 'Retail' });
    const { run, rows } = await both(
      account,
      [
        'FirstName;LastName;Email;OrganizationalUnit;Title;EndDate;Superior;EnrollmentProfiles;Department',
        `;One;a b@example.com;Nowhere;${'x'.repeat(51)};tomorrow;perhaps;P1|P2;=1+1`,
        'Good;Two;good@example.com;Retail;Dr.;31/12/2030;false;;@home',
      ].join('\n'),
    );
    assert.deepEqual(rows[0]?.faults?.map(({ code, at }) => `${at} ${code}`).sort(), [
      'Email invalidValue',
      'EndDate invalidValue',
      'EnrollmentProfiles unknownReference',
      'EnrollmentProfiles unknownReference',
      'FirstName required',
      'OrganizationalUnit unknownReference',
      'Superior invalidValue',
      'Title tooLong',
    ]);
    assert.equal(rows[1]?.outcome, 'created');
    const failed = await textOf(await setting.door.failedRows(account, run.id));
    assert.match(failed, /^\uFEFFFirstName;LastName;/);
    assert.equal(failed.trim().split('\r\n').length, 2);
    assert.match(failed, /'=1\+1/);
    const corrected = failed
      .replace(/^;One;a b@/m, 'Ann;One;ab@')
      .replace('Nowhere', 'Retail')
      .replace('x'.repeat(51), 'Dr.')
      .replace('tomorrow', '2030-12-31')
      .replace('perhaps', 'true')
      .replace('P1|P2', '');
    const second = await both(account, corrected);
    assert.equal(second.counts.created, 1);
    const [, made] = await users(account);
    assert.equal((made?.enterprise as Record<string, unknown> | undefined)?.department, '=1+1');
    const result = await textOf(await setting.door.result(account, run.id));
    assert.match(result, /^\uFEFFRow;Line;Result;User;Changes;Reasons\r\n1;2;refused;/);
  });

  test('shared mailboxes: the login name tells who is meant; without one it is a possible duplicate', async () => {
    const account = setting.account();
    await account.import(
      'Uid;ExternalId;FirstName;LastName;Email\na;E1;A;One;shop@example.com\nb;E2;B;Two;shop@example.com\n',
    );
    const { rows } = await both(
      account,
      'Uid;FirstName;LastName;Email\nb;B;Three;shop@example.com\n;C;Four;shop@example.com\n',
    );
    assert.deepEqual(
      rows.map((row) => [row.outcome, row.faults?.[0]?.code]),
      [
        ['updated', undefined],
        ['refused', 'possibleDuplicate'],
      ],
    );
  });

  test('the contract counts in a file too, in the order of its rows', async () => {
    const account = setting.account({ userLimit: 2 });
    const rowsOf = (count: number) =>
      Array.from({ length: count }, (_, index) => `E${index};F${index};L;u${index}@example.com`).join('\n');
    const { rows } = await both(account, `ExternalId;FirstName;LastName;Email\n${rowsOf(4)}\n`);
    assert.deepEqual(
      rows.map((row) => row.faults?.[0]?.code),
      [undefined, undefined, 'userLimit', 'userLimit'],
    );
  });

  test('a simulation writes nothing, and can be imported by its id', async () => {
    const account = setting.account();
    const file = 'FirstName;LastName;Email\nAnn;Peeters;ann@example.com\n';
    const { run } = await account.import(file, { simulate: true });
    assert.equal((await users(account)).length, 0);
    const submitted = await setting.door.importSimulated(account, run.id, { requestedBy: 'a test' });
    assert.ok(submitted.ok);
    await setting.worker.drain();
    assert.equal((await users(account)).length, 1);
    assert.equal(await setting.directory.db.collection('simulations').countDocuments(), 0);
  });
});
