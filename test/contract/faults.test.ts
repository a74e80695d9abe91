// The database killed and frozen under load, the server asked to end and killed under load: no acknowledged write is lost,
// whatever can't be done is 503 with Retry-After, and everything goes on by itself.

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, jest, test } from '@jest/globals';
import { MongoClient } from 'mongodb';
import { openAccess, uriOf } from '../../src/embedded-mongod/access.ts';
import { findRunningMongod, REPLICA_SET } from '../../src/embedded-mongod/process.ts';
import { type Answer, type Call, createClient } from '../support/http-client.ts';
import { at } from '../support/pointer.ts';
import { GROUP, patchBody, SEARCH, userNamed } from '../support/scim.ts';

jest.setTimeout(120_000);

const MAIN = fileURLToPath(new URL('../../src/main.js', import.meta.url));
const ANSWER_MS_MAX = 10_000;
const WRITERS = 6;
const token = randomBytes(24).toString('base64url');

interface Running {
  process: ChildProcess;
  call: Call;
  closeClient(): void;
  exited: Promise<number | NodeJS.Signals | null>;
  startMs: number;
}

let dataDir: string;
let server: Running;

/** A server process of its own, with its own mongod, once it serves. */
async function start(): Promise<Running> {
  const startedAt = performance.now();
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, DATA_DIR: dataDir, BOOTSTRAP_TOKEN: token };
  const more = { PORT: '0', HOST: '127.0.0.1', MONGOD_CACHE_GB: '0.25', LOG_LEVEL: 'error' };
  const passed = Object.fromEntries(
    ['MONGOD_BINARY', 'MONGOD_CACHE_DIR', 'XDG_CACHE_HOME'].map((name) => [name, process.env[name]]),
  );
  const child = spawn(process.execPath, [MAIN], {
    env: { ...passed, ...env, ...more },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals | null);
  for await (const line of createInterface({ input: child.stdout })) {
    const base = /SCIM base URL\s+(\S+)/.exec(line)?.[1];
    if (base === undefined) continue;
    child.stdout.resume();
    const { call, close } = createClient(base, token);
    return { process: child, call, closeClient: close, exited, startMs: performance.now() - startedAt };
  }
  return assert.fail('the server ended at its start');
}

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'mobietrain-faults-'));
  server = await start();
});
afterAll(async () => {
  server.closeClient();
  const mongod = await findRunningMongod(join(dataDir, 'mongod'));
  if (mongod !== undefined) process.kill(mongod, 'SIGCONT');
  server.process.kill('SIGTERM');
  await server.exited;
  await rm(dataDir, { recursive: true, force: true });
});

async function mongodPid(): Promise<number> {
  return (await findRunningMongod(join(dataDir, 'mongod'))) ?? assert.fail('no mongod runs');
}

/** What came of a load. */
interface Load {
  acknowledged: { id: string; group: boolean }[];
  /** When an answer of success came, in milliseconds since the epoch. */
  successes: number[];
  refusals: Answer[];
  slowestMs: number;
  /** Codes of connections that broke. */
  broken: string[];
  stop(): Promise<void>;
}

/** Makes users and puts every one into the group, in several loops, until stopped; a broken connection ends its loop. */
function load(group: string): Load {
  const state = { acknowledged: [], successes: [], refusals: [], slowestMs: 0, broken: [] } as unknown as Load;
  let stopping = false;
  const { call } = server;
  const ask = async (...request: Parameters<Call>): Promise<Answer | undefined> => {
    const startedAt = performance.now();
    const reply = await call(...request);
    state.slowestMs = Math.max(state.slowestMs, performance.now() - startedAt);
    if (reply.status < 300) {
      state.successes.push(Date.now());
      return reply;
    }
    state.refusals.push(reply);
    // Like a client that obeys Retry-After, only faster.
    await sleep(50);
    return undefined;
  };
  const writer = async (): Promise<void> => {
    while (!stopping) {
      const made = await ask('POST', '/Users', { body: userNamed(randomBytes(8).toString('hex')) });
      if (!made) continue;
      const entry = { id: String(made.body.id), group: false };
      state.acknowledged.push(entry);
      const Operations = [{ op: 'Add', path: 'members', value: [{ value: entry.id }] }];
      const added = await ask('PATCH', `/Groups/${group}`, { body: patchBody(...Operations) });
      entry.group = added !== undefined;
    }
  };
  const writers = Array.from({ length: WRITERS }, () =>
    writer().catch((error: NodeJS.ErrnoException) => {
      state.broken.push(error.code ?? error.message);
    }),
  );
  state.stop = async () => {
    stopping = true;
    await Promise.all(writers);
  };
  return state;
}

