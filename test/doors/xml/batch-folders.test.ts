// What a batch root lets in and out: names, links, files that are still written, names used twice, files that can't be read, and
// two instances over one root.

import assert from 'node:assert/strict';
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { createBatchFolders } from '../../../src/doors/xml/folders/folders.ts';
import { createIncomingWatch } from '../../../src/doors/xml/folders/incoming-watch.ts';
import { UnsafeName } from '../../../src/runs/files/guarded-folder.ts';
import { documentOf, goodBlock, openTestBatch, type TestBatch } from '../../support/batch.ts';

async function* stream(...pieces: string[]) {
  for (const piece of pieces) yield Buffer.from(piece);
}

let batch: TestBatch;
beforeAll(async () => {
  batch = await openTestBatch();
});
afterAll(() => batch.close());

describe('names and links', () => {
  const filesets = ['..', '.', '', '../other', 'a/b', 'a\\b', '/etc', '.hidden', 'a\0b', 'x'.repeat(65), 'é'];
  for (const fileset of filesets) {
    test(`the fileset ${JSON.stringify(fileset.slice(0, 20))} is refused`, async () => {
      const files = createBatchFolders(batch.root);
      const place = { slug: batch.account.slug, fileset, name: 'a.xml' };
      await assert.rejects(files.receive(place, stream('<a/>'), 1000), UnsafeName);
      await assert.rejects(files.open(place), UnsafeName);
      const submitted = await batch.door.submit({
        account: batch.account,
        connection: { id: 'con', account: batch.account.id, name: 'con', kind: 'xml' },
        fileset,
        fileName: 'a.xml',
        content: stream('<a/>'),
        simulate: false,
        requestedBy: 'a test',
      });
      assert.equal(submitted.ok ? '' : submitted.reason, 'name');
    });
  }

  const names = [
    '../x.xml',
    '..xml',
    '.xml',
    '.x.xml',
    'a/b.xml',
    'a\\b.xml',
    'x.xml\0',
    'x.txt',
    `${'x'.repeat(200)}.xml`,
  ];
  for (const name of names) {
    test(`the file name ${JSON.stringify(name.slice(0, 20))} is refused, and an upload of it gets another`, async () => {
      const files = createBatchFolders(batch.root);
      const place = { slug: batch.account.slug, fileset: 'names', name };
      await assert.rejects(files.receive(place, stream('<a/>'), 1000), UnsafeName);
      await assert.rejects(files.open(place), UnsafeName);
      const submitted = await batch.door.submit({
        account: batch.account,
        connection: { id: 'con', account: batch.account.id, name: 'con', kind: 'xml' },
        fileset: 'uploads',
        fileName: name,
        content: stream('<UserMaintenance/>'),
        simulate: false,
        requestedBy: 'a test',
      });
      assert.match(submitted.ok ? submitted.name : '', /^upload(_[0-9a-f]{8})?\.xml$/);
      await batch.worker.drain();
    });
  }

  test('no symbolic link is followed', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'mobietrain-outside-'));
    const root = join(batch.root, batch.account.slug);
    await writeFile(join(outside, 'secret.xml'), documentOf(goodBlock('secret')));
    await mkdir(join(root, 'incoming', 'links'), { recursive: true });
    await symlink(join(outside, 'secret.xml'), join(root, 'incoming', 'links', 'link.xml'));
    await symlink(outside, join(root, 'incoming', 'linked'));
    await symlink(outside, join(batch.root, 'linked'));
    await batch.door.watch.look();
    await batch.door.watch.look();
    await batch.worker.drain();
    assert.deepEqual(await batch.directory.records.usersWith(batch.account.id, 'userName', 'secret', 1), []);
    const files = createBatchFolders(batch.root);
    assert.deepEqual(await files.incoming('linked'), []);
    await assert.rejects(files.open({ slug: batch.account.slug, fileset: 'links', name: 'link.xml' }));
    // A link in the place of the archive: the file stays where it is, and nothing is written outside.
    await mkdir(join(root, 'complete'), { recursive: true });
    await symlink(outside, join(root, 'complete', 'caught'));
    await batch.drop('caught.xml', documentOf(goodBlock('caught')), 'caught');
    const run = await batch.work();
    assert.equal(run.state, 'failed');
    assert.match(run.reason ?? '', /caught is not a folder/);
    assert.deepEqual([...(await readdir(outside))], ['secret.xml']);
    await rm(outside, { recursive: true });
    await rm(join(batch.root, 'linked'));
    await rm(join(root, 'incoming', 'caught'), { recursive: true });
    await rm(join(root, 'incoming', 'links'), { recursive: true });
  });

  test('a name used twice never overwrites', async () => {
    for (const country of ['XX', 'YY']) {
      await batch.drop('twice.xml', documentOf(goodBlock('twice', { CountryCode: country })), 'twice');
      await batch.work();
    }
    const paths = (await batch.tree()).filter((path) => path.includes('/twice/'));
    assert.equal(paths.length, 4);
    const contents = await Promise.all(paths.map(async (path) => /[XY]{2}/.exec(String(await batch.read(path)))?.[0]));
    assert.deepEqual(contents.sort(), ['XX', 'XX', 'YY', 'YY']);
  });
});

