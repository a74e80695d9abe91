// A batch run from its file to its end: read through first, then applied block by block, then the failed blocks written out and the
// file archived. Each step is noted before it is taken or can be taken twice, so that a kill at any point changes nothing of the result.

import { type FileStore, NO_COUNTS, type RunCounts, type RunRow, type RunStore } from '../../../runs/store.ts';
import { createTrailingNotes, RunDelayed, type RunEnd, type RunHandler, type RunWork } from '../../../runs/worker.ts';
import { type BatchFiles, type BatchPlace, type OpenFile, UnsafeName, withSuffix } from '../folders/files.ts';
import { type FileFrame, type RawBlock, readBlocks, UnreadableFile } from '../format/block-reader.ts';
import type { BlockSchema } from '../format/block-schema.ts';
import { failuresFile } from '../format/failures-file.ts';
import { applyWindow, type BlockRun, countRows, WINDOW } from './block-run.ts';
import type { BatchDirectory, BatchEntries, FindOwner } from './directory.ts';

export interface BatchRunDependencies {
  files: BatchFiles;
  kept: Pick<FileStore, 'read'>;
  runs: Pick<RunStore, 'rows'>;
  directory: BatchDirectory;
  owner: FindOwner;
  schema: BlockSchema;
  /** Bytes of a file at most. */
  fileBytesMax: number;
}

/** Where a run stands. */
interface Mark {
  /** The number of the last block that was applied. */
  applied: number;
  frame?: FileFrame;
  /** Why the file can't be read. */
  unreadable?: string;
  /** The names that were chosen for the files in failed and archived. */
  failed?: string;
  archived?: string;
}

const ROWS_PAGE = 500;

/** Works on runs of kind `xml-batch`: their files are in their filesets. */
export function createBatchHandler(dependencies: BatchRunDependencies): RunHandler {
  const { files } = dependencies;
  return async (work) => {
    const place = placeOf(work);
    try {
      const file = await files.open(place);
      if (!file) return await withoutFile(dependencies, work, place);
      try {
        return await new FileRun(dependencies, work).throughFolders(place, file);
      } finally {
        await file.close();
      }
    } catch (error) {
      if (error instanceof UnsafeName) return { state: 'failed', reason: error.message };
      // A disk that is full or a folder that can't be written: the file stays where it is.
      if (error instanceof Error && 'syscall' in error) throw new RunDelayed(error);
      throw error;
    }
  };
}

/** Works on runs of kind `xml-simulation`: the same, over a store that never writes; their files are kept with them. */
export function createBatchSimulationHandler(dependencies: BatchRunDependencies): RunHandler {
  return async (work) => {
    const { content = '', bytes } = work.run.file;
    const simulation = dependencies.directory.simulate();
    try {
      // What a simulation saw is gone with its process: it begins again.
      const fresh = { ...work, run: { ...work.run, checkpoint: {}, counts: NO_COUNTS } };
      const run = new FileRun(dependencies, fresh);
      return await run.simulated({ bytes, pieces: () => dependencies.kept.read(content) }, simulation);
    } finally {
      await simulation.close();
    }
  };
}

export function placeOf({ run }: Pick<RunWork, 'run'>): BatchPlace {
  return { slug: String(run.options?.slug ?? ''), fileset: run.file.fileset ?? '', name: run.file.name };
}

/** The file was moved by this run before it was killed, or somebody took it away. */
async function withoutFile({ files }: BatchRunDependencies, { run }: RunWork, place: BatchPlace): Promise<RunEnd> {
  const mark = markOf(run.checkpoint);
  if (mark.archived !== undefined && (await files.isArchived(place, mark.archived))) return endOf(mark);
  return { state: 'failed', reason: 'The file was taken away before the run had ended.' };
}

function markOf(checkpoint: Record<string, unknown> | undefined): Mark {
  return { applied: 0, ...(checkpoint as Partial<Mark> | undefined) };
}

function endOf({ unreadable }: Mark): RunEnd {
  return unreadable === undefined ? { state: 'done' } : { state: 'failed', reason: unreadable };
}

class FileRun {
  readonly #with: BatchRunDependencies;
  readonly #work: RunWork;
  #mark: Mark;
  #counts: RunCounts;

  constructor(dependencies: BatchRunDependencies, work: RunWork) {
    this.#with = dependencies;
    this.#work = work;
    this.#mark = markOf(work.run.checkpoint);
    this.#counts = work.run.counts;
  }