async function newGroup(): Promise<string> {
  const body = { schemas: [GROUP], displayName: `Load ${randomBytes(6).toString('hex')}` };
  const made = await server.call('POST', '/Groups', { body });
  assert.equal(made.status, 201, made.text);
  return String(made.body.id);
}

/** Everything that was acknowledged is there, and nothing twice. */
async function assertKept(group: string, { acknowledged }: Load): Promise<void> {
  assert.ok(acknowledged.length > 0, 'nothing was written');
  const read = await server.call('GET', `/Groups/${group}`);
  assert.equal(read.status, 200, read.text);
  const members = (at(read.body, '/members/*/value') as string[] | undefined) ?? [];
  assert.equal(new Set(members).size, members.length, 'a member is there twice');
  const there = new Set(members);
  const lost = acknowledged.filter((entry) => entry.group && !there.has(entry.id));
  assert.deepEqual(lost, [], 'lost memberships');
  for (let from = 0; from < acknowledged.length; from += 100) {
    const some = acknowledged.slice(from, from + 100);
    const filter = some.map(({ id }) => `id eq "${id}"`).join(' or ');
    const body = { schemas: [SEARCH], filter, count: 100 };
    const found = await server.call('POST', '/Users/.search', { body });
    assert.equal(found.body.totalResults, some.length, 'lost users');
  }
  await assertAudited(acknowledged);
}

