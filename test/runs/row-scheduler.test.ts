// Rows that run at the same time, and those that wait for each other.

import assert from 'node:assert/strict';
import { describe, test } from '@jest/globals';
import { allOf, createRowScheduler, type RowKeys } from '../../src/runs/row-scheduler.ts';

const NONE: RowKeys = { exclusive: [], shared: [], isBarrier: false };

/** The rows that had ended when each row began, by index; each row ends after one turn of the event loop. */
async function run(rows: Partial<RowKeys>[], widthMax = 10): Promise<number[][]> {
  const scheduler = createRowScheduler(widthMax);
  const ended: number[] = [];
  return allOf(
    rows.map((keys, index) =>
      scheduler.run({ ...NONE, ...keys }, async () => {
        const before = [...ended];
        await new Promise((resolve) => setImmediate(resolve));
        ended.push(index);
        return before;
      }),
    ),
  );
}

describe('the row scheduler', () => {
  const cases: [string, Partial<RowKeys>[], number[][]][] = [
    ['rows without common keys run at the same time', [{ exclusive: ['a'] }, { exclusive: ['b'] }], [[], []]],
    ['rows with a common key wait', [{ exclusive: ['a'] }, { exclusive: ['a', 'b'] }], [[], [0]]],
    ['rows that share a key run at the same time', [{ shared: ['a'] }, { shared: ['a'] }], [[], []]],
    [
      'a shared key waits for an exclusive one and the other way round',
      [{ shared: ['a'] }, { exclusive: ['a'] }, { shared: ['a'] }],
      [[], [0], [0, 1]],
    ],
    ['a barrier waits for all before it, and all after it wait', [{}, { isBarrier: true }, {}], [[], [0], [0, 1]]],
  ];
  for (const [name, rows, expected] of cases) {
    test(name, async () => assert.deepEqual(await run(rows), expected));
  }

  test('runs no more rows at the same time than its width', async () => {
    assert.deepEqual(await run([{}, {}, {}], 1), [[], [0], [0, 1]]);
  });

  test('a failed row keeps nobody waiting, and is thrown once all have ended', async () => {
    const scheduler = createRowScheduler(1);
    let ended = 0;
    const fail = scheduler.run({ ...NONE, exclusive: ['a'] }, async () => {
      throw new Error('no');
    });
    const next = scheduler.run({ ...NONE, exclusive: ['a'] }, async () => {
      ended += 1;
    });
    await assert.rejects(allOf([fail, next]), /no/);
    assert.equal(ended, 1);
  });
});
