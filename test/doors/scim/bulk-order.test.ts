// Which operations of a Bulk request go side by side, and that the answer keeps their order (RFC 7644 §3.7).

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, test } from '@jest/globals';
import { sideBySide, sideBySideUntil } from '../../../src/doors/scim/bulk/order.ts';
import { type BulkOperation, readBulkRequest } from '../../../src/doors/scim/bulk/request.ts';
import { bulkBody } from '../../support/scim.ts';

function operations(list: object[]): BulkOperation[] {
  return readBulkRequest(bulkBody(...list), { bulkOperationsMax: 1000 }).operations;
}

let made = 0;
const post = (data: object, path = '/Users') => {
  made += 1;
  return { method: 'POST', path, bulkId: `b${made}`, data };
};
const patch = (id: string, path: string, value: unknown) => ({
  method: 'PATCH',
  path: `/Users/${id}`,
  data: { Operations: [{ op: 'replace', path, value }] },
});

describe('side by side', () => {
  const cases: [what: string, list: object[], ends: number[]][] = [
    ['new users', [post({ userName: 'a' }), post({ userName: 'b' }), post({ userName: 'c' })], [3]],
    ['the same name twice, in another case', [post({ userName: 'a' }), post({ userName: 'A' })], [1, 2]],
    ['the same name twice, spelt differently', [post({ userName: 'é' }), post({ userName: 'e\u0301' })], [1, 2]],
    [
      'the same external id twice',
      [post({ userName: 'a', externalId: '1' }), post({ userName: 'b', externalId: '1' })],
      [1, 2],
    ],
    ['changes of different users', [patch('1', 'active', false), patch('2', 'title', 'x')], [2]],
    ['changes of one user', [patch('1', 'active', false), patch('1', 'active', true)], [1, 2]],
    ['a change of a name', [patch('1', 'userName', 'x'), patch('2', 'active', true)], [1, 2]],
    ['a name in a value', [patch('1', '', { UserName: 'x' }), patch('2', 'active', true)], [1, 2]],
    [
      'a reference',
      [
        post({ userName: 'a' }),
        post({ userName: 'b', 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager': 'bulkId:b1' }),
        post({ userName: 'c' }),
      ],
      [1, 2, 3],
    ],
    [
      'a deletion between',
      [post({ userName: 'a' }), { method: 'DELETE', path: '/Users/1' }, post({ userName: 'b' })],
      [1, 2, 3],
    ],
    ['groups', [post({ displayName: 'a' }, '/Groups'), post({ displayName: 'b' }, '/Groups')], [1, 2]],
    [
      'what is refused',
      [post({ userName: 'a' }), { method: 'POST', path: '/Users', data: {} }, post({ userName: 'b' })],
      [1, 2, 3],
    ],
    ['a name that is not a string', [post({ userName: 1 }), post({ userName: 2 })], [1, 2]],
    ['nobody’s prototype', [post({ userName: 'constructor' }), post({ userName: '__proto__' })], [2]],
  ];
  for (const [what, list, ends] of cases) {
    test(what, () => {
      const given = operations(list);
      const found: number[] = [];
      for (let at = 0; at < given.length; ) {
        at = sideBySideUntil(given, at);
        found.push(at);
      }
      assert.deepEqual(found, ends);
    });
  }

  test('all are done, begun in their order, a bounded number at a time', async () => {
    const given = operations(Array.from({ length: 250 }, (_, index) => post({ userName: `u${index}` })));
    const begun: number[] = [];
    let underWay = 0;
    let most = 0;
    await sideBySide(given, async ({ index }) => {
      begun.push(index);
      underWay += 1;
      most = Math.max(most, underWay);
      await sleep(1);
      underWay -= 1;
    });
    assert.deepEqual(
      begun,
      given.map(({ index }) => index),
    );
    assert.equal(most, 100);
  });
});
