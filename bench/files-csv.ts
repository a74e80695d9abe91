// A CSV file of people: simulated, imported, a third of them changed, exported, and the untouched export imported. A process of
// bench/files.ts. `node dist/bench/files-csv.js [people]`

import { boundHeapGrowth } from '../src/heap-growth.ts';
import type { RunCounts } from '../src/runs/store.ts';
import { openCsvSetting } from '../test/support/csv.ts';
import { peopleBytes } from '../test/support/csv-people.ts';
import { measure, measureInserts } from './files-step.ts';

boundHeapGrowth();
const people = Number(process.argv[2] ?? 100_000);
const setting = await openCsvSetting();
const { db } = setting.directory;
const { account } = setting.account({ id: 'acc_bench' });
const caller = { ...setting.directory.caller(account, 'con_csv'), door: 'csv' as const };

async function run(content: AsyncIterable<Uint8Array>, simulate = false): Promise<RunCounts> {
  const submitted = await setting.door.submit(caller, content, { simulate, fileName: 'p.csv', requestedBy: 'bench' });
  if (!submitted.ok) throw new Error(JSON.stringify(submitted));
  await setting.worker.drain();
  const ended = await setting.door.run(caller, submitted.run.id);
  if (ended?.state !== 'done') throw new Error(`the run ended as ${ended?.state}: ${ended?.reason}`);
  return ended.counts;
}

async function* exported(): AsyncIterable<Uint8Array> {
  for await (const part of setting.door.export(caller)) yield Buffer.from(part);
}

await measure(db, 'simulated', () => run(peopleBytes(people), true));
await measure(db, 'made', () => run(peopleBytes(people)));
await measure(db, 'a third changed', () => run(peopleBytes(people, ' new')));
await measure(db, 'exported', async () => {
  let lines = 0;
  for await (const part of exported()) for (const byte of part) if (byte === 0x0a) lines += 1;
  return lines - 1;
});
await measure(db, 'unchanged', () => run(exported()));
await measureInserts(db);
await setting.close();
