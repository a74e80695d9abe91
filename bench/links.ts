// Compares memberships as links on the user (A) with a separate collection (B), side by side on a real mongod.
// Figures and decision: docs/decisions/0001-links-on-the-user.md. Run: npm run build && node dist/bench/links.js [--users 100000]

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BSON, type ClientSession, type Db, MongoClient } from 'mongodb';
import { loadConfig } from '../src/config.ts';
import { startEmbedded } from '../src/embedded-mongod/embedded.ts';
import { bump, emptyTally, type Mode, modes, transact } from './links-hot.ts';
import { type Population, plan, populate, random, userDocument } from './links-population.ts';
import { linksOnTheUser, membershipsApart, type Shape } from './links-shapes.ts';

const { values: options } = parseArgs({
  options: {
    users: { type: 'string', default: '100000' },
    sizes: { type: 'string', default: '1000,20000,100000' },
    rounds: { type: 'string', default: '200' },
    adds: { type: 'string', default: '1600' },
    clients: { type: 'string', default: '16' },
  },
});

function bounded(name: keyof typeof options, most: number): number {
  const value = Number(options[name]);
  if (!Number.isInteger(value) || value < 1 || value > most) throw new Error(`--${name}: a number from 1 to ${most}`);
  return value;
}

const USERS = bounded('users', 1_000_000);
const ROUNDS = bounded('rounds', 10_000);
const ADDS = bounded('adds', 100_000);
const CLIENTS = bounded('clients', 256);
const SIZES = [...new Set(options.sizes.split(',').map((size) => Math.min(Number(size), USERS)))];
const out = (line = ''): void => void process.stdout.write(`${line}\n`);

const at = (sorted: number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
const median = (values: number[]): number =>
  at(
    [...values].sort((a, b) => a - b),
    0.5,
  );
const p95 = (values: number[]): number =>
  at(
    [...values].sort((a, b) => a - b),
    0.95,
  );

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - start) / 1e6;
}

/** Runs each step on A and B in turn, `rounds` times in alternating order, and prints one row per step. */
async function compare(
  shapes: [Shape, Shape],
  rounds: number,
  steps: [string, (shape: Shape, round: number) => Promise<unknown>][],
): Promise<void> {
  const times = steps.map(() => ({ A: [] as number[], B: [] as number[] }));
  const warmUp = Math.min(10, rounds);
  for (let round = 0; round < rounds + warmUp; round += 1) {
    const order = round % 2 === 0 ? shapes : [shapes[1], shapes[0]];
    for (const [n, [, step]] of steps.entries()) {
      for (const shape of order) {
        const ms = await timed(() => step(shape, round));
        if (round >= warmUp) times[n]?.[shape.name].push(ms);
      }
    }
  }
  for (const [n, [label]] of steps.entries()) {
    const { A, B } = times[n] ?? { A: [], B: [] };
    const cells = [median(A), p95(A), median(B), p95(B)].map((ms) => ms.toFixed(2));
    out(`| ${[label, ...cells, (median(A) / median(B)).toFixed(2)].join(' | ')} |`);
  }
}

function heading(title: string): void {
  out(`\n${title}\n`);
  out('| | A median ms | A p95 | B median ms | B p95 | A/B |');
  out('|---|---|---|---|---|---|');
}

