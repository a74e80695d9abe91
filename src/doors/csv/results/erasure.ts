// Takes a person out of what files of users left behind: results of runs, files kept for them, and the watched folder's processed
// files with their results.

import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import type { Erased } from '../../../directory/erasure/erasure.ts';
import type { Person } from '../../../directory/erasure/person.ts';
import { isEmailAddress } from '../../../directory/schema/formats.ts';
import { eraseFromRun, isOpen, type RunTracesStore, runsOf } from '../../../runs/erasure.ts';
import { FileGone, type FileStore, type Run } from '../../../runs/store.ts';
import { plain } from '../format/cells.ts';
import { type Column, columnNamed } from '../format/columns.ts';
import { createFormProbe, type Encoding, type FileForm } from '../format/parse.ts';
import { formOf } from '../import/job.ts';

/** Files that the watched folder is through with, by their names. */
export interface ProcessedFiles {
  /** Files that still wait. */
  waiting(account: { slug: string }): Promise<string[]>;
  names(account: { slug: string }): Promise<string[]>;
  read(account: { slug: string }, name: string): AsyncIterable<Uint8Array>;
  /** Gives a file another content, whole or not at all. */
  replace(account: { slug: string }, name: string, content: AsyncIterable<Uint8Array>): Promise<void>;
}

export interface CsvErasureDependencies {
  runs: RunTracesStore;
  files: Pick<FileStore, 'read' | 'remove'>;
  /** Absent where no folder is watched. */
  processed?: ProcessedFiles | undefined;
}

const RESULT_NAME = /\.result\.csv$/;
/** What stands in one row, or outside of rows, at most; a longer one is taken as it is cut. */
const ROW_CHARS_MAX = 1024 * 1024;

/**
 * Erases a person from runs of CSV files: rows, values of others' rows that name them, kept files (whole), processed files and
 * their results (their rows, and every cell that mentions them). Files that wait and runs that are not through are left alone
 * and counted.
 * @throws StoreUnavailable, or what the file system says
 */
export async function eraseFromCsv(
  { runs, files, processed }: CsvErasureDependencies,
  account: { id: string; slug: string },
  person: Person,
): Promise<Pick<Erased, 'files' | 'rows' | 'unfinished'>> {
  const erased = { files: 0, rows: 0, unfinished: 0 };
  const ownBySource = new Map<string, ReadonlySet<number>>();
  for await (const run of runsOf(runs, account.id, ['csv-import', 'csv-simulation'])) {
    const found = await inKept(files, run, person);
    erased.rows += await eraseFromRun(runs, run, person, { own: found.own, block: untouched });
    const source = run.options?.source;
    if (typeof source === 'string') ownBySource.set(source, found.own);
    if (isOpen(run)) erased.unfinished += 1;
    else if (found.mentioned && run.file.content !== undefined) {
      await files.remove(run.file.content);
      erased.files += 1;
    }
  }
  if (!processed) return erased;
  erased.unfinished += (await processed.waiting(account)).length;
  for (const name of await processed.names(account)) {
    const own = ownBySource.get(name.replace(RESULT_NAME, '')) ?? new Set();
    if (await eraseFromProcessed(processed, account, name, person, own)) erased.files += 1;
  }
  return erased;
}

const untouched = (text: string) => ({ isOwn: false as const, text });

interface Found {
  /** Numbers of the person's rows. */
  own: Set<number>;
  /** Whether the person is mentioned anywhere. */
  mentioned: boolean;
}

async function inKept(files: CsvErasureDependencies['files'], run: Run, person: Person): Promise<Found> {
  const found: Found = { own: new Set(), mentioned: false };
  if (run.file.content === undefined) return found;
  try {
    for await (const _text of withoutPerson(files.read(run.file.content), formOf(run), person, found));
  } catch (error) {
    if (!(error instanceof FileGone)) throw error;
  }
  return found;
}

async function eraseFromProcessed(
  processed: ProcessedFiles,
  account: { slug: string },
  name: string,
  person: Person,
  own: ReadonlySet<number>,
): Promise<boolean> {
  const probe = createFormProbe();
  for await (const piece of processed.read(account, name)) probe.add(piece);
  const form = probe.form();
  const found: Found = { own: new Set(), mentioned: false };
  for await (const _text of withoutPerson(processed.read(account, name), form, person, found, own));
  if (!found.mentioned) return false;
  const texts = withoutPerson(processed.read(account, name), form, person, found, own);
  await processed.replace(account, name, encoded(texts, form.encoding));
  return true;
}

/** A file's text without the rows of a person, and without cells that mention them; what was found is noted. */
async function* withoutPerson(
  content: AsyncIterable<Uint8Array>,
  { encoding, delimiter }: FileForm,
  person: Person,
  found: Found,
  ownInResult: ReadonlySet<number> = new Set(),
): AsyncGenerator<string> {
  let heading: string[] | undefined;
  let number = 0;
  for await (const { text, end } of records(content, encoding)) {
    const isNothing = text === '' || /^sep=.$/.test(text);
    if (heading && !isNothing) number += 1;
    const isFirst = !heading && !isNothing;
    if (isFirst) heading = cellsOf(text, delimiter).map((cell) => cell.trim());
    const isTheirs = person.mayBeIn(text) || ownInResult.size > 0;
    const rest =
      isNothing || !isTheirs ? text : restOf(text, { heading: heading ?? [], isFirst, delimiter, person, ownInResult });
    if (rest !== text) found.mentioned = true;
    if (rest === undefined) found.own.add(number);
    else yield rest + end;
  }
}

