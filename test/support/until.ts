// Waiting for what comes about some moments later: a run that ends, an event that is stored, a page that follows.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Api, idOf } from './admin.ts';
import type { Answer } from './http-client.ts';

const PAUSE_MS = 50;
const WAIT_MS_MAX = 60_000;

/** Reads again and again until what is read holds, and returns it; fails with the last of it after a minute. */
export async function until<T>(read: () => T | Promise<T>, holds: (found: T) => boolean): Promise<T> {
  const end = Date.now() + WAIT_MS_MAX;
  for (;;) {
    const found = await read();
    if (holds(found)) return found;
    assert.ok(Date.now() < end, `it does not come about: ${JSON.stringify(found)}`);
    await sleep(PAUSE_MS);
  }
}

/** The run that an upload began, once it has ended. @param imports the path of imports in the admin API, as `send` takes it */
export function runEnded(send: Api, imports: string, taken: Answer): Promise<Answer> {
  assert.equal(taken.status, 202, taken.text);
  return until(
    () => send('GET', `${imports}/${idOf(taken)}`),
    ({ body }) => body.finished !== undefined,
  );
}
