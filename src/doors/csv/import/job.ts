// A run over a whole file: rows in batches with a checkpoint after each, then the superiors that rows named. A simulation is the same
// run over entries that write nothing. After a crash it goes on from its last checkpoint to the same end.

import type { Account, Caller, Connection } from '../../../directory/model.ts';
import {
  allOf,
  createLanes,
  type LaneKeys,
  type Lanes,
  ROWS_AT_ONCE,
  rowsAtOnce,
} from '../../../runs/row-scheduler.ts';
import {
  counted,
  FileGone,
  type FileStore,
  NO_COUNTS,
  type Run,
  type RunCounts,
  type RunRow,
  type RunStore,
} from '../../../runs/store.ts';
import { createTrailingNotes, type RunEnd, type RunHandler, type RunWork } from '../../../runs/worker.ts';
import { type FileForm, type FileRow, readRows, UnreadableFile } from '../format/parse.ts';
import { createRowImporter, type PastChange, type RowEntries, type RowImporter } from './import-row.ts';
import { createResolver } from './resolver.ts';

/** Rows between two checkpoints. */
const BATCH = 500;

/** Who a run is made for, as the directory knows them. */
export interface RunOwner {
  account: Account;
  connection: Connection;
}

export interface ImportJobOptions {
  /** Entries for one run: they read ahead for its rows. */
  bulk: () => RowEntries;
  simulate: () => RowEntries & { close(): Promise<void> };
  pastChange: PastChange;
  runs: RunStore;
  files: FileStore;
  /** The account and connection of a run; undefined where they are gone. */
  ownerOf: (run: Run) => Promise<RunOwner | undefined>;
  /** Told before a run ends: what follows from it must be there when it has ended, and once only. */
  onEnd: (run: Run, counts: RunCounts, end: NonNullable<RunEnd>) => Promise<void>;
}

/** What a checkpoint of a CSV run holds. */
interface Place {
  phase: 'rows' | 'superiors';
  /** The last row that is done in this phase. */
  row: number;
}

/** The form of a run's file, as it was found out when it came in. */
export function formOf(run: Run): FileForm {
  const form = run.options?.form as FileForm | undefined;
  return form ?? { encoding: 'utf-8', delimiter: ';' };
}

/** Makes the worker's handler for imports and simulations. */
export function createImportJob(options: ImportJobOptions): RunHandler {
  return async (work) => {
    const { run } = work;
    const owner = await options.ownerOf(run);
    if (!owner) return { state: 'failed', reason: 'The account or its connection is gone.' };
    const isSimulation = run.kind === 'csv-simulation';
    const simulation = isSimulation ? options.simulate() : undefined;
    try {
      const pass = new Pass(options, work, owner, simulation ?? options.bulk(), isSimulation);
      const end = await pass.run();
      if (end) await options.onEnd(run, pass.counts, end);
      return end;
    } finally {
      await simulation?.close();
    }
  };
}

/** One attempt at a run. */
class Pass {
  counts: RunCounts;
  readonly #options: ImportJobOptions;
  readonly #work: RunWork;
  readonly #owner: RunOwner;
  readonly #importer: RowImporter;
  readonly #place: Place;
  readonly #notes = createTrailingNotes();
  /** Rows up to this one may have been saved by an earlier attempt. */
  readonly #repeatedUpTo: number;

