// Reads a file of users as a stream: checks the heading against the columns and yields the rows with their line numbers (RFC 4180,
// with the delimiters that spreadsheets use).

import { TextDecoder } from 'node:util';
import { CsvError, type Info, parse } from 'csv-parse';
import { UnreadableFile } from '../../../runs/store.ts';
import { plain } from './cells.ts';
import { COLUMNS, type Column, columnNamed } from './columns.ts';
import { type Encoding, type FileForm, SEPARATOR_LINE } from './form.ts';

/** Why a file can't be read; `line` counts from 1. */
export interface FileProblem {
  line: number;
  column?: string;
  words: string;
}

/** One row, by the columns of the file. */
export interface FileRow {
  /** From 1, without the heading. */
  number: number;
  line: number;
  /** The cell of each column without blanks around it, formulas read back. */
  cells: ReadonlyMap<Column, string>;
}

/** A row of more characters is refused. */
const ROW_CHARS_MAX = 262_144;
const PROBLEMS_MAX = 100;

/** The file, or the rest of it, can't be read as CSV. */
class UnreadableCsvFile extends UnreadableFile {
  readonly problems: FileProblem[];
  constructor(problems: FileProblem[]) {
    super(problems.map(({ line, words }) => `Line ${line}: ${words}`).join(' '));
    this.problems = problems;
  }
}

/** The text of a file in pieces, without byte order mark and `sep=` line. */
async function* decoded(content: AsyncIterable<Uint8Array>, encoding: Encoding): AsyncIterable<string> {
  const decoder = new TextDecoder(encoding);
  let begin: string | undefined = '';
  for await (const chunk of content) {
    const text = decoder.decode(chunk, { stream: true });
    if (begin === undefined) yield text;
    else {
      begin += text;
      if (begin.length < 8) continue;
      yield withoutSeparatorLine(begin);
      begin = undefined;
    }
  }
  yield withoutSeparatorLine((begin ?? '') + decoder.decode());
}

/** An empty line instead, so that line numbers are those that an editor shows. */
function withoutSeparatorLine(text: string): string {
  return text.replace(SEPARATOR_LINE, '\n');
}

interface Parsed {
  record: string[];
  /** The line where the row begins. */
  line: number;
}

async function* records(content: AsyncIterable<Uint8Array>, { encoding, delimiter }: FileForm): AsyncIterable<Parsed> {
  const parser = parse({
    delimiter,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: ROW_CHARS_MAX,
    record_delimiter: ['\r\n', '\n', '\r'],
  });
  const source = (async () => {
    for await (const text of decoded(content, encoding)) {
      if (!parser.write(text)) await new Promise<void>((resolve) => parser.once('drain', resolve));
      if (parser.destroyed) return;
    }
    parser.end();
  })();
  source.catch((error: unknown) => parser.destroy(error instanceof Error ? error : new Error(String(error))));
  let countedTwice = 0;
  try {
    for await (const parsed of parser) {
      const { record, info } = parsed as { record: string[]; info: Info };
      // The parser gives the line on which a row ends, and counts a CRLF inside a cell as two lines.
      const { breaks, pairs } = breaksIn(record);
      yield { record, line: info.lines - countedTwice - breaks - pairs };
      countedTwice += pairs;
    }
  } catch (error) {
    if (error instanceof CsvError) throw new UnreadableCsvFile([problemOf(error, countedTwice)]);
    throw error;
  } finally {
    parser.destroy();
  }
}

/** Line breaks in the cells of a row, and how many of them are CRLF. */
function breaksIn(record: readonly string[]): { breaks: number; pairs: number } {
  let breaks = 0;
  let pairs = 0;
  for (const cell of record) {
    if (!/[\r\n]/.test(cell)) continue;
    for (const [lineBreak] of cell.matchAll(/\r\n|\n|\r/g)) {
      breaks += 1;
      if (lineBreak.length === 2) pairs += 1;
    }
  }
  return { breaks, pairs };
}

function problemOf(error: CsvError, countedTwice: number): FileProblem {
  const line = typeof error.lines === 'number' ? error.lines - countedTwice : 1;
  const words =
    error.code === 'CSV_MAX_RECORD_SIZE'
      ? `the row is longer than ${ROW_CHARS_MAX} characters; is a closing quotation mark missing?`
      : 'a quotation mark is misplaced or not closed';
  return { line, words };
}

