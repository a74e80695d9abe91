// The formats of the MobieTrain user table, and that the schema announces the calling codes which the rules take.

import assert from 'node:assert/strict';
import { describe, test } from '@jest/globals';
import { loadSchemaCatalogue } from '../../src/directory/schema/catalogue.ts';
import {
  callingCodes,
  isCallingCode,
  isCountryCode,
  isEmailAddress,
  toE164,
} from '../../src/directory/schema/formats.ts';
import { packageFolder } from '../support/package-folder.ts';

test('stores announce every calling code that is taken, and no other', () => {
  const { documents } = loadSchemaCatalogue(packageFolder('scim-schemas'));
  const extension = documents.find(({ id }) => id.endsWith('mobietrain:2.0:User'));
  const stores = extension?.attributes.find(({ name }) => name === 'stores');
  const country = stores?.subAttributes?.find(({ name }) => name === 'country');
  const flat = extension?.attributes.find(({ name }) => name === 'storeCountry');
  assert.deepEqual([...(country?.canonicalValues ?? [])].sort(), callingCodes().sort());
  assert.deepEqual([...(flat?.canonicalValues ?? [])].sort(), callingCodes().sort());
});

describe('formats', () => {
  const cases: [name: string, check: (text: string) => unknown, text: string, expected: unknown][] = [
    ['a calling code', isCallingCode, '32', true],
    ['a calling code with a plus', isCallingCode, '+32', false],
    ['no calling code', isCallingCode, '999', false],
    ['an address', isEmailAddress, 'a.b-c@x.example', true],
    ['an address without a dotted domain', isEmailAddress, 'a@localhost', false],
    ['two addresses', isEmailAddress, 'a@x.example,b@x.example', false],
    ['an address with a line break', isEmailAddress, 'a@x.example\r\nBcc: b@x.example', false],
    ['a country', isCountryCode, 'BE', true],
    ['a country in three letters', isCountryCode, 'BEL', true],
    ['no country', isCountryCode, 'XX', false],
    ['a phone with its country code', toE164, '+32 470 12 34 56', '+32470123456'],
    ['a phone without it', toE164, '0470 12 34 56', undefined],
    ['no phone', toE164, '+', undefined],
  ];
  for (const [name, check, text, expected] of cases) test(name, () => assert.equal(check(text), expected));
});
