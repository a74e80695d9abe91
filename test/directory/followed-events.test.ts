// Following events over the real collection: what is stored late, after the database was away, still comes, and nothing twice.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from '@jest/globals';
import type { EventReader, RecordedEvent } from '../../src/directory/event.ts';
import { StoreUnavailable } from '../../src/directory/faults.ts';
import { followEvents } from '../../src/directory/followed-events.ts';
import { firstIdAt, newResourceId } from '../../src/directory/ids.ts';
import { createEventReader, createEventSink } from '../../src/mongo/events.ts';
import { openTestDatabase, type TestDatabase } from '../support/mongod.ts';

const ACCOUNT = 'acc';
const CONNECTION = 'con';

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
  await database.db.collection('events').createIndex({ account: 1, _id: -1 }, { name: 'account_newest' });
});
afterAll(() => database.close());

function event(id: string, more: Partial<RecordedEvent> = {}): RecordedEvent {
  return {
    _id: id,
    at: new Date(),
    account: ACCOUNT,
    connection: CONNECTION,
    door: 'scim',
    request: id,
    method: 'GET',
    path: '/Users',
    status: 200,
    durationMs: 1,
    ...more,
  };
}

/** The reader, which is disturbed while `isAway` says so. */
function disturbed(isAway: () => boolean): Pick<EventReader, 'span'> {
  const reader = createEventReader(database.db);
  return {
    span: async (account, span) => {
      if (isAway()) throw new StoreUnavailable(new Error('away'));
      return reader.span(account, span);
    },
  };
}

/** The id that an event has that was recorded `ms` ago. */
const idAgo = (ms: number) => firstIdAt(new Date(Date.now() - ms)).slice(0, 14) + newResourceId().slice(14);

test('an event that is stored late, after a disturbance, comes once, and nothing else comes again', async () => {
  const sink = createEventSink(database.db);
  const begin = idAgo(60_000);
  const [late, early] = [idAgo(20_000), idAgo(10_000)];
  await sink.append([event(early), event(idAgo(9_000), { connection: 'another' })]);
  let isAway = false;
  const stop = new AbortController();
  const came: string[] = [];
  const positions: string[] = [];
  const options = { account: ACCOUNT, connection: CONNECTION, filter: {}, after: begin, signal: stop.signal };
  let steps = 0;
  for await (const step of followEvents(
    disturbed(() => isAway),
    options,
  )) {
    came.push(...step.events.map(({ _id }) => _id));
    positions.push(step.position);
    steps += 1;
    if (steps === 3) isAway = true;
    if (steps === 5) {
      await sink.append([event(late)]);
      isAway = false;
    }
    if (came.length >= 2 && steps >= 10) stop.abort();
  }
  assert.deepEqual(came, [early, late]);
  assert.deepEqual(positions, [...positions].sort(), 'the position never goes back');
});

test('without a disturbance nothing that is recorded before its beginning comes', async () => {
  const stop = new AbortController();
  const options = { account: ACCOUNT, connection: CONNECTION, filter: {}, signal: stop.signal };
  let steps = 0;
  for await (const { events } of followEvents(
    disturbed(() => steps === 2),
    options,
  )) {
    assert.deepEqual(events, []);
    steps += 1;
    if (steps === 5) stop.abort();
  }
});