/** Reads a heading. Problems: unknown, duplicate and missing columns, redundant delimiters. */
function readHeading(record: string[], line: number): { columns: Column[]; problems: FileProblem[] } {
  const problems: FileProblem[] = [];
  const columns: Column[] = [];
  for (const [index, heading] of record.entries()) {
    const column = columnNamed(heading);
    if (heading.trim() === '') {
      const isRest = record.slice(index).every((each) => each.trim() === '');
      problems.push({ line, words: isRest ? REDUNDANT_RIGHT : `the heading of column ${index + 1} is empty` });
      if (isRest) break;
    } else if (!column) {
      problems.push({ line, column: heading.slice(0, 100), words: `there is no column "${heading.slice(0, 100)}"` });
    } else if (columns.includes(column)) {
      problems.push({ line, column: column.name, words: `the column ${column.name} appears twice` });
    } else columns.push(column);
  }
  for (const { name, mandatory } of COLUMNS) {
    if (mandatory && !columns.some((column) => column.name === name)) {
      problems.push({ line, column: name, words: `the column ${name} is missing` });
    }
  }
  if (!columns.some((column) => column.syntax === 'email' || column.syntax === 'phone')) {
    problems.push({ line, column: 'Email', words: 'the column Email (or Phone instead) is missing' });
  }
  return { columns, problems };
}

const REDUNDANT_RIGHT = 'there are redundant delimiters at the end of the line';

/**
 * The rows of a file, in order.
 * @throws UnreadableFile if the heading or a row can't be read
 */
export async function* readRows(content: AsyncIterable<Uint8Array>, form: FileForm): AsyncIterable<FileRow> {
  let columns: Column[] | undefined;
  let number = 0;
  for await (const { record, line } of records(content, form)) {
    if (!columns) {
      const heading = readHeading(record, line);
      if (heading.problems.length > 0) throw new UnreadableCsvFile(heading.problems);
      columns = heading.columns;
      continue;
    }
    const problem = rowProblem(record, columns.length, line);
    if (problem) throw new UnreadableCsvFile([problem]);
    number += 1;
    yield {
      number,
      line,
      cells: new Map(columns.map((column, index) => [column, cellText(column, record[index] ?? '')])),
    };
  }
  if (!columns) throw new UnreadableCsvFile([{ line: 1, words: 'the file is empty' }]);
}

function rowProblem(record: string[], width: number, line: number): FileProblem | undefined {
  if (record.every((cell) => cell === '')) {
    return { line, words: 'there are redundant delimiters in a row without data' };
  }
  if (record.length > width) {
    const isEmpty = record.slice(width).every((cell) => cell === '');
    return { line, words: isEmpty ? REDUNDANT_RIGHT : `there are ${record.length} cells for ${width} columns` };
  }
  if (record.length < width) return { line, words: `there are only ${record.length} cells for ${width} columns` };
  return undefined;
}

/** The result of the first pass over a file: the number of rows, and why it can't be read. */
interface FileLook {
  rows: number;
  /** In order of lines, at most 100. */
  problems: FileProblem[];
  /** The number of all problems. */
  problemCount: number;
}

/** The text of a cell. The entries of a list are trimmed one by one, because they can end with an escaped blank. */
function cellText({ isList }: Column, cell: string): string {
  const text = plain(cell);
  return isList ? text : text.trim();
}

/** Reads a whole file once, so that problems of its form are known before anything is written. */
export async function lookThrough(content: AsyncIterable<Uint8Array>, form: FileForm): Promise<FileLook> {
  const look: FileLook = { rows: 0, problems: [], problemCount: 0 };
  const report = (problem: FileProblem): void => {
    look.problemCount += 1;
    if (look.problems.length < PROBLEMS_MAX) look.problems.push(problem);
  };
  let width: number | undefined;
  try {
    for await (const { record, line } of records(content, form)) {
      if (width === undefined) {
        const { columns, problems } = readHeading(record, line);
        for (const problem of problems) report(problem);
        if (problems.length > 0) return look;
        width = columns.length;
        continue;
      }
      look.rows += 1;
      const problem = rowProblem(record, width, line);
      if (problem) report(problem);
    }
  } catch (error) {
    if (!(error instanceof UnreadableCsvFile)) throw error;
    for (const problem of error.problems) report(problem);
  }
  if (width === undefined && look.problemCount === 0) report({ line: 1, words: 'the file is empty' });
  return look;
}
