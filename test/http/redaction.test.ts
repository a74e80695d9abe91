// Redaction: no secret and no external ID in an event, whatever form the request has.

import assert from 'node:assert/strict';
import { describe, test } from '@jest/globals';
import { createRedactor, mask } from '../../src/http/redaction.ts';
import { USER } from '../support/scim.ts';

const redactor = createRedactor({ secret: ['password'], masked: ['externalId'] });
const SECRET = 'hunter2-hunter2';
const EXTERNAL = 'e7c1f0aa-77';

const bodies: unknown[] = [
  { password: SECRET, externalId: EXTERNAL },
  { Password: SECRET, EXTERNALID: EXTERNAL },
  { [`${USER}:password`]: SECRET, [`${USER}:externalId`]: EXTERNAL },
  {
    Operations: [
      { op: 'replace', path: 'externalId', value: EXTERNAL },
      { op: 'add', path: 'password', value: SECRET },
    ],
  },
  { Operations: [{ value: SECRET, op: 'replace', path: `${USER}:password` }] },
  { Operations: [{ op: 'replace', value: { externalId: EXTERNAL, password: SECRET } }] },
  { Operations: [{ method: 'POST', data: { externalId: EXTERNAL, nested: [{ password: [SECRET, { a: SECRET }] }] } }] },
  { Operations: [{ op: 'replace', path: 'password', value: { value: SECRET } }] },
  { filter: `externalId eq "${EXTERNAL}" or ${USER}:externalId  EQ "${EXTERNAL}"` },
  { detail: `unexpected externalId eq "${EXTERNAL}"` },
  { note: 'token mbt_abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG' },
  JSON.parse(`{"__proto__": {"password": "${SECRET}"}, "constructor": {"externalId": "${EXTERNAL}"}}`),
];

describe('redaction', () => {
  for (const body of bodies) {
    test(`of ${JSON.stringify(body).slice(0, 70)}`, () => {
      const text = redactor.body(body);
      assert.ok(!text.includes(SECRET), text);
      assert.ok(!text.includes(EXTERNAL), text);
      assert.ok(!text.includes('abcdefghij'), text);
      assert.equal(typeof JSON.parse(text), 'object');
    });
  }

  test('leaves everything else as it is', () => {
    const body = { userName: 'a"b\u2028', n: [1, null, true, { x: -0.5 }] };
    assert.deepEqual(JSON.parse(redactor.body(body)), body);
  });

  test('stops at 16 KB, however large the body is, in no time', () => {
    const huge = { list: Array.from({ length: 200_000 }, (_, index) => ({ value: `v${index}` })) };
    const started = performance.now();
    const text = redactor.body(huge);
    assert.ok(text.length <= 16_385 && text.endsWith('…'));
    assert.ok(performance.now() - started < 100);
  });

  test('of addresses', () => {
    const url = redactor.url(`/Users?filter=externalId%20eq%20%22${EXTERNAL}%22&count=1&access_token=${SECRET}`);
    assert.equal(url, '/Users?filter=externalId eq "e7…"&count=1&access_token=[removed]');
    assert.equal(redactor.url('/Users/%zz?a=%zz'), '/Users/%zz?a=%zz');
    assert.ok(redactor.url(`/x?${'a='.repeat(5000)}`).length <= 2_001);
  });

  test('does not hang on hostile text', () => {
    const started = performance.now();
    for (const text of [
      `externalId eq "${'\\'.repeat(9000)}`,
      'externalId '.repeat(500),
      `externalId${' '.repeat(9000)}`,
    ])
      redactor.body({ filter: text });
    assert.ok(performance.now() - started < 200);
  });

  test('masks by characters, not by halves of them', () => {
    assert.equal(mask('😀😀😀'), '😀😀…');
    assert.equal(mask(''), '…');
  });
});
