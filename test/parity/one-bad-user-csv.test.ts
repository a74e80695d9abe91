// One bad user through SCIM and through a CSV file: the same fault code, in each door's own words.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import type { Account } from '../../src/directory/model.ts';
import type { Attributes } from '../../src/directory/schema/schema.ts';
import { faultResponse } from '../../src/doors/scim/fault-messages.ts';
import { type CsvAccount, type CsvSetting, openCsvSetting } from '../support/csv.ts';

interface Case {
  words: string;
  code: string;
  /** The column that the file's words name. */
  column: string;
  /** What is wrong, as SCIM sends it and as a cell has it. */
  scim: Attributes;
  cells: Record<string, string>;
  account?: Partial<Account>;
}

const GOOD: Attributes = {
  userName: 'bad.one',
  externalId: 'B1',
  name: { givenName: 'Ann', familyName: 'Example' },
  emails: [{ value: 'ann@example.com', type: 'work' }],
};
const GOOD_CELLS = {
  Uid: 'bad.one',
  ExternalId: 'B1',
  FirstName: 'Ann',
  LastName: 'Example',
  Email: 'ann@example.com',
};

const CASES: Case[] = [
  {
    words: 'no first name',
    code: 'required',
    column: 'FirstName',
    scim: { name: { familyName: 'Example' } },
    cells: { FirstName: '' },
  },
  {
    words: 'neither e-mail nor phone',
    code: 'required',
    column: 'Email',
    scim: { emails: [] },
    cells: { Email: '' },
  },
  {
    words: 'an e-mail that is none',
    code: 'invalidValue',
    column: 'Email',
    scim: { emails: [{ value: 'nobody', type: 'work' }] },
    cells: { Email: 'nobody' },
  },
  {
    words: 'a job position that is too long',
    code: 'tooLong',
    column: 'JobPosition',
    scim: { title: 'x'.repeat(256) },
    cells: { JobPosition: 'x'.repeat(256) },
  },
  {
    words: 'a store in no country',
    code: 'invalidValue',
    column: 'Stores',
    scim: { mobietrain: { stores: [{ value: 'S1', display: 'Gent', country: '999' }] } },
    cells: { Stores: 'Gent{id=S1,country=999}' },
  },
  {
    words: 'one active user more than the contract allows',
    code: 'userLimit',
    column: 'Activated',
    scim: {},
    cells: {},
    account: { userLimit: 0 },
  },
];

let setting: CsvSetting;
beforeAll(async () => {
  setting = await openCsvSetting();
});
afterAll(() => setting.close());

async function throughScim(account: CsvAccount, wrong: Attributes) {
  const caller = setting.directory.caller(account.account, 'con_scim');
  const outcome = await setting.directory.provision.createUser(caller, { ...GOOD, ...wrong });
  assert.ok(!outcome.ok, 'SCIM took the user');
  return { code: outcome.faults[0].code, answer: faultResponse(outcome.faults) };
}

async function throughFile(account: CsvAccount, wrong: Record<string, string>) {
  const cells: Record<string, string> = { ...GOOD_CELLS, ...wrong };
  const file = `${Object.keys(cells).join(';')}\n${Object.values(cells).join(';')}\n`;
  const { rows } = await account.import(file);
  assert.equal(rows[0]?.outcome, 'refused');
  return rows[0]?.faults?.[0];
}

describe('one bad user', () => {
  for (const { words, code, column, scim, cells, account } of CASES) {
    test(`${words}: ${code}`, async () => {
      const tenant = setting.account(account);
      const [bySync, byFile] = [await throughScim(tenant, scim), await throughFile(tenant, cells)];
      assert.deepEqual([bySync.code, byFile?.code, byFile?.at], [code, code, column]);
      assert.ok(bySync.answer.status >= 400);
      assert.notEqual(byFile?.words ?? '', '');
    });
  }

  test('a login name that somebody else has: uniqueness', async () => {
    const tenant = setting.account({ loginNamesEditable: true });
    await tenant.import(
      'Uid;ExternalId;FirstName;LastName;Email\nbad.one;B0;A;B;a@example.com\nx;B1;A;B;b@example.com\n',
    );
    const { code } = await throughScim(tenant, { externalId: 'B2' });
    const byFile = await throughFile(tenant, {});
    assert.deepEqual([code, byFile?.code, byFile?.at], ['uniqueness', 'uniqueness', 'Uid']);
  });
});
