// A batch that is killed (-9) at random points: every block exactly once, the file always in one place. Twenty kills: bench/xml-kills.ts.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from '@jest/globals';
import { openTestBatch, type TestBatch } from '../../support/batch.ts';
import { killBatch } from '../../support/batch-kills.ts';

let batch: TestBatch;
beforeAll(async () => {
  batch = await openTestBatch();
});
afterAll(() => batch.close());

test('killed four times, a file ends as if nothing had been', async () => {
  const { kills, ...result } = await killBatch(batch, 1500, 4, 700);
  assert.ok(kills >= 1, 'it was killed while it ran');
  assert.deepEqual(result, {
    misplaced: [],
    odd: 0,
    users: 1350,
    rows: 1500,
    counts: { total: 1500, done: 1500, created: 1350, updated: 0, unchanged: 0, refused: 150 },
    state: 'done',
    archivedSame: true,
    failuresSame: true,
  });
}, 180_000);
