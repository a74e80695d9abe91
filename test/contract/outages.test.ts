// Outages of the database: how readiness shows them, how long requests wait, what the log says, and the outcome of a POST that was answered
// 503 and took effect. A locked mongod stands for a lost majority: it answers reads and pings, and acknowledges no write.

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { MongoClient } from 'mongodb';
import { type RunningServer, startServer } from '../../src/app/server.ts';
import { type Config, loadConfig } from '../../src/config.ts';
import { findMongod } from '../../src/embedded-mongod/binary.ts';
import { type EmbeddedMongod, startEmbedded } from '../../src/embedded-mongod/embedded.ts';
import { createLog, NO_LOG } from '../../src/log.ts';
import { connectMongo } from '../../src/mongo/client/connection.ts';
import { send } from '../support/http-client.ts';
import { userNamed } from '../support/scim.ts';

let folder: string;
let mongod: EmbeddedMongod;
let client: MongoClient;
const { mongodBinary, mongodCacheDir } = loadConfig();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mobietrain-outages-'));
  mongod = await startEmbedded({
    dataDir: folder,
    binary: mongodBinary,
    cacheDir: mongodCacheDir,
    cacheGb: 0.25,
    onProgress: () => undefined,
  });
  client = await new MongoClient(mongod.uri).connect();
});
afterAll(async () => {
  await client.close();
  await mongod.stop();
  await rm(folder, { recursive: true, force: true });
});

const lock = () => client.db('admin').command({ fsync: 1, lock: true });
const unlock = () => client.db('admin').command({ fsyncUnlock: 1 });

function configOf(settings: Record<string, string>): Config {
  return loadConfig({
    PORT: '0',
    HOST: '127.0.0.1',
    SHUTDOWN_NOTICE_MS: '250',
    SHUTDOWN_GRACE_MS: '250',
    BATCH_DIR: join(folder, 'b'),
    ...settings,
  });
}

describe('a database that acknowledges no writes', () => {
  let server: RunningServer;
  let log = '';
  let origin: string;
  beforeAll(async () => {
    const stream = new PassThrough();
    stream.on('data', (piece: Buffer) => {
      log += piece.toString();
    });
    const config = configOf({ MONGODB_URI: mongod.uri, MONGODB_DATABASE: 'outages' });
    server = await startServer(config, createLog({ level: 'info', stream }), () => undefined);
    origin = new URL(server.scimBaseUrl).origin;
  });
  afterAll(() => server.stop());

  const post = (body: object, id: string) =>
    send(`${server.scimBaseUrl}/Users`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${server.firstToken}`,
        'Content-Type': 'application/scim+json',
        'X-Request-Id': id,
      },
      body: JSON.stringify(body),
    });

  test('is not ready, answers 503 in time with a line in the log, and the repeated POST gets what the first one made', async () => {
    const user = userNamed('outage');
    assert.equal((await send(`${origin}/readyz`)).status, 200);
    await sleep(600);
    await lock();
    const startedAt = performance.now();
    const first = post(user, 'first-try');
    const [ready, alive] = await Promise.all([send(`${origin}/readyz`), send(`${origin}/livez`)]);
    assert.deepEqual([ready.status, alive.status], [503, 200]);
    const refused = await first;
    const ms = performance.now() - startedAt;
    await unlock();
    assert.equal(refused.status, 503, refused.text);
    assert.ok(refused.headers.get('retry-after'));
    assert.ok(ms < 9_000, `it took ${ms} ms`);
    const line = log.split('\n').find((each) => each.includes('first-try') && each.includes('server error'));
    const { method, route, status, account, cause } = JSON.parse(line ?? '{}') as Record<string, unknown>;
    assert.deepEqual(
      { method, route, status, account },
      { method: 'POST', route: '/Users', status: 503, account: 'demo' },
    );
    assert.match(String(cause), /database/);
    const made = () => client.db('outages').collection<{ _id: string }>('users').findOne({ 'data.userName': 'outage' });
    for (let looks = 0; looks < 100 && !(await made()); looks += 1) await sleep(100);
    await sleep(700);
    assert.equal((await send(`${origin}/readyz`)).status, 200);
    const stored = await made();
    const other = await post({ ...user, title: 'Another content' }, 'other');
    assert.equal(other.status, 409, other.text);
    const again = await post(user, 'second-try');
    assert.deepEqual([again.status, again.body.id], [201, stored?._id], again.text);
    assert.equal((await post(user, 'third-try')).status, 409);
  });
});

describe('a start', () => {
  test('waits for its database, alive and not ready', async () => {
    const real = Number(new URL(mongod.uri).port);
    const door = await listen((socket) => {
      const through = connect(real, '127.0.0.1');
      socket.pipe(through).pipe(socket);
      socket.on('error', () => through.destroy());
      through.on('error', () => socket.destroy());
    });
    const { port } = door.address() as { port: number };
    await new Promise((resolve) => door.close(resolve));
    const free = await freePort();
    const config = configOf({
      PORT: String(free),
      MONGODB_URI: mongod.uri.replace(`:${real}/`, `:${port}/`).replace(/replicaSet=\w+/, 'directConnection=true'),
      MONGODB_DATABASE: 'waiting',
    });
    const starting = startServer(config, NO_LOG, () => undefined);
    await sleep(5_000);
    for (const [path, status] of [
      ['/livez', 200],
      ['/healthz', 200],
      ['/readyz', 503],
      ['/scim/v2/Users', 503],
    ] as const)
      assert.equal((await send(`http://127.0.0.1:${free}${path}`)).status, status, path);
    await new Promise<void>((resolve) => door.listen(port, '127.0.0.1', resolve));
    const server = await starting;
    assert.equal((await send(`http://127.0.0.1:${free}/readyz`)).status, 200);
    await server.stop();
    door.close();
  });

  test('that waits can be stopped', async () => {
    const stopping = new AbortController();
    const config = configOf({ MONGODB_URI: `mongodb://127.0.0.1:${await freePort()}/?directConnection=true` });
    const starting = startServer(config, NO_LOG, () => undefined, stopping.signal);
    setTimeout(() => stopping.abort(), 500);
    await assert.rejects(starting, { name: 'AbortError' });
  });

  test('refuses a standalone mongod and says how to make a replica set', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'mobietrain-standalone-'));
    const port = await freePort();
    const binary = await findMongod({
      configured: mongodBinary,
      cacheDir: mongodCacheDir,
      onProgress: () => undefined,
    });
    const arguments_ = ['--dbpath', dataDir, '--port', String(port), '--bind_ip', '127.0.0.1'];
    const standalone: ChildProcess = spawn(binary, arguments_, { stdio: 'ignore' });
    const ended = new Promise((resolve) => standalone.once('exit', resolve));
    try {
      const options = { database: 'x', poolSizeMax: 2, timeoutMs: 4_000 };
      const open = () => connectMongo(`mongodb://127.0.0.1:${port}/`, options).catch((error: unknown) => error);
      let failure = await open();
      for (let tries = 0; tries < 20 && String(failure).includes('ECONNREFUSED'); tries += 1) failure = await open();
      assert.match(String(failure), /standalone mongod[\s\S]*--replSet[\s\S]*rs\.initiate/);
    } finally {
      standalone.kill('SIGKILL');
      await ended;
      await rm(dataDir, { recursive: true, force: true });
    }
  });
});

function listen(onConnection: Parameters<typeof createServer>[1] & object): Promise<Server> {
  const server = createServer(onConnection as never);
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

async function freePort(): Promise<number> {
  const server = await listen(() => undefined);
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