describe('files that can not be read', () => {
  const cases: [string, string | Buffer, RegExp][] = [
    [
      'laughs.xml',
      `<!DOCTYPE x [<!ENTITY a "lol">${'<!ENTITY b "&a;&a;">'.repeat(50)}]>${documentOf(goodBlock('lol'))}`,
      /DOCTYPE/,
    ],
    [
      'outside.xml',
      `<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><UserMaintenance>${goodBlock('&f;')}</UserMaintenance>`,
      /DOCTYPE/,
    ],
    [
      'broken.xml',
      documentOf(...Array.from({ length: 500 }, (_, n) => goodBlock(`broken${n}`))).slice(0, -30),
      /well-formed/,
    ],
    ['deep.xml', `<UserMaintenance>${'<a>'.repeat(37_000)}${'</a>'.repeat(37_000)}</UserMaintenance>`, /32 deep/],
    ['text.xml', 'UserId;UserName', /well-formed/],
    ['latin.xml', Buffer.from('<UserMaintenance>é</UserMaintenance>', 'latin1'), /UTF-8/],
  ];
  for (const [name, content, reason] of cases) {
    test(`${name} goes to failed and archived whole, and nothing of it is applied`, async () => {
      const users = () => batch.directory.db.collection('users').countDocuments();
      const before = await users();
      await batch.drop(name, content, 'unreadable');
      const run = await batch.work();
      assert.equal(run.state, 'failed');
      assert.match(run.reason ?? '', reason);
      assert.equal(await users(), before);
      for (const folder of ['archived', 'failed']) {
        assert.deepEqual(await batch.read(`complete/unreadable/${folder}/${name}`), Buffer.from(content));
      }
    });
  }
});

describe('when a file is taken', () => {
  test('not while it is written, and not before its time', async () => {
    const taken: string[] = [];
    const files = createBatchFolders(batch.root);
    const watch = createIncomingWatch({
      files,
      runs: {
        createExclusive: async (run) => {
          taken.push(run.file.name);
          return {
            ...run,
            id: run.file.name,
            state: 'waiting',
            created: new Date(),
            counts: { done: 0, created: 0, updated: 0, unchanged: 0, refused: 0 },
          };
        },
        openRun: async () => undefined,
      },
      source: async () => ({
        account: batch.account,
        connection: { id: 'c', account: batch.account.id, name: 'c', kind: 'xml' },
      }),
      settleMs: 1500,
      pollMs: 10,
      onRun: () => undefined,
      onError: (error) => assert.fail(String(error)),
    });
    const folder = join(batch.root, batch.account.slug, 'incoming', 'slow');
    await mkdir(folder, { recursive: true });
    const path = join(folder, 'slow.xml');
    for (const name of ['.hidden.xml', 'notes.txt', 'slow.xml.part']) await writeFile(join(folder, name), 'x');
    await writeFile(path, '<UserMaintenance>');
    watch.start();
    // Altogether longer than the time after which an unchanged file is taken.
    for (let n = 0; n < 20; n += 1) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      await appendFile(path, '<User/>');
      assert.deepEqual(taken, []);
    }
    for (let waited = 0; taken.length === 0 && waited < 200; waited += 1) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await watch.stop();
    assert.deepEqual(taken, ['slow.xml']);
    await rm(folder, { recursive: true });
  });
});

test('two instances on one root take each file once', async () => {
  const count = 12;
  for (let n = 0; n < count; n += 1) {
    await batch.drop(
      `file${n}.xml`,
      documentOf(goodBlock(`both${n}`), goodBlock(`bad${n}`, { CountryCode: 'XX' })),
      'both',
    );
  }
  const instances = [batch.instance(), batch.instance(), batch.instance()];
  for (const { door, worker } of instances) {
    door.watch.start();
    worker.start();
  }
  const open = async () => (await batch.tree()).filter((path) => path.startsWith('incoming/both/'));
  for (let waited = 0; (await open()).length > 0 && waited < 200; waited += 1) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  for (const { door, worker } of instances) {
    await door.watch.stop();
    await worker.stop();
  }
  const { runs } = await batch.runs.list(batch.account.id, { kinds: ['xml-batch'], limit: 200 });
  const mine = runs.filter((run) => run.file.fileset === 'both');
  assert.equal(mine.length, count);
  for (const run of mine) assert.deepEqual([run.state, run.counts.created, run.counts.refused], ['done', 1, 1]);
  const paths = (await batch.tree()).filter((path) => path.includes('/both/'));
  assert.equal(paths.length, 2 * count);
  assert.equal(
    new Set(await Promise.all(paths.map((path) => readFile(join(batch.root, batch.account.slug, path), 'utf8')))).size,
    2 * count,
  );
});
