// What somebody who may write into a folder of files (over SFTP, say) cannot do, in both doors of files: read or move what belongs to
// others, by links or by swapping files while they are read.

import assert from 'node:assert/strict';
import {
  appendFile,
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, test } from '@jest/globals';
import type { CsvDoor } from '../../src/doors/csv/door.ts';
import { createDaily } from '../../src/doors/csv/import/daily.ts';
import { createWatchedFolder } from '../../src/doors/csv/import/watched-folder.ts';
import { createBatchFolders } from '../../src/doors/xml/folders/folders.ts';
import { createIncomingWatch } from '../../src/doors/xml/folders/incoming-watch.ts';
import { createDailyLease } from '../../src/mongo/runs/daily-lease.ts';
import { UnsafeName } from '../../src/runs/files/guarded-folder.ts';
import { documentOf, goodBlock, openTestBatch, type TestBatch } from '../support/batch.ts';
import { type CsvAccount, type CsvSetting, openCsvSetting, pieces } from '../support/csv.ts';

const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);
const names = async (path: string) => [...(await readdir(path))].sort();
const HEADING = 'ExternalId;FirstName;LastName;Email';
const csvOf = (id: string) => `${HEADING}\n${id};Ann;Peeters;${id.toLowerCase()}@example.com\n`;