/** The database of the server that runs, for as long as `work` takes. */
async function inDatabase<T>(work: (client: MongoClient) => Promise<T>): Promise<T> {
  const { port } = JSON.parse(await readFile(join(dataDir, 'mongod.json'), 'utf8')) as { port: number };
  const uri = uriOf(port, REPLICA_SET, await openAccess(join(dataDir, 'mongod.key')));
  const client = new MongoClient(uri.replace(`replicaSet=${REPLICA_SET}`, 'directConnection=true'));
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

/** Every acknowledged change comes to the audit trail within seconds, once. */
async function assertAudited(acknowledged: Load['acknowledged']): Promise<void> {
  await inDatabase(async (client) => {
    const audit = client.db('mobietrain').collection('audit');
    const subjects = acknowledged.map(({ id }) => id);
    const wrong = async () => {
      const found = new Map<string, string[]>();
      for await (const { subject, action } of audit.find({ subject: { $in: subjects } }))
        found.set(String(subject), [...(found.get(String(subject)) ?? []), String(action)].sort());
      // A change of the group that was answered 503 may have taken effect.
      const isRight = ({ id, group }: (typeof acknowledged)[number]) =>
        found.get(id)?.join() === 'create,link' || (!group && found.get(id)?.join() === 'create');
      return acknowledged.filter((entry) => !isRight(entry));
    };
    for (const end = Date.now() + 20_000; Date.now() < end && (await wrong()).length > 0; ) await sleep(200);
    assert.deepEqual(await wrong(), [], 'changes without their record, or with two');
  });
}

/** No fault other than 503 with Retry-After, in time, and no connection broken. */
function assertGraceful({ refusals, slowestMs, broken }: Load): void {
  for (const { status, headers, text } of refusals) {
    assert.equal(status, 503, text);
    assert.match(String(headers.get('retry-after')), /^\d+$/, text);
    assert.match(String(headers.get('content-type')), /^application\/scim\+json/);
  }
  assert.ok(slowestMs < ANSWER_MS_MAX, `an answer took ${Math.round(slowestMs)} ms`);
  assert.deepEqual(broken, []);
}

async function untilServing(withinMs: number): Promise<number> {
  const startedAt = Date.now();
  while (Date.now() - startedAt < withinMs) {
    const reply = await server.call('POST', '/Users', { body: userNamed(randomBytes(8).toString('hex')) });
    if (reply.status === 201) return Date.now() - startedAt;
    await sleep(100);
  }
  return assert.fail(`no write within ${withinMs} ms`);
}

describe('under load', () => {
  test('mongod is killed twice: nothing that was acknowledged is lost, and writes go on within seconds', async () => {
    const group = await newGroup();
    const running = load(group);
    for (let kill = 0; kill < 2; kill += 1) {
      await sleep(1_200);
      const killedAt = Date.now();
      process.kill(await mongodPid(), 'SIGKILL');
      await sleep(600);
      const backMs = await untilServing(15_000);
      console.info(`writes again ${Date.now() - killedAt} ms after the kill (waited ${backMs} ms)`);
    }
    await sleep(500);
    await running.stop();
    assertGraceful(running);
    assert.ok(running.successes.length > 20, `${running.successes.length} writes`);
    await assertKept(group, running);
    console.info(`${running.acknowledged.length} users made, ${running.refusals.length} refusals`);
  });

  test('the primary steps down: nothing that was acknowledged is lost, and writes go on', async () => {
    const group = await newGroup();
    const running = load(group);
    await sleep(1_200);
    await inDatabase((client) => client.db('admin').command({ replSetStepDown: 1, force: true }));
    await untilServing(20_000);
    await sleep(500);
    await running.stop();
    assertGraceful(running);
    await assertKept(group, running);
  });

  test('mongod is frozen: 503 within ten seconds, and the server continues by itself', async () => {
    const group = await newGroup();
    const running = load(group);
    await sleep(500);
    const pid = await mongodPid();
    process.kill(pid, 'SIGSTOP');
    const frozenAt = Date.now();
    try {
      const reads = await Promise.all(
        ['/Users?count=1', `/Groups/${group}`, '/Users?filter=userName%20eq%20%22x%22'].map((path) =>
          server.call('GET', path),
        ),
      );
      for (const read of reads) {
        assert.equal(read.status, 503, read.text);
        assert.match(String(read.headers.get('retry-after')), /^\d+$/);
      }
      assert.ok(Date.now() - frozenAt < ANSWER_MS_MAX);
      await sleep(Math.max(0, 10_000 - (Date.now() - frozenAt)));
      const last = performance.now();
      const late = await server.call('GET', '/Users?count=1');
      assert.equal(late.status, 503, late.text);
      assert.ok(performance.now() - last < ANSWER_MS_MAX);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    console.info(`writes ${await untilServing(10_000)} ms after it went on`);
    await sleep(300);
    await running.stop();
    console.info(`the slowest answer took ${Math.round(running.slowestMs)} ms`);
    assertGraceful(running);
    await assertKept(group, running);
  });

  test('the server is asked to end: exit 0, no connection reset, and all is there after a restart', async () => {
    const group = await newGroup();
    const running = load(group);
    await sleep(700);
    server.process.kill('SIGTERM');
    assert.equal(await server.exited, 0);
    await running.stop();
    server.closeClient();
    // After its last answer nobody listens any more: that is refused, and not cut off.
    assert.deepEqual([...new Set(running.broken)], ['ECONNREFUSED']);
    for (const refusal of running.refusals) assert.equal(refusal.status, 503, refusal.text);
    server = await start();
    console.info(`started again in ${Math.round(server.startMs)} ms`);
    await assertKept(group, running);
  });

  test('the server is killed: what was acknowledged is there after the next start', async () => {
    const group = await newGroup();
    const running = load(group);
    await sleep(700);
    server.process.kill('SIGKILL');
    await server.exited;
    await running.stop();
    server.closeClient();
    server = await start();
    console.info(`started again in ${Math.round(server.startMs)} ms`);
    assert.ok(server.startMs < 10_000, `${server.startMs} ms`);
    await assertKept(group, running);
  });
});