interface RowContext {
  heading: readonly string[];
  isFirst: boolean;
  delimiter: string;
  person: Person;
  ownInResult: ReadonlySet<number>;
}

/** What is left of a row; undefined: nothing, it is the person's. */
function restOf(text: string, { heading, isFirst, delimiter, person, ownInResult }: RowContext): string | undefined {
  const cells = cellsOf(text, delimiter);
  const isHeading = isFirst && heading.some((name) => columnNamed(name) !== undefined || name === 'Row');
  if (!isHeading && isOwn(heading, cells, person, ownInResult)) return undefined;
  const left = cells.map((cell, index) => {
    const column = columnNamed(heading[index] ?? '');
    const names = person.isIn(cell) || (column?.syntax === 'superiorOf' && person.is(plain(cell)));
    return names ? '' : cell;
  });
  if (left.every((cell, index) => cell === cells[index])) return text;
  return stringify([left], { delimiter, record_delimiter: '' });
}

function isOwn(
  heading: readonly string[],
  cells: readonly string[],
  person: Person,
  ownInResult: ReadonlySet<number>,
): boolean {
  if (heading[0] === 'Row' && heading[2] === 'Result') return ownInResult.has(Number(cells[0]));
  const cell = (syntax: Column['syntax'], key?: string): string => {
    const at = heading.findIndex((name) => {
      const column = columnNamed(name);
      return column?.syntax === syntax && (key === undefined || column.key === key);
    });
    return plain(cells[at] ?? '').trim();
  };
  if (!heading.some((name) => columnNamed(name) !== undefined)) return isOwnWithoutHeading(cells, person);
  const email = cell('email');
  return person.isMeantBy({
    identifiers: [cell('userName'), cell('externalId'), isEmailAddress(email) || person.is(email) ? email : ''],
    phone: cell('phone'),
    given: cell('text', 'name.givenName'),
    family: cell('text', 'name.familyName'),
  });
}

/** A file that has no heading was refused whole; its rows are the person's where a cell, or two that stand together, say so. */
function isOwnWithoutHeading(cells: readonly string[], person: Person): boolean {
  return cells.some((cell, index) => {
    const [given, family] = [plain(cell), plain(cells[index + 1] ?? '')];
    const isNamed = [
      { given, family },
      { given: family, family: given },
    ].some((name) => person.isMeantBy({ identifiers: [], ...name }));
    return isNamed || person.is(plain(cell));
  });
}

/** The cells of a row; of one that is not well-formed, all of it as one. */
function cellsOf(text: string, delimiter: string): string[] {
  try {
    const [cells] = parse(text, { delimiter, relax_column_count: true }) as string[][];
    return cells ?? [text];
  } catch {
    return [text];
  }
}

/** The rows of a file as they stand there, each with its line end; a line break in quotes ends none. */
async function* records(
  content: AsyncIterable<Uint8Array>,
  encoding: Encoding,
): AsyncGenerator<{ text: string; end: string }> {
  const decoder = new TextDecoder(encoding, { ignoreBOM: true });
  const ROW_END = /"|\r\n|\n|\r/g;
  let held = '';
  let from = 0;
  let quoted = false;
  function* cut(isLast: boolean): Generator<{ text: string; end: string }> {
    ROW_END.lastIndex = from;
    let start = 0;
    for (let match = ROW_END.exec(held); match; match = ROW_END.exec(held)) {
      // What follows a carriage return at the end of a piece is not known yet.
      if (!isLast && match[0] === '\r' && ROW_END.lastIndex === held.length) break;
      from = ROW_END.lastIndex;
      if (match[0] === '"') quoted = !quoted;
      else if (!quoted || from - start > ROW_CHARS_MAX) {
        yield { text: held.slice(start, match.index), end: match[0] };
        start = from;
        quoted = false;
      }
    }
    held = held.slice(start);
    from = Math.max(0, from - start);
  }
  let isBegun = false;
  for await (const piece of content) {
    held += decoder.decode(piece, { stream: true });
    if (!isBegun && held.startsWith(MARK)) {
      yield { text: '', end: MARK };
      held = held.slice(MARK.length);
    }
    isBegun ||= held !== '';
    yield* cut(false);
  }
  held += decoder.decode();
  yield* cut(true);
  if (held !== '') yield { text: held, end: '' };
}

const MARK = '\uFEFF';
const WINDOWS_1252 = new Map(
  [...new TextDecoder('windows-1252').decode(Uint8Array.from({ length: 256 }, (_, byte) => byte))].map(
    (sign, byte): [string, number] => [sign, byte],
  ),
);

async function* encoded(texts: AsyncIterable<string>, encoding: Encoding): AsyncGenerator<Uint8Array> {
  for await (const text of texts) {
    if (encoding === 'utf-8') yield Buffer.from(text);
    else if (encoding === 'windows-1252') yield Uint8Array.from(text, (sign) => WINDOWS_1252.get(sign) ?? 0x3f);
    else if (encoding === 'utf-16le') yield Buffer.from(text, 'utf16le');
    else yield Buffer.from(text, 'utf16le').swap16();
  }
}