  async throughFolders(place: BatchPlace, file: OpenFile): Promise<RunEnd> {
    const { files, directory } = this.#with;
    if (this.#mark.unreadable === undefined) {
      if (!(await this.#readThrough(file)) || !(await this.#applyRest(file, directory.bulk()))) return undefined;
    }
    if (this.#mark.unreadable === undefined) {
      await directory.settleManagers(this.#work.run.account);
      if (this.#counts.refused > 0) await this.#writeFailures(place, file);
    } else {
      const name = await this.#choose(place, 'failed', place.name);
      await files.writeFailed(place, name, file.pieces());
    }
    await files.archive(place, await this.#choose(place, 'archived', place.name));
    return endOf(this.#mark);
  }

  async simulated(file: Pick<OpenFile, 'bytes' | 'pieces'>, entries: BatchEntries): Promise<RunEnd> {
    if (!(await this.#readThrough(file))) return undefined;
    if (this.#mark.unreadable === undefined && !(await this.#applyRest(file, entries))) return undefined;
    return endOf(this.#mark);
  }

  /** Reads the whole file before anything of it is applied: a file that breaks off changes nothing. False where the run was aborted. */
  async #readThrough(file: Pick<OpenFile, 'bytes' | 'pieces'>): Promise<boolean> {
    if (this.#mark.frame) return true;
    const { signal } = this.#work;
    try {
      if (file.bytes > this.#with.fileBytesMax) {
        throw new UnreadableFile(`The file has ${file.bytes} bytes; ${this.#with.fileBytesMax} are allowed.`);
      }
      let total = 0;
      const blocks = readBlocks(file.pieces());
      for (;;) {
        const next = await blocks.next();
        if (signal.aborted) return false;
        if (next.done) {
          this.#counts = { ...this.#counts, total };
          await this.#note({ frame: next.value });
          return true;
        }
        total += next.value.length;
      }
    } catch (error) {
      if (!(error instanceof UnreadableFile)) throw error;
      await this.#note({ unreadable: error.message });
      return true;
    }
  }

  /** Applies the rest of the blocks; a file that was written to meanwhile ends as one that can't be read. False as below. */
  async #applyRest(file: Pick<OpenFile, 'pieces'>, entries: BatchEntries): Promise<boolean> {
    try {
      return await this.#apply(file, entries);
    } catch (error) {
      if (!(error instanceof UnreadableFile)) throw error;
      await this.#note({ unreadable: `The file was changed while it was read. ${error.message}` });
      return true;
    }
  }

  /** Applies the blocks that were not applied yet. False where the run was aborted. */
  async #apply(file: Pick<OpenFile, 'pieces'>, entries: BatchEntries): Promise<boolean> {
    if (this.#mark.unreadable !== undefined || this.#mark.applied === this.#counts.total) return true;
    const { run, signal } = this.#work;
    const owner = await this.#with.owner(String(run.options?.slug ?? ''));
    if (owner?.account.id !== run.account) {
      await this.#note({ unreadable: 'The account is gone.' });
      return true;
    }
    const { directory, schema } = this.#with;
    const resumed = run.started !== undefined && run.checkpoint !== undefined;
    const replayedTo = resumed ? this.#mark.applied + 2 * WINDOW : 0;
    const work: BlockRun = { run: run.id, ...owner, directory, entries, schema, replayedTo };
    const notes = createTrailingNotes();
    let waiting: RawBlock[] = [];
    const flush = async (least: number): Promise<void> => {
      while (waiting.length >= least && waiting.length > 0 && !signal.aborted) {
        const rows = await applyWindow(work, waiting.slice(0, WINDOW));
        waiting = waiting.slice(WINDOW);
        this.#counts = countRows(this.#counts, rows);
        await notes.add(() => this.#note({ applied: rows.at(-1)?.number ?? 0 }, rows));
      }
    };
    try {
      for await (const blocks of readBlocks(file.pieces())) {
        for (const block of blocks) if (block.number > this.#mark.applied + waiting.length) waiting.push(block);
        await flush(WINDOW);
        if (signal.aborted) break;
      }
      await flush(1);
    } finally {
      await notes.end();
    }
    return !signal.aborted;
  }

  async #writeFailures(place: BatchPlace, file: OpenFile): Promise<void> {
    const { frame } = this.#mark;
    if (!frame) throw new Error('failed blocks of a file that was not read');
    const name = await this.#choose(place, 'failed', withSuffix(place.name, '_failures'));
    await this.#with.files.writeFailed(place, name, failuresFile(file, frame, this.#refused()));
  }

  async *#refused(): AsyncGenerator<RunRow[]> {
    for (let after = 0; ; ) {
      const rows = await this.#with.runs.rows(this.#work.run.id, { outcome: 'refused', after, limit: ROWS_PAGE });
      const last = rows.at(-1);
      if (!last) return;
      yield rows;
      after = last.number;
    }
  }

  /** Chooses a name that no other file has, and notes it before it is used: the same one after a kill. */
  async #choose(place: BatchPlace, folder: 'archived' | 'failed', wanted: string): Promise<string> {
    const chosen = this.#mark[folder];
    if (chosen !== undefined) return chosen;
    const names = [wanted, withSuffix(wanted, `_${this.#work.run.id}`)];
    const name = await this.#with.files.freeName(place, folder, names);
    await this.#note({ [folder]: name });
    return name;
  }

  async #note(change: Partial<Mark>, rows: RunRow[] = []): Promise<void> {
    this.#mark = { ...this.#mark, ...change };
    await this.#work.checkpoint({ counts: this.#counts, checkpoint: { ...this.#mark }, rows });
  }
}
