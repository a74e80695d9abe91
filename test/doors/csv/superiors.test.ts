// Superiors that rows name: who is somebody's superior does not depend on the order of the rows, and is decided by the state after the
// last row. Those whom no other row can change are set with the row that names them, in one write.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { type CsvAccount, type CsvSetting, openCsvSetting } from '../../support/csv.ts';

let setting: CsvSetting;
beforeAll(async () => {
  setting = await openCsvSetting();
});
afterAll(() => setting.close());

const HEADING = 'Uid;ExternalId;FirstName;LastName;Email;Superior;SuperiorExternalId';
const BOSS = 'boss;E1;Bo;Ss;boss@example.com;true;';
const LEARNER = 'ann;E2;Ann;Maes;ann@example.com;;E1';

interface Result {
  /** By External ID: the outcome of the row, its faults, and the fields that it changed. */
  rows: Record<string, unknown>;
  /** By login name: the login name of the superior. */
  superiors: Record<string, string | undefined>;
}

async function importRows(account: CsvAccount, ...lines: string[]): Promise<Result> {
  const content = [HEADING, ...lines].join('\n');
  const simulated = await account.import(content, { simulate: true });
  const { run, rows } = await account.import(content);
  assert.equal(run.state, 'done');
  const shown = (all: typeof rows) =>
    all.map(({ outcome, faults = [], fields }) => [outcome, faults.map(({ code, at }) => `${code} ${at}`), fields]);
  assert.deepEqual(shown(rows), shown(simulated.rows));
  assert.ok(rows.every((row) => row.later === undefined));
  const stored = await usersOf(account);
  const nameOf = (id: unknown) => stored.find(({ _id }) => _id === id)?.data.userName;
  return {
    rows: Object.fromEntries(shown(rows).map((row, index) => [lines[index]?.split(';')[1], row])),
    superiors: Object.fromEntries(stored.map(({ data, manager }) => [data.userName, nameOf(manager)])),
  };
}

function usersOf({ account }: CsvAccount) {
  return setting.directory.db.collection('users').find({ account: account.id }).toArray();
}

const CREATED = ['created', [], undefined];

