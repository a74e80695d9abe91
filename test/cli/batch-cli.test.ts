// Batches on the command line, beside a server that watches the same folder: results, exit codes, simulation.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, test } from '@jest/globals';
import { documentOf, goodBlock } from '../support/batch.ts';
import { openTestServer, type TestServer } from '../support/server.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

let root: string;
let server: TestServer;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'mobietrain-batch-'));
  server = await openTestServer({ BATCH_DIR: root, BATCH_POLL_SECONDS: '0.1', BATCH_SETTLE_SECONDS: '0.1' });
});
afterAll(async () => {
  await server.stop();
  await rm(root, { recursive: true });
});

function cli(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const { uri, name } = server.database;
  const env = { ...process.env, MONGODB_URI: uri, MONGODB_DATABASE: name, BATCH_DIR: root };
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], { env, timeout: 30_000 }, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, out, err });
    });
  });
}

test('a file simulated, run, listed and reviewed', async () => {
  const file = join(root, 'people.xml');
  await writeFile(file, documentOf(goodBlock('cli1'), goodBlock('cli2', { CountryCode: 'XX' })));
  const where = ['--account', 'demo', '--fileset', 'hand'];
  const simulated = await cli('batch', 'run', file, ...where, '--simulate', '--json');
  assert.equal(simulated.code, 3, simulated.err);
  assert.deepEqual(JSON.parse(simulated.out).run.counts.created, 1);
  assert.equal((await server.call('GET', '/Users?filter=userName eq "cli1"')).body.totalResults, 0);

  const ran = await cli('batch', 'run', file, ...where, '--json');
  assert.equal(ran.code, 3, ran.err);
  const { run, failed } = JSON.parse(ran.out);
  assert.deepEqual([run.state, run.counts.created, run.counts.refused], ['done', 1, 1]);
  assert.deepEqual(failed[0].errors[0].code, 'INVALID_COUNTRY_CODE');
  assert.equal((await server.call('GET', '/Users?filter=userName eq "cli1"')).body.totalResults, 1);
  assert.deepEqual([...(await readdir(join(root, 'demo', 'complete', 'hand', 'archived')))], ['people.xml']);

  const review = await cli('batch', 'review', run.id, '--account', 'demo');
  assert.match(review.out, /block 2, line 4 \(cl…\): INVALID_COUNTRY_CODE {2}Country code is not valid/);
  assert.match(review.out, /The failed blocks are in complete\/hand\/failed\/people_failures\.xml\. Correct them/);
  assert.match((await cli('batch', 'list', '--account', 'demo')).out, /xml-batch\s+done\s+hand\/people\.xml/);
  assert.equal((await cli('batch', 'review', 'none', '--account', 'demo')).code, 1);
  assert.equal((await cli('batch', 'run', file, '--account', 'demo', '--fileset', '../x')).code, 1);
  assert.equal((await cli('batch', 'run', join(root, 'none.xml'), ...where)).code, 1);
  assert.match((await cli('batch', 'schema')).out, /^<\?xml/);
}, 60_000);
