// An import that is killed at a third and again at two thirds goes on to the same end as one that was left alone; a cancelled one stops.

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import type { Account } from '../../../src/directory/model.ts';
import type { Run } from '../../../src/runs/store.ts';
import { type CsvSetting, openCsvSetting } from '../../support/csv.ts';
import { peopleBytes, peopleFile } from '../../support/csv-people.ts';

const ROWS = 1500;
const PROCESS = join(fileURLToPath(new URL('.', import.meta.url)), '../../support/csv-process.js');

let setting: CsvSetting;
beforeAll(async () => {
  setting = await openCsvSetting();
});
afterAll(() => setting.close());

function startProcess(account: Account): ChildProcess {
  const { uri, db } = setting.directory;
  const arguments_ = [PROCESS, uri, db.databaseName, JSON.stringify([account])];
  return spawn(process.execPath, arguments_, { stdio: ['ignore', 'ignore', 'inherit'] });
}

async function killAt(account: Account, id: string, done: number): Promise<void> {
  const child = startProcess(account);
  const users = setting.directory.db.collection('users');
  const deadline = Date.now() + 60_000;
  // Between two checkpoints, in the middle of what is written.
  while ((await users.countDocuments({ account: account.id })) < done) {
    assert.ok(Date.now() < deadline, 'the process makes no progress');
    await sleep(10);
  }
  child.kill('SIGKILL');
  await once(child, 'exit');
  const run = await setting.runs.get(account.id, id);
  assert.equal(run?.state, 'running');
}

async function finished(account: Account, id: string): Promise<Run> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    await setting.worker.drain();
    const run = await setting.runs.get(account.id, id);
    if (run?.finished) return run;
    assert.ok(Date.now() < deadline, 'nobody goes on with the run');
    await sleep(100);
  }
}

/** All users of an account, without what differs from run to run: ids and times. */
async function database(account: Account) {
  const { db } = setting.directory;
  const find = (name: string) => db.collection(name).find({ account: account.id }).toArray();
  const [users, groups, stores] = await Promise.all([find('users'), find('groups'), find('stores')]);
  const names = new Map<unknown, string>([
    ...users.map((user): [unknown, string] => [user._id, user.data.userName]),
    ...groups.map((group): [unknown, string] => [group._id, `${group.type}/${group.name}/${group.externalId}`]),
    ...stores.map((store): [unknown, string] => [store._id, `${store.refId}/${store.name}/${store.country}`]),
  ]);
  const linked = (links: { to: string; origins: string[] }[]) =>
    links.map((link) => ({ ...link, to: names.get(link.to) }));
  return {
    users: users
      .map(({ data, groups: ofUser, stores: at, manager, missing, phones }) => {
        const { enterprise, ...rest } = data;
        const { manager: _reference, ...kept } = enterprise ?? {};
        return {
          ...rest,
          ...kept,
          groups: linked(ofUser),
          stores: linked(at),
          manager: names.get(manager),
          missing,
          phones,
        };
      })
      .sort((a, b) => (a.userName < b.userName ? -1 : 1)),
    groups: groups.map((group) => names.get(group._id)).sort(),
    stores: stores.map((store) => names.get(store._id)).sort(),
  };
}

describe('a run', () => {
  test('that is killed twice comes to the same end as one that is not', async () => {
    const quiet = setting.account();
    const calm = await quiet.import([...peopleFile(ROWS)].join(''));
    assert.equal(calm.run.counts.created, ROWS);

    const killed = setting.account();
    const submission = { simulate: false, fileName: 'people.csv', requestedBy: 'a test' };
    const submitted = await setting.door.submit(killed, peopleBytes(ROWS), submission);
    assert.ok(submitted.ok);
    await killAt(killed.account, submitted.run.id, ROWS * 0.3);
    await killAt(killed.account, submitted.run.id, ROWS * 0.6);
    const run = await finished(killed.account, submitted.run.id);

    assert.equal(run.state, 'done');
    assert.ok((run.attempts ?? 0) >= 3, `${run.attempts} attempts`);
    assert.deepEqual(run.counts, calm.run.counts);
    const rows = (await setting.door.rows(killed, run.id, { limit: 100_000 })) ?? [];
    const said = ({ run: _run, user: _user, ...row }: (typeof rows)[number]) => row;
    assert.deepEqual(rows.map(said), calm.rows.map(said));
    assert.deepEqual(await database(killed.account), await database(quiet.account));
  }, 120_000);

  test('that is cancelled stops, keeps what it did, and is not taken up again', async () => {
    const account = setting.account();
    const submission = { simulate: false, fileName: 'people.csv', requestedBy: 'a test' };
    const submitted = await setting.door.submit(account, peopleBytes(ROWS), submission);
    assert.ok(submitted.ok);
    const working = setting.worker.drain();
    const users = setting.directory.db.collection('users');
    while ((await users.countDocuments({ account: account.account.id })) < 100) await sleep(10);
    const cancelled = await setting.door.cancel(account, submitted.run.id);
    assert.equal(cancelled?.state, 'cancelled');
    await working;
    await setting.worker.drain();
    const run = await setting.door.run(account, submitted.run.id);
    assert.equal(run?.state, 'cancelled');
    const kept = await users.countDocuments({ account: account.account.id });
    assert.ok(kept >= 100 && kept < ROWS, `${kept} users`);
    assert.equal(await setting.door.cancel(account, submitted.run.id), undefined);
  });
});
