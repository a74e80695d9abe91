// `npm run conformance`: scim2-tester (`scim2 test`) and scim-sanity (`--strict`) against a fresh server with a database of its
// own. Needs Python 3 with venv and pip; the tools are installed once, into a cache. Exit code 0 where every check passed or is
// one of those that docs/decisions/0004-conformance-checks.md shows to be wrong, and the failure is the one that it explains.

import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { exceptionOf } from './conformance-exceptions.mjs';
import { prepare, root } from './prepare.mjs';

const PACKAGES = [
  'scim2-tester==0.5.2',
  'scim2-cli==0.6.0',
  'scim2-client==0.13.2',
  'scim2-models==0.12.3',
  'scim-sanity==0.7.4',
];
const CACHE = join(homedir(), '.cache', 'mobietrain-provisioning', 'conformance');
const START_MS_MAX = 120_000;
const STOP_MS_MAX = 20_000;
const TOOL_MS_MAX = 300_000;
const INSTALL_MS_MAX = 600_000;
const PASSED = new Set(['SUCCESS', 'COMPLIANT', 'ACCEPTABLE', 'pass']);
const SKIPPED = new Set(['SKIPPED', 'skip']);

const children = new Set();
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    process.exitCode = 130;
    for (const child of children) child.kill('SIGTERM');
  });
}

await prepare();
const bin = await installTools();
const dataDir = await mkdtemp(join(tmpdir(), 'mobietrain-conformance-'));
const token = randomBytes(24).toString('hex');
let server;
try {
  server = await startServer();
  const results = [...(await runScim2(server.url)), ...(await runSanity(server.url))];
  report(results);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode ||= 1;
} finally {
  await server?.stop();
  await rm(dataDir, { recursive: true, force: true });
}

/** The folder with the tools' programs; a stamp says which versions are in it. */
async function installTools() {
  const folder = join(CACHE, 'venv');
  const programs = join(folder, process.platform === 'win32' ? 'Scripts' : 'bin');
  const stamp = join(folder, `${PACKAGES.join('_').replaceAll('=', '')}.installed`);
  if (existsSync(stamp)) return programs;
  console.error(`Installing ${PACKAGES.join(' ')} …`);
  await mkdir(CACHE, { recursive: true });
  await must(process.platform === 'win32' ? 'python' : 'python3', ['-m', 'venv', '--clear', folder]);
  await must(join(programs, 'python'), ['-m', 'pip', 'install', '--quiet', ...PACKAGES]);
  await writeFile(stamp, '');
  return programs;
}

async function must(command, args) {
  const { code, output } = await run(command, args, {}, INSTALL_MS_MAX);
  if (code === 0) return;
  console.error(output);
  console.error(`${command} ${args.slice(0, 2).join(' ')} failed. Python 3 with venv and pip is needed.`);
  process.exit(1);
}

/** Runs a program to its end; the output is its stdout and stderr, or stdout alone where `only` says so. */
function run(command, args, env, timeoutMs, only) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    children.add(child);
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    const chunks = [];
    child.stdout.on('data', (chunk) => chunks.push(chunk));
    child.stderr.on('data', (chunk) => only !== 'stdout' && chunks.push(chunk));
    child.once('error', (error) => resolve({ code: 1, output: error.message }));
    child.once('close', (code) => {
      clearTimeout(timer);
      children.delete(child);
      resolve({ code: code ?? 130, output: Buffer.concat(chunks).toString() });
    });
  });
}

