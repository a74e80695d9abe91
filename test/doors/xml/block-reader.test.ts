// A file cut into its blocks: places to the byte in every encoding and with every size of piece, and files that can't be read.

import assert from 'node:assert/strict';
import { describe, test } from '@jest/globals';
import {
  BLOCK_CHARS_MAX,
  createBlockReader,
  type RawBlock,
  readBlocks,
} from '../../../src/doors/xml/format/block-reader.ts';
import { encodeText, type FileEncoding } from '../../../src/doors/xml/format/encoding.ts';
import { UnreadableFile } from '../../../src/runs/store.ts';

function readAll(bytes: Uint8Array, piece: number) {
  const reader = createBlockReader();
  const blocks: RawBlock[] = [];
  for (let at = 0; at < bytes.length; at += piece) blocks.push(...reader.push(bytes.subarray(at, at + piece)));
  const { blocks: last, frame } = reader.end();
  return { blocks: [...blocks, ...last], frame };
}

const BLOCKS = [
  '<User Action="Add"><UserId>a</UserId></User>',
  '<User\r\n  Action="Update" ><UserName>Zoë 😀 &amp; <![CDATA[<User>]]></UserName\n></User >',
  '<User/>',
  '<User><!-- </User> --><UserRole RoleCode="x>y" Action="Add"/></User>',
  '<User><deep><deeper>Ж</deeper></deep></User>',
];
const between = ['', '\r\n', '  <!-- é <User> -->\n', '<?a b?>', '\n', ' '];

function fileOf(declared: string | undefined): string {
  const declaration = declared === undefined ? '' : `<?xml version="1.0" encoding="${declared}"?>\r\n<!-- ü -->`;
  const body = BLOCKS.map((text, index) => between[index] + text).join('');
  return `${declaration}<UserMaintenance xmlns:x="urn:é">${body}${between[BLOCKS.length]}</UserMaintenance>\n`;
}

describe('blocks and their places', () => {
  const cases: [string, FileEncoding, string, string | undefined][] = [
    ['UTF-8', 'utf-8', '', 'UTF-8'],
    ['UTF-8 without a declaration', 'utf-8', '', undefined],
    ['UTF-8 with a byte order mark', 'utf-8', '\uFEFF', 'utf-8'],
    ['UTF-16 little endian', 'utf-16le', '\uFEFF', 'UTF-16'],
    ['UTF-16 big endian', 'utf-16be', '\uFEFF', 'UTF-16'],
    ['UTF-16 without a byte order mark', 'utf-16be', '', undefined],
  ];
  for (const [name, encoding, mark, declared] of cases) {
    test(name, () => {
      const bytes = encodeText(mark + fileOf(declared), encoding);
      for (const piece of [1, 2, 3, 7, 64, 100_000]) {
        const { blocks, frame } = readAll(bytes, piece);
        assert.deepEqual(
          blocks.map(({ text }) => text),
          BLOCKS,
        );
        for (const [index, block] of blocks.entries()) {
          assert.equal(block.number, index + 1);
          assert.deepEqual(bytes.subarray(block.start, block.end), encodeText(BLOCKS[index] ?? '', encoding));
        }
        assert.deepEqual(frame, { encoding, rootTag: '<UserMaintenance xmlns:x="urn:é">' });
      }
    });
  }

  test('what a block contains', () => {
    const { blocks } = readAll(Buffer.from(fileOf('UTF-8')), 5);
    assert.equal(blocks[1]?.element.children[0]?.text, 'Zoë 😀 & <User>');
    assert.deepEqual(
      [...(blocks[3]?.element.children[0]?.attributes ?? [])],
      [
        ['RoleCode', 'x>y'],
        ['Action', 'Add'],
      ],
    );
    assert.deepEqual(
      blocks.map(({ line }) => line),
      [2, 3, 6, 6, 7],
    );
  });

  test('a block can have no more than its characters, and a file any number of them', () => {
    const filled = `<User><UserId>${'a'.repeat(BLOCK_CHARS_MAX - 31)}</UserId></User>`;
    assert.equal(filled.length, BLOCK_CHARS_MAX - 1);
    const { blocks } = readAll(Buffer.from(`<UserMaintenance>${filled.repeat(5)}</UserMaintenance>`), 4096);
    assert.equal(blocks.length, 5);
  });
});

describe('a file that keeps the reader busy', () => {
  async function* inMemory(text: string): AsyncGenerator<Uint8Array> {
    yield Buffer.from(text);
  }
  const megabyteOf = (block: string) =>
    `<UserMaintenance>${block.repeat(Math.ceil((1024 * 1024) / block.length))}</UserMaintenance>`;
  const depth = `${'<a>'.repeat(30)}${'</a>'.repeat(30)}`;
  const cases: [string, string][] = [
    ['many blocks', megabyteOf('<User/>')],
    ['many attributes', megabyteOf(`<User ${Array.from({ length: 900 }, (_, n) => `a${n}=""`).join(' ')}/>`)],
    ['long texts', megabyteOf(`<User><UserId>${'a'.repeat(200_000)}</UserId></User>`)],
    ['many entities', megabyteOf(`<User><UserId>${'&amp;'.repeat(10_000)}</UserId></User>`)],
    ['many comments', megabyteOf('<!-- -->')],
    ['deep blocks', megabyteOf(`<User>${depth}</User>`)],
  ];
  for (const [name, text] of cases) {
    test(`${name}: the event loop turns again and again`, async () => {
      let turns = 0;
      let isReading = true;
      const count = () => {
        turns += 1;
        if (isReading) setImmediate(count);
      };
      setImmediate(count);
      for await (const _blocks of readBlocks(inMemory(text)));
      isReading = false;
      // At least once for every 256 KiB, although all bytes are there at once.
      assert.ok(turns >= 4, `${turns} turns`);
    });
  }

  test('elements may be nested 32 deep', async () => {
    const file = `<UserMaintenance><User>${depth}</User></UserMaintenance>`;
    const read: string[] = [];
    for await (const blocks of readBlocks(inMemory(file))) read.push(...blocks.map((block) => block.element.name));
    assert.deepEqual(read, ['User']);
  });
});

