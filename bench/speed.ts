// Compares the speed of the server with the same storage work without SCIM (bare), with the leanest server that does the job (lean) and
// with the stock peer: the same load on all of them, in alternating short bursts. Run: npm run bench [-- --quick] ; figures: docs/performance.md.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { packageRoot } from '../src/config.ts';
import { loadSchemaCatalogue } from '../src/directory/schema/catalogue.ts';
import { openFrame, say } from './frame.ts';
import type { Burst, BurstResult } from './speed-load.ts';
import { figure, type Measured, processesTable, type Row, table } from './speed-report.ts';
import { type Seeded, seed } from './speed-seed.ts';
import {
  cpuMs,
  end,
  memoryMib,
  startBare,
  startLean,
  startLoad,
  startOurs,
  startStock,
  type Target,
} from './speed-targets.ts';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    /** The number of people in the two stores. */
    small: { type: 'string', default: '2000' },
    large: { type: 'string' },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    /** Runs only operations whose names contain one of these texts, separated by commas. */
    only: { type: 'string', default: '' },
    port: { type: 'string', default: '3190' },
    /** Flags for the Node of the server, separated by blanks. */
    node: { type: 'string', default: '' },
    /** Writes the table and the figure into docs/. */
    write: { type: 'boolean', default: false },
  },
});

const SMALL = Number(options.small);
const LARGE = Number(options.large ?? (options.quick ? '20000' : '100000'));
const ROUNDS = Number(options.rounds ?? (options.quick ? '2' : '5'));
const SECONDS = Number(options.seconds ?? (options.quick ? '1' : '3'));
const CONNECTIONS = 16;
const ADDS = options.quick ? 48 : 128;
const SPARES = 5_000;
const TOKEN = 'bench-0123456789-0123456789-0123456789';
const sizesWithin = (stored: number): number[] => [
  ...new Set([1000, 20_000, 100_000].map((size) => Math.min(size, stored))),
];
const GROUP_SIZES = sizesWithin(LARGE);

/** The position of the table in docs/performance.md. */
const BEGIN = '<!-- bench:begin (npm run bench -- --write) -->';
const END = '<!-- bench:end -->';

interface Operation {
  name: string;
  kind: Burst['kind'];
  /** The servers that take part. */
  on: (target: Target) => boolean;
  connections: number;
  seconds?: number;
  count?: number;
  groupSize?: number;
  /** How many units one request adds to the rate. */
  weight: number;
}

const everybody = (): boolean => true;
const databases = ({ kind }: Target): boolean => kind === 'ours' || kind === 'bare';
const unlessStock = (target: Target): boolean => databases(target) || target.kind === 'lean';
const large = (target: Target): boolean => databases(target) && target.stored === LARGE;
const largest = (target: Target): boolean => unlessStock(target) && target.stored === LARGE;
const pages = { connections: 1, count: 100, weight: 1 };
const timed = { connections: CONNECTIONS, seconds: SECONDS, weight: 1 };

const OPERATIONS: Operation[] = [
  { name: 'GET by id', kind: 'get', on: everybody, ...timed },
  { name: 'filter userName eq', kind: 'filter', on: everybody, ...timed },
  { name: 'PATCH active', kind: 'active', on: everybody, ...timed },
  { name: 'list of 100, random startIndex', kind: 'list', on: everybody, ...timed },
  // Last tenth: startIndex 90,001 and more of 100,000, as a client that reads everybody gets there.
  { name: 'first page of 100', kind: 'first', on: largest, ...pages },
  { name: 'page of 100 in the last tenth', kind: 'deep', on: largest, ...pages },
  { name: 'walk by 100s through the last tenth', kind: 'walk', on: largest, ...pages },
  { name: 'cursor page of 100', kind: 'cursor', on: databases, ...timed },
  ...GROUP_SIZES.flatMap((groupSize): Operation[] => [
    {
      name: `add 1 member at ${groupSize}, one at a time`,
      kind: 'member',
      on: large,
      connections: 1,
      count: ADDS,
      groupSize,
      weight: 1,
    },
    {
      name: `add 1 member at ${groupSize}, 16 at once`,
      kind: 'member',
      on: large,
      connections: CONNECTIONS,
      count: ADDS * 2,
      groupSize,
      weight: 1,
    },
  ]),
  { name: '5,000 members by 100s, members', kind: 'members100', on: large, connections: 1, count: 50, weight: 100 },
  // Last, because the people they add would make the small store a large one.
  { name: 'POST user', kind: 'post', on: everybody, ...timed },
  { name: 'Bulk of 200, users', kind: 'bulk', on: unlessStock, connections: 1, count: 6, weight: 200 },
];

