// The checkpoint engine: processes the rows of a file and survives crashes. It reads rows in order, applies them concurrently, stores
// their results with the position to continue from, and recognises changes of an earlier attempt. A format (CSV, XML) defines the rows
// and how to apply them.

import { createTimeSlices } from './files/time-slices.ts';
import { allOf, createRowScheduler, type RowKeys, type RowScheduler } from './row-scheduler.ts';
import {
  counted,
  FileGone,
  isSimulation,
  NO_COUNTS,
  type Run,
  type RunCounts,
  type RunRow,
  UnreadableFile,
} from './store.ts';
import type { RunEnd, RunWork } from './worker.ts';

/** Rows between two checkpoints. */
const BATCH_ROWS = 500;
/** The maximum number of applied batches missing from the checkpoint after a crash: one is written while the next one is applied. */
const UNRECORDED_BATCHES_MAX = 2;

/** The change of a user by an earlier attempt at a run. */
export type EarlierChange = 'create' | 'update' | undefined;

/** The context in which a row is applied. */
export interface RowContext {
  /** The id of the row's request; the same in every attempt. */
  requestId: string;
  /** Whether no other row runs at the same time. */
  isBarrier: boolean;
  /**
   * Returns the change of a user by this row in an earlier attempt at the run; undefined if there was none.
   * @throws StoreUnavailable
   */
  earlierChange: (user: string) => Promise<EarlierChange>;
}

/** One pass over rows, in the order of their numbers. */
export interface RowPass<R extends { number: number }> {
  /** The maximum number of concurrent rows. */
  rowsAtOnce: number;
  /** Appended to the row's number in its request id, if a row has more than one request. */
  requestSuffix?: string;
  /**
   * Reads the rows; those up to `position` may be omitted.
   * @throws UnreadableFile, FileGone: the run completes as failed
   */
  rows(position: number): AsyncIterable<R>;
  /** Reads the data that the next rows need, in few queries. */
  readAhead(rows: readonly R[]): Promise<void>;
  /** The keys that a row shares with others; called once for each row, in order. */
  keysOf(row: R): RowKeys;
  /** Applies one row and returns its result. Must be idempotent. @throws StoreUnavailable */
  applyRow(row: R, context: RowContext): Promise<RunRow>;
  /** The values by which a row names its user, for the event of the row. */
  identitiesOf?: (row: R) => readonly string[];
  /** Adds a result to the counts; by default, counts one more row. */
  count?: (counts: RunCounts, result: RunRow, row: R) => RunCounts;
}

/** The progress of a run. A format may add fields. */
export interface Checkpoint {
  /** The name of the current pass, or `END`. */
  phase: string;
  /** The number of the last row that was applied in this pass. */
  position: number;
  /** Why the file cannot be read. */
  unreadable?: string;
}

/** The phase in which the rows are applied. */
export const ROWS = 'rows';
/** The phase after the last pass. */
export const END = 'end';

/** Access to the directory for one run: to write to it, or to simulate. */
export interface RunEntries<E> {
  bulk: () => E;
  simulate: () => E & { close(): Promise<void> };
}

/** Calls `work` with the access that a run needs, and closes a simulation afterwards. */
export async function withEntries<E, T>(
  { bulk, simulate }: RunEntries<E>,
  run: Pick<Run, 'kind'>,
  work: (entries: E) => Promise<T>,
): Promise<T> {
  if (!isSimulation(run)) return work(bulk());
  const simulation = simulate();
  try {
    return await work(simulation);
  } finally {
    await simulation.close();
  }
}

/** One attempt at a run over a file. `S` contains the format's fields of the checkpoint. */
export class FileRun<S extends object = object> {
  readonly #work: RunWork;
  readonly #appliedChange: (user: string, request: string) => Promise<EarlierChange>;
  readonly #slices = createTimeSlices();
  #checkpoint: Checkpoint & Partial<S>;
  #counts: RunCounts;
  /** The number of next rows that an earlier attempt may have applied. */
  #replayableRows: number;

  /** @param appliedChange returns the change of a user by a request */
  constructor(work: RunWork, appliedChange: (user: string, request: string) => Promise<EarlierChange>) {
    const { run } = work;
    this.#work = work;
    this.#appliedChange = appliedChange;
    // A simulation starts again, because its data was lost with its process.
    const stored = isSimulation(run) ? undefined : run.checkpoint;
    this.#checkpoint = checkpointOf<S>(stored);
    this.#counts = stored ? run.counts : { ...NO_COUNTS, ...totalOf(run.counts) };
    const isRepeated = !isSimulation(run) && (run.attempts ?? 1) > 1;
    this.#replayableRows = isRepeated ? UNRECORDED_BATCHES_MAX * BATCH_ROWS : 0;
  }

  get run(): Run {
    return this.#work.run;
  }

  get counts(): RunCounts {
    return this.#counts;
  }

  get checkpoint(): Readonly<Checkpoint & Partial<S>> {
    return this.#checkpoint;
  }

  /** Whether to stop, because the run was cancelled, another process works on it, or this one stops. */
  get isAborted(): boolean {
    return this.#work.signal.aborted;
  }

  /** The end of the run after all its steps are complete. */
  end(): NonNullable<RunEnd> {
    const { unreadable } = this.#checkpoint;
    return unreadable === undefined ? { state: 'done' } : { state: 'failed', reason: unreadable };
  }