describe('the watched folder of CSV files', () => {
  let setting: CsvSetting;
  let root: string;
  let tenant: CsvAccount;
  let counter = 0;
  beforeAll(async () => {
    setting = await openCsvSetting();
  });
  afterAll(() => setting.close());
  beforeEach(async () => {
    counter += 1;
    root = await mkdtemp(join(tmpdir(), 'mobietrain-csv-'));
    tenant = setting.account({ slug: `attacker-${counter}` });
    for (const folder of [own('incoming'), victim('incoming'), victim('processed')]) {
      await mkdir(folder, { recursive: true });
    }
    await put(victim('incoming', 'people.csv'), csvOf('VICTIM'));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const own = (...path: string[]) => join(root, tenant.account.slug, ...path);
  const victim = (...path: string[]) => join(root, 'victim', ...path);

  /** Puts a file in place that has not changed for long. */
  async function put(path: string, content: string): Promise<void> {
    await writeFile(path, content);
    await utimes(path, 1, 1);
  }

  /** Takes files in, and gives what was read. `meanwhile` happens when the first part of a file has been read. */
  async function takeIn(meanwhile: (name: string) => Promise<void> = async () => undefined) {
    const read: string[] = [];
    const submit: CsvDoor['submit'] = async (caller, content, submission) => {
      let text = '';
      async function* watched() {
        for await (const piece of content) {
          await meanwhile(submission.fileName);
          text += Buffer.from(piece).toString();
          yield piece;
        }
      }
      const submitted = await setting.door.submit(caller, watched(), submission);
      read.push(text);
      return submitted;
    };
    const door = { ...setting.door, submit };
    const folder = createWatchedFolder({ root, door, settleMs: 1000, now: () => new Date() });
    const count = await folder.takeIn(tenant.account, '2026-11-26');
    return { count, read };
  }

  const linked: [what: string, make: () => Promise<void>][] = [
    ['incoming', async () => swapFolder(own('incoming'), victim('incoming'))],
    ['processed', async () => symlink(victim('processed'), own('processed'))],
    ['the folder of the account', async () => swapFolder(own(), victim())],
  ];
  for (const [what, make] of linked) {
    test(`a link in the place of ${what} is refused, and nothing is taken away`, async () => {
      await put(own('incoming', 'own.csv'), csvOf('OWN'));
      await make();
      await assert.rejects(takeIn(), UnsafeName);
      assert.deepEqual(await names(victim('incoming')), ['people.csv']);
      assert.deepEqual(await names(victim('processed')), []);
      assert.equal((await setting.door.runs(tenant, { limit: 10 })).runs.length, 0);
    });
  }

  async function swapFolder(path: string, target: string): Promise<void> {
    await rm(path, { recursive: true, force: true });
    await symlink(target, path);
  }

  test('such a link is reported once a day, and end dates take effect all the same', async () => {
    const dated = `${HEADING};EndDate\nE1;Ann;Peeters;ann@example.com;2026-11-01\n`;
    await tenant.import(dated);
    await swapFolder(own('incoming'), victim('incoming'));
    const clock = { at: new Date('2026-11-26T12:00:00Z') };
    const errors: unknown[] = [];
    const now = () => clock.at;
    const daily = createDaily({
      ...setting.directory,
      schema: setting.directory.catalogue.user,
      accounts: async () => [tenant.account],
      callerOf: async (_account, requestId) => ({ ...setting.directory.caller(tenant.account, 'con_csv'), requestId }),
      folder: createWatchedFolder({ root, door: setting.door, settleMs: 0, now }),
      dailyLease: createDailyLease(setting.directory.db, now),
      now,
      onError: (error) => errors.push(error),
    });
    await daily.round();
    await daily.round();
    assert.equal(errors.length, 1);
    assert.ok(errors[0] instanceof UnsafeName);
    const user = await setting.directory.db.collection('users').findOne({ account: tenant.account.id });
    assert.equal(user?.data.active, false);
  });

  test('links and hard links to the files of others are not taken', async () => {
    await symlink(victim('incoming', 'people.csv'), own('incoming', 'a.csv'));
    await link(victim('incoming', 'people.csv'), own('incoming', 'b.csv'));
    await put(own('incoming', 'own.csv'), csvOf('OWN'));
    // The victim's own file has two links by now.
    assert.deepEqual(await takeIn(), { count: 1, read: [csvOf('OWN')] });
    assert.equal(await readFile(victim('incoming', 'people.csv'), 'utf8'), csvOf('VICTIM'));
  });

  test('a listed file that is swapped for a link while another is read is not followed', async () => {
    await put(own('incoming', 'a.csv'), csvOf('A1'));
    await put(own('incoming', 'b.csv'), csvOf('B1'));
    const { count, read } = await takeIn(async (name) => {
      if (name !== 'a.csv') return;
      await rm(own('incoming', 'b.csv'), { force: true });
      await symlink(victim('incoming', 'people.csv'), own('incoming', 'b.csv'));
    });
    assert.deepEqual({ count, read }, { count: 1, read: [csvOf('A1')] });
    assert.deepEqual(await names(victim('incoming')), ['people.csv']);
  });

  test('incoming that is swapped for a link while a file is read leads nowhere', async () => {
    await put(own('incoming', 'a.csv'), csvOf('A1'));
    await put(own('incoming', 'people.csv'), csvOf('B1'));
    const { read } = await takeIn(async (name) => {
      if (name !== 'a.csv') return;
      await rename(own('incoming'), own('away'));
      await symlink(victim('incoming'), own('incoming'));
    });
    assert.deepEqual(read, [csvOf('A1'), csvOf('B1')]);
    assert.equal(await readFile(victim('incoming', 'people.csv'), 'utf8'), csvOf('VICTIM'));
    assert.deepEqual(await names(victim('processed')), []);
  });

  test('a file that takes the name of the one that is read stays and is taken the next time', async () => {
    await put(own('incoming', 'a.csv'), csvOf('A1'));
    await takeIn(async () => {
      await put(own('new'), csvOf('A2'));
      await rename(own('new'), own('incoming', 'a.csv'));
    });
    assert.equal(await readFile(own('incoming', 'a.csv'), 'utf8'), csvOf('A2'));
    assert.equal(await readFile(own('processed', '2026-11-26_a.csv'), 'utf8'), csvOf('A1'));
    assert.deepEqual((await takeIn()).read, [csvOf('A2')]);
  });

  test('a file that grows while it is read waits, and nothing of it is imported', async () => {
    await put(own('incoming', 'a.csv'), csvOf('A1'));
    const { count } = await takeIn(() => appendFile(own('incoming', 'a.csv'), 'A2;'));
    assert.equal(count, 0);
    assert.deepEqual(await names(own('incoming')), ['a.csv']);
    assert.deepEqual(await names(own('processed')), []);
    assert.equal((await setting.door.runs(tenant, { limit: 10 })).runs.length, 0);
  });

  test('what the server makes is for its own user, under names that it makes', async () => {
    await put(own('incoming', 'a\nb\u202E.csv'), csvOf('A1'));
    await put(own('incoming', `${'é'.repeat(120)}.csv`), csvOf('A2'));
    assert.equal((await takeIn()).count, 2);
    const [first = '', second = ''] = await names(own('processed'));
    assert.equal(first, '2026-11-26_a_b_.csv');
    assert.ok(Buffer.byteLength(second) < 230);
    assert.deepEqual([await modeOf(own('processed')), await modeOf(own('processed', first))], ['700', '600']);
  });
});

describe('the folders of XML batches', () => {
  let batch: TestBatch;
  beforeAll(async () => {
    batch = await openTestBatch();
  });
  afterAll(() => batch.close());

  const own = (...path: string[]) => join(batch.root, batch.account.slug, ...path);
  const at = (name: string, fileset: string) => ({ slug: batch.account.slug, fileset, name });

  async function outside(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'mobietrain-outside-'));
    await mkdir(join(folder, 'nightly'));
    await writeFile(join(folder, 'nightly', 'secret.xml'), documentOf(goodBlock('secret')));
    return folder;
  }

  async function put(path: string, content: string): Promise<void> {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(`${path}.part`, content);
    await rename(`${path}.part`, path);
  }

  test('a link in the place of incoming, or a hard link in it, is not taken', async () => {
    const elsewhere = await outside();
    await mkdir(own(), { recursive: true });
    await symlink(elsewhere, own('incoming'));
    const files = createBatchFolders(batch.root);
    assert.deepEqual(await files.incoming(batch.account.slug), []);
    await assert.rejects(files.open(at('secret.xml', 'nightly')), UnsafeName);
    await assert.rejects(files.receive(at('new.xml', 'nightly'), pieces('<a/>'), 100), UnsafeName);
    await rm(own('incoming'));
    await mkdir(own('incoming', 'nightly'), { recursive: true });
    await link(join(elsewhere, 'nightly', 'secret.xml'), own('incoming', 'nightly', 'hard.xml'));
    assert.deepEqual(await files.incoming(batch.account.slug), []);
    await assert.rejects(files.open(at('hard.xml', 'nightly')), UnsafeName);
    await rm(own('incoming', 'nightly', 'hard.xml'));
    assert.deepEqual(await names(join(elsewhere, 'nightly')), ['secret.xml']);
    await rm(elsewhere, { recursive: true });
  });

  test('a file that is swapped between the listing and the reading is not taken before it is complete', async () => {
    await put(own('incoming', 'swap', 'a.xml'), documentOf(goodBlock('before')));
    const folders = createBatchFolders(batch.root);
    let listings = 0;
    const taken: string[] = [];
    const watch = createIncomingWatch({
      files: {
        slugs: () => folders.slugs(),
        open: (location) => folders.open(location),
        async incoming(slug) {
          const listed = await folders.incoming(slug);
          listings += 1;
          if (listings === 2) await put(own('incoming', 'swap', 'a.xml'), documentOf(goodBlock('after1')));
          return listed;
        },
      },
      runs: {
        createExclusive: async (run) => {
          taken.push(run.file.name);
          return undefined;
        },
        openRun: async () => undefined,
      },
      source: async () => ({
        account: batch.account,
        connection: { id: 'c', account: batch.account.id, name: 'c', kind: 'xml' },
      }),
      settleMs: 0,
      pollMs: 10,
      onRun: () => undefined,
      onError: (error) => assert.fail(String(error)),
    });
    await watch.look();
    await watch.look();
    assert.deepEqual(taken, []);
    await watch.look();
    await watch.look();
    assert.deepEqual(taken, ['a.xml']);
    await rm(own('incoming', 'swap'), { recursive: true });
  });

  test('a file that takes the name of the one that a run was made for is not applied in its place', async () => {
    await put(own('incoming', 'replaced', 'a.xml'), documentOf(goodBlock('first')));
    await batch.door.watch.look();
    await batch.door.watch.look();
    await put(own('incoming', 'replaced', 'a.xml'), documentOf(goodBlock('other')));
    await batch.worker.drain();
    const { runs } = await batch.runs.list(batch.account.id, { limit: 1 });
    assert.deepEqual([runs[0]?.state, runs[0]?.counts.done], ['failed', 0]);
    assert.match(runs[0]?.reason ?? '', /removed or replaced/);
    assert.deepEqual(await names(own('incoming', 'replaced')), ['a.xml']);
    const run = await batch.work();
    assert.deepEqual([run.state, run.counts.created], ['done', 1]);
    assert.match(String(await batch.read('complete/replaced/archived/a.xml')), /other/);
  });

  test('a file that takes the name of the one that is archived stays', async () => {
    await put(own('incoming', 'moved', 'a.xml'), 'read');
    const files = createBatchFolders(batch.root);
    const file = await files.open(at('a.xml', 'moved'));
    assert.ok(file);
    await put(own('incoming', 'moved', 'a.xml'), 'not read yet');
    await files.archive(at('a.xml', 'moved'), 'a.xml', file);
    await file.close();
    assert.equal(String(await batch.read('incoming/moved/a.xml')), 'not read yet');
    assert.equal(String(await batch.read('complete/moved/archived/a.xml')), 'read');
    await rm(own('incoming', 'moved'), { recursive: true });
  });

  test('what the server makes is for its own user', async () => {
    const submitted = await batch.door.submit({
      account: batch.account,
      connection: { id: 'con', account: batch.account.id, name: 'con', kind: 'xml' },
      fileset: 'modes',
      fileName: 'a.xml',
      content: pieces(documentOf(goodBlock('modes'), goodBlock('bad', { CountryCode: 'XX' }))),
      simulate: false,
      requestedBy: 'a test',
    });
    assert.ok(submitted.ok);
    assert.equal(await modeOf(own('incoming', 'modes')), '700');
    assert.equal(await modeOf(own('incoming', 'modes', 'a.xml')), '600');
    await batch.worker.drain();
    for (const folder of ['archived', 'failed']) assert.equal(await modeOf(own('complete', 'modes', folder)), '700');
    assert.equal(await modeOf(own('complete', 'modes', 'archived', 'a.xml')), '600');
    assert.equal(await modeOf(own('complete', 'modes', 'failed', 'a_failures.xml')), '600');
  });
});