describe('the superior of a row', () => {
  test('is set with the row if the superior is in a row before it, and after the last row otherwise', async () => {
    const after = setting.account();
    assert.deepEqual(await importRows(after, BOSS, LEARNER), {
      rows: { E1: CREATED, E2: CREATED },
      superiors: { boss: undefined, ann: 'boss' },
    });
    const [ann] = (await usersOf(after)).filter(({ data }) => data.userName === 'ann');
    assert.deepEqual([ann?.version, ann?.changes.length], [1, 1]);
    assert.deepEqual(ann?.missing.includes('manager'), false);
    const before = setting.account();
    assert.deepEqual(await importRows(before, LEARNER, BOSS), {
      rows: { E2: CREATED, E1: CREATED },
      superiors: { boss: undefined, ann: 'boss' },
    });
    const again = await importRows(after, BOSS, LEARNER);
    assert.deepEqual(again.rows, { E1: ['unchanged', [], undefined], E2: ['unchanged', [], undefined] });
  });

  test('is one who was there before the file, and replaces another', async () => {
    const account = setting.account();
    await importRows(account, BOSS, 'chief;E9;Chi;Ef;chief@example.com;true;');
    await importRows(account, LEARNER);
    const changed = await importRows(account, LEARNER.replace('E1', 'E9'));
    assert.deepEqual(changed.rows, { E2: ['updated', [], [{ name: 'SuperiorExternalId', to: 'E9' }]] });
    assert.equal(changed.superiors.ann, 'chief');
  });

  const NOT_SUPERIOR = ['created', ['invalidValue SuperiorExternalId'], undefined];

  test.each([
    ['External ID', BOSS, 'E1', ';E1;Bo;Ss;boss@example.com;false;', 'invalidValue'],
    ['Uid', BOSS, 'E1', 'boss;;Bo;Ss;boss@example.com;false;', 'invalidValue'],
    ['Uid, with a new External ID', BOSS, 'E1', 'boss;E1b;Bo;Ss;boss@example.com;false;', 'unknownReference'],
    [
      'e-mail and name',
      'boss;;Bo;Ss;boss@example.com;true;',
      'boss@example.com',
      'bos2;;Bo;Ss;boss@example.com;false;',
      'invalidValue',
    ],
  ])(
    'depends on what a later row, which means the superior by %s, makes of the superior',
    async (_by, boss, named, late, code) => {
      const account = setting.account({ loginNamesEditable: true });
      await importRows(account, boss);
      const { rows, superiors } = await importRows(account, LEARNER.replace('E1', named), late);
      assert.deepEqual(rows.E2, ['created', [`${code} SuperiorExternalId`], undefined]);
      assert.equal(superiors.ann, undefined);
    },
  );

  test('depends on all rows of the superior, also if one of them is before', async () => {
    const account = setting.account();
    const late = await importRows(account, BOSS, LEARNER, 'boss;E1;Bo;Ss;boss@example.com;false;');
    assert.deepEqual(late.rows.E2, NOT_SUPERIOR);
    const soon = await importRows(setting.account(), 'boss;E1;Bo;Ss;boss@example.com;;', LEARNER, BOSS);
    assert.deepEqual([soon.rows.E2, soon.superiors.ann], [CREATED, 'boss']);
  });

  test('is the last one that rows of the same user name', async () => {
    const account = setting.account();
    await importRows(account, BOSS);
    const chief = 'chief;E9;Chi;Ef;chief@example.com;true;';
    const { superiors } = await importRows(account, LEARNER.replace('E1', 'E9'), LEARNER, chief);
    assert.equal(superiors.ann, 'boss');
  });

  test('whose own row is applied again after the others is checked then', async () => {
    const account = setting.account({ loginNamesEditable: true });
    await importRows(account, BOSS, 'other;E3;Ot;Her;other@example.com;;');
    // The first row gets a login name that the last row gives up, and takes the role away.
    const late = await importRows(
      account,
      'other;E1;Bo;Ss;boss@example.com;false;',
      LEARNER,
      'free;E3;Ot;Her;other@example.com;;',
    );
    assert.deepEqual(late.rows.E2, NOT_SUPERIOR);
    assert.deepEqual(late.superiors, { other: undefined, free: undefined, ann: undefined });
  });

  test('is nobody who does not exist, lacks the role or is the user, which does not refuse the row', async () => {
    const account = setting.account();
    const { rows, superiors } = await importRows(
      account,
      'a;E1;A;One;a@example.com;;',
      'b;E2;B;Two;b@example.com;;E1',
      'c;E3;C;Three;c@example.com;true;E3',
      'd;E4;D;Four;d@example.com;;E404',
    );
    assert.deepEqual(rows, {
      E1: CREATED,
      E2: NOT_SUPERIOR,
      E3: NOT_SUPERIOR,
      E4: ['created', ['unknownReference SuperiorExternalId'], undefined],
    });
    assert.deepEqual(superiors, { a: undefined, b: undefined, c: undefined, d: undefined });
  });
});

test('the order of rows does not change who is whose superior', async () => {
  const people = Array.from({ length: 12 }, (_, index) => {
    const superior = index % 4 === 0 ? '' : `E${index - (index % 4)}`;
    return `u${index};E${index};Given${index};Family;p${index}@example.com;${index % 4 === 0};${superior}`;
  });
  const orders = [people, people.toReversed(), [...people.slice(5), ...people.slice(0, 5)]];
  const results = [];
  for (const lines of orders) results.push((await importRows(setting.account(), ...lines)).superiors);
  const [first, ...others] = results;
  assert.equal(first?.u3, 'u0');
  for (const other of others) assert.deepEqual(other, first);
});
