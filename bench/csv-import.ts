// A file of 100,000 users (or as many as the first argument says): simulated, imported, exported, and the export imported again.
// Prints rows/s and the peak of the process's memory. `MONGODB_TEST_URI` names a mongod; without it one is started.

import { openCsvSetting } from '../test/support/csv.ts';
import { peopleBytes } from '../test/support/csv-people.ts';

const rows = Number(process.argv[2] ?? 100_000);
const setting = await openCsvSetting();
const account = setting.account({ id: 'acc_bench' });
const submitter = { account: account.account };
let peakRss = 0;
const watch = setInterval(() => {
  peakRss = Math.max(peakRss, process.memoryUsage.rss());
}, 100);

async function run(what: string, content: AsyncIterable<Uint8Array>, simulate: boolean): Promise<string> {
  const begin = Date.now();
  const submitted = await setting.door.submit(submitter, content, { simulate, fileName: what, requestedBy: 'bench' });
  if (!submitted.ok) throw new Error(JSON.stringify(submitted));
  const taken = Date.now() - begin;
  await setting.worker.drain();
  const ended = await setting.door.run(submitter, submitted.run.id);
  const seconds = (Date.now() - begin) / 1000;
  const { done = 0, created, updated, unchanged, refused, noted = 0 } = ended?.counts ?? {};
  console.log(
    `${what.padEnd(24)} ${seconds.toFixed(1).padStart(7)} s (taken in ${(taken / 1000).toFixed(1)} s)  ${Math.round(
      done / seconds,
    )
      .toString()
      .padStart(
        6,
      )} rows/s  created ${created} changed ${updated} unchanged ${unchanged} refused ${refused} noted ${noted}  peak RSS ${Math.round(peakRss / 1048576)} MB`,
  );
  return submitted.run.id;
}

async function* exported(): AsyncIterable<Uint8Array> {
  for await (const part of setting.door.export({
    ...setting.directory.caller(account.account, 'con_csv'),
    door: 'csv',
  })) {
    yield Buffer.from(part);
  }
}

console.log(`${rows} rows; before: RSS ${Math.round(process.memoryUsage.rss() / 1048576)} MB`);
await run('simulated', peopleBytes(rows), true);
await run('imported', peopleBytes(rows), false);
await run('a third changed', peopleBytes(rows, ' new'), false);
const begin = Date.now();
let bytes = 0;
for await (const part of exported()) bytes += part.length;
console.log(`exported ${bytes} bytes in ${((Date.now() - begin) / 1000).toFixed(1)} s`);
await run('the export, imported', exported(), false);
clearInterval(watch);
await setting.close();
