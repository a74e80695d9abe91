// Detects the encoding and the delimiter of a CSV file. Both depend on the spreadsheet and its locale.

import { isUtf8 } from 'node:buffer';
import { TextDecoder } from 'node:util';

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';
export type Delimiter = ';' | ',' | '\t';

/** The form of a file. */
export interface FileForm {
  encoding: Encoding;
  delimiter: Delimiter;
}

/** The heading must be within this many bytes. */
const HEAD_BYTES = 65_536;

/** Makes a probe that detects the form of a file from its pieces; memory is bounded by the heading. */
export function createFormProbe() {
  let head: Uint8Array = new Uint8Array(0);
  let tail: Uint8Array = new Uint8Array(0);
  let isAllUtf8 = true;
  return {
    add(chunk: Uint8Array): void {
      if (head.length < HEAD_BYTES) head = Buffer.concat([head, chunk.subarray(0, HEAD_BYTES - head.length)]);
      if (!isAllUtf8) return;
      // A character may be cut at the end of a piece; its bytes are then checked with the next piece.
      const piece = Buffer.concat([tail, chunk]);
      const whole = piece.length - cutBytes(piece);
      isAllUtf8 = isUtf8(piece.subarray(0, whole));
      tail = Uint8Array.from(piece.subarray(whole));
    },
    form(): FileForm {
      const encoding = encodingOf(head, isAllUtf8 && tail.length === 0);
      return { encoding, delimiter: delimiterOf(new TextDecoder(encoding).decode(head)) };
    },
  };
}

/** The number of bytes at the end that begin an incomplete UTF-8 character. */
function cutBytes(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) {
      const wanted = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return back < wanted ? back : 0;
    }
  }
  return 0;
}

/** By the byte order mark; otherwise UTF-16 by the zero bytes of Latin characters, UTF-8 if all bytes are valid, or Windows-1252. */
function encodingOf(head: Uint8Array, isAllUtf8: boolean): Encoding {
  const [a, b] = head;
  if (a === 0xff && b === 0xfe) return 'utf-16le';
  if (a === 0xfe && b === 0xff) return 'utf-16be';
  if (a !== 0 && b === 0 && head.length >= 2) return 'utf-16le';
  if (a === 0 && b !== 0 && head.length >= 2) return 'utf-16be';
  return isAllUtf8 ? 'utf-8' : 'windows-1252';
}

/** The first line with which a spreadsheet states the delimiter. */
export const SEPARATOR_LINE = /^sep=([;,\t])\r?\n/;

/** The most frequent separator in the heading, outside quotes; a spreadsheet's `sep=` line states it. */
function delimiterOf(text: string): Delimiter {
  const stated = SEPARATOR_LINE.exec(text)?.[1];
  if (stated !== undefined) return stated as Delimiter;
  const counts = new Map<string, number>([
    [';', 0],
    [',', 0],
    ['\t', 0],
  ]);
  let quoted = false;
  for (const character of text) {
    if (character === '"') quoted = !quoted;
    else if (!quoted && (character === '\n' || character === '\r')) break;
    else if (!quoted && counts.has(character)) counts.set(character, (counts.get(character) ?? 0) + 1);
  }
  const [most] = [...counts].sort((one, other) => other[1] - one[1]);
  return (most && most[1] > 0 ? most[0] : ';') as Delimiter;
}

const WINDOWS_1252 = new Map(
  [...new TextDecoder('windows-1252').decode(Uint8Array.from({ length: 256 }, (_, byte) => byte))].map(
    (character, byte): [string, number] => [character, byte],
  ),
);
const QUESTION_MARK = 0x3f;

/** Texts as the bytes of a file of this encoding; a character that the encoding lacks becomes a question mark. */
export async function* encodeTexts(texts: AsyncIterable<string>, encoding: Encoding): AsyncGenerator<Uint8Array> {
  for await (const text of texts) {
    if (encoding === 'utf-8') yield Buffer.from(text);
    else if (encoding === 'utf-16le') yield Buffer.from(text, 'utf16le');
    else if (encoding === 'utf-16be') yield Buffer.from(text, 'utf16le').swap16();
    else yield Uint8Array.from(text, (character) => WINDOWS_1252.get(character) ?? QUESTION_MARK);
  }
}
