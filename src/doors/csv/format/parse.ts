// Reads a file of users as a stream: checks the heading against the columns and yields the rows with their line numbers (RFC 4180,
// with the delimiters that spreadsheets use).

import { CsvError, parse } from 'csv-parse';
import { createTimeSlices } from '../../../runs/files/time-slices.ts';
import { UnreadableFile } from '../../../runs/store.ts';
import { plain } from './cells.ts';
import { COLUMNS, type Column, columnNamed, customColumns } from './columns.ts';
import { createStrictDecoder, UndecodableBytes } from './encoding.ts';
import { type FileForm, withoutSeparatorLine } from './form.ts';

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
  /** Whether a quotation mark is to blame, in the row that begins at the problem's line. */
  readonly isMisquoted: boolean;
  constructor(problems: FileProblem[], isMisquoted = false) {
    super(problems.map(({ line, words }) => `Line ${line}: ${words}`).join(' '));
    this.problems = problems;
    this.isMisquoted = isMisquoted;
  }
}

/** The most characters of a line `sep=;`. */
const SEPARATOR_CHARS_MAX = 64;

/** The text of a file in pieces, without byte order mark and `sep=` line. @throws UnreadableCsvFile */
async function* decoded(content: AsyncIterable<Uint8Array>, form: FileForm): AsyncIterable<string> {
  const decoder = createStrictDecoder(form.encoding);
  const lines = createLineCounter();
  let begin: string | undefined = '';
  const read = (decode: () => string): string => {
    const text = readable(decode, form, lines);
    if (begin === undefined) return text;
    begin += text;
    if (!/[\r\n]./s.test(begin) && begin.length < SEPARATOR_CHARS_MAX) return '';
    const first = begin;
    begin = undefined;
    return withoutSeparatorLine(first);
  };
  for await (const chunk of content) yield read(() => decoder.write(chunk));
  yield read(() => decoder.end());
  if (begin !== undefined) yield withoutSeparatorLine(begin);
}

/** The text of some bytes. @throws UnreadableCsvFile with the line of those that are not text */
function readable(decode: () => string, { encoding, refusal }: FileForm, lines: LineCounter): string {
  let text: string;
  try {
    text = decode();
  } catch (error) {
    if (!(error instanceof UndecodableBytes)) throw error;
    lines.add(error.before);
    const words = refusal ?? `there are bytes that are not ${encoding.toUpperCase()}; save the file as CSV UTF-8`;
    throw new UnreadableCsvFile([{ line: lines.line(), words }]);
  }
  const nul = text.indexOf('\0');
  lines.add(nul < 0 ? text : text.slice(0, nul));
  if (nul < 0) return text;
  throw new UnreadableCsvFile([{ line: lines.line(), words: 'there is a zero byte, so that the file is not a text' }]);
}

interface LineCounter {
  add(text: string): void;
  /** The line of the last character that was added, from 1. */
  line(): number;
}

/** Counts lines that end with LF, CR or both. */
function createLineCounter(): LineCounter {
  let line = 1;
  let isAfterReturn = false;
  return {
    add(text) {
      for (let at = 0; at < text.length; at += 1) {
        const code = text.charCodeAt(at);
        if (code === 13 || (code === 10 && !isAfterReturn)) line += 1;
        isAfterReturn = code === 13;
      }
    },
    line: () => line,
  };
}

interface Parsed {
  record: string[];
  /** The line where the row begins. */
  line: number;
}

/** The rows of a file. @throws UnreadableCsvFile */
async function* records(content: AsyncIterable<Uint8Array>, form: FileForm): AsyncIterable<Parsed> {
  const lines = createRowLines();
  const slices = createTimeSlices();
  const parser = parse({
    delimiter: form.delimiter,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: ROW_CHARS_MAX,
    record_delimiter: ['\r\n', '\n', '\r'],
    on_record(record, info) {
      lines.add(record, info);
      return record;
    },
  });
  const source = (async () => {
    for await (const text of decoded(content, form)) {
      if (text !== '' && !parser.write(text)) await new Promise<void>((resolve) => parser.once('drain', resolve));
      await slices.worked(text.length);
      if (parser.destroyed) return;
    }
    parser.end();
  })();
  source.catch((error: unknown) => parser.destroy(error instanceof Error ? error : new Error(String(error))));
  try {
    for await (const record of parser as AsyncIterable<string[]>) yield { record, line: lines.lineOf(record) };
  } catch (error) {
    if (error instanceof CsvError) throw new UnreadableCsvFile([problemOf(error, lines.lineAfter(error))], true);
    throw error;
  } finally {
    parser.destroy();
  }
}

