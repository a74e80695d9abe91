// A batch run from its file to its end: read through first, then applied block by block, then the failed blocks are written out and the
// file is archived. Each step is recorded before it is taken or can be taken twice, so that a crash at any point does not change the
// result.

import { createHash } from 'node:crypto';
import type { Account, Connection } from '../../../directory/model.ts';
import { END, FileRun, ROWS, withEntries } from '../../../runs/file-run.ts';
import { FileChanged, type OpenFile, UnsafeName } from '../../../runs/files/guarded-folder.ts';
import {
  type FileStore,
  type Run,
  type RunRow,
  type RunStore,
  rowsInPages,
  UnreadableFile,
} from '../../../runs/store.ts';
import { RunDelayed, type RunEnd, type RunHandler, type RunWork } from '../../../runs/worker.ts';
import { type BatchFiles, type BatchLocation, withSuffix } from '../folders/files.ts';
import { type FileFrame, readBlocks } from '../format/block-reader.ts';
import type { BlockSchema } from '../format/block-schema.ts';
import { failuresFile } from '../format/failures-file.ts';
import { blockPass, managersPass } from './block-run.ts';
import type { BatchDirectory, BatchEntries, FindSource } from './directory.ts';

export interface BatchRunDependencies {
  files: BatchFiles;
  kept: Pick<FileStore, 'read'>;
  runs: Pick<RunStore, 'rows'>;
  directory: BatchDirectory;
  source: FindSource;
  schema: BlockSchema;
  /** The maximum size of a file. */
  fileBytesMax: number;
}

/** The checkpoint of a batch. */
interface BatchState {
  frame: FileFrame;
  /** The names chosen for the files in failed and archived. */
  failed: string;
  archived: string;
}

type BatchRun = FileRun<BatchState>;
type BatchContent = Pick<OpenFile, 'bytes' | 'pieces'>;

/** The phase after the blocks, for managers who did not exist when a block named them. */
const MANAGERS = 'managers';
const ROWS_PAGE = 500;

/** Works on runs of kind `xml-batch`: their files are in their filesets. */
export function createBatchHandler(dependencies: BatchRunDependencies): RunHandler {
  return async (work) => {
    try {
      return await runIncoming(dependencies, work);
    } catch (error) {
      if (error instanceof UnsafeName) return { state: 'failed', reason: error.message };
      if (error instanceof FileChanged) return { state: 'failed', reason: `${error.message}; it stays in its folder.` };
      // The disk is full or a folder is not writable: the file stays in its folder.
      if (error instanceof Error && 'syscall' in error) throw new RunDelayed(error);
      throw error;
    }
  };
}

/** Works on runs of kind `xml-simulation`: the same with a store that never writes; the file is stored with the run. */
export function createBatchSimulationHandler(dependencies: BatchRunDependencies): RunHandler {
  const { directory, kept } = dependencies;
  return (work) =>
    withEntries(directory, work.run, async (entries) => {
      const { content = '', bytes } = work.run.file;
      const run: BatchRun = new FileRun(work, directory.appliedChange);
      const file = { bytes, pieces: () => kept.read(content) };
      return (await applyFile(dependencies, run, file, entries)) ? run.end() : undefined;
    });
}

async function runIncoming(dependencies: BatchRunDependencies, work: RunWork): Promise<RunEnd> {
  const { files, directory } = dependencies;
  const run: BatchRun = new FileRun(work, directory.appliedChange);
  const location = locationOf(work.run);
  const file = await files.open(location);
  if (!file) return endWithoutFile(files, run, location);
  try {
    if (!(await isFileOf(work.run, file))) return await endWithoutFile(files, run, location);
    const isThrough = await withEntries(directory, work.run, (entries) => applyFile(dependencies, run, file, entries));
    if (!isThrough) return undefined;
    if (run.checkpoint.unreadable === undefined) await finishReadable(dependencies, run, location, file);
    else
      await files.writeFailed(location, await chosenName(files, run, 'failed', location, location.name), file.pieces());
    await files.archive(location, await chosenName(files, run, 'archived', location, location.name), file);
    return run.end();
  } finally {
    await file.close();
  }
}

function locationOf({ options, file }: Run): BatchLocation {
  return { slug: String(options?.slug ?? ''), fileset: file.fileset ?? '', name: file.name };
}

