// Files as spreadsheets write them: encodings, delimiters, quotation marks, lines; and mistakes are reported with their line.

import assert from 'node:assert/strict';
import { describe, test } from '@jest/globals';
import { createFormProbe, type FileForm } from '../../../src/doors/csv/format/form.ts';
import { lookThrough, readRows } from '../../../src/doors/csv/format/parse.ts';

/** A file in pieces of `size` bytes. */
async function* pieces(bytes: Uint8Array, size: number): AsyncIterable<Uint8Array> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

function formOf(bytes: Uint8Array, size = 7): FileForm {
  const probe = createFormProbe();
  for (let from = 0; from < bytes.length; from += size) probe.add(bytes.subarray(from, from + size));
  return probe.form();
}

/** The rows of a file as objects by column, with their lines. */
async function read(bytes: Uint8Array, size = 7) {
  const form = formOf(bytes, size);
  const rows: { line: number; cells: Record<string, string> }[] = [];
  for await (const row of readRows(pieces(bytes, size), form)) {
    rows.push({ line: row.line, cells: Object.fromEntries([...row.cells].map(([{ name }, cell]) => [name, cell])) });
  }
  return { form, rows };
}

async function problems(text: string): Promise<{ line: number; words: string }[]> {
  const bytes = Buffer.from(text);
  const look = await lookThrough(pieces(bytes, 11), formOf(bytes));
  return look.problems.map(({ line, words }) => ({ line, words }));
}

/** Signs of Windows-1252 that stand elsewhere in Unicode. */
const WINDOWS = new Map([
  ['€', 0x80],
  ['’', 0x92],
  ['Š', 0x8a],
]);

function windows1252(text: string): Buffer {
  return Buffer.from([...text].map((sign) => WINDOWS.get(sign) ?? sign.charCodeAt(0)));
}

const utf16be = (text: string) => Buffer.from(text, 'utf16le').swap16();

const TEXT = 'FirstName;LastName;Email;JobPosition\r\nZoë;Šimić’s €;zoe@example.com;"Head; of\r\nsales ""north"""\r\n';
const PLAIN = TEXT.replace('ć', 'c');
const ENCODED: [name: string, bytes: Buffer, encoding: string, text: string][] = [
  ['UTF-8', Buffer.from(TEXT), 'utf-8', TEXT],
  ['UTF-8 with a byte order mark', Buffer.from(`\uFEFF${TEXT}`), 'utf-8', TEXT],
  ['UTF-16 little-endian with a byte order mark', Buffer.from(`\uFEFF${TEXT}`, 'utf16le'), 'utf-16le', TEXT],
  ['UTF-16 big-endian with a byte order mark', utf16be(`\uFEFF${TEXT}`), 'utf-16be', TEXT],
  ['UTF-16 little-endian without one', Buffer.from(TEXT, 'utf16le'), 'utf-16le', TEXT],
  ['UTF-16 big-endian without one', utf16be(TEXT), 'utf-16be', TEXT],
  ['Windows-1252', windows1252(PLAIN), 'windows-1252', PLAIN],
];