  constructor(options: ImportJobOptions, work: RunWork, owner: RunOwner, entries: RowEntries, isSimulation: boolean) {
    this.#options = options;
    this.#work = work;
    this.#owner = owner;
    const { run } = work;
    // What a simulation remembered went with its process: it begins again.
    const place = isSimulation ? undefined : (run.checkpoint as Place | undefined);
    this.#place = place ?? { phase: 'rows', row: 0 };
    this.counts = place ? run.counts : NO_COUNTS;
    this.#repeatedUpTo = isSimulation ? 0 : this.#place.row + 2 * BATCH;
    this.#importer = createRowImporter({
      run: run.id,
      entries,
      resolver: createResolver(entries.references, this.#caller('resolve')),
      rules: { loginNamesEditable: owner.account.loginNamesEditable === true },
      pastChange: options.pastChange,
    });
  }

  async run(): Promise<RunEnd> {
    try {
      if (this.#place.phase === 'rows' && !(await this.#rows())) return undefined;
      if (!(await this.#superiors())) return undefined;
      return { state: 'done' };
    } catch (error) {
      if (error instanceof UnreadableFile || error instanceof FileGone)
        return { state: 'failed', reason: error.message };
      throw error;
    } finally {
      await this.#notes.end().catch(() => undefined);
    }
  }

  #caller(request: string): Caller {
    const { account, connection } = this.#owner;
    const { run } = this.#work;
    return { account, connection, credentialId: '', door: 'csv', requestId: `${run.id}:${request}` };
  }

  /** @returns false where the run was stopped on the way */
  async #rows(): Promise<boolean> {
    const { run } = this.#work;
    const content = this.#options.files.read(run.file.content ?? '');
    const lanes = createLanes(rowsAtOnce(this.#owner.account));
    let batch: FileRow[] = [];
    for await (const row of readRows(content, formOf(run))) {
      if (row.number <= this.#place.row) continue;
      if (this.#work.signal.aborted) break;
      batch.push(row);
      if (batch.length < BATCH) continue;
      await this.#saveAll(batch, lanes);
      batch = [];
    }
    if (batch.length > 0 && !this.#work.signal.aborted) await this.#saveAll(batch, lanes);
    await this.#notes.end();
    if (this.#work.signal.aborted) return false;
    this.counts = { ...this.counts, total: this.counts.done };
    await this.#note({ phase: 'superiors', row: 0 }, []);
    await this.#notes.end();
    return true;
  }

  async #saveAll(rows: readonly FileRow[], lanes: Lanes): Promise<void> {
    const keys = await this.#importer.lanes(rows, this.#caller('lanes'));
    const saved = await allOf(rows.map((row, index) => this.#save(row, keys[index] as LaneKeys, lanes)));
    lanes.clear();
    for (const row of saved) this.counts = counted(this.counts, row);
    await this.#note({ phase: 'rows', row: saved.at(-1)?.number ?? this.#place.row }, saved);
  }

  #save(row: FileRow, keys: LaneKeys, lanes: Lanes): Promise<RunRow> {
    const isRepeated = row.number <= this.#repeatedUpTo && this.#isSecondAttempt();
    return lanes.run(keys, async () => {
      const saved = await this.#importer.save(row, this.#caller(String(row.number)), isRepeated);
      // It may have given a group or a store another name.
      if (keys.alone) this.#importer.forgetNames();
      return saved;
    });
  }

  #isSecondAttempt(): boolean {
    return (this.#work.run.attempts ?? 1) > 1;
  }

  async #superiors(): Promise<boolean> {
    const { runs } = this.#options;
    const { run, signal } = this.#work;
    for (let after = this.#place.row; ; ) {
      if (signal.aborted) break;
      const waiting = await runs.rows(run.id, { waiting: true, after, limit: BATCH });
      const last = waiting.at(-1);
      if (!last) break;
      after = last.number;
      const lanes = createLanes(ROWS_AT_ONCE);
      await this.#importer.readAhead(waiting, this.#caller('lanes'));
      const rows = await allOf(
        waiting.map((row) =>
          lanes.run({ keys: [row.user ?? ''], shared: [], alone: false }, () =>
            this.#importer.setSuperior(row, this.#caller(`${row.number}:superior`), this.#isSecondAttempt()),
          ),
        ),
      );
      for (const [index, row] of rows.entries()) this.#recount(waiting[index] as RunRow, row);
      await this.#note({ phase: 'superiors', row: after }, rows);
    }
    await this.#notes.end();
    return !signal.aborted;
  }

  #recount(before: RunRow, after: RunRow): void {
    const counts = { ...this.counts };
    counts[before.outcome] -= 1;
    counts[after.outcome] += 1;
    if (after.faults && !before.faults) counts.noted = (counts.noted ?? 0) + 1;
    this.counts = counts;
  }

  /** Notes where to go on, beside the rows that come next. */
  async #note(place: Place, rows: RunRow[]): Promise<void> {
    const total = this.counts.total ?? this.#work.run.counts.total;
    const counts = { ...this.counts, ...(total === undefined ? {} : { total }) };
    this.counts = counts;
    await this.#notes.add(async () => {
      await this.#work.checkpoint({ counts, checkpoint: { ...place }, rows });
      Object.assign(this.#place, place);
    });
  }
}
