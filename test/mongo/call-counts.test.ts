// Counts of calls in a real database: several processes at once, repeated batches, a database that fails for a while, and the index.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from '@jest/globals';
import { type Call, type CallSink, countCall, emptyHour, type HourCounts } from '../../src/directory/health/calls.ts';
import { createCallCounter } from '../../src/http/events/call-counter.ts';
import { createLog } from '../../src/log.ts';
import { createCallReader, createCallSink } from '../../src/mongo/call-counts.ts';
import { openTestDirectory, type TestDirectory } from '../support/directory.ts';

let directory: TestDirectory;
beforeAll(async () => {
  directory = await openTestDirectory();
});
afterAll(() => directory.close());

const AT = new Date('2026-11-20T10:17:00Z');
const log = createLog({ level: 'error' });
const call = (more: Partial<Call> = {}): Call => ({
  account: 'acc_a',
  connection: 'con_a',
  at: AT,
  status: 200,
  method: 'POST',
  isRead: false,
  ...more,
});

function counted(...calls: Call[]): HourCounts {
  const [first] = calls;
  assert.ok(first);
  const hour = emptyHour(first);
  for (const each of calls) countCall(hour, each);
  return hour;
}

const read = (connection: string) =>
  createCallReader(directory.db).hoursOf('acc_a', connection, new Date('2026-11-20T00:00:00Z'));

test('what is counted comes back as it was', async () => {
  const connection = 'con_same';
  const hour = counted(
    call({ connection, client: 'entra', listed: { type: 'User', total: 12 } }),
    call({ connection, at: new Date('2026-11-20T10:59:59Z'), listed: { type: 'Group', total: 3 } }),
    call({ connection, status: 400, faults: [{ code: 'required', detail: '' }] }),
    call({ connection, status: 401, isTokenRefused: true }),
  );
  await createCallSink(directory.db).addCalls('batch', [hour]);
  assert.deepEqual(await read(connection), [hour]);
});

test('no count is lost or added twice when many processes count the same hour and repeat their batches', async () => {
  const connection = 'con_many';
  const sinks = Array.from({ length: 12 }, () => createCallSink(directory.db));
  const faults = [{ code: 'uniqueness', detail: '' }];
  const work = sinks.map(async (sink, process) => {
    // Together fewer than the sink remembers of an hour, however the processes take turns.
    for (let batch = 0; batch < 4; batch += 1) {
      const hour = counted(call({ connection }), call({ connection, status: 409, faults }));
      const id = `${process} ${batch}`;
      // As if the response to the first attempt had been lost.
      await sink.addCalls(id, [hour]);
      await sink.addCalls(id, [hour]);
    }
  });
  await Promise.all(work);
  const [hour, ...others] = await read(connection);
  assert.ok(hour);
  assert.equal(others.length, 0);
  assert.deepEqual([hour.requests, hour.refused, hour.faults.uniqueness?.count], [96, 48, 48]);
});

test('counts wait while the database fails, and are then added once', async () => {
  const connection = 'con_wait';
  const real = createCallSink(directory.db);
  let failures = 3;
  const sink: CallSink = {
    async addCalls(batch, hours) {
      await real.addCalls(batch, hours);
      failures -= 1;
      // The batch was added, but the process does not learn it.
      if (failures >= 0) throw new Error('no answer');
    },
  };
  const counter = createCallCounter(sink, log);
  for (let round = 0; round < 6; round += 1) {
    counter.add(call({ connection }));
    await counter.flush();
  }
  await counter.flush();
  assert.equal(counter.isWaiting(), false);
  assert.equal((await read(connection))[0]?.requests, 6);
});

test('a process that starts again adds to what is there', async () => {
  const connection = 'con_restart';
  for (let start = 0; start < 3; start += 1) {
    const counter = createCallCounter(createCallSink(directory.db), log);
    counter.add(call({ connection }));
    await counter.flush();
  }
  assert.equal((await read(connection))[0]?.requests, 3);
});

test('30 days of a connection are read from an index, beside many others', async () => {
  const sink = createCallSink(directory.db);
  const hours = Array.from({ length: 24 * 32 }, (_, index) => new Date(AT.getTime() - index * 3_600_000));
  for (const connection of ['con_long', 'con_other'])
    await sink.addCalls(
      `long ${connection}`,
      hours.map((at) => counted(call({ connection, at }))),
    );
  const from = new Date(AT.getTime() - 30 * 86_400_000);
  const found = await createCallReader(directory.db).hoursOf('acc_a', 'con_long', from);
  assert.equal(found.length, 24 * 30);
  const { executionStats, queryPlanner } = await directory.db
    .collection('callCounts')
    .find({ account: 'acc_a', connection: 'con_long', hour: { $gte: from } })
    .sort({ hour: 1 })
    .limit(1_000)
    .explain('executionStats');
  assert.doesNotMatch(JSON.stringify(queryPlanner.winningPlan), /COLLSCAN|"SORT"/);
  assert.equal(executionStats.totalDocsExamined, 24 * 30);
});
