// An XML batch of 100,000 blocks through the whole door: made, then restated; blocks a second and the process's peak memory.
// `node dist/bench/xml-batch.js [blocks]`; a mongod of its own, in a folder that is thrown away.

import { createWriteStream } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { goodBlock, openTestBatch, STORES } from '../test/support/batch.ts';

const BLOCKS = Number(process.argv[2] ?? 100_000);
const ROLE = '<UserRole RoleCode="CustomerMaintenance" Action="Add"/>';

const batch = await openTestBatch();
const folder = join(batch.root, batch.account.slug, 'incoming', 'bench');
await mkdir(folder, { recursive: true });
await measure('made', 'made.xml');
await measure('restated', 'restated.xml');
await batch.close();

function* people(): Generator<string> {
  yield '<?xml version="1.0" encoding="UTF-8"?>\n<UserMaintenance>\n';
  for (let n = 0; n < BLOCKS; n += 1) {
    const store = STORES[n % STORES.length] ?? '';
    const elements = { UserName: `Ann Person${n}`, RetailLocationId: store, ManagerUserId: `bench${n % 100}` };
    yield `${goodBlock(`bench${n}`, elements, ROLE)}\n`;
  }
  yield '</UserMaintenance>\n';
}

async function measure(what: string, name: string): Promise<void> {
  await pipeline(Readable.from(people()), createWriteStream(join(batch.root, name)));
  await rename(join(batch.root, name), join(folder, name));
  const started = performance.now();
  const run = await batch.work();
  const seconds = (performance.now() - started) / 1000;
  const { created, updated, unchanged, refused } = run.counts;
  const rssMb = process.resourceUsage().maxRSS / 1024;
  console.log(
    `${what}: ${run.counts.done} blocks (${created} created, ${updated} updated, ${unchanged} unchanged, ${refused} refused) in ${seconds.toFixed(1)} s, ${Math.round(run.counts.done / seconds)} blocks/s, peak ${Math.round(rssMb)} MB`,
  );
}
