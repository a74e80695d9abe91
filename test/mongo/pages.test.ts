// Pages of a collection: read in one reply if possible, and far into a list from where an earlier page ended.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, beforeEach, describe, test } from '@jest/globals';
import fc from 'fast-check';
import { BSON, type Collection, MongoNetworkError, MongoServerError } from 'mongodb';
import { loadSchemaCatalogue } from '../../src/directory/schema/catalogue.ts';
import type { ResourceSchema } from '../../src/directory/schema/schema.ts';
import { type RawQuery, readRaw } from '../../src/mongo/client/raw-batch.ts';
import { createQueryCosts } from '../../src/mongo/query/cost.ts';
import type { Condition } from '../../src/mongo/query/filter.ts';
import { createPageEnds } from '../../src/mongo/query/page-ends.ts';
import { type PageSource, readPage } from '../../src/mongo/query/pages.ts';
import { createTotals } from '../../src/mongo/query/totals.ts';
import { openTestDatabase, type TestDatabase } from '../support/mongod.ts';

interface Row {
  _id: string;
  text: string;
}

let database: TestDatabase;
let rows: Collection<Row>;
beforeAll(async () => {
  database = await openTestDatabase();
  rows = database.db.collection<Row>('rows');
  const row = (index: number) => ({ _id: String.fromCharCode(97 + index), text: `${index}` });
  await rows.insertMany(Array.from({ length: 10 }, (_, index) => row(index)));
});
afterAll(() => database.close());

describe('a page as raw BSON', () => {
  const page: RawQuery = {
    filter: { _id: { $ne: 'b' } },
    sort: { _id: 1 },
    projection: { text: 0 },
    skip: 1,
    limit: 3,
  };
  const idsOf = (found: Uint8Array[]) => found.map((bytes) => BSON.deserialize(bytes)._id as string);

  test('has the documents of its query, in their order', async () => {
    assert.deepEqual(idsOf(await readRaw(rows, page)), ['c', 'd', 'e']);
    const [first] = await readRaw(rows, page);
    assert.deepEqual(BSON.deserialize(first as Uint8Array), { _id: 'c' });
    assert.deepEqual(await readRaw(rows, { ...page, skip: 20 }), []);
  });

  /** The collection, over a connection that fails the first command. */
  const failing = (error: Error): Collection<Row> =>
    new Proxy(rows, {
      get: (target, key) =>
        key === 'db' ? { command: () => Promise.reject(error) } : Reflect.get(target, key, target),
    });

  test('is read again if the connection breaks or the primary changes, and not after another error', async () => {
    for (const error of [new MongoNetworkError('gone'), new MongoServerError({ message: 'stepped down', code: 189 })]) {
      assert.deepEqual(idsOf(await readRaw(failing(error), page)), ['c', 'd', 'e']);
    }
    const expired = new MongoServerError({ message: 'operation exceeded time limit', code: 50 });
    await assert.rejects(readRaw(failing(expired), page), expired);
  });

  test('is whole if it does not fit into one reply of the server', async () => {
    const large = database.db.collection<Row>('large');
    const text = 'x'.repeat(6_000_000);
    for (const _id of ['a', 'b', 'c']) await large.insertOne({ _id, text });
    const found = await readRaw(large, { filter: {}, sort: { _id: 1 }, projection: {}, limit: 5 });
    assert.deepEqual(idsOf(found), ['a', 'b', 'c']);
  });
});

interface Person {
  _id: string;
  account: string;
  name: string;
  modified: Date;
  active: boolean;
}