/** Whether this is the file that the run was made for, and not another one that took its name since. @throws FileChanged */
async function isFileOf({ file: { sha256, bytes } }: Run, file: OpenFile): Promise<boolean> {
  if (file.bytes !== bytes) return false;
  const hash = createHash('sha256');
  for await (const piece of file.pieces()) hash.update(piece);
  return hash.digest('hex') === sha256;
}

/** The file was archived by this run before a crash, or was removed or replaced by someone else. */
async function endWithoutFile(files: BatchFiles, run: BatchRun, location: BatchLocation): Promise<RunEnd> {
  const { archived } = run.checkpoint;
  if (archived !== undefined && (await files.isArchived(location, archived))) return run.end();
  return { state: 'failed', reason: 'The file was removed or replaced before the run ended.' };
}

/** Reads the file and applies its blocks. Returns false if aborted; an unreadable file counts as finished. */
async function applyFile(
  dependencies: BatchRunDependencies,
  run: BatchRun,
  file: BatchContent,
  entries: BatchEntries,
): Promise<boolean> {
  if (!(await run.whileReadable(() => readThrough(run, file, dependencies.fileBytesMax)))) return false;
  const { unreadable, phase, frame } = run.checkpoint;
  if (unreadable !== undefined || phase === END || !frame) return true;
  const source = await sourceOf(dependencies, run.run);
  if (!source) {
    await run.record({ unreadable: 'The account no longer exists.' });
    return true;
  }
  const { directory, schema, runs } = dependencies;
  const { id, requestedBy } = run.run;
  const work = { run: id, requestedBy, ...source, directory, entries, schema, rootTag: frame.rootTag };
  const waiting = (position: number) => rowsInPages(runs, id, { waiting: true }, position);
  if (
    !(await run.apply(
      ROWS,
      blockPass(work, () => file.pieces()),
      MANAGERS,
    ))
  )
    return false;
  return run.apply(MANAGERS, managersPass(work, waiting), END);
}

async function sourceOf(
  { source }: BatchRunDependencies,
  run: Run,
): Promise<{ account: Account; connection: Connection } | undefined> {
  const found = await source(String(run.options?.slug ?? ''));
  return found?.account.id === run.account ? found : undefined;
}

/**
 * Reads the whole file before any block is applied, so that a truncated file changes nothing. Returns false if aborted.
 * @throws UnreadableFile
 */
async function readThrough(run: BatchRun, file: BatchContent, bytesMax: number): Promise<boolean> {
  if (run.checkpoint.frame) return true;
  if (file.bytes > bytesMax) throw new UnreadableFile(`The file has ${file.bytes} bytes; the limit is ${bytesMax}.`);
  let total = 0;
  const blocks = readBlocks(file.pieces());
  for (;;) {
    const next = await blocks.next();
    if (run.isAborted) return false;
    if (next.done) {
      await run.record({ frame: next.value }, total);
      return true;
    }
    total += next.value.length;
  }
}

/** The steps after the last block: resolving managers who came later in the file, and writing the file of failed blocks. */
async function finishReadable(
  { files, directory, runs }: BatchRunDependencies,
  run: BatchRun,
  location: BatchLocation,
  file: OpenFile,
): Promise<void> {
  await directory.resolveManagers(run.run.account);
  if (run.counts.refused === 0) return;
  const { frame } = run.checkpoint;
  if (!frame) throw new Error('failed blocks of a file that was not read');
  const name = await chosenName(files, run, 'failed', location, withSuffix(location.name, '_failures'));
  await files.writeFailed(location, name, failuresFile(file, frame, refusedRows(runs, run.run.id)));
}

async function* refusedRows(runs: Pick<RunStore, 'rows'>, run: string): AsyncGenerator<RunRow[]> {
  for (let after = 0; ; ) {
    const rows = await runs.rows(run, { outcome: 'refused', after, limit: ROWS_PAGE });
    const last = rows.at(-1);
    if (!last) return;
    yield rows;
    after = last.number;
  }
}

/** Chooses a name that no other file has, and records it before it is used: the same one is used after a crash. */
async function chosenName(
  files: Pick<BatchFiles, 'freeName'>,
  run: BatchRun,
  folder: 'archived' | 'failed',
  location: BatchLocation,
  wanted: string,
): Promise<string> {
  const chosen = run.checkpoint[folder];
  if (chosen !== undefined) return chosen;
  const name = await files.freeName(location, folder, [wanted, withSuffix(wanted, `_${run.run.id}`)]);
  await run.record({ [folder]: name });
  return name;
}
