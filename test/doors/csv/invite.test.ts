// The column Invite: new users are invited, in a simulation nobody is, and a file that is imported again leaves them invited.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import type { RunRow } from '../../../src/runs/store.ts';
import { type CsvAccount, type CsvSetting, openCsvSetting } from '../../support/csv.ts';

let setting: CsvSetting;
beforeAll(async () => {
  setting = await openCsvSetting();
});
afterAll(() => setting.close());

const HEAD = 'ExternalId;FirstName;LastName;Email;UserGroups;Invite';
const GROUP = 'Shop{id=G1,type=Department}';
const said = ({ run: _run, user: _user, ...row }: RunRow) => row;

/** Simulates and imports, which must say the same. */
async function taken(account: CsvAccount, ...rows: string[]): Promise<RunRow[]> {
  const file = [HEAD, ...rows, ''].join('\n');
  const simulated = await account.import(file, { simulate: true });
  const before = await kept(account);
  const imported = await account.import(file);
  assert.deepEqual(imported.rows.map(said), simulated.rows.map(said));
  return before.simulated.length === 0 ? imported.rows : assert.fail('a simulation invited somebody');
}

async function kept({ account: { id: account } }: CsvAccount) {
  const { db } = setting.directory;
  const all = (name: string) => db.collection(name).find({ account }).sort({ _id: 1 }).toArray();
  const [users, invitations, mails] = [await all('users'), await all('invitations'), await all('outbox')];
  const withoutUser = invitations.filter(({ user }) => !users.some(({ _id }) => _id === user));
  return { users, invitations, mails, simulated: withoutUser };
}

describe('the column Invite', () => {
  test('invites new users, and no others', async () => {
    const account = setting.account();
    const rows = await taken(
      account,
      `E1;Ann;One;ann@example.com;${GROUP};true`,
      `E2;Bob;Two;bob@example.com;${GROUP};false`,
      `E3;Cas;Three;cas@example.com;${GROUP};`,
    );
    assert.deepEqual(
      rows.map(({ outcome }) => outcome),
      ['created', 'created', 'created'],
    );
    const { users, invitations, mails } = await kept(account);
    assert.deepEqual(
      users.map(({ lifecycle }) => lifecycle),
      ['invited', 'registered', 'registered'],
    );
    assert.deepEqual([invitations.length, invitations[0]?.user, invitations[0]?.state], [1, users[0]?._id, 'open']);
    assert.deepEqual(
      mails.map(({ to, reference }) => [to, reference]),
      [['ann@example.com', invitations[0]?._id]],
    );
  });

  test('a file that is imported again changes nothing: the person stays invited, and gets no second mail', async () => {
    const account = setting.account();
    const row = `E1;Ann;One;ann@example.com;${GROUP};true`;
    await taken(account, row);
    assert.deepEqual(
      (await taken(account, row)).map(({ outcome }) => outcome),
      ['unchanged'],
    );
    const changed = await taken(account, `E1;Anna;One;ann@example.com;${GROUP};true`);
    assert.deepEqual(
      changed.map(({ outcome }) => outcome),
      ['updated'],
    );
    const exported = await account.export();
    assert.ok(exported.includes(';true'), exported);
    const again = await account.import(exported);
    assert.deepEqual(
      again.rows.map(({ outcome }) => outcome),
      ['unchanged'],
    );
    const { users, invitations, mails } = await kept(account);
    assert.deepEqual([users[0]?.lifecycle, invitations[0]?.state, mails.length], ['invited', 'open', 1]);
  });

  test('needs an e-mail and a user group, and a store of a superior', async () => {
    const account = setting.account();
    const rows = await taken(account, 'E1;Ann;One;;;true', `E2;Bob;Two;bob@example.com;${GROUP};perhaps`);
    assert.deepEqual(
      rows.map(({ outcome, faults = [] }) => [outcome, ...faults.map(({ at }) => at)]),
      [
        ['refused', 'Email', 'UserGroups'],
        ['refused', 'Invite'],
      ],
    );
    const { users, invitations, mails } = await kept(account);
    assert.deepEqual([users.length, invitations.length, mails.length], [0, 0, 0]);
  });

  test('has no effect on a user who is there, which the row says', async () => {
    const account = setting.account();
    await taken(account, `E1;Ann;One;ann@example.com;${GROUP};`);
    const [row] = await taken(account, `E1;Ann;One;ann@example.com;${GROUP};true`);
    assert.deepEqual([row?.outcome, row?.faults?.[0]?.at], ['unchanged', 'Invite']);
    assert.ok(row?.faults?.[0]?.words.includes('only new users are invited'));
    assert.equal((await kept(account)).invitations.length, 0);
  });

  test('is the setting of the account for files without it, and makes login names of names that are taken', async () => {
    const account = setting.account({ inviteImported: true });
    const file = `FirstName;LastName;Email;UserGroups\nAnn;One;a1@example.com;${GROUP}\nAnn;One;a2@example.com;${GROUP}\n`;
    const { rows } = await account.import(file);
    assert.deepEqual(
      rows.map(({ outcome }) => outcome),
      ['created', 'created'],
    );
    const { users, invitations, mails } = await kept(account);
    assert.deepEqual(
      users.map(({ lifecycle }) => lifecycle),
      ['invited', 'invited'],
    );
    assert.deepEqual([invitations.length, mails.length], [2, 2]);
  });
});
