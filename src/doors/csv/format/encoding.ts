// Encodings of CSV files: names, decoding that notices bytes which can't be read, writing, and the guess for a file that is not in
// Unicode. iconv-lite knows the encodings, chardet guesses; the one encoding that is taken without being named is Windows-1252, and
// only if the text looks like one that was written in it.

import { isAscii, isUtf8 } from 'node:buffer';
import { TextDecoder } from 'node:util';
import { analyse } from 'chardet';
import iconv from 'iconv-lite';

/** Encodings that are named by an upload at most this long. */
const NAME_CHARS_MAX = 40;
const LOST = '\uFFFD';

/**
 * The name of an encoding by one of its labels in the WHATWG Encoding Standard, such as `windows-1252` for `CP1252` or `latin1`;
 * undefined if there is none that can also be written.
 */
export function encodingNamed(label: string): string | undefined {
  try {
    const { encoding } = new TextDecoder(label.slice(0, NAME_CHARS_MAX));
    return iconv.encodingExists(encoding) ? encoding : undefined;
  } catch {
    return undefined;
  }
}

/** Some bytes are not of the encoding; `before` is the text of the piece in front of them. */
export class UndecodableBytes extends Error {
  readonly before: string;
  constructor(before: string) {
    super('The bytes are not of this encoding');
    this.name = 'UndecodableBytes';
    this.before = before;
  }
}

interface Decoder {
  /** @throws UndecodableBytes unless it is lenient */
  write(bytes: Uint8Array): string;
  /** The text of bytes that waited for more. @throws UndecodableBytes unless it is lenient */
  end(): string;
}

/** Decodes a file without its byte order mark. */
export function createStrictDecoder(encoding: string): Decoder {
  const decoder = isUnicode(encoding) ? new TextDecoder(encoding, { fatal: true }) : createLegacyDecoder(encoding);
  let waiting: Uint8Array = new Uint8Array(0);
  const read = (bytes: Uint8Array, stream: boolean): string => {
    try {
      const text = decoder.decode(bytes, { stream });
      if (encoding === 'utf-8') waiting = cutEnd(waiting.length === 0 ? bytes : Buffer.concat([waiting, bytes]));
      if (!isUnicode(encoding) && text.includes(LOST)) throw new UndecodableBytes(text.slice(0, text.indexOf(LOST)));
      return text;
    } catch (error) {
      if (error instanceof UndecodableBytes) throw error;
      const [before = ''] = new TextDecoder(encoding).decode(Buffer.concat([waiting, bytes])).split(LOST, 1);
      throw new UndecodableBytes(before);
    }
  };
  return { write: (bytes) => read(bytes, true), end: () => read(new Uint8Array(0), false) };
}

/** Decodes a file with its byte order mark; bytes that can't be read become U+FFFD. */
export function createLenientDecoder(encoding: string): Decoder {
  const decoder = isUnicode(encoding) ? new TextDecoder(encoding, { ignoreBOM: true }) : createLegacyDecoder(encoding);
  return { write: (bytes) => decoder.decode(bytes, { stream: true }), end: () => decoder.decode() };
}

function isUnicode(encoding: string): boolean {
  return encoding.startsWith('utf-');
}

/** A decoder of iconv-lite in the form of a TextDecoder. */
function createLegacyDecoder(encoding: string) {
  const decoder = iconv.getDecoder(encoding);
  return {
    decode: (bytes?: Uint8Array, { stream = false } = {}): string =>
      (bytes ? decoder.write(Buffer.from(bytes)) : '') + (stream ? '' : (decoder.end() ?? '')),
  };
}

/** Texts as the bytes of a file of this encoding; a character that the encoding lacks becomes a question mark. */
export async function* encodeTexts(texts: AsyncIterable<string>, encoding: string): AsyncGenerator<Uint8Array> {
  for await (const text of texts) yield iconv.encode(text, encoding, { addBOM: false });
}