describe('a file is read', () => {
  for (const [name, bytes, encoding, text] of ENCODED) {
    for (const size of [1, 3, 4096]) {
      test(`${name}, in pieces of ${size} bytes`, async () => {
        const { form, rows } = await read(bytes, size);
        assert.deepEqual(form, { encoding, delimiter: ';' });
        const cells = {
          FirstName: 'Zoë',
          LastName: text.includes('ć') ? 'Šimić’s €' : 'Šimic’s €',
          Email: 'zoe@example.com',
          JobPosition: 'Head; of\r\nsales "north"',
        };
        assert.deepEqual(
          rows.map((row) => row.cells),
          [cells],
        );
      });
    }
  }

  for (const delimiter of [';', ',', '\t']) {
    test(`with ${JSON.stringify(delimiter)} between cells`, async () => {
      const text = ['FirstName,LastName,Email', 'A,"B,;\tC",a@example.com'].join('\n');
      const file = text.replace(/,(?=[A-Z"a])/g, delimiter);
      const { form, rows } = await read(Buffer.from(file));
      assert.equal(form.delimiter, delimiter);
      assert.equal(rows[0]?.cells.Email, 'a@example.com');
    });
  }

  test('as a spreadsheet writes it: a sep= line, CRLF, quoted cells, upper-case booleans, blank lines at the end', async () => {
    const file = 'sep=,\r\n"FirstName","LastName","Email","Activated"\r\n"A","B","a@example.com","TRUE"\r\n\r\n\r\n';
    const { form, rows } = await read(Buffer.from(`\uFEFF${file}`));
    assert.equal(form.delimiter, ',');
    assert.deepEqual(rows, [
      { line: 3, cells: { FirstName: 'A', LastName: 'B', Email: 'a@example.com', Activated: 'TRUE' } },
    ]);
  });

  test('lines are those where rows begin, whatever their cells contain', async () => {
    const file =
      'FirstName;LastName;Email\r\n"A\r\nB";C;a@example.com\r\n\r\nD;"E\n\nF";d@example.com\r\nG;H;g@example.com';
    const { rows } = await read(Buffer.from(file));
    assert.deepEqual(
      rows.map((row) => row.line),
      [2, 5, 8],
    );
  });

  test('columns in any order and any case; neutralised formulas are what they were', async () => {
    const { rows } = await read(Buffer.from("email;LASTNAME;firstname;Title\na@example.com;'=1+1;''-2;=3\n"));
    assert.deepEqual(rows[0]?.cells, { Email: 'a@example.com', LastName: '=1+1', FirstName: "'-2", Title: '=3' });
  });
});

const BROKEN: [name: string, file: string, expected: { line: number; words: RegExp }[]][] = [
  ['an unknown column', 'FirstName;LastName;Email;Shoe\nA;B;c;d\n', [{ line: 1, words: /no column "Shoe"/ }]],
  ['a double column', 'FirstName;LastName;Email;email\nA;B;c;d\n', [{ line: 1, words: /Email appears twice/ }]],
  ['a missing mandatory column', 'FirstName;Email\nA;c\n', [{ line: 1, words: /LastName is missing/ }]],
  [
    'neither e-mail nor phone',
    'FirstName;LastName\nA;B\n',
    [{ line: 1, words: /column Email \(or Phone instead\) is missing/ }],
  ],
  [
    'redundant semicolons in the heading',
    'FirstName;LastName;Email;;\nA;B;c;;\n',
    [{ line: 1, words: /at the end of the line/ }],
  ],
  [
    'redundant semicolons at the end of lines and below',
    'FirstName;LastName;Email\nA;B;c\nA;B;c;;\nA;B;c\n;;\n;;;;\n',
    [
      { line: 3, words: /redundant delimiters at the end of the line/ },
      { line: 5, words: /a row without data/ },
      { line: 6, words: /a row without data/ },
    ],
  ],
  [
    'more and fewer cells than columns',
    'FirstName;LastName;Email\nA;B;c;d\nA;B\n',
    [
      { line: 2, words: /4 cells for 3 columns/ },
      { line: 3, words: /only 2 cells for 3 columns/ },
    ],
  ],
  ['a quotation mark left open', 'FirstName;LastName;Email\nA;B;"c\nA;B;c\n', [{ line: 3, words: /quotation mark/ }]],
  [
    'a row without end',
    `FirstName;LastName;Email\nA;B;"${'x'.repeat(300_000)}"\n`,
    [{ line: 2, words: /longer than/ }],
  ],
  ['nothing', '', [{ line: 1, words: /empty/ }]],
];

describe('mistakes in a file are reported with their line', () => {
  for (const [name, file, expected] of BROKEN) {
    test(name, async () => {
      const found = await problems(file);
      assert.deepEqual(
        found.map(({ line }) => line),
        expected.map(({ line }) => line),
        JSON.stringify(found),
      );
      for (const [index, { words }] of expected.entries()) assert.match(found[index]?.words ?? '', words);
    });
  }

  test('a hundred lines at most', async () => {
    assert.equal((await problems(`FirstName;LastName;Email\n${';;\n'.repeat(5000)}`)).length, 100);
  });
});
