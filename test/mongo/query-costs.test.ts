// What queries may cost: which ones an index narrows, and how those that none narrows take turns and end.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { QueryTooCostly } from '../../src/directory/ports.ts';
import { isOutage } from '../../src/mongo/client/mongo-errors.ts';
import { createQueryCosts, isNarrow } from '../../src/mongo/query/cost.ts';
import type { Condition } from '../../src/mongo/query/filter.ts';
import { beginsWith } from '../../src/mongo/query/pages.ts';
import { openTestDatabase, type TestDatabase } from '../support/mongod.ts';

const indexed = new Set(['_id', 'fold.userName', 'terms', 'created']);
const wide: Condition = { 'fold.title': { $eq: 'x' } };
const narrow: Condition = { 'fold.userName': { $eq: 'ann' } };

describe('an index narrows', () => {
  const cases: [string, Condition, boolean][] = [
    ['a value', narrow, true],
    ['a value without an index', wide, false],
    ['a list of values', { _id: { $in: ['a'] } }, true],
    ['the beginning of a text', { 'fold.userName': { $regex: '^ann' } }, true],
    ['the middle of a text', { 'fold.userName': { $regex: 'nn' } }, false],
    ['another value than this', { 'fold.userName': { $ne: 'ann' } }, false],
    ['a range', { created: { $gt: new Date() } }, true],
    ['a search key', { terms: ' emails.value ann@example.com' }, true],
    ['the beginning of a search key', { terms: { $elemMatch: beginsWith(' emails.value ann') } }, true],
    ['all search keys of a kind', { terms: { $elemMatch: beginsWith(' emails.value ') } }, false],
    ['one of several that all must match', { $and: [wide, { $and: [narrow] }] }, true],
    ['each of several of which one must match', { $or: [narrow, { _id: 'x' }] }, true],
    ['not each of several of which one must match', { $or: [narrow, wide] }, false],
    ['what must not match', { $nor: [narrow] }, false],
  ];
  for (const [what, condition, expected] of cases)
    test(`${what}: ${expected ? 'yes' : 'no'}`, () => assert.equal(isNarrow(condition, indexed), expected));
});

const of = (account: string, condition: Condition | undefined = wide, sortsAll = false) => ({
  account,
  condition,
  sortsAll,
  indexed,
});
const turn = () => new Promise((resolve) => setImmediate(resolve));
const isTooCostly = (mustWait: boolean) => (error: unknown) =>
  error instanceof QueryTooCostly && error.mustWait === mustWait;

describe('queries that no index narrows', () => {
  test('run one after the other in an account, and at once in another', async () => {
    const costs = createQueryCosts(undefined);
    let running = 0;
    let most = 0;
    const slow = async () => {
      running += 1;
      most = Math.max(most, running);
      await turn();
      running -= 1;
      return [];
    };
    await Promise.all([1, 2, 3, 4].map(() => costs.run(of('a'), slow)));
    assert.equal(most, 1);
    await Promise.all(['b', 'c'].map((account) => costs.run(of(account), slow)));
    assert.equal(most, 2);
  });

  test('wait for a bounded time, while others of the account are served', async () => {
    let at = 0;
    const costs = createQueryCosts(undefined, () => at);
    let finish = (_value: object): void => undefined;
    const first = costs.run(of('a'), () => new Promise<object>((resolve) => (finish = resolve)));
    const second = assert.rejects(
      costs.run(of('a'), async () => []),
      isTooCostly(true),
    );
    for (const query of [of('a', narrow), { ...of('a'), condition: undefined }]) await costs.run(query, async () => []);
    await turn();
    at += 4_000;
    finish([]);
    await first;
    await second;
    await costs.run(of('a'), async () => []);
  });

  test('of a small account do not wait for each other', async () => {
    const costs = createQueryCosts(undefined, () => 0);
    await costs.run(of('a'), async () => []);
    let running = 0;
    const together = async () => {
      running += 1;
      while (running < 2) await turn();
      return [];
    };
    await Promise.all([1, 2].map(() => costs.run(of('a'), together)));
  });

  test('have at most 50 comparisons in the middle or at the end of texts', async () => {
    const costs = createQueryCosts(undefined);
    const ends = (count: number) => ({
      $or: Array.from({ length: count }, (_, index) => ({ $and: [{ 'fold.title': { $regex: `${index}\\z` } }] })),
    });
    await costs.run(of('a', ends(50)), async () => []);
    await assert.rejects(
      costs.run(of('a', ends(51)), async () => []),
      isTooCostly(false),
    );
    const begins = { $or: Array.from({ length: 200 }, () => ({ 'fold.userName': { $regex: '^a' } })) };
    await costs.run(of('a', begins), async () => []);
  });
});

describe('a query that takes too long', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await openTestDatabase();
    const text = 'x'.repeat(1_000);
    const people = Array.from({ length: 5_000 }, () => ({ text }));
    await database.db.collection('people').insertMany(people);
  });
  afterAll(() => database.close());

  const slow = (limit: object) =>
    database.db
      .collection('people')
      .find({ $or: Array.from({ length: 40 }, (_, index) => ({ text: { $regex: `x*y${index}` } })) }, limit)
      .toArray();

  test('is refused as too costly if no index narrows it', async () => {
    const costs = createQueryCosts(1);
    await assert.rejects(costs.run(of('a'), slow), isTooCostly(false));
  });

  test('is an outage if an index narrows it', async () => {
    const costs = createQueryCosts(1);
    await assert.rejects(costs.run(of('a', narrow), slow), isOutage);
  });
});
