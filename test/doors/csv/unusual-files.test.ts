// Files that are not what they seem, as an administrator sends them: what the answer says, and what the run tells about its file.

import assert from 'node:assert/strict';
import { crc32, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import iconv from 'iconv-lite';
import { formOf } from '../../../src/doors/csv/import/job.ts';
import { readBlocks } from '../../../src/doors/xml/format/block-reader.ts';
import { UnreadableFile } from '../../../src/runs/store.ts';
import { type CsvSetting, openCsvSetting, pieces, textOf } from '../../support/csv.ts';

let setting: CsvSetting;
beforeAll(async () => {
  setting = await openCsvSetting();
});
afterAll(() => setting.close());

/** A ZIP archive of files that are not compressed (PKWARE APPNOTE 4.3). */
function zipOf(files: Record<string, string>): Buffer {
  const locals: Buffer[] = [];
  const entries: Buffer[] = [];
  for (const [name, content] of Object.entries(files)) {
    const about = Buffer.alloc(26);
    about.writeUInt16LE(20, 0);
    about.writeUInt32LE(crc32(content), 10);
    about.writeUInt32LE(content.length, 14);
    about.writeUInt32LE(content.length, 18);
    about.writeUInt16LE(name.length, 22);
    const offset = Buffer.alloc(16);
    offset.writeUInt32LE(Buffer.concat(locals).length, 12);
    locals.push(Buffer.from('PK\x03\x04'), about, Buffer.from(name + content));
    entries.push(Buffer.from('PK\x01\x02\x14\x00'), about, offset.subarray(2), Buffer.from(name));
  }
  const end = Buffer.alloc(18);
  end.writeUInt16LE(Object.keys(files).length, 4);
  end.writeUInt16LE(Object.keys(files).length, 6);
  end.writeUInt32LE(Buffer.concat(entries).length, 8);
  end.writeUInt32LE(Buffer.concat(locals).length, 12);
  return Buffer.concat([...locals, ...entries, Buffer.from('PK\x05\x06'), end]);
}

const HEADING = 'ExternalId;FirstName;LastName;Email\n';
const FILE = `${HEADING}E1;Ann;Peeters;ann@example.com\n`;
const SHEET_TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml';
const TYPES = `<Types><Override PartName="/xl/workbook.xml" ContentType="${SHEET_TYPE}"/></Types>`;

const FOREIGN: [name: string, content: Buffer, what: RegExp][] = [
  ['an xlsx', zipOf({ '[Content_Types].xml': TYPES, 'xl/workbook.xml': '<workbook/>' }), /Excel workbook \(\.xlsx\)/],
  ['an xlsx that breaks off', Buffer.from('PK\x03\x04'), /workbook \(\.xlsx\) that is damaged/],
  ['an xls', Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(600)]), /Excel workbook \(\.xls\)/],
  [
    'an ods',
    zipOf({ mimetype: 'application/vnd.oasis.opendocument.spreadsheet', 'content.xml': '<a/>' }),
    /OpenDocument spreadsheet/,
  ],
  ['a zip', zipOf({ 'users.csv': FILE }), /ZIP archive/],
  ['a gzip', gzipSync(FILE), /compressed with gzip/],
  ['a pdf', Buffer.from('%PDF-1.7\n%âãÏÓ\n1 0 obj'), /PDF document/],
  ['zero bytes', Buffer.alloc(10_000), /zero bytes/],
];

describe('a file that is not CSV', () => {
  const texts: typeof FOREIGN = [
    ['a web page', Buffer.from('<html><body><table><tr><td>Uid</td></tr></table></body></html>'), /web page or an XML/],
    ['XML', Buffer.from('\uFEFF<?xml version="1.0"?>\n<UserMaintenance/>'), /web page or an XML/],
    ['JSON', Buffer.from('[ {"userName": "ann"} ]'), /JSON document/],
  ];
  for (const [name, content, what] of [...FOREIGN, ...texts]) {
    test(`${name}: the answer says what it is and how to save it as CSV`, async () => {
      const tenant = setting.account();
      const submission = { simulate: false, fileName: 'users.csv', requestedBy: 'a test' };
      const submitted = await setting.door.submit(tenant, pieces(content), submission);
      assert.ok(!submitted.ok && submitted.reason === 'unreadable', JSON.stringify(submitted));
      const [problem, ...more] = submitted.problems;
      assert.deepEqual([problem?.line, more], [1, []]);
      assert.match(problem?.words ?? '', what);
      assert.match(problem?.words ?? '', /not a CSV file; .*save it as "CSV UTF-8"/);
    });
  }
});

