// What commands print: results on stdout as text or JSON, everything else on stderr. Nothing that is stored acts on the terminal.

import { OutputClosed } from './errors.ts';
import { type Column, createLines, createTable } from './table.ts';

let isClosed = false;

/** Notices when the reader of stdout closes it. Without this, Node.js ends the process with a stack trace. */
export function watchOutput(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    isClosed = true;
  });
  process.stderr.on('error', () => undefined);
}

/** Writes text to stdout, and waits while its reader is slower. @throws OutputClosed if nobody reads it any more */
export async function write(text: string): Promise<void> {
  if (isClosed) throw new OutputClosed();
  await new Promise<void>((resolve, reject) => {
    process.stdout.write(text, (error) => {
      if (!error) resolve();
      else reject((error as NodeJS.ErrnoException).code === 'EPIPE' ? new OutputClosed() : error);
    });
  });
}

/** Prints a line on stdout, without control characters: a user's name must not move the cursor or colour the terminal. */
export function print(text: string): void {
  if (isClosed) throw new OutputClosed();
  process.stdout.write(`${withoutControls(text)}\n`);
}

/** Prints a line on stderr, without control characters: for people, beside output that programs read. */
export function printNote(text: string): void {
  process.stderr.write(`${withoutControls(text)}\n`);
}

/** The text with U+FFFD for each control character but line ends and tabs, and for signs that turn the direction of what follows. */
export function withoutControls(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]|[\u202A-\u202E\u2066-\u2069]/gu, '\uFFFD');
}

/** Prints a value as JSON on stdout. */
export function printJson(value: unknown): void {
  print(jsonOf(value));
}

/** A value as indented JSON. JSON does not escape some control characters on which a terminal acts. */
function jsonOf(value: unknown): string {
  return escaped(JSON.stringify(value, undefined, 2));
}

/** A value as JSON on one line. */
export function jsonLine(value: unknown): string {
  return escaped(JSON.stringify(value));
}

function escaped(json: string): string {
  return json.replace(
    /[\u007F-\u009F\u202A-\u202E\u2066-\u2069]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** How a value of a list or a single value is shown: as JSON, or in the columns of a table. */
export interface Shown<T> {
  columns: readonly Column<T>[];
  /** The value as JSON shows it; as it is by default. */
  json?: (item: T) => unknown;
  /** One thing is shown with a line for each column that has a text. */
  lines?: true;
}

/** Prints one thing: a JSON object, a table with one row, or a line for each column. */
export function showOne<T>(
  options: { json?: boolean },
  item: T,
  { columns, json = (it) => it, lines }: Shown<T>,
): void {
  if (options.json) printJson(json(item));
  else print(lines ? createLines(columns, item) : createTable(columns, [item]).whole);
}

/** The widths of a table are taken from this many rows; longer values in later rows stand out. */
const MEASURED_ROWS = 200;

/** Prints a list as its items come, so that memory does not grow with it: one JSON array, or a table. @throws OutputClosed */
export async function showList<T>(
  options: { json?: boolean },
  items: AsyncIterable<T> | Iterable<T>,
  shown: Shown<T>,
): Promise<void> {
  if (!options.json) return writeTable(items, shown);
  await writeArray(items, shown);
  await write('\n');
}

async function writeArray<T>(
  items: AsyncIterable<T> | Iterable<T>,
  { json = (it) => it }: Pick<Shown<T>, 'json'>,
  indent = '',
): Promise<void> {
  let before = '[\n';
  for await (const item of items) {
    await write(`${before}${jsonOf(json(item)).replace(/^/gm, `${indent}  `)}`);
    before = ',\n';
  }
  await write(before === '[\n' ? '[]' : `\n${indent}]`);
}

/** Prints an object as JSON that has a list under `key`, which is printed as its items come. @throws OutputClosed */
export async function writeJsonWithList<T>(value: object, key: string, items: AsyncIterable<T>): Promise<void> {
  await write(`${jsonOf(value).replace(/\n\}$/, '')},\n  ${JSON.stringify(key)}: `);
  await writeArray(items, {}, '  ');
  await write('\n}\n');
}

async function writeTable<T>(items: AsyncIterable<T> | Iterable<T>, { columns }: Shown<T>): Promise<void> {
  let measured: T[] | undefined = [];
  let lineOf = (_item: T) => '';
  const writeMeasured = async (rows: T[]) => {
    const table = createTable(columns, rows);
    lineOf = table.lineOf;
    measured = undefined;
    await write(`${withoutControls(table.whole)}\n`);
  };
  for await (const item of items) {
    if (!measured) await write(`${withoutControls(lineOf(item))}\n`);
    else if (measured.push(item) >= MEASURED_ROWS) await writeMeasured(measured);
  }
  if (measured) await writeMeasured(measured);
}

/** A page of a list: its items, and the position of the next page if there is one. */
interface ListPage<T, P> {
  items: readonly T[];
  next?: P | undefined;
}

const PAGE_SIZE = 200;

/** The items of a list, read page by page as they are asked for; at most `limit`, or all. */
export async function* allPages<T, P>(
  read: (page: { count: number; after?: P }) => Promise<ListPage<T, P>>,
  limit = Number.POSITIVE_INFINITY,
): AsyncGenerator<T> {
  let left = limit;
  let after: P | undefined;
  while (left > 0) {
    const { items, next } = await read({
      count: Math.min(left, PAGE_SIZE),
      ...(after === undefined ? {} : { after }),
    });
    yield* items;
    left -= items.length;
    if (next === undefined) return;
    after = next;
  }
}
