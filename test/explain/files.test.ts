// Which index each query of files uses: CSV runs from the simulation to the export, XML batches over the API and from the folder, what is
// done every day, mails, and the erasure of a person from all of it.

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { startServer } from '../../src/app/server.ts';
import { loadConfig } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';
import { type Api, idOf } from '../support/admin.ts';
import { documentOf, goodBlock } from '../support/batch.ts';
import { peopleFile } from '../support/csv-people.ts';
import { type Explained, type ExplainedAccount, openExplained, succeeding } from '../support/explained.ts';
import { ERASURE, ended } from '../support/operation-samples.ts';
import { collectionOf, isOfJob, type MayRead } from '../support/profiler.ts';
import { ENTERPRISE, MOBIETRAIN_USER, userNamed } from '../support/scim.ts';

const ROWS = 120;
let root: string;
let settings: Record<string, string>;
let server: Explained;
let account: ExplainedAccount;
let send: Api;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'mobietrain-explain-'));
  settings = {
    BATCH_DIR: join(root, 'batch'),
    IMPORT_DIR: join(root, 'import'),
    BATCH_POLL_SECONDS: '0.2',
    BATCH_SETTLE_SECONDS: '0.1',
  };
  server = await openExplained(settings);
  await server.account({ requiredData: 'report' });
  account = await server.account({ requiredData: 'report' });
  send = succeeding((method, path, options) => server.api.root(method, `/accounts/${account.slug}${path}`, options));
  // A user limit, so that who is active is counted; the daily turn is due from the first minute of the day on.
  await send('PATCH', '', { body: { userLimit: 5000, importTime: '00:00' } });
});
afterAll(async () => {
  await server.stop();
  await rm(root, { recursive: true, force: true });
});

const upload = async (format: 'csv' | 'xml', body: string, query = ''): Promise<string> => {
  const headers = { 'Content-Type': `text/${format}` };
  return ended(send, idOf(await send('POST', `/imports/${format}?${query}`, { body, headers })));
};
const people = (change = '') => [...peopleFile(ROWS, change)].join('');
const blocks = (prefix: string, more: Record<string, string> = {}) =>
  documentOf(
    ...Array.from({ length: 40 }, (_, index) => goodBlock(`${prefix}-${index}`, index % 10 === 9 ? more : {})),
  );
const BAD = { CountryCode: 'XX' };

/** Checks, and that these collections were asked at all. */
function asks(work: () => Promise<unknown>, ...collections: string[]): Promise<void> {
  return asksAndReads({}, work, ...collections);
}

async function asksAndReads(mayRead: MayRead, work: () => Promise<unknown>, ...collections: string[]): Promise<void> {
  const asked = new Set((await server.check(work, mayRead)).map(collectionOf));
  for (const name of collections) assert.ok(asked.has(name), `${name} was not asked`);
}

describe('CSV', () => {
  let simulation: string;
  test('a simulation', async () => {
    await asks(
      async () => {
        simulation = await upload('csv', people(), 'simulate=true');
        const run = await send('GET', `/imports/${simulation}`);
        assert.equal((run.body.counts as Record<string, number>).created, ROWS, run.text);
      },
      'runs',
      'runRows',
      'runFiles',
      'users',
      'groups',
      'stores',
    );
  });
  test('its import, and the same file once more with changes', async () => {
    await asks(
      async () => {
        await ended(send, idOf(await send('POST', `/imports/${simulation}/import`)));
        await upload('csv', people(' new'), 'mailTo=boss@example.com');
      },
      'runs',
      'activeCounts',
    );
  });
  test('its rows, results and failed rows; an export', async () => {
    await asks(async () => {
      for (const outcome of ['created', 'refused']) await send('GET', `/imports/${simulation}/rows?outcome=${outcome}`);
      await send('GET', `/imports/${simulation}/rows?after=50&limit=20`);
      for (const part of ['all', 'failed']) await send('GET', `/imports/${simulation}/result.csv?part=${part}`);
      await send('GET', '/exports/users.csv');
      await send('GET', '/imports?limit=2');
    }, 'runRows');
  });
});

