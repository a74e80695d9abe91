// Tables for the terminal. Columns are as wide as their text is shown: a CJK character or an emoji takes two places, a combining
// accent none. A terminal that is too narrow gets shorter or wrapped texts, or blocks of lines; a pipe and a file get everything.

import stringWidth from 'string-width';

/** A column of a table. */
export interface Column<T> {
  title: string;
  /** The text of a cell; `-` is shown if there is none. */
  of: (item: T) => string | undefined;
  /** May be cut on a narrow terminal. Not for ids and whatever else is copied into another command. */
  shrinks?: boolean;
  /** Is broken into several lines on a narrow terminal. Only for the last column. */
  wraps?: boolean;
}

/** A table whose widths are set. */
interface Table<T> {
  /** The heading and the rows that were measured. */
  whole: string;
  /** The line of a further row. */
  lineOf: (item: T) => string;
}

const GAP = '  ';
const SHRUNK_MIN = 8;
const WRAPPED_MIN = 24;
const CUT = '…';

/**
 * Measures the rows and makes a table with them. `columnsMax` is the width of the terminal; none outside of one. On a terminal that is
 * too narrow for every column, each row becomes a block of lines.
 */
export function createTable<T>(
  columns: readonly Column<T>[],
  rows: readonly T[],
  columnsMax: number | undefined = terminalWidth(),
): Table<T> {
  const cells = rows.map((row) => columns.map((column) => cellOf(column, row)));
  const natural = columns.map(({ title }, index) =>
    Math.max(stringWidth(title), ...cells.map((row) => stringWidth(row[index] ?? ''))),
  );
  if (columnsMax === undefined) return aligned(columns, cells, { natural, widths: natural });
  const widths = rows.length === 0 ? natural : fitted(columns, natural, columnsMax);
  if (widths) return aligned(columns, cells, { natural, widths });
  const blockOf = (item: T) => createLines(columns, item);
  return { whole: rows.map(blockOf).join('\n\n'), lineOf: (item) => `\n${blockOf(item)}` };
}

interface Widths {
  /** What the longest text takes. */
  natural: readonly number[];
  widths: readonly number[];
}

/** A table with a line for each row, or more if the text of the last column is wrapped. */
function aligned<T>(columns: readonly Column<T>[], cells: readonly string[][], { natural, widths }: Widths): Table<T> {
  const last = columns.length - 1;
  const indent = ' '.repeat(widths.slice(0, last).reduce((sum, width) => sum + width + GAP.length, 0));
  const shownIn = (text: string, index: number): string => {
    const width = widths[index] ?? 0;
    if (width >= (natural[index] ?? 0)) return padded(text, width);
    if (!columns[index]?.wraps) return padded(cut(text, width), width);
    return wrapped(text, width, '').replaceAll('\n', `\n${indent}`);
  };
  const line = (texts: readonly string[]) => texts.map(shownIn).join(GAP).trimEnd();
  return {
    whole: [line(columns.map(({ title }) => title)), ...cells.map(line)].join('\n'),
    lineOf: (item) => line(columns.map((column) => cellOf(column, item))),
  };
}

/** One thing as lines of title and text, without the columns that have none. */
export function createLines<T>(columns: readonly Column<T>[], item: T): string {
  const shown = columns.filter(({ of }) => (of(item) ?? '') !== '');
  const width = Math.max(...shown.map(({ title }) => stringWidth(title)));
  return shown.map((column) => `${padded(column.title, width)}${GAP}${cellOf(column, item)}`).join('\n');
}

/** A text in lines of at most `width`, broken between words; the lines begin with `indent`. */
export function wrapped(text: string, width: number, indent: string): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    const longer = line === '' ? indent + word : `${line} ${word}`;
    if (line === '' || stringWidth(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(indent + word);
  }
  return lines.join('\n');
}

/** The width of the terminal; undefined if stdout is a pipe or a file. */
export function terminalWidth(): number | undefined {
  return process.stdout.isTTY ? process.stdout.columns : undefined;
}

/** A cell is one line: line ends and tabs in a value would break the table. */
function cellOf<T>({ of }: Column<T>, item: T): string {
  const text = of(item)?.replace(/[\s\p{Cc}]+/gu, (gap) => (/^\s+$/.test(gap) ? ' ' : '\uFFFD'));
  return text === undefined || text === '' ? '-' : text;
}

function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - stringWidth(text)));
}

/**
 * The widths of a table that fits: the last column gives way first if it can be wrapped, then the widest that may shrink. undefined
 * if nothing helps.
 */
function fitted<T>(
  columns: readonly Column<T>[],
  natural: readonly number[],
  columnsMax: number,
): number[] | undefined {
  const widths = [...natural];
  let excess = widths.reduce((sum, width) => sum + width, (widths.length - 1) * GAP.length) - columnsMax;
  const last = widths.length - 1;
  if (excess > 0 && columns[last]?.wraps) {
    const narrower = Math.max(Math.min(WRAPPED_MIN, widths[last] ?? 0), (widths[last] ?? 0) - excess);
    excess -= (widths[last] ?? 0) - narrower;
    widths[last] = narrower;
  }
  for (; excess > 0; excess -= 1) {
    const shrinkable = widths.map((width, index) => (columns[index]?.shrinks ? width : 0));
    const widest = Math.max(0, ...shrinkable);
    if (widest <= SHRUNK_MIN) return undefined;
    widths[shrinkable.indexOf(widest)] = widest - 1;
  }
  return widths;
}

const segmenter = new Intl.Segmenter();

/** The beginning of a text that fits, with `…` for the rest. Characters as people see them are not divided. */
function cut(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const { segment } of segmenter.segment(text)) {
    used += stringWidth(segment);
    if (used > width - 1) break;
    kept += segment;
  }
  return kept + CUT;
}