/** The built server on a free port, with an empty database in a folder that is thrown away. */
function startServer() {
  const child = spawn(process.execPath, [join(root, 'dist', 'src', 'main.js')], {
    env: {
      ...process.env,
      PORT: '0',
      HOST: '127.0.0.1',
      PUBLIC_URL: '',
      MONGODB_URI: '',
      DATA_DIR: dataDir,
      BOOTSTRAP_TOKEN: token,
      LOG_LEVEL: 'error',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.add(child);
  const ended = new Promise((resolve) => {
    child.once('close', () => {
      children.delete(child);
      resolve();
    });
  });
  const stop = async () => {
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX);
    await ended;
    clearTimeout(timer);
  };
  return new Promise((resolve, reject) => {
    let heard = '';
    const timer = setTimeout(() => void fail('The server did not start in time.'), START_MS_MAX);
    const fail = async (why) => {
      clearTimeout(timer);
      await stop();
      reject(new Error(`${why}\n${heard.slice(-5_000)}`));
    };
    const onEnd = () => void fail('The server ended.');
    child.once('close', onEnd);
    const listen = (chunk) => {
      heard += chunk;
      const url = /SCIM base URL\s+(\S+)\n/.exec(heard)?.[1];
      if (url === undefined) return;
      clearTimeout(timer);
      child.off('close', onEnd);
      child.stdout.off('data', listen);
      child.stdout.resume();
      resolve({ url, stop });
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', (chunk) => {
      heard = (heard + chunk).slice(-20_000);
    });
  });
}

/** Each result is a line `STATUS check` with its reason in the lines below. */
async function runScim2(url) {
  const env = { SCIM_CLI_HEADERS: `Authorization: Bearer ${token}` };
  const { code, output } = await run(join(bin, 'scim2'), ['-u', url, 'test'], env, TOOL_MS_MAX);
  const results = [];
  for (const line of output.split('\n')) {
    const [, status, check] = /^([A-Z]+) (check_\w+|[a-z]\w*)$/.exec(line) ?? [];
    if (status !== undefined) results.push({ tool: 'scim2-tester', check, status, reason: '' });
    else if (results.length > 0 && line !== '') results.at(-1).reason += `${line.replace(/^ {2}/, '')}\n`;
  }
  const failed = results.some(({ status }) => !PASSED.has(status) && !SKIPPED.has(status));
  if (results.length === 0 || (code !== 0) !== failed)
    throw new Error(`scim2 test was not understood (exit code ${code}):\n${output.slice(-5_000)}`);
  return results;
}

async function runSanity(url) {
  const args = ['probe', url, '--token', token, '--strict', '--json-output', '--i-accept-side-effects'];
  const { code, output } = await run(join(bin, 'scim-sanity'), args, {}, TOOL_MS_MAX, 'stdout');
  try {
    return JSON.parse(output).results.map(({ name, status, message }) => ({
      tool: 'scim-sanity',
      check: name,
      status,
      reason: message ?? '',
    }));
  } catch {
    throw new Error(`scim-sanity was not understood (exit code ${code}):\n${output.slice(-5_000)}`);
  }
}

/** What failed, line by line, then a line of totals for each tool. */
function report(results) {
  const totals = new Map();
  for (const result of results) {
    const total = totals.get(result.tool) ?? { passed: 0, skipped: 0, excepted: 0, failed: 0 };
    totals.set(result.tool, total);
    if (PASSED.has(result.status)) total.passed += 1;
    else if (SKIPPED.has(result.status)) {
      total.skipped += 1;
      console.log(`skipped   ${result.tool}  ${result.check}: ${first(result.reason)}`);
    } else {
      const exception = exceptionOf(result);
      if (exception) total.excepted += 1;
      else total.failed += 1;
      console.log(`${exception ? 'excepted ' : 'FAILED   '} ${result.tool}  ${result.check}: ${first(result.reason)}`);
      console.log(exception ? `          → ${exception}` : result.reason);
    }
  }
  console.log('');
  console.log('tool          passed  excepted  failed  skipped');
  for (const [tool, { passed, excepted, failed, skipped }] of totals) {
    const cells = [String(passed).padStart(6), String(excepted).padStart(8), String(failed).padStart(6)];
    console.log(`${tool.padEnd(13)} ${cells.join('  ')}  ${String(skipped).padStart(7)}`);
    if (failed > 0 || passed === 0) process.exitCode = 1;
  }
  console.log('Excepted checks are explained in docs/decisions/0004-conformance-checks.md.');
}

function first(reason) {
  return reason.split('\n', 1)[0].slice(0, 160);
}