describe('XML', () => {
  test('over the API, simulated and for good', async () => {
    await asks(async () => {
      await upload('xml', blocks('x', BAD), 'simulate=true');
      await upload('xml', blocks('x', BAD), 'fileset=one');
      await upload('xml', blocks('x', { ManagerUserId: 'x-3', UserName: 'Renamed One' }), 'fileset=one&fileName=b.xml');
    }, 'runRows');
  });
  test('from the folder', async () => {
    const folder = join(root, 'batch', account.slug, 'incoming', 'nightly');
    await mkdir(folder, { recursive: true });
    await writeFile(join(root, 'part'), blocks('y', { ManagerUserId: 'y-3' }));
    await asks(async () => {
      await rename(join(root, 'part'), join(folder, 'users.xml'));
      for (let looks = 0; ; looks += 1) {
        assert.ok(looks < 300, 'the batch does not end');
        const { body } = await send('GET', '/imports?limit=1');
        const [newest] = body.items as { fileset?: string; finished?: string }[];
        if (newest?.fileset === 'nightly' && newest.finished !== undefined) return;
        await sleep(50);
      }
    }, 'accounts');
  });
});

describe('a start of another instance', () => {
  test('migrates, takes the turn of the day with end dates and the folder, and sends mails', async () => {
    const incoming = join(root, 'import', account.slug, 'incoming');
    await mkdir(incoming, { recursive: true });
    const file = join(incoming, 'users.csv');
    await writeFile(file, 'ExternalId;FirstName;LastName;Email\nF-1;A;One;f1@example.com\n');
    await utimes(file, 1, 1);
    const past = { [MOBIETRAIN_USER]: { endDate: '2020-01-01' } };
    const ending = await account.succeeds('POST', '/Users', { body: userNamed('ending', past) });
    // The instance that runs may have had the turn before there was anything to do.
    await server.db.collection<{ _id: string }>('dailyTurns').deleteOne({ _id: `csv:${account.id}` });
    const { uri, name } = server.api.server.database;
    const config = loadConfig({
      ...settings,
      PORT: '0',
      HOST: '127.0.0.1',
      MONGODB_URI: uri,
      MONGODB_DATABASE: name,
      BOOTSTRAP_TOKEN: 'a'.repeat(40),
      LOG_LEVEL: 'error',
      SHUTDOWN_NOTICE_MS: '250',
      SHUTDOWN_GRACE_MS: '250',
      // Nobody listens there: mails are put off.
      SMTP_URL: 'smtp://127.0.0.1:9',
    });
    // Until each has its share, one relay may read what the other moves at the same moment: at most the changes of the file before.
    await asksAndReads(
      { users: ROWS },
      async () => {
        const other = await startServer(
          config,
          createLog({ level: 'error', stream: new PassThrough().resume() }),
          () => undefined,
        );
        try {
          for (let looks = 0; (await readdir(incoming)).length > 0; looks += 1) {
            assert.ok(looks < 200, 'the folder is not looked through');
            await sleep(50);
          }
          await sleep(500);
        } finally {
          await other.stop();
        }
      },
      'migrations',
      'keys',
      'dailyTurns',
      'outbox',
      'administrators',
      'leases',
    );
    const { body } = await account.succeeds('GET', `/Users/${String(ending.body.id)}`);
    assert.equal(body.active, false);
  });
});

describe('the erasure of a person', () => {
  test('from files, rows, events, mails and what names them as a manager', async () => {
    await upload(
      'csv',
      'ExternalId;FirstName;LastName;Email\nQ-1;Wilhelmina;Quack;q1@example.com\n',
      'mailTo=a@b.example',
    );
    const manager = { [ENTERPRISE]: { manager: { value: 'Q-2' } } };
    for (let index = 0; index < 3; index += 1)
      await account.succeeds('POST', '/Users', { body: userNamed(`waits-${index}`, manager) });
    const found = await account.succeeds('GET', `/Users?filter=${encodeURIComponent('externalId eq "Q-1"')}`);
    const [{ id } = { id: '' }] = found.body.Resources as { id: string }[];
    const statements = await server.check(async () => {
      const erased = await send('POST', `/users/${id}/erase`, { body: { externalIds: ['Q-2'] } });
      assert.equal(erased.body.reports, 3, erased.text);
    }, ERASURE);
    const asked = new Set(statements.filter((one) => !isOfJob(one)).map(collectionOf));
    for (const name of ['simulations', 'outbox', 'events', 'idempotencyKeys', 'runRows', 'users'])
      assert.ok(asked.has(name), `${name} was not asked`);
    const terms = await server.db.collection('users').countDocuments({ account: account.id, terms: /q-2/i });
    assert.equal(terms, 0, 'no term names the person');
  });
});
