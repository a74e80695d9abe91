// Files as spreadsheets write them: encodings, delimiters, quotation marks, lines; and mistakes are reported with their line.

import assert from 'node:assert/strict';
import { describe, test } from '@jest/globals';
import iconv from 'iconv-lite';
import { encodingNamed } from '../../../src/doors/csv/format/encoding.ts';
import { createFormProbe, type FileForm } from '../../../src/doors/csv/format/form.ts';
import { lookThrough, readRows } from '../../../src/doors/csv/format/parse.ts';

/** A file in pieces of `size` bytes. */
async function* pieces(bytes: Uint8Array, size: number): AsyncIterable<Uint8Array> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

function formOf(bytes: Uint8Array, size = 7, named: Partial<FileForm> = {}): FileForm {
  const probe = createFormProbe();
  for (let from = 0; from < bytes.length; from += size) probe.add(bytes.subarray(from, from + size));
  return probe.form(named);
}

/** The rows of a file as objects by column, with their lines. */
async function read(bytes: Uint8Array, size = 7, named: Partial<FileForm> = {}) {
  const form = formOf(bytes, size, named);
  const rows: { line: number; cells: Record<string, string> }[] = [];
  for await (const row of readRows(pieces(bytes, size), form)) {
    rows.push({ line: row.line, cells: Object.fromEntries([...row.cells].map(([{ name }, cell]) => [name, cell])) });
  }
  return { form, rows };
}

async function problems(text: string | Uint8Array, named: Partial<FileForm> = {}) {
  const bytes = Buffer.from(text);
  const look = await lookThrough(() => pieces(bytes, 11), formOf(bytes, 7, named));
  return look.problems.map(({ line, words }) => ({ line, words }));
}

const windows1252 = (text: string) => iconv.encode(text, 'windows-1252');

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
        assert.deepEqual([form.encoding, form.delimiter, form.refusal], [encoding, ';', undefined]);
        // Only a guess is a reason to warn.
        assert.equal(form.warning !== undefined, encoding === 'windows-1252');
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
  ['a quotation mark left open', 'FirstName;LastName;Email\nA;B;"c\nA;B;c\n', [{ line: 2, words: /quotation mark/ }]],
  [
    'a row without end',
    `FirstName;LastName;Email\nA;B;"${'x'.repeat(300_000)}"\n`,
    [{ line: 2, words: /longer than/ }],
  ],
  ['nothing', '', [{ line: 1, words: /empty/ }]],
];

const HEAD = 'FirstName;LastName;Email\n';
const personsOf = (...names: string[]) => `${HEAD}${names.map((name) => `${name};a@example.com\n`).join('')}`;

/** Files in encodings that must be named, with what the guess says about them. */
const UNNAMED: [encoding: string, text: string, words: RegExp][] = [
  [
    'windows-1250',
    personsOf('Łukasz;Wójcik', 'Małgorzata;Dąbrowska', 'Grażyna;Święcka', 'Paweł;Żółć'),
    /looks like windows-1250/,
  ],
  ['iso-8859-2', personsOf('Łukasz;Wójcik', 'Małgorzata;Dąbrowska', 'Grażyna;Święcka'), /not UTF-8/],
  ['windows-1251', personsOf('Иван;Петров', 'Ольга;Смирнова'), /looks like windows-1251/],
  ['koi8-r', personsOf('Иван;Петров', 'Ольга;Смирнова'), /looks like KOI8-R/],
  ['windows-1253', personsOf('Γιώργος;Παπαδόπουλος', 'Άννα;Ιωάννου'), /not UTF-8/],
  ['windows-1255', personsOf('דוד;כהן', 'שרה;לוי'), /not UTF-8/],
  ['shift_jis', personsOf('太郎;山田', '花子;鈴木', 'サクラ;コーヒー'), /looks like Shift_JIS/],
  ['euc-jp', personsOf('太郎;山田', '花子;鈴木'), /not UTF-8/],
  ['gb18030', personsOf('伟;张', '秀英;李'), /not UTF-8/],
  ['big5', personsOf('偉;張', '秀英;李'), /not UTF-8/],
  ['macintosh', personsOf('Zoë;Müller', 'François;Lefèvre', 'José;Nuñez'), /not UTF-8/],
  ['ibm866', personsOf('Иван;Петров', 'Ольга;Смирнова'), /not UTF-8/],
];

