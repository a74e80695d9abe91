// Batches on the command line, beside a server that watches the same folder: results, exit codes, simulation.

import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, test } from '@jest/globals';
import { documentOf, goodBlock } from '../support/batch.ts';
import { createCli } from '../support/cli.ts';
import { openTestServer, type TestServer } from '../support/server.ts';

let root: string;
let server: TestServer;
let cli: ReturnType<typeof createCli>;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'mobietrain-batch-'));
  server = await openTestServer({ BATCH_DIR: root, BATCH_POLL_SECONDS: '0.1', BATCH_SETTLE_SECONDS: '0.1' });
  cli = createCli(server.database, { BATCH_DIR: root });
});
afterAll(async () => {
  await server.stop();
  await rm(root, { recursive: true });
});

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

  const reviewed = JSON.parse((await cli('batch', 'review', 'latest', '--account', 'demo', '--json')).out);
  assert.deepEqual([reviewed.run.id, reviewed.failed.length, reviewed.failed[0].number], [run.id, 1, 2]);
  const failures = await cli('import', 'failed', run.id, '--account', 'demo');
  assert.match(failures.out, /<CountryCode>XX<\/CountryCode>/);
  assert.match(
    (await cli('import', 'cancel', run.id, '--account', 'demo')).err,
    /people\.xml has already ended \(done\)/,
  );
}, 60_000);

test('an import followed row by row, with what it refused as a file', async () => {
  const file = join(root, 'people.csv');
  const heading = 'Uid;FirstName;LastName;ExternalId;Email;Superior';
  await writeFile(
    file,
    `${heading}\nimp1;山田;太郎;X-1;imp1@example.com;\nimp2;;Example;X-2;imp2@example.com;\nimp3;Ann;Example;X-3;imp3@example.com;\n`,
  );
  const account = ['--account', 'demo'];
  assert.equal((await cli('account', 'set', 'demo', '--required-data', 'enforce')).code, 0);
  const simulated = await cli('user', 'import', file, ...account, '--simulate');
  assert.equal(simulated.code, 3, simulated.err);
  const applied = await cli('import', 'apply', 'latest', ...account, '--json');
  assert.equal(applied.code, 3, applied.err);
  const { id, counts, kind } = JSON.parse(applied.out);
  assert.deepEqual([kind, counts.created, counts.refused], ['csv-import', 2, 1]);
  const listed = JSON.parse((await cli('import', 'list', ...account, '--limit', '2', '--json')).out);
  assert.deepEqual(
    [...listed].map((one: { kind: string }) => one.kind),
    ['csv-import', 'csv-simulation'],
  );
  const rows = await cli('import', 'rows', id, ...account);
  assert.equal(rows.out.trimEnd().split('\n').length, 4, rows.out);
  assert.match(rows.out, /^2 +3 +refused +im\*{3}@example\.com +FirstName: is required/m);
  const refused = JSON.parse((await cli('import', 'rows', id, '--outcome', 'refused', ...account, '--json')).out);
  assert.deepEqual([refused.length, refused[0].faults[0].code], [1, 'required']);
  const failed = await cli('import', 'failed', id, ...account);
  assert.deepEqual(
    failed.out
      .replace('\uFEFF', '')
      .split(/\r?\n/)
      .map((line) => line.split(';')[0]),
    ['Uid', 'imp2', ''],
  );
  assert.match((await cli('import', 'show', id, ...account)).out, /^REFUSED +1$/m);
  assert.match((await cli('import', 'show', 'none', ...account)).err, /No import "none" exists/);
}, 60_000);
