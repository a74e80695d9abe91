// Files over the admin API: what their runs and rows tell.

import assert from 'node:assert/strict';
import { readdir, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { type AdminServer, idOf, openAdminServer } from '../../support/admin.ts';
import { block, documentOf } from '../../support/batch.ts';
import type { Answer } from '../../support/http-client.ts';
import { runEnded } from '../../support/until.ts';

const BATCH_DIR = join(tmpdir(), `mobietrain-imports-${process.pid}`);
let api: AdminServer;
let account: string;
beforeAll(async () => {
  api = await openAdminServer({ BATCH_DIR });
  account = await api.account({ requiredData: 'enforce' });
});
afterAll(async () => {
  await api.stop();
  await rm(BATCH_DIR, { recursive: true, force: true });
});

const imports = () => `/accounts/${account}/imports`;

function upload(format: 'csv' | 'xml', body: string, query = ''): Promise<Answer> {
  const headers = { 'Content-Type': format === 'csv' ? 'text/csv' : 'application/xml' };
  return api.root('POST', `${imports()}/${format}${query}`, { body, headers });
}

const ended = (taken: Answer) => runEnded(api.root, imports(), taken);

const rowsOf = async (run: Answer, query = '') =>
  (await api.root('GET', `${imports()}/${idOf(run)}/rows${query}`)).body.items as Record<string, unknown>[];

describe('the form of a CSV upload', () => {
  test('is named by the upload, and the run reports it', async () => {
    const file = 'ExternalId,FirstName,LastName,Email\nZ1,Zo\u00eb,Peeters,z@example.com\n';
    const run = await ended(await upload('csv', file, '?simulate=true&encoding=cp1252&delimiter=,'));
    assert.deepEqual([run.body.encoding, run.body.delimiter], ['windows-1252', ',']);
    assert.equal((run.body.counts as Record<string, number>).created, 1);
  });

  test('is changed after a look at the simulation: the file is simulated once more', async () => {
    const file = 'ExternalId,FirstName,LastName,Email\nZ2,Zo\u00eb,,z2@example.com\n';
    const first = await ended(await upload('csv', file, '?simulate=true&encoding=cp1252'));
    const again = (run: string, query: string) => api.root('POST', `${imports()}/${run}/simulate${query}`);
    const second = await ended(await again(idOf(first), '?encoding=utf-8&delimiter=,'));
    assert.notEqual(idOf(second), idOf(first));
    assert.deepEqual(
      [second.body.kind, second.body.encoding, second.body.fileName],
      ['csv-simulation', 'utf-8', first.body.fileName],
    );
    const wrong = await again(idOf(first), '?encoding=utf-8&delimiter=;');
    assert.equal(wrong.status, 400, wrong.text);
    assert.equal((await again(idOf(first), '?encoding=klingon')).status, 400);
    assert.equal((await again('nothing', '')).status, 404);
    const other = await api.account();
    const theirs = `/accounts/${other}/imports/${idOf(first)}/simulate`;
    assert.equal((await api.root('POST', theirs)).status, 404);
    assert.deepEqual(
      (await rowsOf(second, '?faulty=true')).map(({ outcome }) => outcome),
      ['refused'],
    );
  });

  test('is detected otherwise, and reported for both kinds of files', async () => {
    const csv = await ended(await upload('csv', 'FirstName\tLastName\tEmail\nA\tB\tc@example.com\n', '?simulate=true'));
    assert.deepEqual([csv.body.encoding, csv.body.delimiter, csv.body.reason], ['utf-8', 'tab', undefined]);
    const xml = await ended(await upload('xml', documentOf(block({ UserId: 'a' })), '?simulate=true'));
    assert.deepEqual([xml.body.encoding, xml.body.delimiter], ['utf-8', undefined]);
  });

  for (const query of ['encoding=klingon', 'encoding=', 'delimiter=|', 'delimiter=']) {
    test(`${query} is refused`, async () => {
      const answer = await upload('csv', 'FirstName;LastName;Email\n', `?${query}`);
      assert.deepEqual([answer.status, answer.body.code], [400, 'invalidValue'], answer.text);
    });
  }
});

describe('the name of an upload', () => {
  const refused = ['..', '.', 'a/b', 'a\\b', '../x.csv', 'a\r\nb', ''];
  for (const format of ['csv', 'xml'] as const) {
    for (const name of refused) {
      test(`${JSON.stringify(name)} is refused for ${format}`, async () => {
        const answer = await upload(format, '<a/>', `?fileName=${encodeURIComponent(name)}`);
        assert.deepEqual([answer.status, answer.body.code], [400, 'invalidValue'], answer.text);
        assert.match(answer.text, /fileName/);
      });
    }
  }
});

describe('an XML batch over the admin API', () => {
  test('reports a failed block with its codes, the causes and the block itself', async () => {
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

describe('an upload', () => {
  const csv = 'FirstName;LastName;Email\nAnn;One;ann@example.com\n';
  for (const [what, type, more] of [
    ['a form around the file', 'multipart/form-data; boundary=x', {}],
    ['JSON', 'application/json', {}],
    ['a compressed file', 'text/csv', { 'Content-Encoding': 'gzip' }],
  ] as const)
    test(`${what} is refused with what to do instead: 415`, async () => {
      const headers = { 'Content-Type': type, ...more };
      const answer = await api.root('POST', `${imports()}/csv`, { body: csv, headers });
      assert.deepEqual([answer.status, answer.body.code], [415, 'mediaType']);
      assert.match(answer.text, /itself must be the body|without a Content-Encoding/);
    });

  test('that breaks off leaves no run and no piece of its file, and does not count as a server error', async () => {
    const { db } = api.server.database;
    const before = await db.collection('runs').countDocuments();
    const token = String(
      (await (await api.browser())('POST', '/session/tokens', { body: { name: 'half' } })).body.token,
    );
    for (const format of ['csv', 'xml?fileset=half']) {
      const socket = connect(Number(new URL(api.base).port), '127.0.0.1');
      const head = `POST /api/v1${imports()}/${format} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}`;
      socket.write(`${head}\r\nContent-Length: 5000\r\n\r\nFirstName;La`);
      await sleep(300);
      socket.destroy();
    }
    await sleep(800);
    assert.equal(await db.collection('runs').countDocuments(), before);
    assert.equal(await db.collection('runFiles').countDocuments({ last: false }), 0);
    const left = await readdir(join(BATCH_DIR, account, 'incoming', 'half')).catch(() => []);
    assert.deepEqual([...left], []);
    const events = await db
      .collection('events')
      .find({ path: /imports/ })
      .sort({ _id: -1 })
      .limit(2)
      .toArray();
    assert.deepEqual(
      events.map(({ status }) => status),
      [499, 499],
    );
  });
});
