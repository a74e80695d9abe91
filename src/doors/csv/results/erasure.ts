// Erases a person from the data that imports leave behind: results of runs, their stored files, and the processed files and results
// in the watched folder.

import type { Erased } from '../../../directory/erasure/erasure.ts';
import type { Person } from '../../../directory/erasure/person.ts';
import { isEmailAddress } from '../../../directory/schema/formats.ts';
import { erasedName, eraseFromRuns, type RunErasureStores } from '../../../runs/erasure.ts';
import { FileGone, type Run } from '../../../runs/store.ts';
import { plain } from '../format/cells.ts';
import { type Column, columnNamed } from '../format/columns.ts';
import { encodeTexts } from '../format/encoding.ts';
import { createFormProbe, type Delimiter, type FileForm, isSeparatorLine } from '../format/form.ts';
import { cellsOf, rawRows, rowText } from '../format/raw-rows.ts';
import { formOf } from '../import/job.ts';

/** The processed files of the watched folder, by their names. */
export interface ProcessedFiles {
  /** Files that are still waiting. */
  waiting(account: { slug: string }): Promise<string[]>;
  names(account: { slug: string }): Promise<string[]>;
  read(account: { slug: string }, name: string): AsyncIterable<Uint8Array>;
  /** Replaces the content of a file atomically. */
  replace(account: { slug: string }, name: string, content: AsyncIterable<Uint8Array>): Promise<void>;
  rename(account: { slug: string }, name: string, newName: string): Promise<void>;
}

export interface CsvErasureDependencies extends RunErasureStores {
  /** Absent if no folder is watched. */
  processed?: ProcessedFiles | undefined;
}

const RESULT_NAME = /\.result\.csv$/;

/**
 * Erases a person from runs of CSV files: rows, values of other rows that name them, kept files (whole), processed files and
 * their results (their rows, and every cell that mentions them). Waiting files and unfinished runs are left alone and counted.
 * @throws StoreUnavailable, or what the file system throws
 */
export async function eraseFromCsv(
  { processed, ...stores }: CsvErasureDependencies,
  account: { id: string; slug: string },
  person: Person,
): Promise<Pick<Erased, 'files' | 'rows' | 'unfinished'>> {
  const ownBySource = new Map<string, ReadonlySet<number>>();
  /** The new names of files in the folder, by their names without the ending of results. */
  const newNames = new Map<string, string>();
  const newNameOf = (source: string): string => {
    const name = newNames.get(source) ?? erasedName(source);
    newNames.set(source, name);
    return name;
  };
  const runs = await eraseFromRuns(stores, account.id, ['csv-import', 'csv-simulation'], person, async (run) => {
    const { own, isMentioned } = await searchKept(stores.files, run, person);
    const source = run.options?.source;
    if (typeof source === 'string') ownBySource.set(source, own);
    const fileName = newNameOf(typeof source === 'string' ? source : run.file.name);
    return { own, block: (text) => ({ isOwn: false, text }), fileName, inKeptFile: isMentioned };
  });
  const erased = { files: runs.files, rows: runs.rows, unfinished: runs.unfinished.length };
  if (!processed) return erased;
  erased.unfinished += (await processed.waiting(account)).length;
  for (const name of await processed.names(account)) {
    const source = name.replace(RESULT_NAME, '');
    const own = ownBySource.get(source) ?? new Set();
    let isChanged = await eraseFromProcessed(processed, account, name, person, own);
    if (person.isInName(source)) {
      await processed.rename(account, name, name.replace(source, newNameOf(source)));
      isChanged = true;
    }
    if (isChanged) erased.files += 1;
  }
  return erased;
}

/** The findings of a search in a file. */
interface Findings {
  /** Numbers of the person's rows. */
  own: Set<number>;
  /** Whether the person is mentioned anywhere. */
  isMentioned: boolean;
}

async function searchKept(files: CsvErasureDependencies['files'], run: Run, person: Person): Promise<Findings> {
  const findings: Findings = { own: new Set(), isMentioned: false };
  if (run.file.content === undefined) return findings;
  try {
    for await (const _text of withoutPerson(files.read(run.file.content), formOf(run), person, findings));
  } catch (error) {
    if (!(error instanceof FileGone)) throw error;
  }
  return findings;
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
  const { delimiter, encoding: taken, readAs: encoding = taken } = probe.form();
  const form: FileForm = { encoding, delimiter };
  const findings: Findings = { own: new Set(), isMentioned: false };
  for await (const _text of withoutPerson(processed.read(account, name), form, person, findings, own));
  if (!findings.isMentioned) return false;
  const texts = withoutPerson(processed.read(account, name), form, person, findings, own);
  await processed.replace(account, name, encodeTexts(texts, form.encoding));
  return true;
}

/** The text of a file without the rows of a person, and without cells that mention them. Fills `findings`. */
async function* withoutPerson(
  content: AsyncIterable<Uint8Array>,
  { encoding, delimiter }: FileForm,
  person: Person,
  findings: Findings,
  ownInResult: ReadonlySet<number> = new Set(),
): AsyncGenerator<string> {
  let heading: string[] | undefined;
  let number = 0;
  for await (const { text, end } of rawRows(content, encoding)) {
    const isNothing = text === '' || isSeparatorLine(text);
    if (heading && !isNothing) number += 1;
    const isFirst = !heading && !isNothing;
    if (isFirst) heading = cellsOf(text, delimiter).map((cell) => cell.trim());
    const isTheirs = person.mayBeIn(text) || ownInResult.size > 0;
    const rest =
      isNothing || !isTheirs ? text : restOf(text, { heading: heading ?? [], isFirst, delimiter, person, ownInResult });
    if (rest !== text) findings.isMentioned = true;
    if (rest === undefined) findings.own.add(number);
    else yield rest + end;
  }
}

interface RowContext {
  heading: readonly string[];
  isFirst: boolean;
  delimiter: Delimiter;
  person: Person;
  ownInResult: ReadonlySet<number>;
}

/** The rest of a row; undefined if the row is the person's. */
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
  return rowText(left, delimiter);
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

/** A file without a heading was refused as a whole; a row is the person's if a cell, or two adjacent ones, contain an identifier. */
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