describe('a file that is not in Unicode', () => {
  for (const [encoding, text, words] of UNNAMED) {
    const bytes = iconv.encode(text, encoding);
    test(`${encoding} is refused with the line and how to name it, and read once it is named`, async () => {
      const [problem, ...more] = await problems(bytes);
      assert.deepEqual([problem?.line, more], [2, []]);
      assert.match(problem?.words ?? '', words);
      assert.match(problem?.words ?? '', /Save it as CSV UTF-8, or name its encoding/);
      const { form, rows } = await read(bytes, 5, { encoding });
      assert.deepEqual([form.encoding, form.warning], [encoding, undefined]);
      const [, ...lines] = text.trim().split('\n');
      assert.deepEqual(
        rows.map(({ cells }) => `${cells.FirstName};${cells.LastName};${cells.Email}`),
        lines,
      );
    });
  }

  const western = [
    'Daniël;Müller',
    'Chloé;D’Hondt',
    'Søren;Ærø',
    'ZOË;LEFÈVRE',
    'Þór;Guðmundsdóttir',
    'Noël;van ’t Hof',
  ];
  test('Windows-1252 is taken, with a warning', async () => {
    const { form, rows } = await read(windows1252(personsOf(...western)));
    assert.equal(form.encoding, 'windows-1252');
    assert.match(form.warning ?? '', /not UTF-8; it was read as Windows-1252/);
    assert.deepEqual(
      rows.map(({ cells }) => `${cells.FirstName};${cells.LastName}`),
      western,
    );
  });

  const long = personsOf(...Array.from({ length: 600 }, (_, n) => `Zoë;Müller ${n}`));
  const wrongBytes: [name: string, bytes: Buffer, line: number][] = [
    ['one wrong byte in UTF-8', withByte(Buffer.from(long), long, 'Müller 500', 0xe9), 502],
    [
      'one wrong byte in ASCII',
      withByte(Buffer.from(personsOf('Ann;Peeters')), personsOf('Ann;Peeters'), 'nn', 0xeb),
      2,
    ],
    ['a few wrong bytes', Buffer.concat([Buffer.from(long), windows1252('Zoë;Françoise;ü@example.com\n')]), 602],
    ['an end in the middle of a character', Buffer.from(`${HEAD}Zoë;Müller;a@example.com\nZoë;Mü`).subarray(0, -1), 3],
    ['half a file in each encoding', Buffer.concat([Buffer.from(long), windows1252(long.slice(HEAD.length))]), 602],
  ];
  for (const [name, bytes, line] of wrongBytes) {
    test(`${name} is reported at its line`, async () => {
      const [problem, ...more] = await problems(bytes);
      assert.deepEqual([problem?.line, more], [line, []]);
      assert.match(problem?.words ?? '', /not UTF-8/);
    });
  }

  /** The bytes with one of them replaced, after a text in them. */
  function withByte(bytes: Buffer, text: string, after: string, byte: number): Buffer {
    const at = Buffer.byteLength(text.slice(0, text.indexOf(after) + after.length));
    return Buffer.concat([bytes.subarray(0, at), Buffer.from([byte]), bytes.subarray(at)]);
  }

  test('what is not of the named encoding is reported at its line, and a byte order mark is believed', async () => {
    const japanese = iconv.encode(personsOf('太郎;山田', 'Ann;Peeters'), 'shift_jis');
    const broken = Buffer.concat([japanese, Buffer.from([0xfd, 0xfd, 0x0a])]);
    assert.deepEqual(
      (await problems(broken, { encoding: 'shift_jis' })).map(({ line }) => line),
      [4],
    );
    assert.deepEqual(
      (await problems(windows1252(personsOf('Ann;Peeters', 'Zoë;Peeters')), { encoding: 'utf-8' })).map(
        ({ line }) => line,
      ),
      [3],
    );
    assert.equal(formOf(Buffer.from(`\uFEFF${HEAD}`), 7, { encoding: 'windows-1252' }).encoding, 'utf-8');
  });

  test('an encoding has the labels of the WHATWG standard', () => {
    const labels = [
      'UTF8',
      'cp1252',
      'latin1',
      'Windows-1250',
      'sjis',
      'mac',
      'gb2312',
      'nonsense',
      'base64',
      'hex',
      '',
    ];
    assert.deepEqual(labels.map(encodingNamed), [
      'utf-8',
      'windows-1252',
      'windows-1252',
      'windows-1250',
      'shift_jis',
      'macintosh',
      'gbk',
      ...Array(4).fill(undefined),
    ]);
  });
});