  /** Changes the checkpoint, and the total of rows once it is known; both are stored when this resolves. */
  async record(change: Partial<Checkpoint & S>, total?: number): Promise<void> {
    this.#checkpoint = { ...this.#checkpoint, ...change };
    if (total !== undefined) this.#counts = { ...this.#counts, total };
    await this.#write([]);
  }

  /**
   * Runs a step that reads the file. If the file cannot be read, the checkpoint records why, and further steps that read it are skipped.
   * @returns false if `step` was aborted
   */
  async whileReadable(step: () => Promise<boolean>): Promise<boolean> {
    if (this.#checkpoint.unreadable !== undefined) return true;
    try {
      return await step();
    } catch (error) {
      if (!(error instanceof UnreadableFile || error instanceof FileGone)) throw error;
      await this.record({ unreadable: error.message } as Partial<Checkpoint & S>);
      return true;
    }
  }

  /**
   * Runs the pass of a phase from the current position; does nothing in another phase.
   * @param next the following phase
   * @returns false if it was aborted
   */
  apply<R extends { number: number }>(phase: string, pass: RowPass<R>, next: string): Promise<boolean> {
    if (this.#checkpoint.phase !== phase) return Promise.resolve(true);
    return this.whileReadable(async () => {
      await this.#applyAll(pass);
      if (this.isAborted) return false;
      this.#replayableRows = 0;
      await this.record({ phase: next, position: 0 } as Partial<Checkpoint & S>, this.#counts.done);
      return true;
    });
  }

  async #applyAll<R extends { number: number }>(pass: RowPass<R>): Promise<void> {
    const scheduler = createRowScheduler(pass.rowsAtOnce);
    const writes = new TrailingWrites();
    try {
      for await (const batch of this.#batches(pass)) {
        const results = await this.#applyBatch(pass, batch, scheduler);
        // Runs concurrently with the next batch, after the write of the previous one.
        await writes.add(() => this.#write(results, identitiesOf(pass, batch)));
      }
      await writes.end();
    } finally {
      await writes.end().catch(() => undefined);
    }
  }

  async *#batches<R extends { number: number }>(pass: RowPass<R>): AsyncIterable<R[]> {
    const { position } = this.#checkpoint;
    let batch: R[] = [];
    for await (const row of pass.rows(position)) {
      if (this.isAborted) return;
      if (row.number <= position) continue;
      batch.push(row);
      if (batch.length < BATCH_ROWS) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0 && !this.isAborted) yield batch;
  }

  async #applyBatch<R extends { number: number }>(
    pass: RowPass<R>,
    batch: readonly R[],
    scheduler: RowScheduler,
  ): Promise<RunRow[]> {
    const isReplayed = this.#replayableRows > 0;
    this.#replayableRows -= batch.length;
    await pass.readAhead(batch);
    const results = await allOf(
      batch.map((row) => {
        const keys = pass.keysOf(row);
        const requestId = `${this.run.id}:${row.number}${pass.requestSuffix ?? ''}`;
        return scheduler.run(keys, async () => {
          // Rows that are refused without a query would otherwise all be worked on in one turn of the event loop.
          await this.#slices.worked(0);
          return pass.applyRow(row, this.#contextOf(requestId, keys, isReplayed));
        });
      }),
    );
    scheduler.clear();
    const { count = counted } = pass;
    for (const [index, result] of results.entries()) this.#counts = count(this.#counts, result, batch[index] as R);
    this.#checkpoint = { ...this.#checkpoint, position: batch.at(-1)?.number ?? this.#checkpoint.position };
    return results;
  }

  #contextOf(requestId: string, { isBarrier }: RowKeys, isReplayed: boolean): RowContext {
    return {
      requestId,
      isBarrier,
      earlierChange: async (user) => (isReplayed ? this.#appliedChange(user, requestId) : undefined),
    };
  }

  #write(rows: RunRow[], identities: ReadonlyMap<number, readonly string[]> = new Map()): Promise<void> {
    return this.#work.checkpoint({ counts: this.#counts, checkpoint: { ...this.#checkpoint }, rows, identities });
  }
}

function identitiesOf<R extends { number: number }>(
  { identitiesOf: of }: RowPass<R>,
  batch: readonly R[],
): ReadonlyMap<number, readonly string[]> {
  return new Map(of ? batch.map((row) => [row.number, of(row)]) : []);
}

/** Runs writes one after the other, concurrently with the following work. */
class TrailingWrites {
  #last: Promise<void> = Promise.resolve();

  /** Starts a write once the previous one has ended. @throws what the previous one threw */
  async add(write: () => Promise<void>): Promise<void> {
    await this.#last;
    this.#last = write();
    // The next call rethrows the error.
    this.#last.catch(() => undefined);
  }

  /** Waits for the last write. @throws what it threw */
  end(): Promise<void> {
    return this.#last;
  }
}

function totalOf({ total }: RunCounts): Pick<RunCounts, 'total'> {
  return total === undefined ? {} : { total };
}

/** A stored checkpoint. Earlier versions called the position `row` (CSV) and `applied` (XML), and XML stored no phase. */
function checkpointOf<S extends object>(stored: Record<string, unknown> = {}): Checkpoint & Partial<S> {
  const { row, applied, ...rest } = stored;
  return { phase: ROWS, position: row ?? applied ?? 0, ...rest } as Checkpoint & Partial<S>;
}
