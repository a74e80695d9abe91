// What `npm start`, `npm test` and the command line do first: in one folder, one process at a time installs and builds.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, test } from '@jest/globals';
import { packageFolder } from './support/package-folder.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mobietrain-prepare-'));
  await mkdir(join(folder, 'scripts'));
  await copyFile(packageFolder('scripts', 'prepare.mjs'), join(folder, 'scripts', 'prepare.mjs'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs a script that begins and ends a piece of work alone, and notes both. */
async function work(name: string): Promise<string> {
  const script = `
    import { appendFileSync } from 'node:fs';
    import { alone } from './scripts/prepare.mjs';
    const release = await alone();
    appendFileSync('notes', 'begin ${name}\\n');
    await new Promise((resolve) => setTimeout(resolve, 300));
    appendFileSync('notes', 'end ${name}\\n');
    release();`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { cwd: folder });
  let told = '';
  child.stderr.on('data', (chunk) => {
    told += chunk;
  });
  const [code] = await once(child, 'close');
  assert.equal(code, 0, told);
  return told;
}

test('two at once work one after the other, and the second says whom it waits for', async () => {
  const told = await Promise.all([work('a'), work('b')]);
  const notes = (await readFile(join(folder, 'notes'), 'utf8')).trim().split('\n');
  assert.deepEqual(
    notes.map((note) => note.split(' ')[0]),
    ['begin', 'end', 'begin', 'end'],
  );
  assert.equal(notes[0]?.split(' ')[1], notes[1]?.split(' ')[1]);
  assert.equal(
    told.filter((text) => /Process \d+ is installing or building here: waiting for it/.test(text)).length,
    1,
  );
});

test('a process that was killed is not waited for', async () => {
  const child = spawn(process.execPath, ['--eval', '']);
  await once(child, 'close');
  await writeFile(join(folder, '.preparing'), String(child.pid));
  assert.equal(await work('c'), '');
});

test('nor is a lock that nobody has touched for long, whose process id is that of another process now', async () => {
  const lock = join(folder, '.preparing');
  await writeFile(lock, String(process.pid));
  const long = new Date(Date.now() - 120_000);
  await utimes(lock, long, long);
  assert.equal(await work('d'), '');
});
