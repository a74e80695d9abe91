// What Entra's first cycle costs: lookups and creates of users, managers, groups, members by hundreds, over the real routes, until the
// audit trail has caught up; the same calls against bare (speed-bare.ts). Run: npm run bench -- first-cycle [--quick]

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { packageRoot } from '../src/config.ts';
import { loadSchemaCatalogue } from '../src/directory/schema/catalogue.ts';
import type { EmbeddedMongod } from '../src/embedded-mongod/embedded.ts';
import { createBacklog } from '../src/mongo/backlog.ts';
import { connectMongo, type Mongo } from '../src/mongo/client/connection.ts';
import { type CycleSize, firstCycle, recordsOf, type Sent, type Server, send } from './first-cycle-calls.ts';
import { openFrame, say } from './frame.ts';
import { seed } from './speed-seed.ts';
import { cpuMs, end, startBare, startOurs, type Target } from './speed-targets.ts';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    users: { type: 'string' },
    /** Everything together takes at most this long; what was not sent by then is left out. */
    minutes: { type: 'string', default: '15' },
    port: { type: 'string', default: '3180' },
    /** Flags for the Node of the server, separated by blanks. */
    node: { type: 'string', default: '' },
  },
});

const USERS = Number(options.users ?? (options.quick ? '2000' : '20000'));
const CYCLE: CycleSize = { from: 0, users: USERS, groups: 200, groupsPerUser: 5 };
/** At Entra's own rate: 25 calls a second for about 12 or 4 seconds. */
const SAMPLE: CycleSize = { from: 50_000_000, users: options.quick ? 30 : 90, groups: 8, groupsPerUser: 1 };
const ENTRA_PER_SECOND = 25;
const CONNECTIONS = 16;
const TOKEN = 'bench-0123456789-0123456789-0123456789';
const CATCH_UP_MS_MAX = 120_000;
const SAMPLING_MS = 250;
const endsAt = performance.now() + Number(options.minutes) * 60_000;

/** What one server took for a phase. */
interface Row extends Sent {
  phase: string;
  cpuMs: number;
  mongodCpuMs: number;
}

/** How the audit trail followed. */
interface Followed {
  lagMaxSeconds: number;
  lagAtEndSeconds: number;
  caughtUpSeconds: number;
  /** What the relay took after the last answer. */
  cpuMs: number;
  mongodCpuMs: number;
  records: number;
}

const frame = await openFrame('first-cycle', { cacheGb: 1 });
const { mongod } = frame;
try {
  await main(mongod);
} finally {
  await frame.end();
}

async function main({ uri }: EmbeddedMongod): Promise<void> {
  const catalogue = loadSchemaCatalogue(join(packageRoot, 'scim-schemas'));
  const { account } = await seed(uri, ['ours', 'bare'], catalogue, { stored: 0, spares: 0, groups: [] });
  const port = Number(options.port);
  const flags = options.node.split(' ').filter((flag) => flag !== '');
  const ours = await startOurs(port, uri, 'ours', TOKEN, { flags });
  frame.atEnd(() => end(ours));
  const bare = await startBare(port + 1, uri, 'bare', account);
  frame.atEnd(() => end(bare));
  const mongo = await connectMongo(uri, { database: 'ours', poolSizeMax: 2, timeoutMs: 10_000 });
  const servers = [
    { name: 'ours', child: ours, server: { port, token: TOKEN } },
    { name: 'bare', child: bare, server: { port: port + 1, token: TOKEN } },
  ];
  try {
    say(`First cycle of ${USERS} users, ${CYCLE.groups} groups, ${CYCLE.groupsPerUser} of them for each user`);
    const braked = [];
    const unbraked = [];
    let followed: Followed | undefined;
    for (const { child, server } of servers) braked.push(await cycle(SAMPLE, child, server, ENTRA_PER_SECOND));
    await caughtUp(mongo);
    for (const { name, child, server } of servers) {
      const before = await auditRecords(mongo);
      const lag = name === 'ours' ? watchLag(mongo) : undefined;
      unbraked.push(await cycle(CYCLE, child, server));
      if (lag) followed = await follow(mongo, child, await lag.stop(), before);
    }
    report(braked, unbraked, followed);
  } finally {
    await mongo.close();
  }
}

/** Sends a cycle, phase by phase, at a rate or as fast as it goes. */
async function cycle(size: CycleSize, child: Target['child'], server: Server, perSecond?: number): Promise<Row[]> {
  const rows: Row[] = [];
  const pace = perSecond === undefined ? { connections: CONNECTIONS } : { connections: 4, perSecond };
  for (const phase of firstCycle(size)) {
    const before = cpuMs(child.pid ?? 0);
    const mongodBefore = cpuMs(mongod.pid());
    const sent = await send(phase, server, { ...pace, endsAt });
    for (const failure of sent.failures) say(`!! ${phase.name}: ${failure}`);
    if (sent.isCut) say(`!! ${phase.name}: the time was up`);
    const used = { cpuMs: cpuMs(child.pid ?? 0) - before, mongodCpuMs: cpuMs(mongod.pid()) - mongodBefore };
    rows.push({ phase: phase.name, ...sent, ...used });
  }
  return rows;
}

