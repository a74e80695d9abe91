// The watched folder, end dates and result mails: once a day, at the account's own time, and everything once.

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { createDaily } from '../../../src/doors/csv/import/daily.ts';
import { createWatchedFolder } from '../../../src/doors/csv/import/watched-folder.ts';
import { createResultMail, type ResultMail } from '../../../src/doors/csv/results/mail.ts';
import { createDailyLease } from '../../../src/mongo/runs/daily-lease.ts';
import { localTime } from '../../../src/runs/daily-lease.ts';
import { type CsvAccount, type CsvSetting, openCsvSetting } from '../../support/csv.ts';

let setting: CsvSetting;
let root: string;
beforeAll(async () => {
  setting = await openCsvSetting();
  root = await mkdtemp(join(tmpdir(), 'mobietrain-folder-'));
});
afterAll(async () => {
  await setting.close();
  await rm(root, { recursive: true, force: true });
});

/** Two instances that look at one account, with a clock of the test's own. */
function instances({ account }: CsvAccount, clock: { at: Date }) {
  const now = () => clock.at;
  const errors: unknown[] = [];
  const make = () =>
    createDaily({
      ...setting.directory,
      schema: setting.directory.catalogue.user,
      accounts: async () => [account],
      callerOf: async (_account, requestId) => ({ ...setting.directory.caller(account, 'con_csv'), requestId }),
      folder: createWatchedFolder({ root, door: setting.door, settleMs: 0, now }),
      dailyLease: createDailyLease(setting.directory.db),
      now,
      onError: (error) => errors.push(error),
    });
  return { one: make(), other: make(), errors };
}

const FILE =
  'ExternalId;FirstName;LastName;Email;EndDate\nE1;A;One;a@example.com;2096-11-23\nE2;B;Two;b@example.com;soon\n';

describe('the watched folder', () => {
  test('takes files in once a day, by one instance, and puts the results beside them', async () => {
    const tenant = setting.account({ slug: 'shop', timeZone: 'Europe/Brussels', importTime: '02:30' });
    const incoming = join(root, 'shop', 'incoming');
    const processed = join(root, 'shop', 'processed');
    await mkdir(incoming, { recursive: true });
    await writeFile(join(incoming, 'users.csv'), FILE);
    await writeFile(join(incoming, 'bad.csv'), 'FirstName;LastName;Email;;\n');
    await writeFile(join(incoming, '.hidden.csv'), FILE);
    await symlink('/etc/passwd', join(incoming, 'link.csv'));
    for (const name of ['users.csv', 'bad.csv']) await utimes(join(incoming, name), 1, 1);

    // 01:29 in Brussels, then 02:31: the clock of the account counts.
    const clock = { at: new Date('2096-11-22T00:29:00Z') };
    const { one, other, errors } = instances(tenant, clock);
    await one.round();
    assert.deepEqual((await readdir(incoming)).length, 4);
    clock.at = new Date('2096-11-22T01:31:00Z');
    await Promise.all([one.round(), other.round()]);
    await one.round();
    assert.deepEqual(errors, []);
    assert.deepEqual([...(await readdir(incoming))].sort(), ['.hidden.csv', 'link.csv']);
    const { runs } = await setting.door.runs(tenant, { limit: 10 });
    assert.equal(runs.length, 1);

    await setting.worker.drain();
    const run = await setting.door.run(tenant, runs[0]?.id ?? '');
    assert.ok(run);
    const folder = createWatchedFolder({ root, door: setting.door, settleMs: 0, now: () => clock.at });
    await folder.writeResult(tenant.account, run);
    await folder.writeResult(tenant.account, run);
    assert.deepEqual([...(await readdir(processed))].sort(), [
      '2096-11-22_bad.csv',
      '2096-11-22_bad.csv.result.csv',
      '2096-11-22_users.csv',
      '2096-11-22_users.csv.result.csv',
    ]);
    assert.equal(await readFile(join(processed, '2096-11-22_users.csv'), 'utf8'), FILE);
    const result = await readFile(join(processed, '2096-11-22_users.csv.result.csv'), 'utf8');
    assert.match(result, /1;2;created;.*\r\n2;3;refused;.*EndDate: must be a date/);
    assert.match(
      await readFile(join(processed, '2096-11-22_bad.csv.result.csv'), 'utf8'),
      /;1;refused;;;.*at the end of the line/,
    );

    // The next day the end date has come, and the same name is used again.
    await writeFile(join(incoming, 'users.csv'), FILE.replace('One', 'Ones'));
    await utimes(join(incoming, 'users.csv'), 1, 1);
    const find = () => setting.directory.db.collection('users').findOne({ account: tenant.account.id });
    assert.equal((await find())?.data.active, true);
    clock.at = new Date('2096-11-23T01:31:00Z');
    await other.round();
    assert.equal((await find())?.data.active, false);
    assert.ok((await readdir(processed)).includes('2096-11-23_users.csv'));
  });

  test('an account can have ended users deleted', async () => {
    const tenant = setting.account({ slug: 'gone', endDatePolicy: 'delete', importTime: '00:00' });
    await tenant.import(FILE.replace('soon', '2099-01-01'));
    const clock = { at: new Date('2096-11-30T12:00:00Z') };
    const { one, errors } = instances(tenant, clock);
    await one.round();
    assert.deepEqual(errors, []);
    const left = await setting.directory.db.collection('users').find({ account: tenant.account.id }).toArray();
    assert.deepEqual(
      left.map((user) => user.data.externalId),
      ['E2'],
    );
  });

  test('days and times are those of the place, through changes of the clock too', () => {
    const at = (text: string) => localTime(new Date(text), 'Europe/Brussels');
    assert.deepEqual(at('2026-11-22T23:30:00Z'), { day: '2026-11-23', time: '00:30' });
    assert.deepEqual(at('2026-03-29T00:59:00Z'), { day: '2026-03-29', time: '01:59' });
    assert.deepEqual(at('2026-03-29T01:00:00Z'), { day: '2026-03-29', time: '03:00' });
    assert.deepEqual(at('2026-10-25T01:00:00Z'), { day: '2026-10-25', time: '02:00' });
  });
});

describe('the result as a mail', () => {
  test('tells the counts, and carries the file of results', async () => {
    const tenant = setting.account();
    const { run } = await tenant.import(FILE, { mailTo: 'admin@example.com', fileName: '../a\r\nb.csv' });
    const mails: ResultMail[] = [];
    const enqueue = async (mail: ResultMail) => {
      mails.push(mail);
      return { ok: true, value: undefined, effect: 'created' } as const;
    };
    await createResultMail({ outbox: { enqueue }, runs: setting.runs })(run, run.counts, { state: 'done' });
    const [mail] = mails;
    assert.deepEqual([mail?.to, mail?.id], ['admin@example.com', `csv-result:${run.id}`]);
    assert.equal(mail?.subject, 'Import of ab.csv: 1 of 2 rows refused');
    assert.match(mail?.text ?? '', /2 rows: 1 created, 0 changed, 0 unchanged, 1 refused\./);
    assert.match(mail?.attachments?.[0]?.text ?? '', /^\uFEFFRow;Line;Result/);
  });

  test('goes to one address only', async () => {
    const tenant = setting.account();
    await assert.rejects(tenant.import(FILE, { mailTo: 'a@example.com\r\nBcc: b@example.com' }), /invalidMail/);
  });
});
