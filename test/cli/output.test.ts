// Tables and lists of the command line: widths as a terminal shows them, pages without a cap, rows that break no table.

import assert from 'node:assert/strict';
import { describe, test } from '@jest/globals';
import { allPages, withoutControls } from '../../src/cli/frame/output.ts';
import { type Column, createTable } from '../../src/cli/frame/table.ts';

const COLUMNS: Column<string[]>[] = [
  { title: 'ID', of: ([id]) => id },
  { title: 'NAME', of: ([, name]) => name, shrinks: true },
  { title: 'CITY', of: ([, , city]) => city, shrinks: true },
];

describe('tables', () => {
  test('align what a terminal shows wide, joined or not at all', () => {
    const rows = [
      ['1', 'Zoë', 'Gent'],
      ['2', '山田太郎', 'Tokyo'],
      ['3', '👩‍👩‍👧 family', 'Lyon'],
      ['4', 'e\u0301te\u0301', 'Nice'],
      ['5', undefined as unknown as string, ''],
    ];
    assert.deepEqual(createTable(COLUMNS, rows, undefined).whole.split('\n'), [
      'ID  NAME       CITY',
      '1   Zoë        Gent',
      '2   山田太郎   Tokyo',
      '3   👩‍👩‍👧 family  Lyon',
      '4   e\u0301te\u0301        Nice',
      '5   -          -',
    ]);
  });

  test('cut names on a narrow terminal and never ids; a later row keeps the columns', () => {
    const table = createTable(COLUMNS, [['0199-aaaa-bbbb', '山田太郎 and all of the family', 'Gent']], 34);
    assert.deepEqual(table.whole.split('\n'), [
      'ID              NAME          CITY',
      '0199-aaaa-bbbb  山田太郎 an…  Gent',
    ]);
    assert.equal(table.lineOf(['0199-cccc-dddd', 'Ann', 'Ieper']), '0199-cccc-dddd  Ann           Ieper');
  });

  test('wrap the last text, and become blocks of lines if nothing else fits', () => {
    const wrapping: Column<string[]>[] = [
      { title: 'ID', of: ([id]) => id },
      { title: 'WHY', of: ([, why]) => why, wraps: true },
    ];
    const row = ['0199-aaaa-bbbb', 'the first reason and 山田 as the second'];
    assert.deepEqual(createTable(wrapping, [row], 40).whole.split('\n'), [
      'ID              WHY',
      '0199-aaaa-bbbb  the first reason and',
      '                山田 as the second',
    ]);
    const narrow = createTable(wrapping, [row, row], 30);
    const block = 'ID   0199-aaaa-bbbb\nWHY  the first reason and 山田 as the second';
    assert.deepEqual([narrow.whole, narrow.lineOf(row)], [`${block}\n\n${block}`, `\n${block}`]);
  });

  test('have one line for each row, whatever is in it', () => {
    const { whole } = createTable(COLUMNS, [['1', 'a\nb\tc', 'x\u001b[2J']], undefined);
    assert.deepEqual(whole.split('\n'), ['ID  NAME   CITY', '1   a b c  x\uFFFD[2J']);
  });
});

test('what is stored neither moves the cursor nor turns what follows', () => {
  assert.equal(withoutControls('a\u001b[2J\u202Eb\u2066\n\tc'), 'a\uFFFD[2J\uFFFDb\uFFFD\n\tc');
});

test('a list is read page by page, as far as it is wanted', async () => {
  const asked: (number | undefined)[] = [];
  const read = async ({ count, after = 0 }: { count: number; after?: number }) => {
    asked.push(count);
    const items = Array.from({ length: Math.min(count, 450 - after) }, (_, index) => after + index);
    return { items, ...(after + items.length < 450 ? { next: after + items.length } : {}) };
  };
  const taken = async (limit?: number) => {
    const items: number[] = [];
    for await (const item of allPages(read, limit)) items.push(item);
    return items;
  };
  assert.equal((await taken()).length, 450);
  assert.deepEqual(asked.splice(0), [200, 200, 200]);
  assert.deepEqual((await taken(3)).concat((await taken(201)).slice(-1)), [0, 1, 2, 200]);
  assert.deepEqual(asked, [3, 200, 1]);
});
