// The directory's faults in SCIM's words: status, keyword and a detail that names the attribute and the rule.

import assert from 'node:assert/strict';
import { describe, test } from '@jest/globals';
import { type Fault, fault } from '../../../src/directory/faults.ts';
import { faultResponse } from '../../../src/doors/scim/fault-messages.ts';

const cases: [Fault, number, string | undefined, RegExp][] = [
  [fault('required', 'name.givenName'), 400, 'invalidValue', /^name\.givenName .*required/],
  [
    fault('required', 'stores[0].country', { rule: 'a store with a name needs its country' }),
    400,
    'invalidValue',
    /^stores\[0\]\.country: a store/,
  ],
  [fault('tooLong', 'title', { max: 255 }), 400, 'invalidValue', /title.*255 characters/],
  [fault('tooMany', 'emails', { max: 1000 }), 400, 'invalidValue', /emails.*1000/],
  [fault('wrongType', 'active', { expected: 'a boolean' }), 400, 'invalidValue', /active must be a boolean/],
  [fault('invalidValue', 'country', { rule: 'must be a code' }), 400, 'invalidValue', /country: must be a code/],
  [fault('uniqueness', 'userName'), 409, 'uniqueness', /^userName is taken/],
  [fault('notFound', 'User', { id: 'abc' }), 404, undefined, /^User abc not found$/],
  [fault('memberNotFound', 'members', { id: 'abc' }), 400, 'invalidValue', /^User not found.*"abc"/],
  [fault('nestedGroup', 'members'), 400, 'invalidValue', /group can't be a member/],
  [fault('mutability', 'id'), 400, 'mutability', /^id /],
  [fault('userLimit', '', { limit: 25 }), 403, undefined, /25/],
  [fault('preconditionFailed'), 412, undefined, /changed/],
  [fault('busy'), 503, undefined, /try again/],
];

describe('faults', () => {
  for (const [given, status, scimType, detail] of cases) {
    test(`${given.code} ${given.path} is ${status} ${scimType ?? ''}`, () => {
      const answer = faultResponse([given]);
      const body = answer.body as Record<string, unknown>;
      assert.equal(answer.status, status);
      assert.equal(body.status, String(status));
      assert.equal(body.scimType, scimType);
      assert.match(String(body.detail), detail);
      assert.equal(answer.headers['Retry-After'], status === 503 ? '1' : undefined);
      assert.equal(answer.reasons?.[0]?.code, given.code);
    });
  }

  test('several are reported together, ten at most, each once', () => {
    const many = Array.from({ length: 30 }, (_, index) => fault('required', `a${index}`));
    const answer = faultResponse([fault('required', 'a0'), ...many]);
    const detail = String((answer.body as Record<string, unknown>).detail);
    assert.match(detail, /a0 .*a9 .*And 20 more\.$/);
    assert.equal(detail.split('a0 ').length, 2);
  });
});