interface LinesSoFar {
  lines: number;
  empty_lines: number;
}

/** The lines where rows begin: the parser gives those on which they end, and counts a CRLF inside a cell as two. */
function createRowLines() {
  let countedTwice = 0;
  let last: LinesSoFar = { lines: 0, empty_lines: 0 };
  const begins = new WeakMap<readonly string[], number>();
  return {
    /** Called when the parser has read a row, before a later one can fail. */
    add(record: readonly string[], { lines, empty_lines }: LinesSoFar): void {
      const { breaks, pairs } = breaksIn(record);
      begins.set(record, lines - countedTwice - breaks - pairs);
      countedTwice += pairs;
      last = { lines, empty_lines };
    },
    lineOf: (record: readonly string[]): number => begins.get(record) ?? 1,
    /** The line on which the row after the last one begins, which can not be read. */
    lineAfter({ empty_lines }: CsvError): number {
      const skipped = typeof empty_lines === 'number' ? empty_lines - last.empty_lines : 0;
      return last.lines - countedTwice + 1 + skipped;
    },
  };
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

function problemOf({ code }: CsvError, line: number): FileProblem {
  const words =
    code === 'CSV_MAX_RECORD_SIZE'
      ? `the row is longer than ${ROW_CHARS_MAX} characters; is a closing quotation mark missing?`
      : MISPLACED_QUOTE;
  return { line, words };
}

const MISPLACED_QUOTE = 'a quotation mark is misplaced or not closed';

/**
 * The line of the quotation mark that spoils a row: earlier cells of the row may have line breaks of their own.
 * @param rowLine the line where the row begins
 */
async function quoteLine(content: AsyncIterable<Uint8Array>, form: FileForm, rowLine: number): Promise<number> {
  const lines = createLineCounter();
  let row = '';
  for await (const text of decoded(content, form)) {
    for (const part of text.split(/(?<=\n|\r(?!\n))/)) {
      if (lines.line() >= rowLine) row += part;
      lines.add(part);
    }
    if (row.length > ROW_CHARS_MAX) break;
  }
  const cell = new RegExp(`(?:"[^"]*(?:""[^"]*)*"|[^"${form.delimiter}\\r\\n]*)${form.delimiter}`, 'y');
  let at = 0;
  while (cell.test(row)) at = cell.lastIndex;
  const before = createLineCounter();
  before.add(row.slice(0, at));
  return rowLine + before.line() - 1;
}
/** Reads a heading. Problems: unknown, duplicate and missing columns, redundant delimiters. */
function readHeading(
  record: string[],
  line: number,
  own: readonly Column[],
): { columns: Column[]; problems: FileProblem[] } {
  const problems: FileProblem[] = [];
  const columns: Column[] = [];
  for (const [index, heading] of record.entries()) {
    const column = columnNamed(heading, own);
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
  const own = customColumns(form.own);
  let number = 0;
  for await (const { record, line } of records(content, form)) {
    if (!columns) {
      const heading = readHeading(record, line, own);
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

/**
 * Reads a whole file once, so that problems of its form are known before anything is written.
 * @param content the file from its start; called again to find the line of a quotation mark
 */
export async function lookThrough(content: () => AsyncIterable<Uint8Array>, form: FileForm): Promise<FileLook> {
  const look: FileLook = { rows: 0, problems: [], problemCount: 0 };
  const report = (problem: FileProblem): void => {
    look.problemCount += 1;
    if (look.problems.length < PROBLEMS_MAX) look.problems.push(problem);
  };
  let width: number | undefined;
  try {
    for await (const { record, line } of records(content(), form)) {
      if (width === undefined) {
        const { columns, problems } = readHeading(record, line, customColumns(form.own));
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
    for (const problem of error.problems) {
      const line = error.isMisquoted ? await quoteLine(content(), form, problem.line) : problem.line;
      report({ ...problem, line });
    }
  }
  if (width === undefined && look.problemCount === 0) report({ line: 1, words: 'the file is empty' });
  return look;
}