async function measureSize(
  client: MongoClient,
  shapes: [Shape, Shape],
  population: Population,
  sized: { group: string; members: string[] },
): Promise<void> {
  const { group, members } = sized;
  const { spares } = population;
  const tally = emptyTally();
  const one = (round: number): string => spares[round % spares.length] as string;
  const hundred = spares.slice(0, 100);
  const next = random(members.length);
  const points = Array.from({ length: 997 }, () => members[Math.floor(next() * members.length)] as string);
  const point = (round: number): string => points[round % points.length] as string;
  const versioned = (shape: Shape, work: (session: ClientSession) => Promise<unknown>): Promise<void> =>
    transact(client, tally, async (session) => {
      await bump(shape, group, session);
      await work(session);
    });
  heading(`### Group of ${members.length}`);
  await compare(shapes, ROUNDS, [
    ['add one member', (shape, n) => shape.add(group, one(n))],
    ['remove one', (shape, n) => shape.remove(group, one(n))],
    [
      'add one, with the group version (transaction)',
      (s, n) => versioned(s, (session) => s.add(group, one(n), session)),
    ],
    ['remove one, with the group version', (s, n) => versioned(s, (session) => s.remove(group, one(n), session))],
    ['is a member', (shape, n) => shape.isMember(group, point(n))],
    ['GET a user with its groups', (shape, n) => shape.user(point(n))],
    ['page of 100 members with names', (shape, n) => shape.members(group, point(n))],
    ['page of 100 users with groups', (shape, n) => shape.usersPage(point(n))],
    ['count members, no further than 101', (shape) => shape.count(group, 101)],
  ]);
  await compare(shapes, Math.ceil(ROUNDS / 4), [
    ['add 100 members (transaction)', (s) => versioned(s, (session) => s.addMany(group, hundred, session))],
    ['remove 100 members (transaction)', (s) => versioned(s, (session) => s.removeMany(group, hundred, session))],
  ]);
  await compare(shapes, Math.ceil(ROUNDS / 20), [
    ['count all members', (shape) => shape.count(group)],
    ['read all member ids', (shape) => shape.memberIds(group)],
  ]);
}

async function measureUsers(client: MongoClient, shapes: [Shape, Shape], population: Population): Promise<void> {
  const { leavers, joiner } = population;
  const group = population.sized[0]?.group as string;
  const tally = emptyTally();
  heading('### Users with many links');
  await compare(shapes, Math.floor(leavers.length / 2), [
    [
      'delete a user in 20 groups',
      (shape, n) => {
        const id = leavers[n % leavers.length] as string;
        // One document is atomic by itself; two collections need a transaction.
        return shape.name === 'A'
          ? shape.deleteUser(id)
          : transact(client, tally, (session) => shape.deleteUser(id, session));
      },
    ],
  ]);
  await compare(shapes, Math.ceil(ROUNDS / 2), [
    ['add a member that has 999 groups', (shape) => shape.add(group, joiner)],
    ['GET a user with 1,000 groups', (shape) => shape.user(joiner)],
    ['remove a member that has 1,000 groups', (shape) => shape.remove(group, joiner)],
  ]);
}

/** Runs `total` calls from `clients` loops; returns calls per second and the median latency. */
async function together(clients: number, total: number, call: (n: number) => Promise<void>) {
  const latencies: number[] = [];
  let taken = 0;
  const start = performance.now();
  const loop = async (): Promise<void> => {
    while (taken < total) {
      const n = taken;
      taken += 1;
      latencies.push(await timed(() => call(n)));
    }
  };
  await Promise.all(Array.from({ length: clients }, loop));
  return { perSecond: (total * 1000) / (performance.now() - start), median: median(latencies), p95: p95(latencies) };
}

async function measureGets(shapes: [Shape, Shape], members: string[]): Promise<void> {
  out(`\n### GET a user with its groups, ${CLIENTS} clients\n`);
  out('| shape | per second (3 runs, interleaved) |');
  out('|---|---|');
  const rates = { A: [] as number[], B: [] as number[] };
  for (let run = 0; run < 4; run += 1) {
    for (const shape of shapes) {
      const get = async (n: number): Promise<void> =>
        void (await shape.user(members[(n * 7919) % members.length] as string));
      const { perSecond } = await together(CLIENTS, 5 * ADDS, get);
      if (run > 0) rates[shape.name].push(perSecond);
    }
  }
  for (const shape of shapes) out(`| ${shape.name} | ${rates[shape.name].map((r) => r.toFixed(0)).join(', ')} |`);
  out(`| A/B | ${(median(rates.A) / median(rates.B)).toFixed(2)} |`);
}

