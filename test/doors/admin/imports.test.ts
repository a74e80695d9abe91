// Files over the admin API: what their runs and rows tell.

import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AdminServer, idOf, openAdminServer } from '../../support/admin.ts';
import { block, documentOf } from '../../support/batch.ts';
import type { Answer } from '../../support/server.ts';

const BATCH_DIR = join(tmpdir(), `mobietrain-imports-${process.pid}`);
let api: AdminServer;
let account: string;
before(async () => {
  api = await openAdminServer({ BATCH_DIR });
  account = await api.account({ requiredData: 'enforce' });
});
after(async () => {
  await api.stop();
  await rm(BATCH_DIR, { recursive: true, force: true });
});

const imports = () => `/accounts/${account}/imports`;

function upload(format: 'csv' | 'xml', body: string, query = ''): Promise<Answer> {
  const headers = { 'Content-Type': format === 'csv' ? 'text/csv' : 'application/xml' };
  return api.root('POST', `${imports()}/${format}${query}`, { body, headers });
}

async function ended(taken: Answer): Promise<Answer> {
  assert.equal(taken.status, 202, taken.text);
  for (let looks = 0; looks < 200; looks += 1) {
    const run = await api.root('GET', `${imports()}/${idOf(taken)}`);
    if (run.body.finished !== undefined) return run;
    await sleep(50);
  }
  throw new Error('the run does not end');
}

const rowsOf = async (run: Answer, query = '') =>
  (await api.root('GET', `${imports()}/${idOf(run)}/rows${query}`)).body.items as Record<string, unknown>[];

describe('an XML batch over the admin API', () => {
  test('tells of a failed block its codes, the causes and the block itself', async () => {
    const bad = block({ UserId: 'cashier1', CountryCode: 'Narnia' });
    const run = await ended(await upload('xml', documentOf(bad), '?fileset=nightly'));
    assert.deepEqual([run.body.kind, run.body.state, run.body.fileset], ['xml-batch', 'done', 'nightly']);
    const [row] = await rowsOf(run, '?outcome=refused');
    assert.equal(row?.block, bad);
    const errors = ((row?.faults ?? []) as { error: string }[]).map(({ error }) => error);
    assert.deepEqual(errors, [
      'USER_NAME_REQUIRED',
      'USER_EMAIL_REQUIRED',
      'USER_LANGUAGE_REQUIRED',
      'INVALID_COUNTRY_CODE',
    ]);
  });

  test('shows no more of a block than is kept', async () => {
    const run = await ended(await upload('xml', documentOf(block({ UserId: 'x'.repeat(20_000) })), '?simulate=true'));
    const [row] = await rowsOf(run);
    assert.equal(String(row?.block).length, 8_000);
  });
});

test('a run of a CSV file counts the rows that were taken with a note', async () => {
  const file = 'FirstName;LastName;Email;SuperiorExternalId\nAnn;One;ann@example.com;nobody\n';
  const run = await ended(await upload('csv', file));
  assert.deepEqual(run.body.counts, {
    total: 1,
    done: 1,
    created: 1,
    updated: 0,
    unchanged: 0,
    refused: 0,
    noted: 1,
  });
  assert.equal(run.body.fileset, undefined);
});
