// Round trips that are shared: what is sent together, and that each item gets its own outcome.

import assert from 'node:assert/strict';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { describe, test } from '@jest/globals';
import { StoreUnavailable } from '../../src/directory/faults.ts';
import { createBatcher, createLookupBatcher } from '../../src/mongo/client/batcher.ts';

describe('a batcher', () => {
  test('one item alone is sent at once', async () => {
    const batches: number[][] = [];
    const double = createBatcher<number, number>({
      batchesMax: 1,
      itemsMax: 10,
      async run(items) {
        batches.push([...items]);
        return items.map((item) => ({ ok: true, value: item * 2 }));
      },
    });
    assert.equal(await double(4), 8);
    assert.deepEqual(batches, [[4]]);
  });

  test('what arrives together is sent together, in batches of bounded size and number', async () => {
    let underWay = 0;
    let most = 0;
    const sizes: number[] = [];
    const ask = createBatcher<number, number>({
      batchesMax: 2,
      itemsMax: 4,
      async run(items) {
        sizes.push(items.length);
        underWay += 1;
        most = Math.max(most, underWay);
        await sleep(5);
        underWay -= 1;
        return items.map((item) => ({ ok: true, value: item }));
      },
    });
    const given = Array.from({ length: 18 }, (_, index) => index);
    assert.deepEqual(await Promise.all(given.map(ask)), given);
    assert.deepEqual(sizes, [4, 4, 4, 4, 2]);
    assert.equal(most, 2);
  });

  test('a batch is gathered while turns of the event loop bring more, and sent when it is full', async () => {
    const sizes: number[] = [];
    const ask = createBatcher<number, number>({
      batchesMax: 3,
      itemsMax: 4,
      async run(items) {
        sizes.push(items.length);
        return items.map((item) => ({ ok: true, value: item }));
      },
    });
    const answers: Promise<number>[] = [];
    for (let item = 0; item < 6; item += 1) {
      answers.push(ask(item));
      await nextTurn();
    }
    assert.deepEqual(await Promise.all(answers), [0, 1, 2, 3, 4, 5]);
    assert.deepEqual(sizes, [4, 2]);
  });

  test('an item that fails by itself affects no other; a batch that fails rejects all its items; the next one is sent', async () => {
    const ask = createBatcher<string, string>({
      batchesMax: 1,
      itemsMax: 10,
      async run(items) {
        if (items.includes('outage')) throw new Error('away');
        return items.map((item) =>
          item === 'bad' ? { ok: false, error: new Error('bad') } : { ok: true, value: item },
        );
      },
    });
    const first = await Promise.allSettled([ask('a'), ask('bad'), ask('b')]);
    assert.deepEqual(
      first.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
    const second = await Promise.allSettled([ask('a'), ask('outage')]);
    assert.deepEqual(
      second.map(({ status }) => status),
      ['rejected', 'rejected'],
    );
    assert.equal(await ask('c'), 'c');
  });
});

describe('a batch that is never answered', () => {
  test('is given up after its time, and its slot is free', async () => {
    const ask = createBatcher<string, string>({
      batchesMax: 1,
      itemsMax: 10,
      batchMsMax: 20,
      run: (items) =>
        items.includes('lost')
          ? new Promise(() => undefined)
          : Promise.resolve(items.map((item) => ({ ok: true, value: item }))),
    });
    await assert.rejects(ask('lost'), StoreUnavailable);
    assert.equal(await ask('next'), 'next');
  });
});

describe('lookups', () => {
  test('each account is asked for its own, each key once, and what is not there is undefined', async () => {
    const asked: [string, string[]][] = [];
    const find = createLookupBatcher<{ id: string; of: string }>(
      async (account, keys) => {
        asked.push([account, keys]);
        return keys.filter((key) => key !== 'none').map((id) => ({ id, of: account }));
      },
      ({ id }) => id,
    );
    const found = await Promise.all([find('a', '1'), find('b', '1'), find('a', '1'), find('a', 'none')]);
    assert.deepEqual(
      found.map((one) => one?.of),
      ['a', 'b', 'a', undefined],
    );
    assert.deepEqual(asked, [
      ['a', ['1', 'none']],
      ['b', ['1']],
    ]);
  });
});
