// Cells hold what they are given: entries, formulas, dates and flags come back as they went in.

import assert from 'node:assert/strict';
import { describe, test } from '@jest/globals';
import fc from 'fast-check';
import { readDate } from '../../../src/directory/schema/formats.ts';
import { countedUp } from '../../../src/directory/users/login-name.ts';
import { neutralised, plain, readEntries, readFlag, writeEntries } from '../../../src/doors/csv/format/cells.ts';
import { COLUMNS, columnOfPath } from '../../../src/doors/csv/format/columns.ts';

const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom(...'\\|{},= \t\'"=+-@;ab\n\r\u00a0\u200b＝＠'),
    fc.string({ minLength: 1, maxLength: 1 }),
  ),
  maxLength: 12,
});

describe('cells', () => {
  test('formulas are neutralised and come back, whatever precedes them', () => {
    fc.assert(
      fc.property(text, (value) => {
        const cell = neutralised(value);
        assert.equal(plain(cell), value);
        assert.doesNotMatch(cell, /^[\s\p{Z}\p{Cf}]*[=+\-@＝＋－＠]/u);
        assert.doesNotMatch(cell, /[\r\n][\s\p{Z}\p{Cf}]*[=+\-@＝＋－＠]/u);
      }),
    );
  });

  test('entries come back with their names and their values in braces', () => {
    const entry = fc.record({
      name: text.filter((name) => name !== ''),
      id: fc.option(
        text.filter((id) => id !== ''),
        { nil: undefined },
      ),
      primary: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 5 }), (entries) => {
        const written = entries.map(({ name, id, primary }) => ({
          name,
          parameters: new Map([
            ...(id === undefined ? [] : [['id', id] as const]),
            ...(primary ? [['primary', ''] as const] : []),
          ]),
        }));
        const back = readEntries(writeEntries(written));
        // An entry of only blanks is escaped, so that it differs from an empty one.
        assert.deepEqual(back, written);
      }),
    );
  });

  const broken = ['a{', 'a}', 'a{id=1}b', 'a{id=1}{id=2}', 'a{{}}'];
  for (const cell of broken) {
    test(`${cell} is not a list of entries`, () => assert.equal(readEntries(cell), undefined));
  }

  test('dates and flags, as spreadsheets of our neighbours write them', () => {
    assert.deepEqual(['2026-12-31', '31/12/2026', '31-12-2026', '1.2.2026'].map(readDate), [
      '2026-12-31',
      '2026-12-31',
      '2026-12-31',
      '2026-02-01',
    ]);
    assert.deepEqual(['2026-02-30', '12/31/2026', '2026', 'soon', ''].map(readDate), Array(5).fill(undefined));
    assert.deepEqual(['TRUE', ' waar', 'Vrai', 'WAHR', '1'].map(readFlag), Array(5).fill(true));
    assert.deepEqual(['false', 'ONWAAR', 'Faux', 'FALSCH', '0'].map(readFlag), Array(5).fill(false));
    assert.deepEqual(['', 'maybe'].map(readFlag), [undefined, undefined]);
  });

  test('login names count up within a hundred characters', () => {
    assert.equal(countedUp('ann.peeters', 1), 'ann.peeters');
    assert.equal(countedUp('ann.peeters', 12), 'ann.peeters12');
    assert.equal(countedUp('x'.repeat(100), 100), `${'x'.repeat(97)}100`);
  });
});

describe('a fault is reported by its column', () => {
  const paths: [path: string, column: string | undefined][] = [
    ['name.givenName', 'FirstName'],
    ['name.honorificPrefix', 'Title'],
    ['title', 'JobPosition'],
    ['emails[0].value', 'Email'],
    ['emails', 'Email'],
    ['phoneNumbers[1].value', 'Phone'],
    ['stores[0].country', 'Stores'],
    ['storeRefId', 'Stores'],
    ['storeCountry', 'StoreCountry'],
    ['userGroups.display', 'UserGroups'],
    ['userGroupName', 'UserGroups'],
    ['department', 'Department'],
    ['organizationalUnit', 'OrganizationalUnit'],
    ['organizations', 'Organizations'],
    ['manager', 'SuperiorExternalId'],
    ['active', 'Activated'],
    ['userName', 'Uid'],
    ['photos', undefined],
  ];
  for (const [path, column] of paths) {
    test(path, () => assert.equal(columnOfPath(path)?.name, column));
  }

  test('no two columns have one name', () => {
    assert.equal(new Set(COLUMNS.map(({ name }) => name.toLowerCase())).size, COLUMNS.length);
  });
});
