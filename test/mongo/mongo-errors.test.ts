// Which errors mean that the database is unavailable: also a connection that breaks at the very moment of a write.

import assert from 'node:assert/strict';
import { describe, test } from '@jest/globals';
import { MongoNetworkError, MongoServerError, MongoServerSelectionError } from 'mongodb';
import { connectMongo } from '../../src/mongo/client/connection.ts';
import { isOutage } from '../../src/mongo/client/mongo-errors.ts';

describe('an outage', () => {
  const withCode = (code: string) => Object.assign(new Error('This socket has been ended'), { code });
  for (const [what, error, expected] of [
    ['the network', new MongoNetworkError('gone'), true],
    ['a node that stops', new MongoServerError({ message: 'shutting down', code: 91 }), true],
    ['a write to a connection that the server has ended', withCode('EPIPE'), true],
    ['a connection reset', withCode('ECONNRESET'), true],
    ['a duplicate key', new MongoServerError({ message: 'dup key', code: 11000 }), false],
    ['a bug', new TypeError('x is not a function'), false],
    ['a file that is not there', withCode('ENOENT'), false],
  ] as const) {
    test(`${what}: ${expected ? 'yes' : 'no'}`, () => assert.equal(isOutage(error), expected));
  }

  test('a first connection that finds no server: yes, with the error of the driver', async () => {
    const options = { database: 'nowhere', poolSizeMax: 2, timeoutMs: 300 };
    const failure = await connectMongo('mongodb://127.0.0.1:1/?replicaSet=rs0', options).catch(
      (error: unknown) => error,
    );
    assert.ok(failure instanceof MongoServerSelectionError, String(failure));
    assert.ok(isOutage(failure));
  });
});
