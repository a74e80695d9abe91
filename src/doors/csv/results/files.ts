// The results of a run as files: one line for every row, and the failed rows with their reasons, to correct and import again.

import type { FileStore, Run, RunCounts, RunRow, RunStore } from '../../../runs/store.ts';
import { sentence } from '../fault-messages.ts';
import type { Column } from '../format/columns.ts';
import { type FileRow, readRows } from '../format/parse.ts';
import { heading, line } from '../format/write.ts';
import { formOf } from '../import/job.ts';

const PAGE = 1000;
const RESULT_COLUMNS = ['Row', 'Line', 'Result', 'User', 'Changes', 'Reasons'];

/** The rows of a run in order, read page by page. */
async function* rowsOf(runs: RunStore, run: Run, faulty: boolean): AsyncIterable<RunRow> {
  let after = 0;
  for (;;) {
    const page = await runs.rows(run.id, { ...(faulty ? { faulty: true } : {}), after, limit: PAGE });
    yield* page;
    const last = page.at(-1);
    if (!last || page.length < PAGE) return;
    after = last.number;
  }
}

/** The result of every row, as a file; the last line says how the file was read. */
export async function* resultFile(runs: RunStore, run: Run): AsyncIterable<string> {
  yield heading(RESULT_COLUMNS);
  for await (const row of rowsOf(runs, run, false)) {
    yield line([
      String(row.number),
      row.line === undefined ? '' : String(row.line),
      row.outcome,
      row.identity,
      (row.fields ?? []).map(({ name, from, to }) => `${name}: "${from ?? ''}" -> "${to ?? ''}"`).join(' | '),
      sentence(row.faults ?? []),
    ]);
  }
  yield line(['', '', 'note', '', '', formSentence(run)]);
}

/** The rows that were refused or have faults, unchanged, with a column of reasons that an import ignores. */
export async function* failedRowsFile(runs: RunStore, files: FileStore, run: Run): AsyncIterable<string> {
  const faulty = rowsOf(runs, run, true)[Symbol.asyncIterator]();
  let next = await faulty.next();
  let columns: Column[] | undefined;
  if (!next.done) {
    for await (const row of readRows(files.read(run.file.content ?? ''), formOf(run))) {
      if (row.number !== next.value.number) continue;
      if (!columns) {
        columns = [...row.cells.keys()].filter((column) => column.name !== REASONS);
        yield heading([...columns.map((column) => column.name), REASONS]);
      }
      yield failedLine(columns, row, sentence(next.value.faults ?? []));
      next = await faulty.next();
      if (next.done) break;
    }
  }
  if (!columns) yield heading([REASONS]);
}

const REASONS = 'ImportErrors';

function failedLine(columns: readonly Column[], row: FileRow, reasons: string): string {
  return line([...columns.map((column) => row.cells.get(column) ?? ''), reasons]);
}

/** How the file of a run was read, in a sentence. */
export function formSentence(run: Run): string {
  const { encoding, delimiter } = formOf(run);
  return `Read as ${encoding}, with ${delimiter === '\t' ? 'tabs' : `"${delimiter}"`} between the cells.`;
}

/** The counts of a run in a sentence. */
export function countsSentence(
  { done, created, updated, unchanged, refused, noted = 0 }: RunCounts,
  isSimulation: boolean,
): string {
  const would = isSimulation ? 'would be ' : '';
  const notes =
    noted > 0
      ? ` ${noted} of the rows that ${isSimulation ? 'would be' : 'were'} taken ${noted === 1 ? 'has' : 'have'} a note.`
      : '';
  return `${done} rows: ${created} ${would}created, ${updated} ${would}changed, ${unchanged} unchanged, ${refused} ${would}refused.${notes}`;
}
