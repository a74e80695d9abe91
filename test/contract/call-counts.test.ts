// What is left of the counts of calls when a server is killed: everything but its last second.

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, test } from '@jest/globals';
import { send } from '../support/http-client.ts';
import { openTestDatabase, type TestDatabase } from '../support/mongod.ts';
import { until } from '../support/until.ts';

const TOKEN = 'counted-0123456789-0123456789-0123456789';
const MAIN = fileURLToPath(new URL('../../src/main.js', import.meta.url));
const LOOKS_MAX = 600;

let database: TestDatabase;
const children: ChildProcess[] = [];
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(async () => {
  for (const child of children) if (child.exitCode === null) child.kill('SIGKILL');
  await database.close();
});

/** Starts a server of its own process; gives its SCIM base. */
async function started(): Promise<{ child: ChildProcess; base: string }> {
  const child = spawn(process.execPath, [MAIN], {
    env: {
      ...process.env,
      PORT: '0',
      HOST: '127.0.0.1',
      MONGODB_URI: database.uri,
      MONGODB_DATABASE: database.name,
      BOOTSTRAP_TOKEN: TOKEN,
      DEMO_EXAMPLES: 'off',
      LOG_LEVEL: 'error',
    },
  });
  children.push(child);
  let told = '';
  child.stdout?.on('data', (chunk) => {
    told += String(chunk);
  });
  for (let looks = 0; looks < LOOKS_MAX; looks += 1) {
    const base = /SCIM base URL +(\S+)/.exec(told)?.[1];
    if (base !== undefined) return { child, base };
    await sleep(50);
  }
  return assert.fail(`the server did not start: ${told}`);
}

async function ask(base: string, times: number): Promise<void> {
  const headers = { Authorization: `Bearer ${TOKEN}`, Connection: 'close' };
  for (let call = 0; call < times; call += 1)
    assert.equal((await send(`${base}/Users?count=0`, { headers })).status, 200);
}

/** The calls that are counted of all connections. */
async function counted(): Promise<number> {
  const hours = await database.db.collection<{ requests: number }>('callCounts').find().toArray();
  return hours.reduce((sum, { requests }) => sum + requests, 0);
}

async function untilCounted(calls: number): Promise<void> {
  assert.equal(await until(counted, (count) => count >= calls), calls);
}

test('a killed server loses at most the calls of its last second; the next one adds to what is there', async () => {
  const first = await started();
  await ask(first.base, 20);
  await untilCounted(20);
  await ask(first.base, 5);
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');
  const left = await counted();
  assert.ok(left >= 20 && left <= 25, `${left} are left`);
  const second = await started();
  await ask(second.base, 7);
  await untilCounted(left + 7);
  second.child.kill('SIGTERM');
  await once(second.child, 'exit');
  assert.equal(await counted(), left + 7);
}, 120_000);
