// One retry budget for a request: nested retries share it, and the request ends with `busy` once it is used up.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { backOffMs } from '../../src/directory/back-off.ts';
import { createNameCache } from '../../src/directory/links/name-cache.ts';
import type { CommitResult, Records } from '../../src/directory/records.ts';
import { createRetryBudget, joinBudgets, type RetryBudget, retry } from '../../src/directory/retry-budget.ts';
import { createProvision } from '../../src/directory/users/provision.ts';
import { openTestDirectory, patching, type TestDirectory } from '../support/directory.ts';

function takeAll(budget: RetryBudget): number {
  let count = 0;
  while (budget.take() !== undefined) count += 1;
  return count;
}

describe('a budget', () => {
  test('has a number of retries, counted from 1, and then none', () => {
    const budget = createRetryBudget();
    assert.equal(budget.take(), 1);
    assert.equal(budget.take(), 2);
    assert.equal(takeAll(budget), 94);
    assert.equal(budget.take(), undefined);
  });

  test('has none after its time', () => {
    let now = 0;
    const budget = createRetryBudget(() => now);
    assert.equal(budget.take(), 1);
    now = 30_000;
    assert.equal(budget.take(), undefined);
  });

  test('of several requests together: a retry counts for all, and lasts as long as one of them has any', () => {
    const [spent, fresh] = [createRetryBudget(), createRetryBudget()];
    takeAll(spent);
    const joined = joinBudgets([spent, fresh]);
    assert.equal(takeAll(joined), 96);
    assert.equal(fresh.take(), undefined);
  });
});

test('pauses double from the first to the longest; the first attempt has none', () => {
  const limits = { firstMs: 8, maxMs: 250 };
  assert.deepEqual(
    [0, 1, 2, 5, 6, 40].map((attempt) => backOffMs(attempt, limits)),
    [0, 8, 16, 128, 250, 250],
  );
});

describe('a request over a store in which others are always faster', () => {
  let directory: TestDirectory;
  beforeAll(async () => {
    directory = await openTestDirectory();
  });
  afterAll(() => directory.close());

  /** Each commit takes `each` retries of its own, as a transaction does, and fails. */
  function losing(each: number, result: CommitResult) {
    const count = { commits: 0, retries: 0 };
    const records: Records = {
      ...directory.records,
      async commit(_account, _writes, budget) {
        count.commits += 1;
        for (let own = 0; own < each; own += 1) if (await retry(budget, { firstMs: 0, maxMs: 0 })) count.retries += 1;
        return result;
      },
    };
    const { catalogue } = directory;
    const provision = createProvision({
      records,
      names: createNameCache(records),
      schemasOf: () => catalogue,
      now: () => new Date(),
      identityHash: directory.identityHash,
      onUserNamed: () => undefined,
      onInvitationOver: () => undefined,
      onStoreChanged: () => undefined,
      syncPassword: undefined,
    });
    return { count, provision };
  }

  test('ends with busy, however deep its retries nest', async () => {
    const caller = directory.caller({ id: 'acc_busy' });
    const stored = await directory.provision.createUser(caller, { userName: 'busy' });
    assert.ok(stored.ok);
    const { count, provision } = losing(23, { ok: false, reason: 'busy' });
    const identity = { by: 'userName', userName: 'busy' } as const;
    const saved = await provision.saveUser(caller, identity, (current) => {
      assert.ok(current);
      return patching({ title: 'x' })(current);
    });
    assert.deepEqual(saved.ok ? 'saved' : saved.faults[0].code, 'busy');
    assert.equal(count.commits, 5);
    assert.equal(count.retries + count.commits - 1, 96);
    const group = await provision.createGroup(caller, { displayName: 'Busy' }, []);
    assert.deepEqual(group.ok ? 'created' : group.faults[0].code, 'busy');
  });
});
