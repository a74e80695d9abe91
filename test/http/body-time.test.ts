// Slow bodies: ordinary ones end after their time, files go on while bytes come.

import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { allowFileTime } from '../../src/http/body-time.ts';
import { createHttpServer } from '../../src/http/server.ts';

const TIMES = { ordinaryMs: 300, fileIdleMs: 300, fileBytesMin: 2, fileMs: 1_500 };
const server = createHttpServer(
  (request, response) => {
    if (request.url === '/file') allowFileTime(request);
    request.on('error', () => undefined);
    request.resume().on('end', () => response.end('whole'));
  },
  (status) => ({ mediaType: 'application/json', text: JSON.stringify({ status }) }),
  TIMES,
);
let port: number;
beforeAll(async () => {
  port = await server.listen(0, '127.0.0.1');
});
afterAll(() => server.drain(0, 100));

/** Sends a body of `length` bytes, one every `everyMs`, as many as `bytes`; what comes back. */
async function send(path: string, bytes: number, everyMs: number, length = 10): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let heard = '';
  socket.on('data', (piece: Buffer) => {
    heard += piece.toString();
  });
  const closed = new Promise((resolve) => socket.on('close', resolve).on('error', resolve));
  socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${length}\r\n\r\n`);
  for (let sent = 0; sent < bytes && !socket.destroyed; sent += 1) {
    await pause(everyMs);
    socket.write('x');
  }
  await closed;
  return heard;
}

describe('a body', () => {
  test('that comes in time is taken', async () => assert.match(await send('/', 10, 5), /200 OK[\s\S]*whole/));
  test('that comes too slowly: 408', async () => assert.match(await send('/', 10, 100), /^HTTP\/1\.1 408 /));
  test('that is a file takes longer', async () => assert.match(await send('/file', 10, 100), /200 OK[\s\S]*whole/));
  test('that is a file and stalls: 408', async () => assert.match(await send('/file', 3, 50), /^HTTP\/1\.1 408 /));
  test('that is a file and never ends: 408', async () =>
    assert.match(await send('/file', 18, 100, 30), /^HTTP\/1\.1 408 /));
  test('that is a file and trickles: 408, long before the end of its time', async () => {
    const start = performance.now();
    assert.match(await send('/file', 10, 290), /^HTTP\/1\.1 408 /);
    assert.ok(performance.now() - start < 1_000);
  });
});
