// The loop of background work: pauses, waking, back-off after failures, and an end that waits for the round under way.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, test } from '@jest/globals';
import { createBackgroundLoop } from '../src/background-loop.ts';

const HOUR_MS = 3_600_000;
const fail = (error: unknown): void => assert.fail(String(error));

describe('a background loop', () => {
  test('runs rounds until nothing is left, then pauses until it is woken', async () => {
    let rounds = 0;
    let left = 3;
    const round = async () => {
      rounds += 1;
      left -= 1;
      return left > 0;
    };
    const loop = createBackgroundLoop({ round, pauseMs: HOUR_MS, onError: fail });
    loop.start();
    loop.start();
    await sleep(20);
    assert.equal(rounds, 3);
    loop.wake();
    await sleep(20);
    assert.equal(rounds, 4);
    await loop.stop();
  });

  test('goes on after failures, with growing pauses', async () => {
    const at: number[] = [];
    const errors: unknown[] = [];
    const round = async () => {
      at.push(performance.now());
      throw new Error('no');
    };
    const loop = createBackgroundLoop({ round, pauseMs: 20, onError: (error) => errors.push(error) });
    loop.start();
    await sleep(400);
    await loop.stop();
    const pauses = at.slice(1).map((time, index) => time - (at[index] ?? 0));
    assert.ok(pauses.length >= 2 && pauses.every((pause, index) => pause >= 20 * 2 ** index - 2), pauses.join());
    assert.equal(errors.length, at.length);
  });

  test('stops its pause at once, and waits for the round under way', async () => {
    let ended = false;
    const round = async (signal: AbortSignal) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      await sleep(30);
      ended = true;
      return true;
    };
    const loop = createBackgroundLoop({ round, pauseMs: HOUR_MS, onError: fail });
    loop.start();
    await loop.stop();
    assert.equal(ended, true);
    const idle = createBackgroundLoop({ round: async () => false, pauseMs: HOUR_MS, onError: fail });
    idle.start();
    await sleep(5);
    await idle.stop();
  });

  test('drains without a start, and throws what a round throws', async () => {
    let left = 2;
    const loop = createBackgroundLoop({
      round: async () => {
        if (left < 0) throw new Error('no');
        left -= 1;
        return left > 0;
      },
      pauseMs: HOUR_MS,
      onError: fail,
    });
    await loop.drain();
    assert.equal(left, 0);
    left = -1;
    await assert.rejects(loop.drain(), /no/);
  });
});
