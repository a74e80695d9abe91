// Reads a UserMaintenance file in pieces and splits it into blocks, each with its byte position in the file. Only the current block
// is held in memory. DOCTYPE is refused, so that only the five predefined entities of XML exist.

import { TextDecoder } from 'node:util';
import { SaxesParser, type SaxesTagNS } from 'saxes';
import { recognizeForeign } from '../../../runs/files/foreign-files.ts';
import { createTimeSlices } from '../../../runs/files/time-slices.ts';
import { UnreadableFile } from '../../../runs/store.ts';
import { bytesOf, detectEncoding, encodingMistake, type FileEncoding } from './encoding.ts';

export const ROOT_NAME = 'UserMaintenance';
/** The most characters in a block, or between blocks. */
export const BLOCK_CHARS_MAX = 256 * 1024;
/** The most elements inside each other, the root included; a user needs three. */
const DEPTH_MAX = 32;
/** The most elements and attributes in a block: checking them against the schema takes longer than their number. */
const PARTS_MAX = 1000;
const ROOT_TAG_CHARS_MAX = 8 * 1024;
/** The most bytes that are parsed before the event loop may turn. */
const SLICE_BYTES = 16 * 1024;
const HEAD_BYTES = 200;

/** An element of a block with its direct content. Deeper nesting is not kept; valid blocks have none. */
export interface BlockElement {
  name: string;
  attributes: Map<string, string>;
  /** All text directly in it, including CDATA sections. */
  text: string;
  children: BlockElement[];
}

/** A child of the root, as it is in the file. */
export interface RawBlock {
  /** From 1. */
  number: number;
  /** The line where it begins, from 1. */
  line: number;
  /** Offsets in the file, in bytes; `end` is the first byte after it. */
  start: number;
  end: number;
  /** The exact text from the file. */
  text: string;
  element: BlockElement;
}

/** A comment or processing instruction outside of blocks, with the blanks before it. */
export type Aside = Pick<RawBlock, 'start' | 'end' | 'text'>;

/** Receives what a file contains besides blocks. */
export type OnAside = (aside: Aside) => void;

/** The parts of the file that a file of failed blocks repeats. */
export interface FileFrame {
  encoding: FileEncoding;
  /** The exact start tag of the root: blocks may use its namespaces. */
  rootTag: string;
}

export interface BlockReader {
  /** The blocks that end in the next piece of the file. @throws UnreadableFile */
  push(bytes: Uint8Array): RawBlock[];
  /** Ends the file and returns the blocks that were waiting for more bytes. @throws UnreadableFile */
  end(): { blocks: RawBlock[]; frame: FileFrame };
}

/** Makes a reader of one file. Memory: one piece and one block, independent of the size of the file. */
export function createBlockReader(onAside?: OnAside): BlockReader {
  let head: Buffer | undefined = Buffer.alloc(0);
  let text: TextReader | undefined;

  function begin(bytes: Buffer): RawBlock[] {
    const { encoding, bomBytes } = detectEncoding(bytes);
    const mistake = encodingMistake(bytes, encoding);
    if (mistake !== undefined) throw new UnreadableFile(mistake);
    text = new TextReader(encoding, bomBytes, onAside);
    return text.push(bytes.subarray(bomBytes));
  }

  return {
    push(bytes) {
      if (text) return text.push(bytes);
      head = head ? Buffer.concat([head, bytes]) : Buffer.from(bytes);
      if (head.length < HEAD_BYTES) return [];
      const whole = head;
      head = undefined;
      return begin(whole);
    },
    end() {
      const first = text ? [] : begin(head ?? Buffer.alloc(0));
      const { blocks, frame } = (text as TextReader).end();
      return { blocks: [...first, ...blocks], frame };
    },
  };
}

class TextReader {
  readonly #encoding: FileEncoding;
  readonly #decoder: TextDecoder;
  readonly #onOutside: OnAside | undefined;
  readonly #parser = new SaxesParser({ xmlns: true, position: true });
  /** Text from position `#heldFrom` on: the open block, or the possible start of one. */
  #held = '';
  #heldFrom = 0;
  /** The line in which the held text begins. */
  #heldLine = 1;
  /** A position in the text and its offset in the file, from which counting continues. */
  #known: { position: number; offset: number };
  #depth = 0;
  /** The position at which the current block, tag or text began. */
  #tokenFrom = 0;
  #blockFrom = 0;
  #blockLine = 0;
  #open: BlockElement[] = [];
  #blocks: RawBlock[] = [];
  #count = 0;
  /** The elements and attributes of the open block, and of the root before it. */
  #parts = 0;
  #rootTag: string | undefined;

