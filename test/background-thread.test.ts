// The background thread of a server: it writes events and moves change records, is replaced if it fails, and ends with the server.

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { type BackgroundThread, createBackgroundThread } from '../src/app/background-thread/host.ts';
import type { ThreadData } from '../src/app/background-thread/messages.ts';
import type { RecordedEvent } from '../src/directory/event.ts';
import type { Occurrence } from '../src/http/events/occurrence.ts';
import { createEventQueue } from '../src/http/events/queue.ts';
import { createEventWriter } from '../src/http/events/writer.ts';
import type { Redactor } from '../src/http/redaction.ts';
import { NO_LOG } from '../src/log.ts';
import { collectionsOf } from '../src/mongo/collections.ts';
import { bulkBody, USER, userNamed } from './support/scim.ts';
import { openTestServer } from './support/server.ts';
import { until } from './support/until.ts';

test('a server with the thread has its events and its audit trail, and none waits when it has stopped', async () => {
  const server = await openTestServer({ BACKGROUND_THREAD: 'on' });
  const { db } = server.database;
  const { events, audit, users } = collectionsOf(db);
  try {
    const made = await server.call('POST', '/Users', { schemas: [USER], userName: 'thread@example.com' });
    assert.equal(made.status, 201, made.text);
    await until(
      () => audit.countDocuments({ subject: String(made.body.id), action: 'create' }),
      (count) => count === 1,
    );
    await until(
      () => users.countDocuments({ 'changes.at': { $exists: true } }),
      (count) => count === 0,
    );
    const refused = await server.call('POST', '/Users', { schemas: [USER], userName: 'thread@example.com' });
    assert.equal(refused.status, 409, refused.text);
  } finally {
    await server.halt();
  }
  const written = await events.find({ method: 'POST' }).sort({ _id: 1 }).toArray();
  assert.deepEqual(
    written.map(({ status }) => status),
    [201, 409],
  );
  assert.match(written[0]?.requestBody ?? '', /"userName":@0/);
  assert.equal(written[0]?.values?.[0]?.text, 'thread@example.com');
  assert.match(written[1]?.faults?.[0]?.code ?? '', /uniqueness/);
  await server.stop();
});

test('of a large body, the event is made before it is handed over, and is the same', async () => {
  const users = Array.from({ length: 60 }, (_, index) => ({
    method: 'POST',
    path: '/Users',
    bulkId: `b${index}`,
    data: userNamed(`large-${index}`, { title: 'x'.repeat(900) }),
  }));
  const stored = await Promise.all(
    ['on', 'off'].map(async (thread) => {
      const server = await openTestServer({ BACKGROUND_THREAD: thread });
      const answer = await server.call('POST', '/Bulk', bulkBody(...users));
      assert.equal(answer.status, 200, answer.text);
      await server.halt();
      const [event] = await collectionsOf(server.database.db).events.find({ path: '/Bulk' }).toArray();
      await server.stop();
      return event?.requestBody;
    }),
  );
  assert.ok((stored[0]?.length ?? 0) > 16_000);
  assert.equal(stored[0], stored[1]);
});

test('an event that cannot be made is dropped and reported, and the next ones are written', async () => {
  const redactor = {
    subject(text: string) {
      if (text === 'bad') throw new Error('on purpose');
      return text;
    },
  } as Redactor;
  const stored: string[] = [];
  const append = async (events: readonly RecordedEvent[]) => void stored.push(...events.map(({ path }) => path));
  const lines: string[] = [];
  const log = {
    ...NO_LOG,
    error: (line: string) => void lines.push(line),
    warn: (line: string) => void lines.push(line),
  };
  const queue = createEventQueue(createEventWriter({ sink: { append }, redactor, log }), log);
  queue.add(commandOf('/bad', ['bad']), 0);
  await queue.drain(Date.now() + 5_000);
  queue.add(commandOf('/good', ['good']), 0);
  await queue.drain(Date.now() + 5_000);
  queue.flushIfDue();
  assert.deepEqual(stored, ['/good']);
  assert.deepEqual(lines, ['Recording events failed', 'Events were dropped']);
});

/** A thread that answers each write, counts them, and ends when a write asks for that. */
const STAND_IN = `
import { parentPort } from 'node:worker_threads';
parentPort.on('message', ({ kind, id, occurrences }) => {
  if (kind === 'stopRelay') parentPort.postMessage({ kind: 'relayStopped' });
  if (kind === 'end') parentPort.close();
  if (kind !== 'write') return;
  if (occurrences[0].command.path === '/fail') throw new Error('on purpose');
  parentPort.postMessage({ kind: 'written', id, ok: occurrences[0].command.path === '/good' });
});
parentPort.postMessage({ kind: 'ready' });
`;

describe('a thread that fails', () => {
  let folder: string;
  let thread: BackgroundThread;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mobietrain-thread-'));
    const entry = join(folder, 'thread.mjs');
    await writeFile(entry, STAND_IN);
    thread = createBackgroundThread({} as ThreadData, NO_LOG, pathToFileURL(entry));
  });
  afterAll(async () => {
    await thread.end();
    await rm(folder, { recursive: true });
  });

  const write = (path: string) => thread.writer.write([commandOf(path)]);

  test('says what it could write and what not', async () => {
    assert.equal(await write('/good'), true);
    assert.equal(await write('/bad'), false);
  });

  test('drops what it was writing, and another one takes over', async () => {
    thread.relay.start();
    assert.deepEqual(await Promise.all([write('/fail'), write('/good')]), [false, false]);
    assert.equal(
      await until(
        () => write('/good'),
        (ok) => ok,
      ),
      true,
    );
    await thread.relay.stop();
  });

  test('what cannot be copied is dropped, and nothing waits for it', async () => {
    const command = Object.assign(commandOf('/good'), { by: () => 'a function' });
    await assert.rejects(thread.writer.write([command]), { name: 'DataCloneError' });
    assert.equal(await write('/good'), true);
  });

  test('is left if it never becomes ready, and the end does not wait for it', async () => {
    const entry = join(folder, 'silent.mjs');
    await writeFile(entry, 'setInterval(() => {}, 1000);');
    const silent = createBackgroundThread({} as ThreadData, NO_LOG, pathToFileURL(entry));
    const waiting = silent.writer.write([commandOf('/good')]);
    silent.relay.start();
    await silent.relay.stop();
    await silent.end();
    assert.equal(await waiting, false);
  });
});

function commandOf(path: string, identities: string[] = []): Occurrence {
  const by = { kind: 'commandLine', id: 'root' } as const;
  const command = { at: new Date(), by, account: undefined, path, isRead: true, status: 200, subject: undefined };
  return { kind: 'command', command: { ...command, identities, faults: [] }, durationMs: 1 };
}
