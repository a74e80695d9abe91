// Erases a person from runs: from their rows, values in other rows, the runs themselves and stored files.

import { randomBytes } from 'node:crypto';
import type { Person } from '../directory/erasure/person.ts';
import type { FileStore, RowField, RowLeft, RowsAbout, Run, RunKind, RunRow, RunStore } from './store.ts';

/** The stores that hold data of runs. */
export interface RunErasureStores {
  runs: Pick<RunStore, 'list' | 'rows' | 'eraseRow' | 'eraseFromRun'>;
  files: Pick<FileStore, 'read' | 'remove'>;
}

/** Mentions of a person in a run that only the file format can recognize. */
export interface RunMentions {
  /** The numbers of the person's rows that can be recognized only in the file. */
  own: ReadonlySet<number>;
  /** Whether a row's block is the person's own; otherwise, its text without the person. */
  block(text: string): { isOwn: true } | { isOwn: false; text: string };
  /** A name for the run's file, for the case that its present name names the person. */
  fileName: string;
  /** Whether the stored file of the run mentions the person; it is removed once the run has ended. */
  inKeptFile: boolean;
}

/** The result of an erasure. */
export interface RunsErased {
  /** The number of removed files. */
  files: number;
  rows: number;
  /** Runs that have not ended and may still write data of the person. */
  unfinished: Run[];
}

const PAGE = 200;
const ROWS_SEARCHED = 5_000;
const HIDDEN = '…';
const OPEN: ReadonlySet<string> = new Set(['waiting', 'running']);

/**
 * Erases a person from the runs of these kinds.
 * @param mentionsIn returns the mentions of the person in a run that only the format recognizes
 * @throws StoreUnavailable, and what `mentionsIn` throws
 */
export async function eraseFromRuns(
  { runs, files }: RunErasureStores,
  account: string,
  kinds: RunKind[],
  person: Person,
  mentionsIn: (run: Run) => Promise<RunMentions>,
): Promise<RunsErased> {
  const erased: RunsErased = { files: 0, rows: 0, unfinished: [] };
  for await (const run of runsOf(runs, account, kinds)) {
    const mentions = await mentionsIn(run);
    erased.rows += await eraseFromRun(runs, run, person, mentions);
    if (OPEN.has(run.state)) erased.unfinished.push(run);
    else if (mentions.inKeptFile && run.file.content !== undefined) {
      await files.remove(run.file.content);
      erased.files += 1;
    }
  }
  return erased;
}

/** All runs of an account, page by page. */
async function* runsOf(runs: Pick<RunStore, 'list'>, account: string, kinds: RunKind[]): AsyncIterable<Run> {
  for (let after: string | undefined; ; ) {
    const page = await runs.list(account, { kinds, limit: PAGE, ...(after === undefined ? {} : { after }) });
    yield* page.runs;
    after = page.next;
    if (after === undefined) return;
  }
}

/** Erases a person from a run and its rows; returns the number of changed rows. */
async function eraseFromRun(
  runs: RunErasureStores['runs'],
  run: Run,
  person: Person,
  mentions: RunMentions,
): Promise<number> {
  const mailTo = run.options?.mailTo;
  const isOpen = OPEN.has(run.state);
  await runs.eraseFromRun(run.id, {
    ...(person.isInName(run.file.name) && !isOpen ? { fileName: mentions.fileName } : {}),
    ...(person.isIn(run.reason ?? '') ? { reason: true } : {}),
    ...(typeof mailTo === 'string' && person.is(mailTo) ? { mailTo: true } : {}),
  });
  let count = 0;
  for (const number of mentions.own) {
    const [row] = await runs.rows(run.id, { after: number - 1, limit: 1 });
    if (row?.number !== number || isErased(row)) continue;
    await runs.eraseRow(run.id, number, emptied(row));
    count += 1;
  }
  for await (const row of rowsAbout(runs, run, person)) {
    const left = leftOf(row, person, mentions);
    if (!left) continue;
    await runs.eraseRow(run.id, row.number, left);
    count += 1;
  }
  return count;
}

/** Rows that may mention a person. Large runs are searched in parts, so that no query takes long. */
async function* rowsAbout(runs: Pick<RunStore, 'rows'>, run: Run, person: Person): AsyncIterable<RunRow> {
  const { id, counts } = run;
  yield* rowsThatMatch(runs, run, { users: person.ids, texts: person.searchTexts });
  if (person.hashes.size === 0) return;
  // Texts are in rows with faults, and in rows with values before a change; which of them have a known hash is not in an index.
  for (let after = 0; after < counts.done; ) {
    const rows = await runs.rows(id, { faulty: true, after, limit: PAGE });
    yield* rows;
    const end = rows.at(-1);
    if (!end) return;
    after = end.number;
  }
}

async function* rowsThatMatch(
  runs: Pick<RunStore, 'rows'>,
  { id, counts }: Run,
  about: RowsAbout,
): AsyncIterable<RunRow> {
  const last = Math.max(counts.done, counts.total ?? 0);
  for (let from = 0; from < last; from += ROWS_SEARCHED) {
    for (let after = from; ; ) {
      const rows = await runs.rows(id, { about, after, upTo: from + ROWS_SEARCHED, limit: PAGE });
      yield* rows;
      const end = rows.at(-1);
      if (!end || rows.length < PAGE) break;
      after = end.number;
    }
  }
}

function isErased({ identity, user, block, fields }: RunRow): boolean {
  return identity === '' && user === undefined && block === undefined && fields === undefined;
}

/** What remains of a row of the person: its outcome and the codes of its faults. */
function emptied({ faults }: RunRow): RowLeft {
  return { identity: '', ...(faults ? { faults: faults.map((fault) => ({ ...fault, words: HIDDEN })) } : {}) };
}

/** A new name for a file that was named after a person, with the same ending. */
export function erasedName(fileName: string): string {
  const [ending = ''] = /\.(?:csv|txt|xml)$/i.exec(fileName) ?? [];
  return `erased-${randomBytes(6).toString('hex')}${ending.toLowerCase()}`;
}

/** What remains of a row; undefined if it does not mention the person. */
function leftOf(row: RunRow, person: Person, mentions: RunMentions): RowLeft | undefined {
  const block = row.block === undefined ? undefined : mentions.block(row.block);
  if (block?.isOwn || (row.user !== undefined && person.ids.includes(row.user))) return emptied(row);
  const names = (text: string | undefined) => text !== undefined && (person.is(text) || person.isIn(text));
  if (isErased(row)) return undefined;
  const isNamed =
    names(row.later) ||
    (block !== undefined && block.text !== row.block) ||
    row.fields?.some(({ from, to }) => names(from) || names(to)) ||
    row.faults?.some(({ words }) => names(words));
  if (!isNamed) return undefined;
  const { identity, user, fields, faults } = row;
  return {
    identity,
    ...(user === undefined ? {} : { user }),
    ...(fields ? { fields: fields.map((field) => withoutValues(field, names)) } : {}),
    ...(faults ? { faults: faults.map((fault) => (names(fault.words) ? { ...fault, words: HIDDEN } : fault)) } : {}),
    ...(block ? { block: block.text } : {}),
  };
}

function withoutValues({ name, from, to }: RowField, names: (text: string | undefined) => boolean): RowField {
  return {
    name,
    ...(from === undefined || names(from) ? {} : { from }),
    ...(to === undefined || names(to) ? {} : { to }),
  };
}
