// Detects the form of a CSV file, its encoding and delimiter, unless the upload names them. Both depend on the spreadsheet and its
// locale.

import type { CustomColumn } from './columns.ts';
import { createEncodingEvidence, createLenientDecoder, encodingNamed } from './encoding.ts';

const DELIMITERS = [';', ',', '\t'] as const;
export type Delimiter = (typeof DELIMITERS)[number];

/** The form of a file. */
export interface FileForm {
  /** A name of the WHATWG Encoding Standard in lower case, such as `utf-8` or `windows-1252`. */
  encoding: string;
  delimiter: Delimiter;
  /** A warning if the encoding was guessed. */
  warning?: string;
  /** What to say about bytes that can't be read; by default that they are not of the encoding. */
  refusal?: string;
  /** The custom attributes that the account had when the file was submitted: each is a column that the file may have. */
  own?: readonly CustomColumn[];
  /** Of a file that is refused: the encoding in which it can be read and written without losing a byte. */
  readAs?: string;
}

/** What an upload says about its form. */
export interface NamedForm {
  encoding?: string | undefined;
  delimiter?: string | undefined;
}

/** The form that an upload names, in our names, or what is wrong with it. */
export function readNamedForm({ encoding, delimiter }: NamedForm): { form: Partial<FileForm> } | { mistake: string } {
  const form: Partial<FileForm> = {};
  if (encoding !== undefined) {
    const known = encodingNamed(encoding);
    if (known === undefined) {
      return { mistake: 'The encoding is not known; name one such as utf-8, windows-1252, windows-1250 or shift_jis.' };
    }
    form.encoding = known;
  }
  if (delimiter !== undefined) {
    const known = DELIMITERS.find((each) => each === delimiter || (each === '\t' && delimiter.toLowerCase() === 'tab'));
    if (known === undefined) return { mistake: 'The delimiter must be ; or , or tab.' };
    form.delimiter = known;
  }
  return { form };
}

/** The heading must be within this many bytes. */
const HEAD_BYTES = 65_536;

/** Makes a probe that detects the form of a file from its pieces; memory is bounded by the heading. */
export function createFormProbe() {
  let head: Uint8Array = new Uint8Array(0);
  const evidence = createEncodingEvidence();
  return {
    add(chunk: Uint8Array): void {
      if (head.length < HEAD_BYTES) head = Buffer.concat([head, chunk.subarray(0, HEAD_BYTES - head.length)]);
      evidence.add(chunk);
    },
    /** The first bytes of the file, at most 64 KiB. */
    head: (): Uint8Array => head,
    /** A byte order mark is believed rather than a named encoding; what is not named is detected. */
    form(named: Partial<FileForm> = {}): FileForm {
      const found = encodingOf(head, named.encoding, evidence);
      return { ...found, delimiter: named.delimiter ?? delimiterOf(createLenientDecoder(found.encoding).write(head)) };
    },
  };
}

/** By the byte order mark, by name, by the zero bytes of UTF-16, by what all bytes tell. */
function encodingOf(
  head: Uint8Array,
  named: string | undefined,
  evidence: ReturnType<typeof createEncodingEvidence>,
): Omit<FileForm, 'delimiter'> {
  const [a, b, c] = head;
  if (a === 0xff && b === 0xfe) return { encoding: 'utf-16le' };
  if (a === 0xfe && b === 0xff) return { encoding: 'utf-16be' };
  if (a === 0xef && b === 0xbb && c === 0xbf) return { encoding: 'utf-8' };
  if (named !== undefined) return { encoding: named };
  const wide = wideEncodingOf(head);
  if (wide !== undefined) return { encoding: wide };
  if (evidence.isUtf8()) return { encoding: 'utf-8' };
  const guess = evidence.guess();
  return { encoding: 'utf-8', ...guess };
}

const SEEN_BYTES = 64;

/** UTF-16 without a byte order mark: every other byte of a heading in Latin letters is zero. */
function wideEncodingOf(head: Uint8Array): string | undefined {
  const seen = head.subarray(0, SEEN_BYTES - (SEEN_BYTES % 2));
  const zeros = [0, 0];
  for (const [index, byte] of seen.entries()) if (byte === 0) zeros[index % 2] = (zeros[index % 2] ?? 0) + 1;
  const [even = 0, odd = 0] = zeros;
  const most = Math.floor(seen.length / 2) * 0.9;
  if (odd > 0 && odd >= most && even === 0) return 'utf-16le';
  return even > 0 && even >= most && odd === 0 ? 'utf-16be' : undefined;
}

/** The first line with which a spreadsheet states the delimiter: `sep=;`, in any case, in quotes, with empty cells behind it. */
const SEPARATOR_LINE = /^\uFEFF?"?sep=([;,\t])"?[;,\t ]*(\r\n|\n|\r|$)/i;

/** The text of a file's beginning with an empty line in place of `sep=;`, so that line numbers are those that an editor shows. */
export function withoutSeparatorLine(text: string): string {
  return text.replace(SEPARATOR_LINE, '$2');
}

/** Whether a line of a file only states the delimiter. */
export function isSeparatorLine(line: string): boolean {
  return SEPARATOR_LINE.test(line);
}

/** The most frequent separator in the heading, outside quotes; a spreadsheet's `sep=` line states it. */
function delimiterOf(text: string): Delimiter {
  const stated = SEPARATOR_LINE.exec(text)?.[1];
  if (stated !== undefined) return stated as Delimiter;
  const counts = new Map<string, number>(DELIMITERS.map((each) => [each, 0]));
  let quoted = false;
  for (const character of text) {
    if (character === '"') quoted = !quoted;
    else if (!quoted && (character === '\n' || character === '\r')) break;
    else if (!quoted && counts.has(character)) counts.set(character, (counts.get(character) ?? 0) + 1);
  }
  const [most] = [...counts].sort((one, other) => other[1] - one[1]);
  return (most && most[1] > 0 ? most[0] : ';') as Delimiter;
}
