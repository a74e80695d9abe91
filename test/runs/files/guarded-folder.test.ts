// Folders that others write to: no link is followed, nothing is swapped between listing, reading and moving, and what the server
// makes is for its own user only.

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
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from '@jest/globals';
import { madeFileName, shownFileName } from '../../../src/runs/files/file-names.ts';
import {
  FileChanged,
  inFolder,
  inMadeFolder,
  type OpenFile,
  UnsafeName,
} from '../../../src/runs/files/guarded-folder.ts';
import { FileTooLarge } from '../../../src/runs/store.ts';

let root: string;
let outside: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'mobietrain-guarded-'));
  outside = await mkdtemp(join(tmpdir(), 'mobietrain-outside-'));
  await writeFile(join(outside, 'secret.csv'), 'secret');
  await mkdir(join(root, 'in'));
  await mkdir(join(root, 'out'));
});
afterEach(async () => {
  for (const folder of [root, outside]) await rm(folder, { recursive: true, force: true });
});

async function* stream(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

async function textOf(file: OpenFile): Promise<string> {
  let text = '';
  for await (const piece of file.pieces()) text += Buffer.from(piece).toString();
  return text;
}

const modeOf = async (...path: string[]) => ((await stat(join(root, ...path))).mode & 0o777).toString(8);
const entries = async (...path: string[]) => [...(await readdir(join(root, ...path)))].sort();

describe('a path', () => {
  test('has no link in any of its steps', async () => {
    await symlink(outside, join(root, 'link'));
    await mkdir(join(root, 'deep'));
    await symlink(outside, join(root, 'deep', 'in'));
    for (const steps of [['link'], ['deep', 'in'], ['link', 'below']]) {
      await assert.rejects(
        inFolder(root, steps, (folder) => folder.files(() => true)),
        UnsafeName,
      );
      await assert.rejects(
        inMadeFolder(root, steps, (folder) => folder.add(() => 'a', stream('a'))),
        UnsafeName,
      );
    }
    assert.deepEqual([...(await readdir(outside))], ['secret.csv']);
  });

  test('stays with the folder that was opened when another takes its place', async () => {
    await writeFile(join(root, 'in', 'a.csv'), 'ours');
    await inFolder(root, ['in'], async (folder) => {
      await rename(join(root, 'in'), join(root, 'away'));
      await symlink(outside, join(root, 'in'));
      assert.deepEqual(
        (await folder.files(() => true)).map(({ name }) => name),
        ['a.csv'],
      );
      assert.equal(await folder.open('secret.csv'), undefined);
      await folder.add(() => 'new.csv', stream('new'));
      await folder.remove('secret.csv');
    });
    assert.deepEqual([...(await readdir(outside))], ['secret.csv']);
    assert.deepEqual(await entries('away'), ['a.csv', 'new.csv']);
  });

  test('a folder that does not exist is none, or is made', async () => {
    assert.equal(await inFolder(root, ['new', 'deep'], async () => 1), undefined);
    assert.equal(await inMadeFolder(join(root, 'made'), ['new', 'deep'], async () => 1), 1);
    assert.deepEqual(
      [await modeOf('made'), await modeOf('made', 'new'), await modeOf('made', 'new', 'deep')],
      ['700', '700', '700'],
    );
    await writeFile(join(root, 'file'), '');
    await assert.rejects(
      inFolder(root, ['file'], async () => 1),
      UnsafeName,
    );
  });

  for (const name of ['', '.', '..', '../in', 'a/b', 'a\\b', '/etc/passwd', 'a\0b']) {
    test(`${JSON.stringify(name)} is not a name`, async () => {
      await inFolder(root, ['in'], async (folder) => {
        await assert.rejects(folder.open(name), UnsafeName);
        await assert.rejects(folder.reserve(name), UnsafeName);
        await assert.rejects(folder.replace(name, stream('a')), UnsafeName);
        await assert.rejects(folder.openFolder(name, true), UnsafeName);
      });
      await assert.rejects(
        inFolder(root, [name], async () => 1),
        UnsafeName,
      );
    });
  }
});

describe('a file', () => {
  test('is neither a link, a hard link, a folder nor a pipe', async () => {
    await symlink(join(outside, 'secret.csv'), join(root, 'in', 'link.csv'));
    await link(join(outside, 'secret.csv'), join(root, 'in', 'hard.csv'));
    await mkdir(join(root, 'in', 'folder.csv'));
    await writeFile(join(root, 'in', 'plain.csv'), 'plain');
    await inFolder(root, ['in'], async (folder) => {
      assert.deepEqual(
        (await folder.files(() => true)).map(({ name }) => name),
        ['plain.csv'],
      );
      for (const name of ['link.csv', 'hard.csv', 'folder.csv']) await assert.rejects(folder.open(name), UnsafeName);
      assert.equal(await folder.open('missing.csv'), undefined);
      const file = await folder.open('plain.csv');
      assert.equal(file && (await textOf(file)), 'plain');
      await file?.close();
    });
  });

  test('that was listed is told apart from one that took its name', async () => {
    await writeFile(join(root, 'in', 'a.csv'), 'one');
    await inFolder(root, ['in'], async (folder) => {
      const [listed] = await folder.files(() => true);
      await writeFile(join(root, 'other'), 'two');
      await rename(join(root, 'other'), join(root, 'in', 'a.csv'));
      const opened = await folder.open('a.csv');
      assert.notEqual(opened?.id, listed?.id);
      await opened?.close();
    });
  });

  test('that changes while it is read says so at the end', async () => {
    await writeFile(join(root, 'in', 'a.csv'), 'one');
    await inFolder(root, ['in'], async (folder) => {
      const file = await folder.open('a.csv');
      assert.ok(file);
      await appendFile(join(root, 'in', 'a.csv'), ' more');
      await assert.rejects(textOf(file), FileChanged);
      await file.close();
    });
  });

  test('is written whole or not at all, for its own user only', async () => {
    await inFolder(root, ['in'], async (folder) => {
      const stored = await folder.add((attempt) => (attempt < 3 ? `a${attempt}` : undefined), stream('one', 'two'));
      assert.deepEqual([stored?.name, stored?.bytes], ['a1', 6]);
      assert.equal((await folder.add((attempt) => `a${attempt}`, stream('three')))?.name, 'a2');
      assert.equal(await folder.add((attempt) => (attempt === 1 ? 'a1' : undefined), stream('four')), undefined);
      await assert.rejects(
        folder.add(() => 'large', stream('12345', '6'), 5),
        FileTooLarge,
      );
      await folder.replace('a2', stream('five'));
    });
    assert.deepEqual(await entries('in'), ['a1', 'a2']);
    assert.deepEqual([await modeOf('in', 'a1'), await modeOf('in', 'a2')], ['600', '600']);
    assert.equal(await readFile(join(root, 'in', 'a2'), 'utf8'), 'five');
  });

  test('a link in the place of a new file is not written through', async () => {
    await symlink(join(outside, 'secret.csv'), join(root, 'in', 'a.csv'));
    await symlink(join(outside, 'new.csv'), join(root, 'in', '.b.csv.part'));
    await inFolder(root, ['in'], async (folder) => {
      assert.equal(await folder.reserve('a.csv'), false);
      await folder.replace('a.csv', stream('ours'));
      await folder.replace('b.csv', stream('ours'));
    });
    assert.equal(await readFile(join(outside, 'secret.csv'), 'utf8'), 'secret');
    assert.deepEqual([...(await readdir(outside))], ['secret.csv']);
    assert.equal(await readFile(join(root, 'in', 'a.csv'), 'utf8'), 'ours');
  });
});

describe('a file that was opened is moved', () => {
  /** Opens in/a.csv, lets `meanwhile` happen, and moves it to out/kept.csv. */
  async function moveAfter(meanwhile: () => Promise<void>): Promise<void> {
    await writeFile(join(root, 'in', 'a.csv'), 'read', { mode: 0o644 });
    await inFolder(root, ['in'], (incoming) =>
      inFolder(root, ['out'], async (out) => {
        const file = await incoming.open('a.csv');
        assert.ok(file);
        assert.ok(await out.reserve('kept.csv'));
        await meanwhile();
        await incoming.move('a.csv', file, out, 'kept.csv');
        await file.close();
      }),
    );
  }

  test('as it is', async () => {
    await moveAfter(async () => undefined);
    assert.deepEqual([await entries('in'), await entries('out')], [[], ['kept.csv']]);
    assert.equal(await readFile(join(root, 'out', 'kept.csv'), 'utf8'), 'read');
    assert.equal(await modeOf('out', 'kept.csv'), '600');
  });

  test('and one that has taken its name stays', async () => {
    await moveAfter(async () => {
      await writeFile(join(root, 'new'), 'not read yet');
      await rename(join(root, 'new'), join(root, 'in', 'a.csv'));
    });
    assert.equal(await readFile(join(root, 'in', 'a.csv'), 'utf8'), 'not read yet');
    assert.equal(await readFile(join(root, 'out', 'kept.csv'), 'utf8'), 'read');
  });

  test('and a link that has taken its name is not followed', async () => {
    await moveAfter(async () => {
      await rm(join(root, 'in', 'a.csv'));
      await symlink(join(outside, 'secret.csv'), join(root, 'in', 'a.csv'));
    });
    assert.equal(await readFile(join(outside, 'secret.csv'), 'utf8'), 'secret');
    assert.equal(await readFile(join(root, 'out', 'kept.csv'), 'utf8'), 'read');
  });

  test('and kept if it was removed', async () => {
    await moveAfter(() => rm(join(root, 'in', 'a.csv')));
    assert.equal(await readFile(join(root, 'out', 'kept.csv'), 'utf8'), 'read');
  });
});

describe('names', () => {
  const shown: [given: string, expected: string][] = [
    ['users.csv', 'users.csv'],
    ['../a\r\nb.csv', 'ab.csv'],
    ['C:\\Users\\ann\\people.csv', 'people.csv'],
    ['..', 'file.csv'],
    ['.', 'file.csv'],
    ['a/..', 'file.csv'],
    ['\u202Egnp.csv', 'gnp.csv'],
    ['\u0000', 'file.csv'],
    ['', 'file.csv'],
  ];
  for (const [given, expected] of shown) {
    test(`${JSON.stringify(given)} is shown as ${expected}`, () =>
      assert.equal(shownFileName(given, 'file.csv'), expected));
  }

  test('that the server makes fit a file system and hide nothing', () => {
    assert.equal(madeFileName('2026-11-22_', 'users.csv', 1), '2026-11-22_users.csv');
    assert.equal(madeFileName('2026-11-22_', 'users.csv', 2), '2026-11-22_users~2.csv');
    assert.equal(madeFileName('', 'a\nb\u202E.csv', 1), 'a_b_.csv');
    const long = madeFileName('2026-11-22_', `${'é'.repeat(125)}.csv`, 12);
    assert.ok(Buffer.byteLength(`${long}.result.csv`) <= 250 && long.endsWith('~12.csv'), long);
  });
});
