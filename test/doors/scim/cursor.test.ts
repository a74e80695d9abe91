// Cursors: bound to account and query, signed, short-lived (RFC 9865).

import assert from 'node:assert/strict';
import { describe, test } from '@jest/globals';
import { type CursorScope, createCursorCodec } from '../../../src/doors/scim/listing/cursor.ts';
import { ScimError } from '../../../src/doors/scim/protocol/scim-error.ts';

const key = new Uint8Array(32).fill(7);
const scope: CursorScope = { account: 'acc_a', query: ['User', undefined, 'userName', 'ascending'] };
const place = { type: 'User', after: { key: 'zoë', id: 'id-1' } };

function refusal(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    assert.ok(error instanceof ScimError);
    assert.equal(error.status, 400);
    return error.scimType;
  }
}

describe('cursors', () => {
  let time = 1_000_000;
  const codec = createCursorCodec(key, 60, () => time);

  test('come back as they were', () => {
    assert.deepEqual(codec.decode(scope, codec.encode(scope, place)), place);
    assert.deepEqual(codec.decode(scope, codec.encode(scope, { type: 'Group' })), { type: 'Group' });
  });

  const foreign: [string, CursorScope][] = [
    ['account', { ...scope, account: 'acc_b' }],
    ['filter', { ...scope, query: ['User', 'a eq "b"', 'userName', 'ascending'] }],
    ['order', { ...scope, query: ['User', undefined, 'userName', 'descending'] }],
    ['no order', { ...scope, query: ['User', undefined, undefined, 'ascending'] }],
  ];
  for (const [what, other] of foreign) {
    test(`of another ${what} are invalid`, () => {
      const cursor = codec.encode(scope, place);
      assert.equal(
        refusal(() => codec.decode(other, cursor)),
        'invalidCursor',
      );
    });
  }

  for (const text of ['x', '=', '__proto__', 'A'.repeat(20_000), 'AAAA'.repeat(20), '%00', 'é']) {
    test(`that are no cursors are invalid: ${text.slice(0, 12)}`, () => {
      assert.equal(
        refusal(() => codec.decode(scope, text)),
        'invalidCursor',
      );
    });
  }

  test('that were changed are invalid, whichever bit it is', () => {
    const bytes = Buffer.from(codec.encode(scope, place), 'base64url');
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      assert.equal(
        refusal(() => codec.decode(scope, changed.toString('base64url'))),
        'invalidCursor',
      );
    }
  });

  test('of another key are invalid', () => {
    const other = createCursorCodec(new Uint8Array(32).fill(8), 60, () => time);
    assert.equal(
      refusal(() => codec.decode(scope, other.encode(scope, place))),
      'invalidCursor',
    );
  });

  test('expire', () => {
    const cursor = codec.encode(scope, place);
    time += 60_000;
    assert.deepEqual(codec.decode(scope, cursor), place);
    time += 1;
    assert.equal(
      refusal(() => codec.decode(scope, cursor)),
      'expiredCursor',
    );
  });
});
