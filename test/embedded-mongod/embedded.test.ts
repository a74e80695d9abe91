// The server's own mongod: kept data, crashes of either process, commands beside the server, a port that was taken.

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, jest, test } from '@jest/globals';
import { MongoClient } from 'mongodb';
import { loadConfig } from '../../src/config.ts';
import { findMongod } from '../../src/embedded-mongod/binary.ts';
import { startEmbedded } from '../../src/embedded-mongod/embedded.ts';
import { freePort, isAlive } from '../../src/embedded-mongod/process.ts';

jest.setTimeout(300_000);

interface Holder {
  process: ChildProcess;
  lines: Interface;
  uri: string;
  owned: boolean;
  pid: number;
}

const HOLDER = fileURLToPath(new URL('../support/mongod-holder.js', import.meta.url));
const config = loadConfig();

async function hold(dataDir: string, supervise = false): Promise<Holder> {
  const args = [HOLDER, dataDir, ...(supervise ? ['supervise'] : [])];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  const [line] = (await once(lines, 'line', { signal: AbortSignal.timeout(60_000) })) as [string];
  return { process: child, lines, ...(JSON.parse(line) as { uri: string; owned: boolean; pid: number }) };
}

async function release(holder: Holder): Promise<void> {
  const closed = once(holder.process, 'close');
  holder.process.stdin?.end();
  await closed;
}

async function killHard(holder: Holder): Promise<void> {
  const closed = once(holder.process, 'close');
  holder.process.kill('SIGKILL');
  await closed;
}

async function withNotes<T>(
  uri: string,
  work: (insert: (n: number) => Promise<void>, read: () => Promise<number[]>) => Promise<T>,
): Promise<T> {
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: 5000 });
  const notes = client
    .db('notes')
    .collection<{ n: number }>('notes', { writeConcern: { w: 'majority', journal: true } });
  try {
    return await work(
      async (n) => void (await notes.insertOne({ n })),
      async () => (await notes.find().sort({ n: 1 }).toArray()).map(({ n }) => n),
    );
  } finally {
    await client.close();
  }
}

