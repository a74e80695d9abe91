// A run over a whole CSV file: one pass over its rows, further ones over rows whose login name was taken by the user of another row,
// then one over the superiors that rows named. A simulation is the same run with entries of the directory that never write.

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
import {
  type FileStore,
  isSimulation,
  type Run,
  type RunCounts,
  type RunRow,
  type RunStore,
  recounted,
  rowsInPages,
} from '../../../runs/store.ts';
import type { RunEnd, RunHandler } from '../../../runs/worker.ts';
import type { FileForm } from '../format/form.ts';
import { type FileRow, readRows } from '../format/parse.ts';
import { type FileIdentities, readFileIdentities } from './file-identities.ts';
import { createRowImporter, type RowEntries, type RowImporter } from './import-row.ts';
import { createResolver } from './resolver.ts';
import { identityOf } from './row-change.ts';
import type { RowInvitations } from './row-invitation.ts';
import { createSuperiors } from './superiors.ts';

/** Phases of rows that are applied again: `names-1`, `names-2`, … */
const NAMES = 'names-';
const SUPERIORS = 'superiors';
/** Bounds the work on a file in which each pass frees only one login name. */
const NAME_PASSES_MAX = 100;

/** The account and connection that a run belongs to. */
interface RunSource {
  account: Account;
  connection: Connection;
}

type ActingSource = RunSource & Pick<Caller, 'actor' | 'by'>;

export interface ImportJobOptions extends RunEntries<RowEntries> {
  /** The change that a request made to a user. */
  appliedChange: (user: string, request: string) => Promise<EarlierChange>;
  /** Invitations of new users, and those of a simulation. */
  invitations: { real: RowInvitations; simulated: RowInvitations };
  runs: RunStore;
  files: FileStore;
  /** The account, as it is now, and connection of a run; undefined if they no longer exist. */
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
      const run: ImportRun = new FileRun(work, options.appliedChange);
      const actor = actorOf(run.run);
      const by = { kind: 'job', id: run.run.id, name: run.run.requestedBy } as const;
      const source = { ...known, by, ...(actor ? { actor } : {}) };
      const rows = createRows(options, run.run, source, entries);
      if (!(await run.apply(ROWS, rowsPass(rows), `${NAMES}1`))) return undefined;
      if (!(await applyAgain(run, rows))) return undefined;
      if (!(await run.apply(SUPERIORS, superiorsPass(options, run.run, source, entries), END))) return undefined;
      await options.onEnd(run.run, run.counts, run.end());
      return run.end();
    });
  };
}

/** The values by which a row names its user. */
function identitiesOf(row: FileRow): string[] {
  const { externalId, email, userName, name } = identityOf(row);
  const { given = '', family = '' } = name ?? {};
  const fullName = given === '' || family === '' ? '' : `${given} ${family}`;
  return [externalId, email, userName, fullName].filter((value) => value !== undefined && value !== '') as string[];
}

function callerOf(source: ActingSource, requestId: string): Caller {
  return { ...source, credentialId: '', door: 'csv', requestId };
}

/** The number of refused rows before a pass over rows that are applied again. */
interface ImportState {
  refusedBefore: number;
}

type ImportRun = FileRun<ImportState>;

/** The rows of a run's file, and what they are applied with. */
interface Rows {
  source: ActingSource;
  reader: Caller;
  /** Reads the file. */
  read(): AsyncIterable<FileRow>;
  /** The importer, once the identities in the file are known. @throws UnreadableFile, FileGone */
  importer(): Promise<RowImporter>;
  /** The rows that were refused only because their login name was taken, in order, with their results. */
  taken(position: number): AsyncIterable<TakenRow>;
}

interface TakenRow {
  number: number;
  row: FileRow;
  result: RunRow;
}

function createRows(
  { runs, files, invitations, sourceOf }: ImportJobOptions,
  run: Run,
  source: ActingSource,
  entries: RowEntries,
): Rows {
  const reader = callerOf(source, `${run.id}:read`);
  const read = () => readRows(files.read(run.file.content ?? ''), formOf(run));
  let importer: RowImporter | undefined;
  const makeImporter = (identities: FileIdentities) =>
    createRowImporter({
      run: run.id,
      entries,
      resolver: createResolver(entries.references, reader),
      rules: { loginNamesEditable: source.account.loginNamesEditable === true },
      attributesNow: async () => (await sourceOf(run))?.account.attributes ?? [],
      invitations: isSimulation(run) ? invitations.simulated : invitations.real,
      identities,
      isFirstAttempt: (run.attempts ?? 1) === 1,
    });
  return {
    source,
    reader,
    read,
    async importer() {
      importer ??= makeImporter(await readFileIdentities(read()));
      return importer;
    },
    async *taken(position) {
      const results = rowsInPages(runs, run.id, { retry: true }, position)[Symbol.asyncIterator]();
      let next = await results.next();
      if (next.done) return;
      for await (const row of read()) {
        if (row.number !== next.value.number) continue;
        yield { number: row.number, row, result: next.value };
        next = await results.next();
        if (next.done) return;
      }
    },
  };
}

function rowsPass(rows: Rows): RowPass<FileRow> {
  const { source, reader } = rows;
  let importer: RowImporter;
  return {
    rowsAtOnce: rowsAtOnce(source.account),
    async *rows() {
      importer = await rows.importer();
      yield* rows.read();
    },
    readAhead: (ahead) => importer.readAhead(ahead, reader),
    keysOf: (row) => importer.keysOf(row),
    applyRow: (row, context) => importer.save(row, callerOf(source, context.requestId), context),
    identitiesOf,
  };
}

/** Applies rows whose login name was taken again and again, until a pass frees no more names. Returns false if aborted. */
async function applyAgain(run: ImportRun, rows: Rows): Promise<boolean> {
  for (;;) {
    const { phase, position, refusedBefore } = run.checkpoint;
    if (!phase.startsWith(NAMES) || run.checkpoint.unreadable !== undefined) return true;
    const pass = Number(phase.slice(NAMES.length));
    const { refused } = run.counts;
    if (position === 0) {
      if (refused === 0 || refused === refusedBefore || pass > NAME_PASSES_MAX) {
        await run.record({ phase: SUPERIORS });
        return true;
      }
      await run.record({ refusedBefore: refused });
    }
    if (!(await run.apply(phase, takenPass(rows, pass), `${NAMES}${pass + 1}`))) return false;
  }
}

function takenPass(rows: Rows, pass: number): RowPass<TakenRow> {
  const { source, reader } = rows;
  let importer: RowImporter;
  return {
    rowsAtOnce: rowsAtOnce(source.account),
    requestSuffix: `:name-${pass}`,
    async *rows(position) {
      importer = await rows.importer();
      yield* rows.taken(position);
    },
    readAhead: (ahead) =>
      importer.readAhead(
        ahead.map(({ row }) => row),
        reader,
      ),
    keysOf: ({ row }) => importer.keysOf(row),
    applyRow: ({ row }, context) => importer.save(row, callerOf(source, context.requestId), context),
    count: (counts, after, { result }) => recounted(counts, after, result),
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
    rows: (position) => rowsInPages(runs, run.id, { waiting: true }, position),
    readAhead: (rows) => superiors.readAhead(rows, callerOf(source, `${run.id}:read`)),
    keysOf: ({ user }) => ({ exclusive: [user ?? ''], shared: [], isBarrier: false }),
    applyRow: (row, context) => superiors.set(row, callerOf(source, context.requestId), context),
    count: recounted,
  };
}
