// The rows of a CSV file as raw text. Some rows can be changed while all others keep every character, even in a file that cannot
// be parsed as CSV.

import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { createLenientDecoder } from './encoding.ts';
import type { Delimiter } from './form.ts';

/** The text of a row, or the text between rows, and the line end (or byte order mark) that follows it. */
export interface RawRow {
  text: string;
  end: string;
}

/** A longer row is split. */
const ROW_CHARS_MAX = 1024 * 1024;
const BYTE_ORDER_MARK = '\uFEFF';

/** The rows of a file in order; joined, their texts and ends are the file. A line break in quotes does not end a row. */
export async function* rawRows(content: AsyncIterable<Uint8Array>, encoding: string): AsyncGenerator<RawRow> {
  const decoder = createLenientDecoder(encoding);
  const splitter = new RowSplitter();
  for await (const piece of content) yield* splitter.push(decoder.write(piece));
  yield* splitter.push(decoder.end());
  yield* splitter.end();
}

class RowSplitter {
  readonly #rowEnd = /"|\r\n|\n|\r/g;
  #held = '';
  /** The position in `#held` at which the search continues. */
  #from = 0;
  #isQuoted = false;
  #isBegun = false;

  *push(text: string): Generator<RawRow> {
    this.#held += text;
    if (!this.#isBegun && this.#held.startsWith(BYTE_ORDER_MARK)) {
      yield { text: '', end: BYTE_ORDER_MARK };
      this.#held = this.#held.slice(BYTE_ORDER_MARK.length);
    }
    this.#isBegun ||= this.#held !== '';
    yield* this.#cut(false);
  }

  *end(): Generator<RawRow> {
    yield* this.#cut(true);
    if (this.#held !== '') yield { text: this.#held, end: '' };
  }

  *#cut(isLast: boolean): Generator<RawRow> {
    const rowEnd = this.#rowEnd;
    rowEnd.lastIndex = this.#from;
    let start = 0;
    for (let match = rowEnd.exec(this.#held); match; match = rowEnd.exec(this.#held)) {
      // The character after a carriage return at the end of a piece is not known yet.
      if (!isLast && match[0] === '\r' && rowEnd.lastIndex === this.#held.length) break;
      this.#from = rowEnd.lastIndex;
      if (match[0] === '"') this.#isQuoted = !this.#isQuoted;
      else if (!this.#isQuoted || this.#from - start > ROW_CHARS_MAX) {
        yield { text: this.#held.slice(start, match.index), end: match[0] };
        start = this.#from;
        this.#isQuoted = false;
      }
    }
    this.#held = this.#held.slice(start);
    this.#from = Math.max(0, this.#from - start);
  }
}

/** The cells of a row; a row that is not well-formed is one cell. */
export function cellsOf(text: string, delimiter: Delimiter): string[] {
  try {
    const [cells] = parse(text, { delimiter, relax_column_count: true }) as string[][];
    return cells ?? [text];
  } catch {
    return [text];
  }
}

/** A row with these cells, unchanged, without a line end. */
export function rowText(cells: readonly string[], delimiter: Delimiter): string {
  return stringify([cells], { delimiter, record_delimiter: '', quoted_match: /[\r\n]/ });
}
