// WEB_CONCURRENCY: several processes on one port; one that dies is replaced; a clean end ends them all.

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { send } from '../support/http-client.ts';
import { openTestDatabase, type TestDatabase } from '../support/mongod.ts';
import { freePort } from '../support/server.ts';

const TOKEN = 'processes-0123456789-0123456789-0123456789';
const MAIN = fileURLToPath(new URL('../../src/main.js', import.meta.url));

let database: TestDatabase;
let first: ChildProcess;
let port: number;
let told = '';
let logged = '';

async function until(what: string, holds: () => boolean): Promise<void> {
  for (const end = Date.now() + 30_000; !holds(); await sleep(50)) {
    if (Date.now() > end) assert.fail(`not in time: ${what}\n${logged}`);
  }
}

/** The workers that have said that they serve, oldest first. */
function workers(): number[] {
  return [...logged.matchAll(/"message":"A worker serves".*?"worker":(\d+)/g)].map((match) => Number(match[1]));
}

async function users(): Promise<number> {
  const { status } = await send(`http://127.0.0.1:${port}/scim/v2/Users?count=0`, {
    headers: { Authorization: `Bearer ${TOKEN}`, Connection: 'close' },
  });
  return status;
}

beforeAll(async () => {
  database = await openTestDatabase();
  port = await freePort();
  first = spawn(process.execPath, [MAIN], {
    env: {
      ...process.env,
      PORT: String(port),
      HOST: '127.0.0.1',
      MONGODB_URI: database.uri,
      MONGODB_DATABASE: database.name,
      BOOTSTRAP_TOKEN: TOKEN,
      WEB_CONCURRENCY: '2',
      NODE_ENV: 'production',
      LOG_LEVEL: 'info',
      SHUTDOWN_NOTICE_MS: '250',
      SHUTDOWN_GRACE_MS: '250',
    },
  });
  first.stdout?.on('data', (chunk) => {
    told += String(chunk);
  });
  first.stderr?.on('data', (chunk) => {
    logged += String(chunk);
  });
  await until('both workers serve', () => told.includes('administrator create') && workers().length === 2);
});

afterAll(async () => {
  if (first.exitCode === null) first.kill('SIGKILL');
  await database.close();
});

describe('two processes on one port', () => {
  test('the start says once where to go, and in production no secret', () => {
    assert.equal(told.match(/SCIM base URL/g)?.length, 1);
    assert.doesNotMatch(told, /mbt_|password|demo/);
  });

  test('they serve, and one that is killed is replaced', async () => {
    const statuses = await Promise.all(Array.from({ length: 8 }, users));
    assert.deepEqual(new Set(statuses), new Set([200]));
    const [victim] = workers();
    process.kill(victim ?? assert.fail('no worker'), 'SIGKILL');
    await until('another worker serves', () => workers().length === 3);
    assert.match(logged, /A worker ended unexpectedly/);
    assert.equal(await users(), 200);
  });

  test('SIGTERM ends all of them, with exit code 0', async () => {
    const exited = once(first, 'exit');
    first.kill('SIGTERM');
    assert.deepEqual([...(await exited)], [0, null]);
    for (const pid of workers()) assert.throws(() => process.kill(pid, 0), /ESRCH/);
    await assert.rejects(users());
  });
});
