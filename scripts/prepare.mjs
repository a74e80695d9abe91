// What has to be there before anything of this project can run: its dependencies and its compiled code. Node built-ins only,
// because this runs first on a fresh clone. Says what it does on stderr; stdout belongs to the program that comes after.

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const NODE_MIN = [20, 19];
const SOURCES = ['src', 'test', 'bench', 'tsconfig.json', 'package-lock.json'];
const STAMP = join(root, 'dist', '.built-from');
const LOCK = join(root, '.preparing');
const LOCK_PAUSE_MS = 500;
const LOCK_TOUCH_MS = 5_000;
/** Longer than any step blocks the process. */
const LOCK_MS_MAX = 60_000;
const OUTPUT_CHARACTERS_MAX = 20_000;
/** How often a step says that it continues: on a screen, and in a log. */
const LIFE_MS = process.stderr.isTTY ? 2_000 : 15_000;

/** Installs and builds what is missing or older than its sources. Ends the process with a message if that fails. */
export async function prepare() {
  checkNode();
  if (isInstalled() && isBuilt(describeSources())) return;
  const release = await alone();
  // The process that was waited for has done it, usually.
  if (!isInstalled())
    await step(
      'Installing dependencies (npm ci)',
      ...npm('ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=warn'),
    );
  const sources = describeSources();
  if (!isBuilt(sources)) {
    await step('Building', process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', root]);
    removeStale();
    mkdirSync(dirname(STAMP), { recursive: true });
    writeFileSync(STAMP, sources);
  }
  release();
}

/**
 * Waits until no other process installs or builds in this folder: two at once leave it broken. The holder of the lock touches it again and
 * again, so a lock of a process that was killed does not count, even if another process has its id now. Returns a function that lets the
 * next one begin, which happens at the end of this process at the latest.
 */
export async function alone() {
  let isTold = false;
  while (!take()) {
    const holder = holderOf();
    if (isAbandoned(holder)) rmSync(LOCK, { force: true });
    else {
      if (!isTold) console.error(`Process ${holder} is installing or building here: waiting for it …`);
      isTold = true;
      await sleep(LOCK_PAUSE_MS);
    }
  }
  const touching = setInterval(() => touch(), LOCK_TOUCH_MS);
  touching.unref();
  const release = () => {
    clearInterval(touching);
    if (holderOf() === process.pid) rmSync(LOCK, { force: true });
  };
  process.once('exit', release);
  return release;
}

function touch() {
  const now = new Date();
  try {
    utimesSync(LOCK, now, now);
  } catch {
    // It was removed by hand; the work continues.
  }
}

function isAbandoned(holder) {
  if (holder !== undefined && !isAlive(holder)) return true;
  try {
    return Date.now() - statSync(LOCK).mtimeMs > LOCK_MS_MAX;
  } catch {
    return false;
  }
}

function take() {
  try {
    writeFileSync(LOCK, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** The process that holds the lock; undefined if it has just ended or has not written its id yet. */
function holderOf() {
  try {
    return Number(readFileSync(LOCK, 'utf8')) || undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1])) return;
  console.error(`Node ${NODE_MIN.join('.')} or later is needed; this is ${process.versions.node}.`);
  process.exit(1);
}

/** By content, not by time: every package that the lock file asks for is there in its version. */
function isInstalled() {
  try {
    const wanted = readPackages('package-lock.json');
    const present = readPackages(join('node_modules', '.package-lock.json'));
    return Object.entries(wanted).every(
      ([path, { version, optional, peer }]) => path === '' || optional || peer || present[path]?.version === version,
    );
  } catch {
    return false;
  }
}

function readPackages(file) {
  return JSON.parse(readFileSync(join(root, file), 'utf8')).packages;
}

function isBuilt(sources) {
  return existsSync(join(root, 'dist', 'src')) && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === sources;
}

/** Removes the output of sources that no longer exist; the compiler leaves it in place. */
function removeStale() {
  for (const file of ['src', 'test', 'bench'].flatMap((name) => listFiles(join(root, 'dist', name)))) {
    const source = join(root, relative(join(root, 'dist'), file).replace(/[.]js([.]map)?$/, '.ts'));
    if (!existsSync(source)) rmSync(file);
  }
}

/** A digest over the path, size and time of every source. */
function describeSources() {
  const hash = createHash('sha256');
  for (const file of SOURCES.flatMap((name) => listFiles(join(root, name))).sort()) {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${relative(root, file)} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

/** Every file in a folder, however deep; a file is itself; what does not exist is nothing. */
export function listFiles(path) {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path).flatMap((name) => listFiles(join(path, name)));
}

/** Under `npm run` the very npm that runs us, so that its settings hold. */
function npm(...args) {
  const running = process.env.npm_execpath;
  if (running?.endsWith('.js')) return [process.execPath, [running, ...args]];
  return [process.platform === 'win32' ? 'npm.cmd' : 'npm', args];
}

/** Runs one command with a line at the start, a sign of life from time to time, and its output only if it fails. */
export async function step(title, command, args, env = {}) {
  const startedAt = Date.now();
  const seconds = () => Math.round((Date.now() - startedAt) / 1000);
  console.error(`${title} …`);
  const life = setInterval(() => console.error(`${title} … ${seconds()} s`), LIFE_MS);
  const { code, output } = await run(command, args, env);
  clearInterval(life);
  if (code === 0) return;
  console.error(output);
  console.error(`${title} failed. If it fails again, remove the folder node_modules and try once more.`);
  process.exit(code || 1);
}

function run(command, args, env) {
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const listen = (chunk) => {
      output = (output + chunk).slice(-OUTPUT_CHARACTERS_MAX);
    };
    // A Ctrl-C reaches the child by itself, a SIGTERM only through us; either way we end after it.
    const pass = (signal) => child.kill(signal);
    process.once('SIGINT', pass).once('SIGTERM', pass);
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    child.once('error', (error) => resolve({ code: 1, output: error.message }));
    child.once('close', (code) => {
      process.off('SIGINT', pass).off('SIGTERM', pass);
      resolve({ code: code ?? 130, output });
    });
  });
}

/** Goes on as a compiled program, in this very process: its signals and its exit code need no passing on. */
export async function become(program) {
  const path = join(root, 'dist', 'src', program);
  process.argv[1] = path;
  process.setSourceMapsEnabled(true);
  await import(path);
}
