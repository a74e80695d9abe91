// The deadline for a database that does not answer, and the queue of writers: slow work is waited for, hanging work is not.

import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, jest, test } from '@jest/globals';
import { StoreUnavailable } from '../../src/directory/faults.ts';
import { createDeadline } from '../../src/mongo/client/deadline.ts';
import { createKeyedQueue } from '../../src/mongo/client/keyed-queue.ts';

describe('the deadline', () => {
  test('waits for what takes long while the database answers, gives up what hangs where it does not', async () => {
    jest.useFakeTimers();
    try {
      let there = true;
      const withDeadline = createDeadline(async () => there);
      let finish = (_value: string): void => undefined;
      const long = withDeadline(() => new Promise<string>((resolve) => (finish = resolve)));
      for (let look = 0; look < 3; look += 1) {
        jest.advanceTimersByTime(5_000);
        await turn();
      }
      finish('done');
      assert.equal(await long, 'done');
      there = false;
      const hanging = withDeadline(() => new Promise(() => undefined));
      const refused = assert.rejects(hanging, StoreUnavailable);
      jest.advanceTimersByTime(5_000);
      await turn();
      await refused;
    } finally {
      jest.useRealTimers();
    }
  });
  test('passes on what the operation comes to', async () => {
    const withDeadline = createDeadline(async () => true);
    assert.equal(await withDeadline(async () => 7), 7);
    await assert.rejects(
      withDeadline(async () => Promise.reject(new RangeError('of its own'))),
      RangeError,
    );
  });
});

describe('the queue of a key', () => {
  const later = <T>(work: () => T) => turn().then(work);
  test('runs one after the other; a failure of one is not that of the next', async () => {
    const queue = createKeyedQueue(() => false);
    const seen: number[] = [];
    const results = await Promise.allSettled(
      [1, 2, 3].map((n) =>
        queue.run('k', () =>
          later(() => {
            seen.push(n);
            if (n === 2) throw new Error('two');
            return n;
          }),
        ),
      ),
    );
    assert.deepEqual(seen, [1, 2, 3]);
    assert.deepEqual(
      results.map((result) => result.status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
  });
  test('an outage is that of all who wait, and of nobody who comes after', async () => {
    const queue = createKeyedQueue((error) => error instanceof RangeError);
    let asked = 0;
    const away = () =>
      later(() => {
        asked += 1;
        throw new RangeError('away');
      });
    const results = await Promise.allSettled([1, 2, 3, 4].map(() => queue.run('k', away)));
    assert.ok(results.every((result) => result.status === 'rejected'));
    assert.equal(asked, 1);
    assert.equal(await queue.run('k', async () => 'back'), 'back');
  });
});