describe('a file that is not XML', () => {
  for (const [name, content, what] of FOREIGN) {
    test(`${name}: the reason says what it is`, async () => {
      const read = async () => {
        for await (const _blocks of readBlocks(pieces(content)));
      };
      await assert.rejects(
        read(),
        (error: Error) =>
          error instanceof UnreadableFile && what.test(error.message) && /not an XML/.test(error.message),
      );
    });
  }
});

describe('a run reports how its file was read', () => {
  test('in its form and its result, with a warning if the encoding was guessed', async () => {
    const tenant = setting.account();
    const text = `${HEADING}E1;Zoë;Müller;a@example.com\nE2;José;Núñez;b@example.com\n`;
    const { run, rows } = await tenant.import(iconv.encode(text, 'windows-1252'));
    assert.deepEqual(
      rows.map(({ outcome }) => outcome),
      ['created', 'created'],
    );
    assert.match(run.reason ?? '', /not UTF-8; it was read as Windows-1252/);
    const { encoding, delimiter } = formOf(run);
    assert.deepEqual([encoding, delimiter], ['windows-1252', ';']);
    const result = (await textOf(await setting.door.result(tenant, run.id))).trimEnd().split('\r\n');
    assert.equal(result.at(-1), ';;note;;;"Read as windows-1252, with "";"" between the cells."');
    const again = await tenant.import(text.replaceAll(';', '\t'));
    assert.deepEqual([again.run.reason, again.run.counts.unchanged], [undefined, 2]);
  });

  test('and takes an encoding and a delimiter by name', async () => {
    const tenant = setting.account();
    const named = iconv.encode(`${HEADING}E1;Łukasz;Wójcik;a@example.com\n`.replaceAll(';', ','), 'windows-1250');
    const { run, rows } = await tenant.import(named, { encoding: 'CP1250', delimiter: ',' });
    assert.equal(rows[0]?.outcome, 'created', JSON.stringify(rows));
    assert.match(await tenant.export(), /;Łukasz;Wójcik;/);
    assert.equal(formOf(run).encoding, 'windows-1250');
    for (const wrong of [{ encoding: 'klingon' }, { encoding: '' }, { delimiter: '|' }, { delimiter: '' }]) {
      await assert.rejects(tenant.import(FILE, wrong), /invalidForm/, JSON.stringify(wrong));
    }
  });
});

describe('a row with line breaks', () => {
  test('is in the file of failed rows as it was, and goes in again', async () => {
    const tenant = setting.account();
    const breaks = ['a\nb', 'a\r\nb', 'a\rb', '\n=1+1', 'a\n=1+1'];
    const rows = breaks.map((text, n) => `E${n};Ann;Peeters;not an address;"${text}";x\n`).join('');
    const heading = `${HEADING.trim()};CustomField01;CustomField02\n`;
    const { run } = await tenant.import(heading + rows);
    assert.equal(run.counts.refused, breaks.length);
    const failed = await textOf(await setting.door.failedRows(tenant, run.id));
    const again = await tenant.import(failed);
    assert.equal(again.run.counts.refused, breaks.length);
    const corrected = await tenant.import(
      failed
        .replaceAll('not an address', '')
        .replace('Email', 'Phone')
        .replace(/Peeters;;/g, 'Peeters;+32470123456;'),
    );
    assert.equal(corrected.run.counts.created, breaks.length, JSON.stringify(corrected.rows));
    const stored = await setting.directory.db
      .collection('users')
      .find({ account: tenant.account.id })
      .sort({ _id: 1 })
      .toArray();
    assert.deepEqual(
      stored.map(({ data }) => data.mobietrain.customField01),
      // Cells are trimmed when they are read.
      breaks.map((text) => text.trim()),
    );
  });
});
