// An XML batch of people: simulated, created, a third of them changed, and the same file again. A process of bench/files.ts.
// `node dist/bench/files-xml.js [people]`

import { boundHeapGrowth } from '../src/heap-growth.ts';
import type { RunCounts } from '../src/runs/store.ts';
import { addStores, openTestBatch } from '../test/support/batch.ts';
import { SHOP_IDS } from '../test/support/people.ts';
import { peopleDocument } from '../test/support/xml-people.ts';
import { measure, measureInserts } from './files-step.ts';

boundHeapGrowth();
const people = Number(process.argv[2] ?? 100_000);
const batch = await openTestBatch();
const { account } = batch;
const { db } = batch.directory;
const { connection } = batch.caller();
await addStores(batch.directory, account.id, SHOP_IDS);

async function run(content: AsyncIterable<Uint8Array>, simulate = false): Promise<RunCounts> {
  const file = { account, connection, fileset: 'bench', fileName: 'people.xml', requestedBy: 'bench' };
  const submitted = await batch.door.submit({ ...file, content, simulate });
  if (!submitted.ok) throw new Error(submitted.words);
  await batch.worker.drain();
  const ended = await batch.runs.get(account.id, submitted.run);
  if (ended?.state !== 'done') throw new Error(`the run ended as ${ended?.state}: ${ended?.reason}`);
  return ended.counts;
}

await measure(db, 'simulated', () => run(peopleDocument(people), true));
await measure(db, 'made', () => run(peopleDocument(people)));
await measure(db, 'a third changed', () => run(peopleDocument(people, ' new')));
await measure(db, 'unchanged', () => run(peopleDocument(people, ' new')));
await measureInserts(db);
await batch.close();
