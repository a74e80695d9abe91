// Rows of one file that were read ahead together, and yet see what the rows before them did; names that others take meanwhile.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from '@jest/globals';
import { composeRowInvitations } from '../../../src/app/invitations.ts';
import { readRows } from '../../../src/doors/csv/format/parse.ts';
import { readFileIdentities } from '../../../src/doors/csv/import/file-identities.ts';
import { createRowImporter } from '../../../src/doors/csv/import/import-row.ts';
import { createResolver } from '../../../src/doors/csv/import/resolver.ts';
import { type CsvSetting, openCsvSetting, pieces } from '../../support/csv.ts';

let setting: CsvSetting;
beforeAll(async () => {
  setting = await openCsvSetting();
});
afterAll(() => setting.close());

const HEADING = 'Uid;ExternalId;FirstName;LastName;Email\n';

test('an e-mail that an earlier row gave somebody else, or took away, is checked again by the later row', async () => {
  const account = setting.account();
  await account.import(`${HEADING}old;E-old;Old;One;old@example.com\n`);
  const file =
    `${HEADING}one;E-1;One;One;shared@example.com\n` +
    'two;;Two;Two;shared@example.com\n' +
    'old;E-old;Old;One;new@example.com\n' +
    'three;;Three;Three;old@example.com\n' +
    'four;;Four;Four;new@example.com\n';
  const simulated = await account.import(file, { simulate: true });
  const imported = await account.import(file);
  const outcomes = ({ rows }: typeof imported) =>
    rows.map(({ outcome, faults }) => [outcome, ...(faults ?? []).map(({ code }) => code)]);
  assert.deepEqual(outcomes(imported), [
    ['created'],
    // A row with a login name that nobody has is a new user, even if others share its mailbox.
    ['created'],
    ['updated'],
    ['created'],
    ['created'],
  ]);
  assert.deepEqual(outcomes(simulated), outcomes(imported));
});

test('a login name that somebody takes after it was read ahead is counted up', async () => {
  const { account } = setting.account();
  const { directory } = setting;
  const caller = { ...directory.caller(account, 'con_csv'), door: 'csv' as const };
  const entries = directory.bulk();
  const content = 'ExternalId;FirstName;LastName;Email\nE1;Ann;Maes;a@example.com\n';
  const importer = createRowImporter({
    run: 'run',
    entries,
    resolver: createResolver(entries.references, caller),
    rules: { loginNamesEditable: false },
    attributesNow: async () => [],
    invitations: composeRowInvitations(directory, {
      publicUrl: 'http://localhost:3000',
      hasTextMessages: false,
    }).real,
    identities: await readFileIdentities(readRows(pieces(content), { encoding: 'utf-8', delimiter: ';' })),
    isFirstAttempt: true,
  });
  const rows = [];
  for await (const row of readRows(pieces(content), { encoding: 'utf-8', delimiter: ';' })) rows.push(row);
  const [row] = rows;
  assert.ok(row);
  await importer.readAhead(rows, caller);
  const report = directory.caller({ ...account, requiredData: 'report' });
  assert.ok((await directory.provision.createUser(report, { userName: 'Ann.Maes', externalId: 'theirs' })).ok);
  const saved = await importer.save(row, caller, { isBarrier: false, earlierChange: async () => undefined });
  assert.equal(saved.outcome, 'created', JSON.stringify(saved));
  assert.equal((await directory.lookup.user(caller, saved.user ?? ''))?.attributes.userName, 'ann.maes2');
});