function auditRecords({ db }: Mongo): Promise<number> {
  return db.collection('audit').countDocuments();
}

/** Reads the lag of the audit trail from time to time. */
function watchLag({ db }: Mongo): { stop(): Promise<{ max: number; last: number }> } {
  const backlog = createBacklog(db);
  const stopping = new AbortController();
  let max = 0;
  const watching = (async () => {
    while (!stopping.signal.aborted) {
      max = Math.max(max, await backlog.relayLagSeconds());
      await sleep(SAMPLING_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  })();
  return {
    async stop() {
      const last = await backlog.relayLagSeconds();
      stopping.abort();
      await watching;
      return { max: Math.max(max, last), last };
    },
  };
}

/** Waits until the audit trail has caught up; returns after how many seconds. */
async function caughtUp({ db }: Mongo): Promise<number> {
  const backlog = createBacklog(db);
  const begun = performance.now();
  while ((await backlog.relayLagSeconds()) > 0) {
    if (performance.now() - begun > CATCH_UP_MS_MAX) {
      say('!! the audit trail did not catch up');
      break;
    }
    await sleep(20);
  }
  return (performance.now() - begun) / 1000;
}

async function follow(
  mongo: Mongo,
  child: Target['child'],
  lag: { max: number; last: number },
  recordsBefore: number,
): Promise<Followed> {
  const before = cpuMs(child.pid ?? 0);
  const mongodBefore = cpuMs(mongod.pid());
  const caughtUpSeconds = await caughtUp(mongo);
  const used = { cpuMs: cpuMs(child.pid ?? 0) - before, mongodCpuMs: cpuMs(mongod.pid()) - mongodBefore };
  const records = (await auditRecords(mongo)) - recordsBefore;
  return { lagMaxSeconds: lag.max, lagAtEndSeconds: lag.last, caughtUpSeconds, ...used, records };
}

function report([oursBraked = [], bareBraked = []]: Row[][], [ours = [], bare = []]: Row[][], followed?: Followed) {
  say();
  say(
    '| calls | requests | ours /s | bare /s | ours : bare | p50 ms ours / bare | p95 ms ours / bare | CPU ms ours / bare | mongod ms ours / bare |',
  );
  say('|---|---|---|---|---|---|---|---|---|');
  for (const [index, row] of ours.entries()) say(line(row.phase, row, bare[index]));
  say(line('**the whole cycle**', whole(ours), whole(bare)));
  say(line(`at ${ENTRA_PER_SECOND} requests a second`, whole(oursBraked), whole(bareBraked)));
  if (!followed) return;
  const { lagMaxSeconds, lagAtEndSeconds, caughtUpSeconds, records } = followed;
  say();
  say(
    `Audit trail: ${lagMaxSeconds.toFixed(1)} s behind at most, ${lagAtEndSeconds.toFixed(1)} s at the last answer, caught up after ` +
      `${caughtUpSeconds.toFixed(1)} s (${followed.cpuMs.toFixed(0)} ms CPU, mongod ${followed.mongodCpuMs.toFixed(0)} ms); ` +
      `${records} records of ${recordsOf(CYCLE)}.`,
  );
}

function whole(rows: readonly Row[]): Row {
  const sum = (of: (row: Row) => number): number => rows.reduce((total, row) => total + of(row), 0);
  return {
    phase: '',
    latencies: rows.flatMap((row) => row.latencies),
    failures: [],
    isCut: rows.some((row) => row.isCut),
    elapsedMs: sum((row) => row.elapsedMs),
    cpuMs: sum((row) => row.cpuMs),
    mongodCpuMs: sum((row) => row.mongodCpuMs),
  };
}

function line(name: string, ours: Row, bare: Row | undefined): string {
  const rate = (row?: Row): number => (row ? (row.latencies.length * 1000) / row.elapsedMs : Number.NaN);
  const both = (of: (row: Row) => number, digits: number): string =>
    [ours, bare].map((row) => (row ? of(row).toFixed(digits) : '–')).join(' / ');
  const percentile = (share: number) => (row: Row) => {
    const sorted = [...row.latencies].sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
  };
  const perRequest = (of: 'cpuMs' | 'mongodCpuMs') => (row: Row) => row[of] / row.latencies.length;
  const cells = [
    name,
    String(ours.latencies.length),
    rate(ours).toFixed(0),
    rate(bare).toFixed(0),
    `**${(rate(ours) / rate(bare)).toFixed(2)}**`,
    both(percentile(0.5), 1),
    both(percentile(0.95), 1),
    both(perRequest('cpuMs'), 2),
    both(perRequest('mongodCpuMs'), 2),
  ];
  return `| ${cells.join(' | ')} |`;
}
