// Control characters, line breaks and signs that nobody sees are refused in names and login names, and each door of files names the
// column or the element.

import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { block, documentOf, openTestBatch, type TestBatch } from '../support/batch.ts';
import { type CsvSetting, openCsvSetting } from '../support/csv.ts';

const SIGNS: [name: string, sign: string, isXml: boolean][] = [
  ['a line break', '\n', true],
  ['a tab', '\t', true],
  ['a bell', '\u0007', false],
  ['a next line', '\u0085', true],
  ['a line separator', '\u2028', true],
  ['a right-to-left override', '\u202e', true],
  ['an isolate', '\u2066', true],
  ['a zero-width space', '\u200b', true],
  ['a soft hyphen', '\u00ad', true],
];

describe('a CSV file', () => {
  let setting: CsvSetting;
  beforeAll(async () => {
    setting = await openCsvSetting();
  });
  afterAll(() => setting.close());

  const columns = ['Uid', 'ExternalId', 'FirstName', 'LastName', 'MiddleName', 'Title'];
  for (const [name, sign] of SIGNS) {
    test(`${name} is refused with its column`, async () => {
      const tenant = setting.account();
      const rows = columns.map((wrong, n) =>
        columns.map((column) => `"${column === wrong ? `x${sign}y` : 'x'}${n}"`).join(';'),
      );
      const { rows: results } = await tenant.import(
        `${columns.join(';')};Email\n${rows.map((row, n) => `${row};a${n}@example.com`).join('\n')}\n`,
      );
      assert.deepEqual(
        results.map(({ outcome, faults = [] }) => [outcome, ...new Set(faults.map(({ at }) => at))]),
        columns.map((column) => ['refused', column]),
        JSON.stringify(results),
      );
    });
  }
});

describe('an XML file', () => {
  let batch: TestBatch;
  beforeAll(async () => {
    batch = await openTestBatch();
  });
  afterAll(() => batch.close());

  for (const [name, sign, isXml] of SIGNS) {
    if (!isXml) continue;
    test(`${name} is refused with its element`, async () => {
      const good = { UserId: 'ann', UserName: 'Ann', Email: 'a@example.com', LanguageCode: 'en', CountryCode: 'BE' };
      const blocks = ['UserId', 'UserName'].map((element) => block({ ...good, [element]: `x${sign}y` }));
      await batch.drop('signs.xml', documentOf(...blocks));
      const run = await batch.work();
      const rows = await batch.runs.rows(run.id, { limit: 10 });
      assert.deepEqual(
        rows.map(({ outcome }) => outcome),
        ['refused', 'refused'],
      );
      for (const [index, element] of ['UserId', 'UserName'].entries()) {
        assert.match((rows[index]?.faults ?? []).map(({ words }) => words).join(' '), new RegExp(element));
      }
    });
  }
});
