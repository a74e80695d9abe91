// One step of a run over a file of people, which the processes of bench/files.ts report as a line of JSON.

import type { Db } from 'mongodb';
import type { RunCounts } from '../src/runs/store.ts';
import { cpuMs } from './speed-targets.ts';

/** The steps of both formats in order, then those of CSV only. */
export const STEPS = ['simulated', 'made', 'insertMany', 'a third changed', 'unchanged', 'exported'] as const;

export interface Step {
  step: (typeof STEPS)[number];
  people: number;
  seconds: number;
  /** The processor time of this process and of mongod, in ms for each 1,000 people. */
  cpuMs: number;
  mongodCpuMs: number;
  /** The commands that mongod received for each 1,000 people, by name. */
  commands: Record<string, number>;
  /** The peak memory of this process so far, in MB. */
  peakMb: number;
  counts?: RunCounts;
}

const COMMANDS = ['find', 'getMore', 'insert', 'update', 'delete', 'findAndModify', 'aggregate', 'count'];
const COPY = 'usersOfTheLimit';
const INSERTED_AT_ONCE = 1000;

/** Runs a step and reports it; `work` resolves with the counts of the rows, or with their number. */
export async function measure(db: Db, step: Step['step'], work: () => Promise<RunCounts | number>): Promise<void> {
  const mongod = await readMongod(db);
  const cpu = process.cpuUsage();
  const begin = performance.now();
  const result = await work();
  const seconds = (performance.now() - begin) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const after = await readMongod(db);
  const people = typeof result === 'number' ? result : result.done;
  const each = (sum: number): number => Math.round((sum * 1000) / people);
  const peakMb = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log(
    JSON.stringify({
      step,
      seconds,
      people,
      cpuMs: each((user + system) / 1000),
      mongodCpuMs: each(after.cpuMs - mongod.cpuMs),
      commands: Object.fromEntries(COMMANDS.map((name) => [name, each(after.count(name) - mongod.count(name))])),
      peakMb,
      ...(typeof result === 'number' ? {} : { counts: result }),
    } satisfies Step),
  );
}

async function readMongod(db: Db) {
  const { pid, metrics } = await db.admin().serverStatus();
  return { cpuMs: cpuMs(Number(pid)), count: (name: string) => Number(metrics.commands[name].total) };
}

/** Inserts the users that a run made once more, as fast as the driver does: the limit for any import of them. */
export async function measureInserts(db: Db): Promise<void> {
  const indexes = await db.collection('users').indexes();
  const copies = await db.createCollection(COPY);
  await copies.createIndexes(indexes.filter(({ name }) => name !== '_id_').map(({ v: _v, ...index }) => index));
  const users = await db.collection('users').find().toArray();
  await measure(db, 'insertMany', async () => {
    for (let from = 0; from < users.length; from += INSERTED_AT_ONCE) {
      const some = users.slice(from, from + INSERTED_AT_ONCE);
      await copies.insertMany(some, { ordered: false, writeConcern: { w: 'majority', journal: true } });
    }
    return users.length;
  });
  await copies.drop();
}