describe('a page far into a list', () => {
  const STORED = 1_500;
  const COUNT = 200;
  const schema: ResourceSchema = loadSchemaCatalogue('scim-schemas').user;
  let people: Collection<Person>;
  let at = Date.now();
  let skipped: number[] = [];
  let account = 'acc';

  beforeAll(async () => {
    people = database.db.collection<Person>('people');
    await people.createIndexes([
      { key: { account: 1, _id: 1 }, name: 'account_id' },
      { key: { account: 1, name: 1 } },
      { key: { account: 1, modified: 1, _id: 1 } },
    ]);
    await store('acc');
  });
  const store = (account: string) =>
    people.insertMany(Array.from({ length: STORED }, (_, index) => person(index, account)));
  const person = (index: number, account: string): Person => ({
    _id: `${account}-${String(index).padStart(5, '0')}`,
    account,
    name: `name ${(index * 7919) % STORED}`,
    modified: new Date(1_000 * (index % 40)),
    active: index % 3 !== 0,
  });

  /** The source of a process, and what it skips. */
  function processOf(): PageSource<Person> & Required<Pick<PageSource<Person>, 'ends'>> {
    const command = (body: { skip?: number }, options: object) => {
      skipped.push(body.skip ?? 0);
      return database.db.command(body, options);
    };
    return {
      collection: new Proxy(people, {
        get: (target, key) => (key === 'db' ? { command } : Reflect.get(target, key, target)),
      }),
      totals: createTotals(people, () => new Date(at)),
      costs: createQueryCosts(undefined),
      indexed: new Set(['_id', 'name', 'modified']),
      uniqueSort: 'name',
      indexedSort: ({ attribute }) => (attribute.key === 'userName' ? 'name' : 'modified'),
      sortPath: () => ({ path: 'name', multiValued: false }),
      ends: createPageEnds(() => new Date(at)),
    };
  }

  type Order = [key: string, descending: boolean] | undefined;
  async function idsFrom(
    source: PageSource<Person>,
    startIndex: number,
    condition?: Condition,
    order?: Order,
    count = COUNT,
  ) {
    const attribute = order && schema.byKey.get(order[0]);
    const sort = attribute && { attribute, descending: order[1] };
    const page = await readPage(source, account, condition, sort, { kind: 'index', startIndex, count });
    return { total: page.total, ids: Array.from({ length: page.length }, (_, index) => page.at(index)._id) };
  }

  /** The same page as a process reads it that remembers nothing. */
  const bySkip = (...[startIndex, condition, order, count]: [number, Condition?, Order?, number?]) =>
    idsFrom(processOf(), startIndex, condition, order, count);

  const LISTS: [what: string, condition: Condition | undefined, order: Order][] = [
    ['in creation order', undefined, undefined],
    ['in the order of a unique attribute', undefined, ['userName', false]],
    ['in the order of an attribute with equal values', undefined, ['meta.lastModified', false]],
    ['newest first', undefined, ['meta.lastModified', true]],
    ['filtered', { active: true }, undefined],
    ['filtered and in an order', { active: true }, ['userName', true]],
  ];
  for (const [what, condition, order] of LISTS) {
    test(`begins where the page before it ended, and is that of a skip: ${what}`, async () => {
      const source = processOf();
      for (let startIndex = 1; startIndex <= STORED + 1; startIndex += COUNT) {
        skipped = [];
        const page = await idsFrom(source, startIndex, condition, order);
        assert.ok(Math.max(...skipped) <= 600, `${startIndex} skips ${skipped}`);
        assert.deepEqual(page, await bySkip(startIndex, condition, order));
      }
    });
  }

  test('may begin anywhere and have any length', async () => {
    const source = processOf();
    const pages = fc.array(
      fc.record({ from: fc.integer({ min: 1, max: STORED + 50 }), count: fc.integer({ min: 1, max: 400 }) }),
      {
        minLength: 5,
        maxLength: 40,
      },
    );
    const check = async (walk: { from: number; count: number }[]) => {
      for (const { from, count } of walk)
        assert.deepEqual(
          await idsFrom(source, from, undefined, undefined, count),
          await bySkip(from, undefined, undefined, count),
        );
    };
    await fc.assert(fc.asyncProperty(pages, check), { numRuns: 2 });
  });

  describe('that changes', () => {
    beforeEach(async () => {
      account = `changing-${at}`;
      at += 1;
      await store(account);
    });
    afterAll(() => {
      account = 'acc';
    });

    test('is that of a skip after a deletion, a creation or a change by this process', async () => {
      const source = processOf();
      const byName: Order = ['userName', false];
      await idsFrom(source, 801);
      await people.deleteOne({ _id: person(3, account)._id });
      source.ends.changed(account, true);
      assert.deepEqual(await idsFrom(source, 1_001), await bySkip(1_001));
      await people.insertOne(person(STORED, account));
      source.ends.changed(account, false);
      assert.deepEqual(await idsFrom(source, 1_201), await bySkip(1_201));
      await idsFrom(source, 801, undefined, byName);
      await people.updateOne({ _id: person(9, account)._id }, { $set: { name: 'aaa' } });
      source.ends.changed(account, false);
      assert.deepEqual(await idsFrom(source, 1_001, undefined, byName), await bySkip(1_001, undefined, byName));
    });

    test('leaves nobody out after a deletion by another process, and is that of a skip a minute later', async () => {
      const source = processOf();
      await idsFrom(source, 801);
      await people.deleteOne({ _id: person(3, account)._id });
      const { ids } = await idsFrom(source, 1_001);
      assert.equal(ids[0], person(1_000, account)._id);
      at += 61_000;
      assert.deepEqual(await idsFrom(source, 1_201), await bySkip(1_201));
    });
  });

  test('begins nowhere else in another list or another account', async () => {
    const source = processOf();
    await idsFrom(source, 801);
    skipped = [];
    await idsFrom(source, 1_001, { active: true });
    assert.deepEqual(skipped, [1_000]);
    const other = await readPage(source, 'other', undefined, undefined, { kind: 'index', startIndex: 1_001, count: 1 });
    assert.deepEqual([skipped.length, skipped[1], other.total], [2, 1_000, 0]);
  });
});
