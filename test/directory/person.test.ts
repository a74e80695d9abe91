// Which rows and texts belong to a person who is erased: theirs, and nobody's with a similar name.

import assert from 'node:assert/strict';
import { describe, test } from '@jest/globals';
import { createPerson, identifiersOf, type RowIdentity } from '../../src/directory/erasure/person.ts';

const ann = createPerson(
  identifiersOf('id-1', {
    userName: 'ann.lee',
    externalId: 'E-77',
    name: { givenName: 'Ann', familyName: 'van der Lee' },
    displayName: 'Ann van der Lee',
    emails: [{ value: 'Ann.Lee@example.com' }],
    phoneNumbers: [{ value: '+32 470 12 34 56' }],
  }),
);

describe('a text', () => {
  for (const [text, expected] of [
    ['ann.lee', true],
    ['ANN.LEE', true],
    ['userName eq "ann.lee"', true],
    ['The login name ann.lee.', true],
    ['filter=userName+eq+%22ann.lee%40example.com%22', false],
    ['filter=x&email=ann.lee%40example.com', true],
    ['{"value":"ann.lee@example.com"}', true],
    ['there is no superior "e-77"; it must exist first', true],
    ['by Ann  van der Lee', false],
    ['by Ann van der Lee', true],
    ['Van der Lee, Ann', true],
    ['{"name":{"givenName":"Ann","familyName":"van der Lee"}}', true],
    ['{"name":{"givenName":"Ann","familyName":"Other"}}', false],
    ['ann.lee2', false],
    ['mary-ann.lee', false],
    ['ann.lee@other.example', false],
    ['E-770', false],
    ['Joann van der Leeuw', false],
    ['', false],
  ] as const)
    test(`${text || '(empty)'}: ${expected ? 'mentions' : 'does not mention'} her`, () =>
      assert.equal(ann.isIn(text), expected));
});

describe('a row', () => {
  const cases: [string, RowIdentity, boolean][] = [
    ['with her External ID', { identifiers: ['E-77'] }, true],
    ['with her e-mail beside an unknown login name', { identifiers: ['al', 'ann.lee@EXAMPLE.com'] }, true],
    ['of a namesake with another login name', { identifiers: ['other'], given: 'Ann', family: 'van der Lee' }, false],
    ['with her name and nothing else', { identifiers: [''], given: 'ann', family: 'Van der Lee' }, true],
    ['with her name written whole', { identifiers: [], wholeName: 'Ann van der  Lee' }, true],
    ['with her phone and nothing else', { identifiers: [], phone: '+32470123456' }, true],
    ['with her phone and another login name: the shop has one', { identifiers: ['x'], phone: '+32470123456' }, false],
    ['with half of her name', { identifiers: [], given: 'Ann', family: '' }, false],
  ];
  for (const [what, said, expected] of cases)
    test(`${what}: ${expected ? 'hers' : 'not hers'}`, () => assert.equal(ann.isMeantBy(said), expected));
});

test('short values are found whole only, and signs of regular expressions mean nothing', () => {
  const short = createPerson({ userNames: ['al'], externalIds: ['7', 'a.*b+(c)'] });
  assert.deepEqual([short.is('7'), short.isIn('7 rows'), short.isIn('al')], [true, false, false]);
  assert.deepEqual([short.isIn('axxb+(c)'), short.isIn('say a.*b+(c)!')], [false, true]);
  assert.equal(createPerson({}).isIn('anything'), false);
});