async function emptyGroup(target: Target, name: string): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${target.port}/scim/v2/Groups`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/scim+json', Authorization: `Bearer ${TOKEN}` },
    body: JSON.stringify({ schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'], displayName: name }),
  });
  return ((await response.json()) as { id: string }).id;
}

async function burstOf(operation: Operation, target: Target, seeded: Seeded | undefined, name: string): Promise<Burst> {
  const { kind, connections, seconds, count, groupSize } = operation;
  const sizedGroup = groupSize === undefined ? undefined : seeded?.groups.get(groupSize);
  const group = kind === 'members100' ? await emptyGroup(target, name) : sizedGroup;
  const byKind = { member: seeded?.spares ?? [], members100: (seeded?.ids ?? []).slice(0, 5000) };
  const ids = kind === 'member' || kind === 'members100' ? byKind[kind] : target.ids;
  return {
    target: target.name,
    port: target.port,
    token: TOKEN,
    kind,
    connections,
    ...(seconds === undefined ? {} : { seconds }),
    ...(count === undefined ? {} : { count }),
    ids,
    stored: target.stored,
    ...(group === undefined ? {} : { group }),
  };
}

const frame = await openFrame('speed', { cacheGb: 2 });
const { mongod } = frame;
const targets: Target[] = [];
const load = startLoad();
frame.atEnd(async () => {
  load.end();
  for (const target of targets) await end(target.child);
});
try {
  await main();
} finally {
  await frame.end();
}

async function main(): Promise<void> {
  const catalogue = loadSchemaCatalogue(join(packageRoot, 'scim-schemas'));
  const seeds = new Map<number, Seeded>();
  let port = Number(options.port);
  for (const stored of [SMALL, LARGE]) {
    const names = [`ours_${stored}`, `bare_${stored}`] as const;
    // In both stores one group contains everyone, so that responses about a person are alike.
    const groups = sizesWithin(stored);
    say(`Seeding ${stored} people …`);
    const seeded = await seed(mongod.uri, names, catalogue, { stored, spares: stored === LARGE ? SPARES : 0, groups });
    seeds.set(stored, seeded);
    const ids = seeded.ids.slice(0, stored);
    const flags = options.node.split(' ').filter((flag) => flag !== '');
    const ours = await startOurs(port, mongod.uri, names[0], TOKEN, { flags });
    targets.push({ name: `ours ${stored}`, kind: 'ours', stored, port, child: ours, ids });
    const bare = await startBare(port + 1, mongod.uri, names[1], seeded.account);
    targets.push({ name: `bare ${stored}`, kind: 'bare', stored, port: port + 1, child: bare, ids });
    const lean = await startLean(port + 2, mongod.uri, `lean_${stored}`, stored);
    targets.push({ name: `lean ${stored}`, kind: 'lean', stored, port: port + 2, ...lean });
    port += 3;
    if (stored !== SMALL || !(options.only === '' || options.only.includes('twice'))) continue;
    const own = await seed(mongod.uri, [`twice_${stored}`], catalogue, { stored, spares: 0, groups });
    const twice = await startOurs(port, mongod.uri, `twice_${stored}`, TOKEN, { processes: 2 });
    targets.push({ name: `twice ${stored}`, kind: 'twice', stored, port, child: twice, ids: own.ids });
    port += 1;
  }
  if (options.only === '' || options.only.includes('stock')) {
    const stock = await startStock(port, SMALL);
    targets.push({ name: `stock ${SMALL}`, kind: 'stock', stored: SMALL, port, ...stock });
  }
  const only = options.only.split(',').filter((part) => !['', 'stock', 'twice'].includes(part));
  const rows: Row[] = [];
  for (const operation of OPERATIONS) {
    if (only.length > 0 && !only.some((part) => operation.name.includes(part))) continue;
    rows.push(await measure(operation, seeds));
    say(table(rows.slice(-1), SMALL, LARGE, rows.length === 1));
  }
  await memory(seeds, rows);
}

/** Measures the servers in turn, in an order that changes with each round, after a burst that is not counted. */
async function measure(operation: Operation, seeds: Map<number, Seeded>): Promise<Row> {
  const taking = targets.filter(operation.on);
  const sums = new Map<Target, Measured>();
  for (let round = -1; round < ROUNDS; round += 1) {
    for (let place = 0; place < taking.length; place += 1) {
      const target = taking[(place + round + taking.length) % taking.length] as Target;
      const burst = await burstOf(operation, target, seeds.get(target.stored), `Round ${round} ${operation.name}`);
      if (round === -1 && burst.seconds !== undefined) burst.seconds = Math.min(1, burst.seconds);
      const before = cpuMs(target.child.pid ?? 0);
      const mongodBefore = cpuMs(mongod.pid());
      const result = await load.run(burst);
      const cpu = cpuMs(target.child.pid ?? 0) - before;
      const mongodCpu = cpuMs(mongod.pid()) - mongodBefore;
      for (const failure of result.failures) say(`!! ${target.name} ${operation.name}: ${failure}`);
      if (round >= 0) sums.set(target, added(sums.get(target), result, cpu, mongodCpu, operation.weight));
    }
  }
  return {
    operation: operation.name,
    measured: new Map([...sums].map(([target, measured]) => [target.name, measured])),
  };
}

function added(
  sum: Measured | undefined,
  result: BurstResult,
  cpu: number,
  mongodCpu: number,
  weight: number,
): Measured {
  const { requests, elapsedMs, latencies } = result;
  return {
    requests: (sum?.requests ?? 0) + requests,
    elapsedMs: (sum?.elapsedMs ?? 0) + elapsedMs,
    cpuMs: (sum?.cpuMs ?? 0) + cpu,
    mongodCpuMs: (sum?.mongodCpuMs ?? 0) + mongodCpu,
    latencies: [...(sum?.latencies ?? []), ...latencies],
    weight,
  };
}

/** The memory of the processes at the end, and the effect of reading the largest group. */
async function memory(seeds: Map<number, Seeded>, rows: Row[]): Promise<void> {
  const lines: string[] = [];
  for (const target of targets) {
    const held = memoryMib(target.child.pid ?? 0);
    let line = `| ${target.name} | ${held.now.toFixed(0)} | ${held.peak.toFixed(0)} |`;
    const group = seeds.get(target.stored)?.groups.get(GROUP_SIZES.at(-1) ?? 0);
    if (target.kind === 'ours' && group !== undefined) {
      const read: Burst = {
        target: target.name,
        port: target.port,
        token: TOKEN,
        kind: 'group',
        connections: 1,
        count: 1,
        ids: [],
        stored: target.stored,
        group,
      };
      const result = await load.run(read);
      const after = memoryMib(target.child.pid ?? 0);
      line += ` GET of the group of ${GROUP_SIZES.at(-1)}: ${(result.bytes / 1e6).toFixed(1)} MB in ${result.elapsedMs.toFixed(0)} ms, peak ${after.peak.toFixed(0)} |`;
    } else line += ' |';
    lines.push(line);
  }
  const report = [
    table(rows, SMALL, LARGE, true),
    '',
    ...processesTable(rows, SMALL),
    '',
    '| process | RSS at the end, MiB | peak, MiB | |',
    '|---|---|---|---|',
    ...lines,
  ].join('\n');
  say(`\n${report}`);
  if (!options.write) return;
  await writeFile(join(packageRoot, 'docs', 'performance.svg'), figure(rows, SMALL, LARGE));
  const page = join(packageRoot, 'docs', 'performance.md');
  const [before, rest] = (await readFile(page, 'utf8')).split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`${page} needs the markers ${BEGIN} and ${END}`);
  await writeFile(page, `${before}${BEGIN}\n\n${report}\n\n${END}${after}`);
}
