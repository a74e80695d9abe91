// Pages of a collection: read in one reply if possible.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { BSON, type Collection, MongoNetworkError, MongoServerError } from 'mongodb';
import { type RawQuery, readRaw } from '../../src/mongo/client/raw-batch.ts';
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