describe('files that can not be read', () => {
  const bomb = `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "lol">${Array.from({ length: 9 }, (_, n) => `<!ENTITY a${n} "${'&a;'.repeat(10)}">`).join('')}]><UserMaintenance><User><UserId>&a9;</UserId></User></UserMaintenance>`;
  const cases: [string, string | Buffer, RegExp][] = [
    ['nothing', '', /not well-formed|empty/],
    ['no XML', 'UserId;UserName\na;b\n', /not well-formed/],
    ['another root', '<Users><User/></Users>', /root element is Users/],
    ['another namespace', '<UserMaintenance xmlns="urn:x"><User/></UserMaintenance>', /in a namespace/],
    ['one that breaks off', '<UserMaintenance><User><UserId>a</UserId></User>', /not well-formed/],
    ['one that breaks off in a block', '<UserMaintenance><User><UserId>a</Use', /not well-formed/],
    ['a billion laughs', bomb, /DOCTYPE/],
    [
      'an external entity',
      '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><UserMaintenance><User><UserId>&f;</UserId></User></UserMaintenance>',
      /DOCTYPE/,
    ],
    ['an external DTD', '<!DOCTYPE UserMaintenance SYSTEM "http://127.0.0.1:1/x.dtd"><UserMaintenance/>', /DOCTYPE/],
    [
      'an entity that nobody declared',
      '<UserMaintenance><User><UserId>&nbsp;</UserId></User></UserMaintenance>',
      /not well-formed/,
    ],
    ['text between the blocks', '<UserMaintenance><User/>x<User/></UserMaintenance>', /between the blocks/],
    [
      'another encoding',
      '<?xml version="1.0" encoding="ISO-8859-1"?><UserMaintenance/>',
      /is in the encoding ISO-8859-1.*Save it as UTF-8/,
    ],
    [
      'UTF-16 that says UTF-8',
      encodeText('<?xml version="1.0" encoding="UTF-8"?><UserMaintenance/>', 'utf-16le'),
      /names the encoding UTF-8, but the bytes of the file are those of UTF-16/,
    ],
    [
      'UTF-8 that says UTF-16',
      '<?xml version="1.0" encoding="UTF-16"?><UserMaintenance/>',
      /names the encoding UTF-16, but the bytes of the file are those of UTF-8/,
    ],
    [
      'bytes that are no UTF-8',
      Buffer.from('<UserMaintenance>\n<User>\n<UserId>\xe9</UserId></User></UserMaintenance>', 'latin1'),
      /^Line 3: the file is not valid UTF-8/,
    ],
    [
      'half of a character at the end',
      Buffer.concat([encodeText('\uFEFF<UserMaintenance/>', 'utf-16le'), Buffer.from([0x20])]),
      /not valid UTF-16LE/,
    ],
    ['XML 1.1', '<?xml version="1.1"?><UserMaintenance/>', /XML 1.1/],
    ['a block without an end', `<UserMaintenance><User><UserId>${'a'.repeat(BLOCK_CHARS_MAX + 1)}`, /longer than/],
    [
      'a block that is too long',
      `<UserMaintenance><User>${' '.repeat(BLOCK_CHARS_MAX)}</User></UserMaintenance>`,
      /longer than/,
    ],
    ['a comment without an end', `<UserMaintenance><!--${'a'.repeat(BLOCK_CHARS_MAX + 1)}`, /longer than/],
    ['deep nesting', `<UserMaintenance>${'<a>'.repeat(37_000)}`, /^Line 1: elements are nested more than 32 deep/],
    [
      'deep nesting in a later block, with namespaces',
      `<UserMaintenance>\n${'<User/>'.repeat(100)}${'<n:a xmlns:n="urn:n">'.repeat(5_000)}`,
      /^Line 2: elements are nested more than 32 deep/,
    ],
    [
      'deep nesting that is well-formed',
      `<UserMaintenance><User>${'<a>'.repeat(31)}${'</a>'.repeat(31)}</User></UserMaintenance>`,
      /nested more than 32 deep/,
    ],
    [
      'many attributes',
      `<UserMaintenance><User ${Array.from({ length: 5_000 }, (_, n) => `a${n}=""`).join(' ')}/></UserMaintenance>`,
      /more than 1000 elements and attributes/,
    ],
    [
      'many attributes of the root',
      `<UserMaintenance ${Array.from({ length: 1_001 }, (_, n) => `a${n}=""`).join(' ')}/>`,
      /more than 1000 elements and attributes/,
    ],
    [
      'many elements in a block',
      `<UserMaintenance><User>${'<UserRole Code="x"/>'.repeat(501)}</User></UserMaintenance>`,
      /more than 1000 elements and attributes/,
    ],
    ['an attribute without an end', `<UserMaintenance><User Action="${'a'.repeat(BLOCK_CHARS_MAX + 1)}`, /longer than/],
  ];
  for (const [name, content, reason] of cases) {
    test(name, () => {
      for (const piece of [64, 65_536, 10_000_000]) {
        assert.throws(
          () => readAll(Buffer.from(content), piece),
          (error: Error) => error instanceof UnreadableFile && reason.test(error.message),
        );
      }
    });
  }
});
