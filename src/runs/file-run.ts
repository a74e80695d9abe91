// The checkpoint engine: takes the rows of a file to their end through crashes. It reads them in order, applies them concurrently,
// writes the result of each with the position to continue from, and recognises what an earlier attempt did already. A format (CSV,
// XML) says what a row is and what applying one means.

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
/** Batches that may have been applied before a crash and are not in the checkpoint: one is written while the next one is applied. */
const UNRECORDED_BATCHES_MAX = 2;

/** What an earlier attempt at a run did to a user. */
export type EarlierChange = 'create' | 'update' | undefined;

/** What a row is applied with. */
export interface RowContext {
  /** The id of the row's request; the same in every attempt. */
  requestId: string;
  /** No other row runs at the same time. */
  isBarrier: boolean;
  /**
   * What this row did to a user in an earlier attempt at the run; undefined if nothing, or if there was none.
   * @throws StoreUnavailable
   */
  earlierChange: (user: string) => Promise<EarlierChange>;
}

/** One pass over rows, in the order of their numbers. */
export interface RowPass<R extends { number: number }> {
  /** Rows that run at the same time at most. */
  rowsAtOnce: number;
  /** Follows the row's number in the id of its request, if a row has more than one. */
  requestSuffix?: string;
  /**
   * The rows; those up to `position` may be left out.
   * @throws UnreadableFile, FileGone: the run goes to its end as failed
   */
  rows(position: number): AsyncIterable<R>;
  /** Reads what the next rows need, together. */
  readAhead(rows: readonly R[]): Promise<void>;
  /** What a row has in common with others; asked once for each row, in their order. */
  keysOf(row: R): RowKeys;
  /** Applies one row: its result. Applying it again must change nothing more. @throws StoreUnavailable */
  applyRow(row: R, context: RowContext): Promise<RunRow>;
  /** The counts with a result; without it, they count one more row. */
  count?: (counts: RunCounts, result: RunRow, row: R) => RunCounts;
}

/** Where a run is. A format keeps more beside it. */
export interface Checkpoint {
  /** The name of the pass under way, or `END`. */
  phase: string;
  /** The number of the last row that was applied in this pass. */
  position: number;
  /** Why the file cannot be read. */
  unreadable?: string;
}

export const ROWS = 'rows';
export const END = 'end';

/** The directory's entries for one run: the real ones, or those of a simulation, which never write. */
export interface RunEntries<E> {
  bulk: () => E;
  simulate: () => E & { close(): Promise<void> };
}

/** Works with the entries that a run needs, and closes those of a simulation. */
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

/** One attempt at a run over a file. `S` is what the format keeps in the checkpoint. */
export class FileRun<S extends object = object> {
  readonly #work: RunWork;
  readonly #appliedChange: (user: string, request: string) => Promise<EarlierChange>;
  #checkpoint: Checkpoint & Partial<S>;
  #counts: RunCounts;
  /** Rows that an earlier attempt may have applied already; they come first. */
  #replayableRows: number;

  /** @param appliedChange what a request did to a user */
  constructor(work: RunWork, appliedChange: (user: string, request: string) => Promise<EarlierChange>) {
    const { run } = work;
    this.#work = work;
    this.#appliedChange = appliedChange;
    // What a simulation wrote was lost with its process: it begins again.
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

  /** Whether to stop: the run is cancelled, another process has it, or this one stops. */
  get isAborted(): boolean {
    return this.#work.signal.aborted;
  }

  /** How the run ends now that all its steps are done. */
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
   * Runs a step that reads the file. If it cannot be read, the checkpoint says so, and all further steps that read it are skipped.
   * @returns what `step` returns (false: aborted), or true
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
   * Makes the pass of a phase, from where the run is in it; does nothing in another phase.
   * @param next the phase that follows
   * @returns false if it was aborted on the way
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
        // Beside the rows of the next batch, and after the write of the batch before.
        await writes.add(() => this.#write(results));
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
        return scheduler.run(keys, () => pass.applyRow(row, this.#contextOf(requestId, keys, isReplayed)));
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

  #write(rows: RunRow[]): Promise<void> {
    return this.#work.checkpoint({ counts: this.#counts, checkpoint: { ...this.#checkpoint }, rows });
  }
}

/** Writes that run beside the work that follows them, one after the other. */
class TrailingWrites {
  #last: Promise<void> = Promise.resolve();

  /** Begins a write as soon as the one before has ended. @throws what the one before threw */
  async add(write: () => Promise<void>): Promise<void> {
    await this.#last;
    this.#last = write();
    // The next call throws it.
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