async function measureMode(mode: Mode, shape: Shape, population: Population, spread: number): Promise<string[]> {
  const targets = spread === 1 ? [population.sized[0]?.group as string] : population.groups.slice(0, spread);
  // Ordinary groups have members among the spares, but the measured additions must all be new.
  for (const group of targets) await shape.removeMany(group, population.spares);
  const run = async (clients: number, total: number) => {
    const tally = emptyTally();
    const result = await together(clients, total, async (n) => {
      const group = targets[n % targets.length] as string;
      try {
        await mode.add(shape, group, population.spares[n] as string, tally);
      } catch (error) {
        tally.lost += 1;
        if (tally.lost === 1) out(`<!-- ${mode.label}: ${String(error)} -->`);
      }
    });
    const members = await Promise.all(targets.map((group) => shape.count(group)));
    const added = members.reduce((sum, count) => sum + count, 0);
    for (const group of targets) await shape.removeMany(group, population.spares);
    const rest = await Promise.all(targets.map((group) => shape.count(group)));
    const arrived = added - rest.reduce((sum, count) => sum + count, 0);
    if (arrived !== total - tally.lost) throw new Error(`${mode.label}: ${arrived} of ${total} arrived`);
    return { ...result, ...tally };
  };
  const alone = await run(1, Math.min(ROUNDS, ADDS));
  const many = await run(CLIENTS, ADDS);
  return [
    alone.median.toFixed(2),
    many.perSecond.toFixed(0),
    many.median.toFixed(1),
    many.p95.toFixed(1),
    String(many.retries),
    String(many.attemptsMost),
    String(many.lost),
  ];
}

async function measureHot(client: MongoClient, shapes: [Shape, Shape], population: Population): Promise<void> {
  for (const spread of [1, 16]) {
    out(`\n### Add one, ${ADDS} adds: ${spread === 1 ? 'ONE group' : `${spread} groups`}\n`);
    out(
      `| mode | shape | 1 client: median ms | ${CLIENTS} clients: per second | median ms | p95 ms | retries | most attempts | gave up |`,
    );
    out('|---|---|---|---|---|---|---|---|---|');
    for (const mode of modes(client)) {
      for (const shape of shapes) {
        out(`| ${[mode.label, shape.name, ...(await measureMode(mode, shape, population, spread))].join(' | ')} |`);
      }
    }
  }
}

/** Empties and fills whole groups, each once because it takes too long to repeat; also measures the cleanup after a deleted group. */
async function measureWholeGroups(client: MongoClient, shapes: [Shape, Shape], population: Population): Promise<void> {
  out('\n### Whole groups, each step once, seconds\n');
  out('| members | step | A | B | A/B |');
  out('|---|---|---|---|---|');
  const batch = 1000;
  const tally = emptyTally();
  for (const { group, members } of population.sized) {
    const inBatches = async (work: (users: string[]) => Promise<number>): Promise<number> => {
      let changed = 0;
      for (let n = 0; n < members.length; n += batch) changed += await work(members.slice(n, n + batch));
      return changed;
    };
    const steps: [string, (shape: Shape) => Promise<number>][] = [
      ['take all members out, one transaction', (s) => transact(client, tally, (session) => s.empty(group, session))],
      [
        'put them in again, 1,000 a transaction',
        (s) => inBatches((users) => transact(client, tally, (session) => s.addMany(group, users, session))),
      ],
      ['take them out, 1,000 a statement', (s) => inBatches((users) => s.removeMany(group, users))],
    ];
    for (const [label, step] of steps) {
      const seconds: number[] = [];
      for (const shape of shapes) {
        const ms = await timed(async () => {
          const changed = await step(shape);
          if (changed !== members.length) throw new Error(`${label}: ${changed} of ${members.length}`);
        });
        seconds.push(ms / 1000);
      }
      const [A, B] = seconds as [number, number];
      out(`| ${[members.length, label, A.toFixed(2), B.toFixed(2), (A / B).toFixed(2)].join(' | ')} |`);
    }
  }
}

const MB = 1024 * 1024;

/** Bytes that a collection or an index holds in the cache, by its WiredTiger statistics. */
function cachedBytes(statistics: unknown): number {
  const { cache } = statistics as { cache?: Record<string, number> };
  return cache?.['bytes currently in the cache'] ?? 0;
}