describe('what spreadsheets and people make of a heading', () => {
  for (const line of ['sep=;', 'SEP=;', '"sep=;"', 'Sep=;;;;', '\uFEFFsep=;', '\uFEFF"SEP=;"']) {
    for (const end of ['\n', '\r\n', '\r']) {
      test(JSON.stringify(line + end), async () => {
        const { form, rows } = await read(
          Buffer.from(`${line}${end}FirstName;LastName;Email${end}A,B;C;d@example.com`),
        );
        assert.equal(form.delimiter, ';');
        assert.deepEqual(rows, [{ line: 3, cells: { FirstName: 'A,B', LastName: 'C', Email: 'd@example.com' } }]);
      });
    }
  }

  test('headings are compared without case, blanks, invisible characters, hyphens and underscores', async () => {
    const heading =
      'External ID; First\u00A0Name;LAST_NAME;e-mail;User Groups;Custom Field 01;Cost\u200BCenter;Middle name*';
    const { rows } = await read(Buffer.from(`${heading}\nE1;A;B;c@example.com;;x;y;z\n`));
    assert.deepEqual(rows[0]?.cells, {
      ExternalId: 'E1',
      FirstName: 'A',
      LastName: 'B',
      Email: 'c@example.com',
      UserGroups: '',
      CustomField01: 'x',
      CostCenter: 'y',
      MiddleName: 'z',
    });
    assert.match((await problems('First Name;Last Name;Email;FirstName\n'))[0]?.words ?? '', /FirstName appears twice/);
  });

  const rest = (from: number) =>
    Array.from({ length: 1000 - from }, (_, n) => `A${from + n};B;c${n}@example.com\n`).join('');
  const open: [name: string, file: string, line: number][] = [
    ['without another one', `${HEAD}${'A;B;c\n'.repeat(3)}A;"B;c\n${rest(5)}`, 5],
    ['with one in a later line', `${HEAD}${'A;B;c\n'.repeat(3)}A;"B;c\n${rest(5)}A;"B";c\n`, 5],
    ['after blank lines and cells with line breaks', `${HEAD}"A\r\nA";"B\nB";c\n\n\nA;B;c\nA;"B;c\n${rest(5)}`, 8],
    ['in the second line of its row', `${HEAD}A;B;c\n"A\nA";"B;c\n${rest(5)}`, 4],
    ['in a file that is longer than a row may be', `${HEAD}A;B;c\nA;"B;c\n${rest(5).repeat(20)}`, 3],
    ['in the middle of a cell', `${HEAD}A;B;c\nA;B"B;c\n`, 3],
  ];
  for (const [name, file, line] of open) {
    test(`a quotation mark left open ${name} is reported at its line`, async () => {
      const [problem, ...more] = await problems(file);
      assert.deepEqual([problem?.line, more], [line, []]);
      assert.match(problem?.words ?? '', /quotation mark/);
    });
  }

  test('a zero byte is reported at its line', async () => {
    assert.deepEqual(await problems(`${HEAD}A;B;c\nA;B\0;c\n`), [
      { line: 3, words: 'there is a zero byte, so that the file is not a text' },
    ]);
  });
});

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
