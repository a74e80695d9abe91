// docs/csv.md has the table of columns as the code has it. CSV_DOCS=write rewrites it.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from '@jest/globals';
import { describeColumns } from '../../../src/doors/csv/format/columns.ts';
import { packageFolder } from '../../support/package-folder.ts';

const BEGIN = '<!-- columns:begin -->';
const END = '<!-- columns:end -->';

test('docs/csv.md has every column as it is', () => {
  const file = join(packageFolder('docs'), 'csv.md');
  const text = readFileSync(file, 'utf8');
  const [before, rest] = text.split(BEGIN);
  const after = rest?.split(END)[1];
  assert.ok(before !== undefined && after !== undefined, 'the markers are gone');
  const wanted = `${before}${BEGIN}\n\n${describeColumns()}\n\n${END}${after}`;
  if (process.env.CSV_DOCS === 'write') writeFileSync(file, wanted);
  else assert.equal(text, wanted, 'run this test with CSV_DOCS=write');
});