async function sizes(db: Db, shapes: [Shape, Shape]): Promise<void> {
  out('\n### Size, MB\n');
  out('| collection | documents | data | on disk | indexes on disk | in cache, indexes too |');
  out('|---|---|---|---|---|---|');
  for (const shape of shapes) {
    for (const collection of shape.collections) {
      const [stats] = await collection.aggregate([{ $collStats: { storageStats: {} } }]).toArray();
      const storage = stats?.storageStats;
      const indexes = await db.command({ collStats: collection.collectionName, indexDetails: true });
      const parts: unknown[] = [storage.wiredTiger, ...Object.values(indexes.indexDetails as object)];
      const cache = parts.reduce((sum: number, part) => sum + cachedBytes(part), 0);
      const figures = [storage.size, storage.storageSize, storage.totalIndexSize, cache].map((b) =>
        (b / MB).toFixed(1),
      );
      out(`| ${shape.name}: ${collection.collectionName} | ${storage.count} | ${figures.join(' | ')} |`);
    }
  }
}

/** Names the index stages of the two multikey queries of shape A: a member page and a member count. */
async function explainA(db: Db, group: string, account: string): Promise<void> {
  const find = db.collection('users_a').find({ account, 'groups.group': group });
  const plans = await Promise.all([
    find.clone().sort({ _id: 1 }).limit(100).project({ 'data.displayName': 1 }).explain('queryPlanner'),
    find.clone().project({ _id: 1 }).explain('queryPlanner'),
  ]);
  const stages = plans.map((p) => [...JSON.stringify(p.queryPlanner.winningPlan).matchAll(/"stage":"(\w+)"/g)]);
  const shown = stages.map((found) => found.map((match) => match[1]).join(' < '));
  out(`\nPlans of A: member page ${shown[0]}; member ids ${shown[1]}`);
}

async function residentMb(pid: number): Promise<string> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kb = /VmRSS:\s+(\d+) kB/.exec(status)?.[1];
  return kb === undefined ? 'unknown' : `${(Number(kb) / 1024).toFixed(0)} MB`;
}

async function run(client: MongoClient, mongodPid: number): Promise<void> {
  const db = client.db('links');
  const population = plan(USERS, Math.max(ADDS, 100), SIZES);
  const version = (await db.admin().serverInfo()).version;
  const sample = BSON.calculateObjectSize(userDocument(population.spares[0] as string, 12345));
  out(`${new Date().toISOString().slice(0, 10)}; Node ${process.version}, mongod ${version}, ${cpus().length} cores;`);
  out(`${population.links.size} users of ${sample} bytes without links; w:majority, j:true; ${ROUNDS} rounds`);
  const loaded = await timed(() => populate(db, population));
  out(`loaded both shapes in ${(loaded / 1000).toFixed(0)} s`);
  await client.db('admin').command({ fsync: 1 });
  const shapes: [Shape, Shape] = [linksOnTheUser(db), membershipsApart(db)];
  await sizes(db, shapes);
  for (const sized of population.sized) await measureSize(client, shapes, population, sized);
  await measureUsers(client, shapes, population);
  const largest = population.sized.at(-1) as { group: string; members: string[] };
  await explainA(db, largest.group, userDocument('', 0).account);
  await measureGets(shapes, largest.members);
  await measureHot(client, shapes, population);
  await sizes(db, shapes);
  await measureWholeGroups(client, shapes, population);
  out(`\nResident: mongod ${await residentMb(mongodPid)}, this process ${await residentMb(process.pid)}`);
}

async function main(): Promise<void> {
  const config = loadConfig();
  const dataDir = await mkdtemp(join(tmpdir(), 'bench-links-'));
  try {
    const mongod = await startEmbedded({
      dataDir,
      binary: config.mongodBinary,
      cacheDir: config.mongodCacheDir,
      cacheGb: 1,
      onProgress: (line) => void process.stderr.write(`${line}\n`),
    });
    const client = new MongoClient(mongod.uri, {
      writeConcern: { w: 'majority', journal: true },
      maxPoolSize: CLIENTS * 2,
    });
    try {
      await client.connect();
      await run(client, mongod.pid());
    } finally {
      await client.close();
      await mongod.stop();
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

await main();