/** The bytes at the end that begin an incomplete UTF-8 character. */
function cutEnd(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(bytes.subarray(bytes.length - cutBytes(bytes)));
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

/** The most bytes of cells with other than ASCII characters that a guess is made from. */
const SAMPLE_BYTES = 16 * 1024;
const CELL_CHARS_MAX = 200;
/** Delimiters, quotation marks and line ends: cells lie between them. */
const BETWEEN_CELLS = /[;,\t\r\n"|]+/;

/** What a file's bytes tell about its encoding. */
export interface EncodingEvidence {
  add(bytes: Uint8Array): void;
  /** Whether all bytes are UTF-8. */
  isUtf8(): boolean;
  /** The encoding to read a file in that is neither UTF-8 nor named, with a warning; or why it has to be named. */
  guess(): { encoding: string; warning: string } | { refusal: string; readAs?: string };
}

/** Collects evidence piece by piece; memory is bounded. */
export function createEncodingEvidence(): EncodingEvidence {
  let waiting: Uint8Array = new Uint8Array(0);
  let good = 0;
  let bad = 0;
  let sample = '';
  /** The last cell of a piece, which may go on in the next one. */
  let openCell = '';
  function addToSample(piece: Uint8Array, hasOthers: boolean): void {
    // Cells of ASCII characters are not kept, so the end of such a piece is enough.
    const seen = Buffer.from(hasOthers ? piece : piece.subarray(-CELL_CHARS_MAX)).toString('latin1');
    const [first = '', ...later] = seen.split(BETWEEN_CELLS);
    const cells = [openCell + first, ...later];
    openCell = cells.pop()?.slice(-CELL_CHARS_MAX) ?? '';
    for (const cell of cells) if (/[\x80-\xff]/.test(cell)) sample += `${cell} `;
  }
  function addPiece(piece: Uint8Array): void {
    const hasOthers = !isAscii(piece);
    if (sample.length < SAMPLE_BYTES) addToSample(piece, hasOthers);
    if (!hasOthers) return;
    if (isUtf8(piece)) good += charactersBeyondAscii(new TextDecoder().decode(piece));
    else {
      const text = new TextDecoder().decode(piece);
      const lost = text.split(LOST).length - 1;
      bad += lost;
      good += charactersBeyondAscii(text) - lost;
    }
  }
  return {
    add(bytes) {
      const piece = Buffer.concat([waiting, bytes]);
      const whole = piece.length - cutBytes(piece);
      waiting = Uint8Array.from(piece.subarray(whole));
      addPiece(piece.subarray(0, whole));
    },
    isUtf8: () => bad === 0 && waiting.length === 0,
    guess: () => guessOf(Buffer.from((sample + openCell).slice(0, SAMPLE_BYTES), 'latin1'), good, bad),
  };
}

function charactersBeyondAscii(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) > 0x7f) count += 1;
  return count;
}

/** A file in another encoding has bytes that are no UTF-8 in several places, and hardly any that are. */
const BAD_MIN = 2;
const BAD_FOR_EACH_GOOD = 8;
const WESTERN = /^(?:windows-1252|ISO-8859-1|ASCII|UTF-8)$/;
const CONFIDENCE_MIN = 30;

function guessOf(sample: Buffer, good: number, bad: number): ReturnType<EncodingEvidence['guess']> {
  if (bad < BAD_MIN || bad < good * BAD_FOR_EACH_GOOD) return { refusal: `${DAMAGED}. ${SAVE}` };
  const [likely] = analyse(sample);
  const isOther = likely !== undefined && !WESTERN.test(likely.name) && likely.confidence >= CONFIDENCE_MIN;
  if (!isOther && looksWestern(iconv.decode(sample, 'windows-1252'))) {
    return {
      encoding: 'windows-1252',
      warning:
        'The file is not UTF-8; it was read as Windows-1252. If names look wrong, save it as CSV UTF-8, or name its encoding, and import it again.',
    };
  }
  // Every byte is a character of ISO 8859-1.
  return { readAs: 'iso-8859-1', refusal: `${NOT_UTF_8}${isOther ? ` and looks like ${likely.name}` : ''}. ${SAVE}` };
}

const NOT_UTF_8 = 'the file is not UTF-8';
const DAMAGED =
  'there are bytes that are not UTF-8, as in a file that was cut off or put together from files in different encodings';
const SAVE = 'Save it as CSV UTF-8, or name its encoding (such as windows-1252, windows-1250, shift_jis or macintosh)';

/** The largest share of characters that do not fit. */
const MISFITS_MAX = 0.2;
/** Whether a text that was decoded as Windows-1252 was probably written in it: words of Latin letters, most of them without accents. */
function looksWestern(text: string): boolean {
  let beyondAscii = 0;
  let misfits = 0;
  for (const word of text.split(/\s+/)) {
    const count = charactersBeyondAscii(word);
    if (count === 0) continue;
    beyondAscii += count;
    const letters = word.match(/\p{L}/gu)?.length ?? 0;
    const isForeign = letters > 1 && (word.match(/[A-Za-z]/g)?.length ?? 0) < letters / 3;
    misfits += isForeign ? count : (word.match(MISFIT)?.length ?? 0);
  }
  return misfits <= beyondAscii * MISFITS_MAX;
}

/**
 * A control character, a sign or an opening quote right beside a letter, or a capital in the middle of small letters: what is left of
 * a letter of another encoding.
 */
const MISFIT =
  /[\x80-\x9f\uFFFD]|(?<=\p{L})[^\p{ASCII}\p{L}\p{M}\p{Pf}\p{Pd}·]|[^\p{ASCII}\p{L}\p{M}\p{P}](?=\p{L})|…(?=\p{L})|[¿¡](?=\p{Ll})|(?<=\p{Ll})[^\p{ASCII}\P{Lu}]|(?<=\p{L})[^\p{ASCII}\P{Lu}](?=\p{Ll})/gu;