  constructor(encoding: FileEncoding, bomBytes: number, onAside: OnAside | undefined) {
    this.#encoding = encoding;
    this.#onOutside = onAside;
    this.#decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
    this.#known = { position: 0, offset: bomBytes };
    const parser = this.#parser;
    parser.on('error', (error) => {
      throw this.#unreadable(`The file is not well-formed XML: ${error.message.slice(0, 300)}`);
    });
    parser.on('doctype', () => {
      throw new UnreadableFile('The file has a DOCTYPE, which is not allowed.');
    });
    parser.on('opentagstart', () => this.#onTagStart());
    parser.on('attribute', () => this.#onPart());
    parser.on('opentag', (tag) => this.#onOpen(tag));
    parser.on('closetag', () => this.#onClose());
    for (const event of ['text', 'cdata'] as const) parser.on(event, (text) => this.#onText(text));
    for (const event of ['comment', 'processinginstruction'] as const) parser.on(event, () => this.#onAside());
  }

  push(bytes: Uint8Array): RawBlock[] {
    return this.#write(this.#decode(bytes, () => this.#decoder.decode(bytes, { stream: true })));
  }

  end(): { blocks: RawBlock[]; frame: FileFrame } {
    const blocks = this.#write(this.#decode(new Uint8Array(0), () => this.#decoder.decode()));
    this.#parser.close();
    if (this.#rootTag === undefined) throw new UnreadableFile('The file is empty.');
    return { blocks, frame: { encoding: this.#encoding, rootTag: this.#rootTag } };
  }

  #decode(bytes: Uint8Array, decode: () => string): string {
    try {
      return decode();
    } catch {
      const [readable = ''] = new TextDecoder(this.#encoding).decode(bytes).split('\uFFFD', 1);
      const line = this.#parser.line + readable.split('\n').length - 1;
      throw new UnreadableFile(
        `Line ${line}: the file is not valid ${this.#encoding.toUpperCase()}. Save it as UTF-8, or as UTF-16 with a byte order mark.`,
      );
    }
  }

  #write(text: string): RawBlock[] {
    this.#held += text;
    this.#parser.write(text);
    const from = this.#depth > 1 ? this.#blockFrom : this.#tokenFrom;
    if (this.#heldFrom + this.#held.length - from > BLOCK_CHARS_MAX) {
      throw this.#unreadable(
        `Line ${this.#parser.line}: a block, or the text between two blocks, is longer than ${BLOCK_CHARS_MAX} characters.`,
      );
    }
    this.#forget(from);
    const blocks = this.#blocks;
    this.#blocks = [];
    return blocks;
  }

  /** An ampersand that is not escaped is noticed only at the next semicolon, which may be far away: the error says where it is. */
  #unreadable(message: string): UnreadableFile {
    const at = this.#held.replace(LITERAL, (literal) => ' '.repeat(literal.length)).search(RAW_AMPERSAND);
    if (at < 0) return new UnreadableFile(message);
    const line = this.#heldLine + lineBreaksIn(this.#held.slice(0, at));
    return new UnreadableFile(
      `The file is not well-formed XML: line ${line} has an "&" that is not escaped; write "&amp;" instead.`,
    );
  }

  /** Discards the text before a position. */
  #forget(position: number): void {
    this.#offsetOf(position);
    this.#heldLine += lineBreaksIn(this.#held.slice(0, position - this.#heldFrom));
    this.#held = this.#held.slice(position - this.#heldFrom);
    this.#heldFrom = position;
  }

  #slice(from: number, to: number): string {
    return this.#held.slice(from - this.#heldFrom, to - this.#heldFrom);
  }

  /** The offset in the file of a position that is not before the last one asked for. */
  #offsetOf(position: number): number {
    const passed = this.#slice(this.#known.position, position);
    this.#known = { position, offset: this.#known.offset + bytesOf(passed, this.#encoding) };
    return this.#known.offset;
  }

  /** Counts an element or an attribute. */
  #onPart(): void {
    this.#parts += 1;
    if (this.#parts > PARTS_MAX) {
      throw new UnreadableFile(
        `Line ${this.#parser.line}: a block has more than ${PARTS_MAX} elements and attributes; a user needs a few.`,
      );
    }
  }

  #onTagStart(): void {
    if (this.#depth >= DEPTH_MAX) {
      throw new UnreadableFile(`Line ${this.#parser.line}: elements are nested more than ${DEPTH_MAX} deep.`);
    }
    if (this.#depth === 1) this.#parts = 0;
    this.#onPart();
    // There can be no other `<` between a tag's `<` and the end of its name.
    const at = this.#heldFrom + this.#held.lastIndexOf('<', this.#parser.position - this.#heldFrom - 1);
    if (this.#depth <= 1) this.#tokenFrom = at;
    if (this.#depth === 1) {
      this.#blockFrom = at;
      // The character after the name has been read, too.
      const isLineEnd = /[\r\n]/.test(this.#slice(this.#parser.position - 1, this.#parser.position));
      this.#blockLine = this.#parser.line - (isLineEnd ? 1 : 0);
    }
  }

  #onOpen(tag: SaxesTagNS): void {
    if (this.#depth === 0) this.#openRoot(tag);
    else if (this.#depth <= 2) {
      const attributes = new Map(Object.values(tag.attributes).map(({ name, value }) => [name, value]));
      const element: BlockElement = { name: tag.name, attributes, text: '', children: [] };
      if (this.#depth === 2) this.#open[0]?.children.push(element);
      this.#open[this.#depth - 1] = element;
    }
    this.#depth += 1;
    if (this.#depth <= 2) this.#tokenFrom = this.#parser.position;
  }

  #openRoot(tag: SaxesTagNS): void {
    const { version } = this.#parser.xmlDecl;
    if (version !== undefined && version !== '1.0')
      throw new UnreadableFile(`XML ${version} is not supported, only 1.0.`);
    if (tag.name !== ROOT_NAME || tag.uri !== '') {
      throw new UnreadableFile(
        `The root element is ${tag.name.slice(0, 100)}${tag.uri === '' ? '' : ' in a namespace'}, not ${ROOT_NAME}.`,
      );
    }
    const rootTag = this.#slice(this.#tokenFrom, this.#parser.position);
    if (rootTag.length > ROOT_TAG_CHARS_MAX) throw new UnreadableFile('The start tag of the root is too long.');
    // A self-closing root has no blocks, so none can fail.
    this.#rootTag = rootTag;
  }

  #onClose(): void {
    this.#depth -= 1;
    if (this.#depth === 1) this.#endBlock();
    if (this.#depth <= 1) this.#tokenFrom = this.#parser.position;
  }

  #endBlock(): void {
    const from = this.#blockFrom;
    const to = this.#parser.position;
    const start = this.#offsetOf(from);
    const text = this.#slice(from, to);
    const end = this.#offsetOf(to);
    const [element] = this.#open;
    if (!element) throw new Error('the end of a block without a start');
    if (text.length > BLOCK_CHARS_MAX) {
      throw new UnreadableFile(`Line ${this.#blockLine}: the block is longer than ${BLOCK_CHARS_MAX} characters.`);
    }
    this.#count += 1;
    this.#blocks.push({ number: this.#count, line: this.#blockLine, start, end, text, element });
    this.#open = [];
  }

  #onText(text: string): void {
    if (this.#depth === 1 && text.trim() !== '') {
      throw new UnreadableFile(`Line ${this.#parser.line}: there is text between the blocks.`);
    }
    const element = this.#depth === 2 || this.#depth === 3 ? this.#open[this.#depth - 2] : undefined;
    if (element) element.text += text;
  }

  /** Discards a comment between blocks. */
  #onAside(): void {
    if (this.#depth > 1) return;
    const [from, to] = [this.#tokenFrom, this.#parser.position];
    if (this.#onOutside) {
      const start = this.#offsetOf(from);
      this.#onOutside({ start, text: this.#slice(from, to), end: this.#offsetOf(to) });
    }
    this.#tokenFrom = to;
  }
}

/** Comments and CDATA sections, in which an ampersand needs no escape. */
const LITERAL = /<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>/g;
/** An ampersand without the rest of a reference, which may follow in the next piece of the file. */
const RAW_AMPERSAND = /&(?!(?:[A-Za-z_][\w.-]{0,30}|#\d{1,7}|#x[\dA-Fa-f]{1,6});|[\w#.-]{0,31}$)/;

function lineBreaksIn(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}

async function refuseForeign(head: Uint8Array): Promise<void> {
  const foreign = await recognizeForeign(head);
  if (!foreign) return;
  const advice = foreign.kind === 'compressed' ? ' Unpack it first.' : '';
  throw new UnreadableFile(`The file is ${foreign.what}, not an XML file.${advice}`);
}

/** Reads a whole file, piece by piece and in slices, so that the event loop turns in between. @throws UnreadableFile */
export async function* readBlocks(
  pieces: AsyncIterable<Uint8Array>,
  onAside?: OnAside,
): AsyncGenerator<RawBlock[], FileFrame> {
  const reader = createBlockReader(onAside);
  const slices = createTimeSlices();
  let isFirst = true;
  for await (const piece of pieces) {
    if (isFirst) await refuseForeign(piece);
    isFirst = false;
    for (let from = 0; from < piece.byteLength; from += SLICE_BYTES) {
      const part = piece.subarray(from, from + SLICE_BYTES);
      const blocks = reader.push(part);
      if (blocks.length > 0) yield blocks;
      await slices.worked(part.byteLength);
    }
  }
  const { blocks, frame } = reader.end();
  if (blocks.length > 0) yield blocks;
  return frame;
}
