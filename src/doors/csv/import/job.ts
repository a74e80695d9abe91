// A run over a whole CSV file: one pass over its rows, then one over the superiors that they named. A simulation is the same run
// with entries of the directory that never write.

import type { Account, Caller, Connection } from '../../../directory/model.ts';
import {
  type EarlierChange,
  END,
  FileRun,
  ROWS,
  type RowPass,
  type RunEntries,
  withEntries,
} from '../../../runs/file-run.ts';
import { ROWS_AT_ONCE, rowsAtOnce } from '../../../runs/row-scheduler.ts';
import type { FileStore, Run, RunCounts, RunRow, RunStore } from '../../../runs/store.ts';
import type { RunEnd, RunHandler } from '../../../runs/worker.ts';
import type { FileForm } from '../format/form.ts';
import { type FileRow, readRows } from '../format/parse.ts';
import { createRowImporter, type RowEntries } from './import-row.ts';
import { createResolver } from './resolver.ts';
import { createSuperiors } from './superiors.ts';

const SUPERIORS = 'superiors';
const PAGE = 500;

/** The account and connection that a run belongs to. */
interface RunSource {
  account: Account;
  connection: Connection;
}

type ActingSource = RunSource & Pick<Caller, 'actor'>;

export interface ImportJobOptions extends RunEntries<RowEntries> {
  /** The change that a request made to a user. */
  appliedChange: (user: string, request: string) => Promise<EarlierChange>;
  runs: RunStore;
  files: FileStore;
  /** The account and connection of a run; undefined if they no longer exist. */
  sourceOf: (run: Run) => Promise<RunSource | undefined>;
  /** Called before a run ends, so that the result of this call exists once it has ended. May be called again after a crash. */
  onEnd: (run: Run, counts: RunCounts, end: NonNullable<RunEnd>) => Promise<void>;
}

/** The form of a run's file, as detected on submission. */
export function formOf(run: Run): FileForm {
  const form = run.options?.form as FileForm | undefined;
  return form ?? { encoding: 'utf-8', delimiter: ';' };
}

/** The administrator whose rights limit what the rows of a run may change; undefined for a watched folder and the command line. */
function actorOf({ options }: Run): Caller['actor'] {
  return options?.actor as Caller['actor'];
}

/** Makes the worker's handler for imports and simulations. */
export function createImportJob(options: ImportJobOptions): RunHandler {
  return async (work) => {
    const known = await options.sourceOf(work.run);
    if (!known) return { state: 'failed', reason: 'The account or its connection no longer exists.' };
    return withEntries(options, work.run, async (entries) => {
      const run = new FileRun(work, options.appliedChange);
      const actor = actorOf(run.run);
      const source = { ...known, ...(actor ? { actor } : {}) };
      if (!(await run.apply(ROWS, rowsPass(options, run.run, source, entries), SUPERIORS))) return undefined;
      if (!(await run.apply(SUPERIORS, superiorsPass(options, run.run, source, entries), END))) return undefined;
      await options.onEnd(run.run, run.counts, run.end());
      return run.end();
    });
  };
}

function callerOf(source: ActingSource, requestId: string): Caller {
  return { ...source, credentialId: '', door: 'csv', requestId };
}

function rowsPass({ files }: ImportJobOptions, run: Run, source: ActingSource, entries: RowEntries): RowPass<FileRow> {
  const { account } = source;
  const reader = callerOf(source, `${run.id}:read`);
  const importer = createRowImporter({
    run: run.id,
    entries,
    resolver: createResolver(entries.references, reader),
    rules: { loginNamesEditable: account.loginNamesEditable === true },
  });
  return {
    rowsAtOnce: rowsAtOnce(account),
    rows: () => readRows(files.read(run.file.content ?? ''), formOf(run)),
    readAhead: (rows) => importer.readAhead(rows, reader),
    keysOf: (row) => importer.keysOf(row),
    applyRow: (row, context) => importer.save(row, callerOf(source, context.requestId), context),
  };
}

function superiorsPass(
  { runs }: ImportJobOptions,
  run: Run,
  source: ActingSource,
  entries: RowEntries,
): RowPass<RunRow> {
  const superiors = createSuperiors(entries);
  return {
    rowsAtOnce: ROWS_AT_ONCE,
    requestSuffix: ':superior',
    rows: (position) => waitingRows(runs, run.id, position),
    readAhead: (rows) => superiors.readAhead(rows, callerOf(source, `${run.id}:read`)),
    keysOf: ({ user }) => ({ exclusive: [user ?? ''], shared: [], isBarrier: false }),
    applyRow: (row, context) => superiors.set(row, callerOf(source, context.requestId), context),
    count: recounted,
  };
}

/** The rows whose superiors are not set yet, in order. */
async function* waitingRows(runs: Pick<RunStore, 'rows'>, run: string, position: number): AsyncIterable<RunRow> {
  for (let after = position; ; ) {
    const page = await runs.rows(run, { waiting: true, after, limit: PAGE });
    yield* page;
    const last = page.at(-1);
    if (!last) return;
    after = last.number;
  }
}

/** The counts after the result of a counted row changes. */
function recounted(counts: RunCounts, after: RunRow, before: RunRow): RunCounts {
  const next = { ...counts };
  next[before.outcome] -= 1;
  next[after.outcome] += 1;
  if (after.faults && !before.faults) next.noted = (counts.noted ?? 0) + 1;
  return next;
}