describe('the embedded mongod', () => {
  let dataDir: string;
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'mobietrain-embedded-'));
  });
  afterAll(async () => {
    const last = await hold(dataDir);
    await release(last);
    await rm(dataDir, { recursive: true, force: true });
  });

  test('keeps what was acknowledged when mongod and its server are killed, and when it is stopped', async () => {
    const first = await hold(dataDir);
    assert.equal(first.owned, true);
    await withNotes(first.uri, (insert) => insert(1));
    await killHard(first);
    process.kill(first.pid, 'SIGKILL');
    while (await isAlive(first.pid)) await sleep(20);

    const second = await hold(dataDir);
    assert.equal(second.uri, first.uri, 'the port stays');
    assert.notEqual(second.pid, first.pid);
    await withNotes(second.uri, async (insert, read) => {
      assert.deepEqual(await read(), [1]);
      await insert(2);
    });
    await release(second);
    assert.equal(await isAlive(second.pid), false, 'ended with its last user');

    const third = await hold(dataDir);
    await withNotes(third.uri, async (_insert, read) => assert.deepEqual(await read(), [1, 2]));
    await release(third);
  });

  test('a mongod that a killed server left behind is adopted and owned', async () => {
    const killed = await hold(dataDir);
    await killHard(killed);
    assert.equal(await isAlive(killed.pid), true, 'mongod outlives a killed server');
    const next = await hold(dataDir);
    assert.deepEqual([next.pid, next.owned], [killed.pid, true]);
    await release(next);
    assert.equal(await isAlive(next.pid), false);
  });

  test('a command beside the server uses its mongod and leaves it running', async () => {
    const server = await hold(dataDir);
    const command = await hold(dataDir);
    assert.deepEqual([command.uri, command.pid, command.owned], [server.uri, server.pid, false]);
    await release(command);
    assert.equal(await isAlive(server.pid), true);
    await release(server);
    assert.equal(await isAlive(server.pid), false);
  });

  test('two that start at the same moment share one mongod', async () => {
    const both = await Promise.all([hold(dataDir), hold(dataDir)]);
    assert.equal(both[0].pid, both[1].pid);
    await release(both[0]);
    assert.equal(await isAlive(both[1].pid), true, 'the other one still uses it');
    await release(both[1]);
    assert.equal(await isAlive(both[1].pid), false);
  });

  test('a Ctrl-C for the group of the server does not reach mongod', async () => {
    const server = await hold(dataDir);
    const group = (await readFile(`/proc/${server.pid}/stat`, 'utf8').catch(() => '')).split(') ')[1]?.split(' ')[2];
    if (group !== undefined) assert.equal(Number(group), server.pid);
    await release(server);
  });

  test('killed under its server it is back, and writes again within 5 seconds', async () => {
    const server = await hold(dataDir, true);
    await withNotes(server.uri, async (insert, read) => {
      const before = await read();
      process.kill(server.pid, 'SIGKILL');
      const killedAt = Date.now();
      await insert(3).catch(() => insert(3));
      assert.ok(Date.now() - killedAt < 5000, `took ${Date.now() - killedAt} ms`);
      assert.deepEqual(await read(), [...before, 3]);
    });
    await release(server);
  });

  test('a port that another program took: the replica set moves to another one, with its data', async () => {
    const first = await hold(dataDir);
    const kept = await withNotes(first.uri, (_insert, read) => read());
    await release(first);
    const thief = createServer((socket) => socket.destroy()).listen({
      port: Number(new URL(first.uri).port),
      host: '127.0.0.1',
    });
    await once(thief, 'listening');
    try {
      const moved = await hold(dataDir);
      assert.notEqual(moved.uri, first.uri);
      await withNotes(moved.uri, async (insert, read) => {
        assert.deepEqual(await read(), kept);
        await insert(4);
      });
      await release(moved);
    } finally {
      thief.close();
    }
  });

  test('nobody reads without the password, which its owner alone can read; a lost key is replaced', async () => {
    const first = await hold(dataDir);
    const kept = await withNotes(first.uri, (_insert, read) => read());
    const { port } = new URL(first.uri);
    await assert.rejects(
      withNotes(`mongodb://127.0.0.1:${port}/?directConnection=true`, (_insert, read) => read()),
      /requires authentication/,
    );
    assert.equal((await stat(join(dataDir, 'mongod.key'))).mode & 0o777, 0o600);
    await release(first);
    await rm(join(dataDir, 'mongod.key'));
    const second = await hold(dataDir);
    assert.notEqual(second.uri, first.uri);
    await withNotes(second.uri, async (_insert, read) => assert.deepEqual(await read(), kept));
    await release(second);
  });

  test('data of an earlier version, which asked for no password, and the mongod that it left behind', async () => {
    const former = await mkdtemp(join(tmpdir(), 'mobietrain-former-'));
    const [dbPath, port] = [join(former, 'mongod'), await freePort()];
    const binary = await findMongod({
      configured: config.mongodBinary,
      cacheDir: config.mongodCacheDir,
      onProgress: () => undefined,
    });
    await mkdir(dbPath);
    await writeFile(join(former, 'mongod.json'), JSON.stringify({ port, binary }));
    const arguments_ = [
      '--replSet',
      'rs0',
      '--dbpath',
      await realpath(dbPath),
      '--port',
      String(port),
      '--bind_ip',
      '127.0.0.1',
    ];
    spawn(binary, [...arguments_, '--nounixsocket', '--wiredTigerCacheSizeGB', '0.25'], {
      stdio: 'ignore',
      detached: true,
    });
    const client = new MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`);
    const members = [{ _id: 0, host: `127.0.0.1:${port}` }];
    await client.db('admin').command({ replSetInitiate: { _id: 'rs0', members } });
    await client.close();
    await withNotes(`mongodb://127.0.0.1:${port}/?replicaSet=rs0`, (insert) => insert(1));
    const now = await hold(former);
    await withNotes(now.uri, async (_insert, read) => assert.deepEqual(await read(), [1]));
    await assert.rejects(
      withNotes(`mongodb://127.0.0.1:${port}/?replicaSet=rs0`, (_insert, read) => read()),
      /requires authentication/,
    );
    await release(now);
    await rm(former, { recursive: true, force: true });
  });

  test('data that mongod can not open: its own words, and nothing left running', async () => {
    const binary = await findMongod({
      configured: config.mongodBinary,
      cacheDir: config.mongodCacheDir,
      onProgress: () => undefined,
    });
    const broken = await mkdtemp(join(tmpdir(), 'mobietrain-broken-'));
    const options = {
      dataDir: broken,
      binary,
      cacheDir: config.mongodCacheDir,
      cacheGb: 0.01,
      onProgress: () => undefined,
    };
    await assert.rejects(startEmbedded(options), /mongod ended with/);
    await rm(broken, { recursive: true, force: true });
  });
});

test('a configured mongod that does not run is named, and nothing else is tried', async () => {
  const wanted = { configured: '/nowhere/mongod', cacheDir: config.mongodCacheDir, onProgress: () => undefined };
  await assert.rejects(findMongod(wanted), /MONGOD_BINARY \(\/nowhere\/mongod\) does not run/);
});
