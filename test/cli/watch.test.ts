// `connection watch` as a process: it prints requests as they come in, and ends on Ctrl-C and when its reader has seen enough.

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, test } from '@jest/globals';
import { openTenants, type Tenant, type Tenants } from '../support/tenants.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

let server: Tenants;
let tenant: Tenant;
const running: ChildProcess[] = [];
beforeAll(async () => {
  server = await openTenants();
  tenant = await server.tenant();
});
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});
afterAll(() => server.stop());

/** Starts the command; resolves once it watches. */
async function watch(...words: string[]) {
  const { uri, name } = server.database;
  const child = spawn(
    process.execPath,
    [MAIN, 'connection', 'watch', tenant.connection.name, '--account', tenant.account.slug, ...words],
    { env: { ...process.env, MONGODB_URI: uri, MONGODB_DATABASE: name } },
  );
  running.push(child);
  const told = { out: '', err: '' };
  child.stdout.on('data', (piece) => {
    told.out += String(piece);
  });
  child.stderr.on('data', (piece) => {
    told.err += String(piece);
  });
  const until = async (holds: () => boolean) => {
    for (const end = Date.now() + 60_000; !holds(); await sleep(50))
      if (Date.now() > end) assert.fail(`not in time: ${JSON.stringify(told)}`);
  };
  await until(() => told.err.includes('Press Ctrl-C'));
  return { child, told, until };
}

test('requests come as lines, filtered, and Ctrl-C ends it as a success', async () => {
  const { child, told, until } = await watch('--status', '4xx');
  await tenant.call('GET', '/Users?count=0');
  await tenant.call('GET', '/Users/nobody');
  await until(() => told.out.includes('\n'));
  assert.match(told.out, /^\d\d:\d\d:\d\d {2}404 {2}GET {5}\/Users\/\S+ {2}404: .+ not found\n$/);
  const exited = once(child, 'exit');
  child.kill('SIGINT');
  assert.deepEqual([...(await exited)], [0, null]);
});

test('with --json each request is an object on a line, without secrets', async () => {
  const { told, until } = await watch('--json');
  const body = { schemas: [], userName: 'watched', password: 'W4tched-Pa55' };
  await tenant.call('POST', '/Users', { body });
  await tenant.call('GET', '/Users?count=0');
  await until(() => told.out.split('\n').length > 2);
  const [first, second] = told.out.split('\n').map((line) => (line === '' ? undefined : JSON.parse(line)));
  assert.deepEqual([first.method, first.status, second.method], ['POST', 400, 'GET']);
  assert.match(first.requestBody, /watched/);
  assert.ok(!told.out.includes('W4tched'), told.out);
});

test('a reader who has seen enough ends it without a word', async () => {
  const { child, told, until } = await watch();
  await tenant.call('GET', '/Users?count=0');
  await until(() => told.out.includes('\n'));
  const exited = once(child, 'exit');
  child.stdout?.destroy();
  const sending = (async () => {
    while (child.exitCode === null) {
      await tenant.call('GET', '/Users?count=0');
      await sleep(200);
    }
  })();
  assert.deepEqual([...(await exited)], [0, null]);
  await sending;
  assert.doesNotMatch(told.err, /Error|EPIPE/);
});
