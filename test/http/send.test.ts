// Responses that are read slowly or not at all: they ask before they wait, once, and are cut off if they may not.

import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, describe, test } from '@jest/globals';
import type { DoorResponse } from '../../src/doors/contract.ts';
import { send } from '../../src/http/send.ts';

const LARGE = 32 * 1024 * 1024;
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.closeAllConnections();
});

async function* endless(): AsyncIterable<string> {
  for (;;) yield 'x'.repeat(65_536);
}

/** Serves an answer to a client that reads only the first bytes; how often the response asked, and when it was over. */
async function unread(answer: Partial<DoorResponse>, mayWait: boolean): Promise<{ asked: number; isOver: boolean }> {
  let asked = 0;
  let isOver = false;
  const server = createServer((_request, response) => {
    const options = {
      mediaType: 'text/plain',
      isHead: false,
      mayWait: () => {
        asked += 1;
        return mayWait;
      },
    };
    void send(response, { status: 200, headers: {}, ...answer }, options).then(() => {
      isOver = true;
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  socket.pause();
  await new Promise((resolve) => setTimeout(resolve, 500));
  const result = { asked, isOver };
  socket.destroy();
  server.close();
  return result;
}

describe('a response that nobody reads', () => {
  for (const [what, answer] of [
    ['a stream', { stream: endless() }],
    ['bytes', { bytes: Buffer.alloc(LARGE) }],
    ['an object', { body: { text: 'x'.repeat(LARGE) } }],
  ] as const) {
    test(`${what}: waits if it may`, async () =>
      assert.deepEqual(await unread(answer, true), { asked: 1, isOver: false }));
  }
  test('a stream that may not wait is cut off', async () =>
    assert.deepEqual(await unread({ stream: endless() }, false), { asked: 1, isOver: true }));
  test('bytes that may not wait are cut off', async () =>
    assert.deepEqual(await unread({ bytes: Buffer.alloc(LARGE) }, false), { asked: 1, isOver: true }));
});

test('a small response asks nothing', async () =>
  assert.deepEqual(await unread({ body: { text: 'x' } }, false), { asked: 0, isOver: true }));
