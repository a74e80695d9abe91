// The log: JSON lines that carry the request's id and no secret.

import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, test } from '@jest/globals';
import { createLog, type Log, redact, requestId, runWithRequestId } from '../src/log.ts';

async function logged(write: (log: Log) => unknown, pretty = false): Promise<string[]> {
  const stream = new PassThrough();
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  await write(createLog({ level: 'info', pretty, stream }));
  await sleep(5);
  return Buffer.concat(chunks)
    .toString()
    .split('\n')
    .filter((line) => line !== '');
}

describe('the log', () => {
  test('a line is one JSON object with level, time, message and fields', async () => {
    const [line = ''] = await logged((log) => log.info('listening', { port: 3000 }));
    const { timestamp, ...rest } = JSON.parse(line) as Record<string, unknown>;
    assert.deepEqual(rest, { level: 'info', message: 'listening', port: 3000 });
    assert.ok(!Number.isNaN(Date.parse(String(timestamp))));
  });

  test('below the level nothing is written', async () => {
    assert.deepEqual(await logged((log) => log.debug('quiet')), []);
  });

  test('the request id goes along with asynchronous work, and a field can not take its place', async () => {
    const lines = await logged((log) =>
      runWithRequestId('r-1', async () => {
        await sleep(1);
        assert.equal(requestId(), 'r-1');
        log.warn('late', { request: 'forged', level: 'error' });
      }),
    );
    const { request, level } = JSON.parse(lines[0] ?? '{}') as Record<string, unknown>;
    assert.deepEqual({ request, level }, { request: 'r-1', level: 'warn' });
    assert.equal(requestId(), undefined);
  });

  test('text with a line break stays one line', async () => {
    assert.equal((await logged((log) => log.info('a\nb'))).length, 1);
  });

  test('lines for people', async () => {
    const [line = ''] = await logged((log) => log.info('listening', { port: 3000 }), true);
    assert.match(line, /^\d\d:\d\d:\d\d info {2}listening \{"port":3000\}$/);
  });

  test('secrets are written nowhere', async () => {
    const secrets = {
      headers: { Authorization: 'Bearer s3cret-1', 'set-cookie': ['s3cret-2'] },
      body: { password: 's3cret-3', externalId: 's3cret-4', list: [{ accessToken: 's3cret-5' }] },
      note: 'mbt_s3cret-6 and Bearer s3cret-7',
      uri: 'mongodb://user:s3cret-8@db/x',
      error: new Error('refused mbt_s3cret-9', { cause: new Error('Basic s3cret-10') }),
    };
    const lines = await logged((log) => log.error('failed with mbt_s3cret-11', secrets));
    assert.doesNotMatch(lines.join('\n'), /s3cret/);
  });
});

describe('redact', () => {
  test('is bounded in depth, in number and in length', () => {
    let deep: Record<string, unknown> = {};
    for (let level = 0; level < 10_000; level += 1) deep = { deep };
    assert.ok(JSON.stringify(redact(deep)).length < 200);
    assert.ok(JSON.stringify(redact(Array.from({ length: 100_000 }, () => 'x'))).length < 10_000);
    assert.ok(JSON.stringify(redact('x'.repeat(1_000_000))).length < 5000);
    const circle: Record<string, unknown> = {};
    circle.circle = circle;
    assert.ok(JSON.stringify(redact(circle)).length < 200);
  });

  test('a client’s __proto__ is a key like any other', () => {
    const safe = redact(JSON.parse('{"__proto__":{"polluted":true}}')) as object;
    assert.deepEqual(Object.keys(safe), ['__proto__']);
    assert.equal(({} as { polluted?: boolean }).polluted, undefined);
  });

  test('values that JSON does not know', () => {
    assert.deepEqual(redact([1n, new Date(0), new Date(Number.NaN), null, undefined]), [
      '1',
      '1970-01-01T00:00:00.000Z',
      null,
      null,
      undefined,
    ]);
  });
});
