// `npm test`: installs and builds what is missing, starts one real mongod for the whole run, runs all test files with jest and
// ends with the line `N passed, N failed`. Words select files by path (`npm test -- mongo arrows`), `-t` selects tests by name.
// `--watch` builds and runs again on every change, `--coverage` reports which code of src/ ran. Others (`--name=value`) go to jest.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { listFiles, prepare, root } from './prepare.mjs';
import { report } from './test-report.mjs';

/** How long jest may take to exit after the last test. It does not exit while something that a test started is running. */
const LINGER_MS_MAX = 60_000;
const END_MS_MAX = 10_000;
const STDERR_CHARACTERS_MAX = 20_000;
const NODE_OPTIONS = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
const INTERRUPTED = { passed: 0, failed: 1, skipped: 0, failures: ['interrupted'] };

const { words, options, watch } = readArguments(process.argv.slice(2));
await prepare();
const files = chooseFiles(words);
if (files.length === 0) {
  console.log('No test file matches.\n0 passed, 1 failed');
  process.exit(1);
}
let interrupted = false;
let end = () => undefined;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => {
    interrupted = true;
    end();
  });
const mongod = await startMongod();
const result = interrupted ? INTERRUPTED : await runTests();
await mongod.stop();
const isGood = report(interrupted ? INTERRUPTED : result);
process.stdout.write('', () => process.exit(isGood ? 0 : 1));

function readArguments(args) {
  const known = { testNamePattern: { type: 'string', short: 't' }, watch: { type: 'boolean' } };
  const { values, positionals, tokens } = parseArgs({ args, options: known, strict: false, tokens: true });
  const passed = tokens.filter(({ kind, name }) => kind === 'option' && !(name in known));
  const given = passed.map(({ rawName, value }) => (value === undefined ? rawName : `${rawName}=${value}`));
  if (values.testNamePattern !== undefined) given.push(`--testNamePattern=${String(values.testNamePattern)}`);
  return { words: positionals, options: given, watch: values.watch === true };
}

function chooseFiles(parts) {
  return listFiles(join(root, 'test'))
    .map((file) => relative(root, file))
    .filter((file) => file.endsWith('.test.ts') && (parts.length === 0 || parts.some((part) => file.includes(part))))
    .map((file) => join(root, 'dist', file.replace(/\.ts$/, '.js')));
}

/** Starts a mongod with a temporary folder, unless MONGODB_TEST_URI names one. */
async function startMongod() {
  if (process.env.MONGODB_TEST_URI) return { stop: async () => undefined };
  const { startEmbedded } = await import(join(root, 'dist/src/embedded-mongod/embedded.js'));
  const { loadConfig } = await import(join(root, 'dist/src/config.js'));
  const { mongodBinary, mongodCacheDir } = loadConfig();
  const dataDir = await mkdtemp(join(tmpdir(), 'mobietrain-test-'));
  const started = await startEmbedded({
    dataDir,
    binary: mongodBinary,
    cacheDir: mongodCacheDir,
    onProgress: (line) => console.error(line),
  });
  process.env.MONGODB_TEST_URI = started.uri;
  const stop = async () => {
    await started.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  return { stop };
}

/** Returns the counts of the run; in watch mode, of the last run that ended. */
async function runTests() {
  const jest = fileURLToPath(import.meta.resolve('jest/bin/jest'));
  // Not jest's own `--watch`: it asks git what changed, and git ignores dist/.
  const mode = watch ? ['--watchAll'] : [];
  const tests = spawn(process.execPath, [...NODE_OPTIONS, jest, ...mode, ...options, '--runTestsByPath', ...files], {
    cwd: root,
    stdio: ['inherit', 'inherit', watch ? 'inherit' : 'pipe', 'ipc'],
    // In its own process group, so that a signal reaches its workers and what they started. Watch mode reads keys and must stay
    // in the group of the terminal.
    detached: !watch,
  });
  const compiler = watch ? startCompiler() : undefined;
  end = () => {
    kill(tests, 'SIGTERM');
    setTimeout(kill, END_MS_MAX, tests, 'SIGKILL').unref();
  };
  let counts = { passed: 0, failed: 0, skipped: 0, failures: [] };
  tests.on('message', (message) => {
    counts = message;
    if (watch) report(counts);
    else setTimeout(end, LINGER_MS_MAX).unref();
  });
  // The output of servers under test is only shown if a test failed.
  let written = '';
  tests.stderr?.setEncoding('utf8').on('data', (chunk) => {
    written = (written + chunk).slice(-STDERR_CHARACTERS_MAX);
  });
  // Not `close`: a process that a test left running may keep stderr open.
  const [[code]] = await Promise.all([once(tests, 'exit'), once(tests, 'disconnect')]);
  compiler?.kill();
  if (code !== 0 && counts.failed === 0)
    counts = { ...counts, failed: 1, failures: ['jest exited with an error, or a test left something running'] };
  if (counts.failed > 0 && written !== '' && !interrupted) console.log(`Written to stderr:\n${written}`);
  return counts;
}

function startCompiler() {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  return spawn(process.execPath, [tsc, '-p', root, '--watch', '--preserveWatchOutput'], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}

function kill(tests, signal) {
  try {
    process.kill(watch ? tests.pid : -tests.pid, signal);
  } catch {
    // The process has ended.
  }
}
