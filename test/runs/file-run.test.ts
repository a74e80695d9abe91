// The checkpoint engine without a database: a run that crashes at any write comes to the same end, with every row counted once.

import assert from 'node:assert/strict';
import { describe, test } from '@jest/globals';
import { type EarlierChange, END, FileRun, ROWS, type RowPass } from '../../src/runs/file-run.ts';
import { NO_COUNTS, type Run, type RunProgress, type RunRow, UnreadableFile } from '../../src/runs/store.ts';

const TOTAL = 2300;

/** A run, what is stored of it, and the users that its rows made. */
function world(changes: Partial<Run> = {}) {
  const run: Run = {
    id: 'run',
    account: 'acc',
    connection: 'con',
    kind: 'csv-import',
    state: 'running',
    file: { name: 'f', sha256: '', bytes: 0 },
    requestedBy: 'a test',
    created: new Date(0),
    counts: NO_COUNTS,
    attempts: 0,
    ...changes,
  };
  const rows = new Map<number, RunRow>();
  const requests = new Map<string, EarlierChange>();
  const asked: string[] = [];
  let writes = 0;

  /** One attempt; it crashes before its write number `crashAt`. */
  async function attempt(
    pass: Partial<RowPass<{ number: number }>> = {},
    crashAt = 0,
    signal = new AbortController().signal,
  ) {
    run.attempts = (run.attempts ?? 0) + 1;
    let write = 0;
    const work = {
      run: structuredClone(run),
      signal,
      async checkpoint({ counts, checkpoint, rows: written }: RunProgress) {
        await new Promise((resolve) => setImmediate(resolve));
        write += 1;
        writes += 1;
        if (write === crashAt) throw new Error('crash');
        for (const row of written) rows.set(row.number, row);
        run.counts = structuredClone(counts);
        run.checkpoint = structuredClone(checkpoint);
      },
    };
    const fileRun = new FileRun(work, async (_user, request) => {
      asked.push(request);
      return requests.get(request);
    });
    const isThrough = await fileRun.apply(ROWS, { ...passOver(TOTAL), ...pass }, END);
    return { fileRun, isThrough };
  }

  function passOver(total: number): RowPass<{ number: number }> {
    return {
      rowsAtOnce: 8,
      async *rows() {
        for (let number = 1; number <= total; number += 1) yield { number };
      },
      readAhead: async () => undefined,
      keysOf: ({ number }) => ({ exclusive: [String(number % 50)], shared: [], isBarrier: number % 700 === 0 }),
      async applyRow({ number }, { requestId, earlierChange }) {
        const isNew = !requests.has(requestId);
        requests.set(requestId, 'create');
        const outcome = isNew || (await earlierChange('user')) === 'create' ? 'created' : 'unchanged';
        return { run: run.id, number, outcome, identity: '' };
      },
    };
  }
  return { run, rows, requests, asked, attempt, writes: () => writes };
}

describe('a run over a file', () => {
  test('that crashes at each of its writes comes to the same end', async () => {
    const calm = world();
    assert.equal((await calm.attempt()).isThrough, true);
    assert.equal(calm.rows.size, TOTAL);
    for (let crashAt = 1; crashAt <= calm.writes(); crashAt += 1) {
      const killed = world();
      await assert.rejects(killed.attempt({}, crashAt), /crash/);
      // The second attempt crashes soon after its start, and the third one goes to the end.
      await killed.attempt({}, 2).catch(() => undefined);
      assert.equal((await killed.attempt()).isThrough, true);
      assert.deepEqual(killed.run.counts, calm.run.counts, `crash at write ${crashAt}`);
      assert.deepEqual([...killed.rows.values()], [...calm.rows.values()]);
      assert.deepEqual(killed.run.checkpoint, { phase: 'end', position: 0 });
    }
  });

  test('asks what an earlier attempt did only for rows that may have been applied without a checkpoint', async () => {
    const { attempt, asked } = world();
    await attempt({}, 3).catch(() => undefined);
    assert.equal(asked.length, 0);
    await attempt();
    assert.ok(asked.includes('run:1001') && !asked.includes('run:2001'), asked.slice(0, 3).join());
  });

  test('goes on from the checkpoints of earlier versions', async () => {
    for (const checkpoint of [
      { phase: 'rows', row: 2200 },
      { applied: 2200, frame: { encoding: 'utf-8', rootTag: '' } },
    ]) {
      const counts = { ...NO_COUNTS, done: 2200, created: 2200 };
      const { run, rows, attempt } = world({ checkpoint, counts, attempts: 1 });
      await attempt();
      assert.deepEqual([rows.size, run.counts.created, run.counts.done], [100, TOTAL, TOTAL]);
    }
    const later = world({ checkpoint: { phase: 'superiors', row: 20 }, attempts: 1 });
    assert.equal((await later.attempt()).fileRun.checkpoint.position, 20);
    assert.equal(later.rows.size, 0, 'the rows were applied before');
  });

  test('that is aborted stops at the next row, and keeps its checkpoint', async () => {
    const stopping = new AbortController();
    const { run, rows, attempt } = world();
    const { isThrough } = await attempt(
      {
        async *rows() {
          for (let number = 1; ; number += 1) {
            if (number === 1200) stopping.abort();
            yield { number };
          }
        },
      },
      0,
      stopping.signal,
    );
    assert.equal(isThrough, false);
    assert.deepEqual([rows.size, run.counts.done, run.checkpoint?.position], [1000, 1000, 1000]);
  });

  test('whose file breaks off keeps what was applied, and says why it ends', async () => {
    const { run, attempt } = world();
    const { fileRun, isThrough } = await attempt({
      async *rows() {
        for (let number = 1; number <= 600; number += 1) yield { number };
        throw new UnreadableFile('Line 601: broken');
      },
    });
    assert.equal(isThrough, true);
    assert.deepEqual(fileRun.end(), { state: 'failed', reason: 'Line 601: broken' });
    assert.deepEqual([run.counts.done, run.checkpoint?.unreadable], [500, 'Line 601: broken']);
  });

  test('that is a simulation begins again', async () => {
    const counts = { ...NO_COUNTS, total: TOTAL, done: 500, created: 500 };
    const simulation = world({
      kind: 'csv-simulation',
      checkpoint: { phase: 'rows', position: 500 },
      counts,
      attempts: 1,
    });
    await simulation.attempt();
    assert.deepEqual(simulation.run.counts, { ...NO_COUNTS, total: TOTAL, done: TOTAL, created: TOTAL });
    assert.deepEqual(simulation.asked, []);
  });
});
