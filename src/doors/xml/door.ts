// The XML door: accepts files from uploads and folders, and returns their runs and reviews.

import type { Erased } from '../../directory/erasure/erasure.ts';
import type { Person } from '../../directory/erasure/person.ts';
import type { Account, Connection } from '../../directory/model.ts';
import { UnsafeName } from '../../runs/files/guarded-folder.ts';
import {
  type FileStore,
  FileTooLarge,
  type Run,
  type RunKind,
  type RunPage,
  type RunRow,
  type RunStore,
} from '../../runs/store.ts';
import type { RunHandler } from '../../runs/worker.ts';
import type { BatchDirectory, FindSource } from './batch/directory.ts';
import { eraseFromBatches } from './batch/erasure.ts';
import { createBatchHandler, createBatchSimulationHandler } from './batch/run.ts';
import { type BatchFiles, isFileName, isFilesetName } from './folders/files.ts';
import { createIncomingWatch, exclusiveOf, type IncomingWatch, runOfFile } from './folders/incoming-watch.ts';
import { createBlockSchema } from './format/block-schema.ts';
import { textOf } from './format/failures-file.ts';

export interface XmlDoorDependencies {
  files: BatchFiles;
  runs: RunStore;
  kept: FileStore;
  directory: BatchDirectory;
  source: FindSource;
  /** The maximum size of a file. */
  fileBytesMax: number;
  settleMs: number;
  pollMs: number;
  /** Called after a run is created, so that a worker starts it at once. */
  onRun(): void;
  onError(error: unknown): void;
}

/** A submitted file. */
interface Submission {
  account: Account;
  connection: Connection;
  fileset: string;
  /** The client's name for the file, kept if it is valid. */
  fileName: string;
  content: AsyncIterable<Uint8Array>;
  /** Nothing is written and the file is not archived; the run shows what would happen. */
  simulate: boolean;
  /** Who submits it; only displayed. */
  requestedBy: string;
}

type Submitted = { ok: true; run: string; name: string } | { ok: false; reason: 'name' | 'tooLarge'; words: string };

/** An error of a block, as a review shows it. */
interface ReviewError {
  /** One of the ten codes, or OTHER. */
  code: string;
  /** The directory's own code. */
  fault: string;
  path: string;
  cause: string;
}

/** A block that failed. */
export interface ReviewBlock {
  number: number;
  line?: number;
  identity: string;
  errors: ReviewError[];
  /** Its text, at most 8,000 characters. */
  block: string;
}

interface Review {
  run: Run;
  failed: ReviewBlock[];
  /** Continues after this number; absent at the end. */
  next?: number;
}

export interface XmlDoor {
  handlers: Partial<Record<RunKind, RunHandler>>;
  watch: IncomingWatch;
  /** Puts a file into its fileset, or keeps it for a simulation; its run waits for a worker. @throws StoreUnavailable */
  submit(submission: Submission): Promise<Submitted>;
  /** Runs of batches and simulations of an account, newest first; `limit` is 1 to 200. */
  runs(account: string, page: { after?: string; limit: number }): Promise<RunPage>;
  /** One run with its failed blocks, in order; `limit` is 1 to 200. Undefined if the account has no such run. */
  review(account: string, run: string, page: { after?: number; limit: number }): Promise<Review | undefined>;
  /**
   * The file of failed blocks of a batch (the whole file if it could not be read), to correct and send again. Undefined if the account
   * has no such batch or nothing failed.
   */
  failures(account: Pick<Account, 'id' | 'slug'>, run: string): Promise<AsyncIterable<string> | undefined>;
  /** Erases a person from all data that batches left behind. @throws StoreUnavailable */
  erase(account: Pick<Account, 'id' | 'slug'>, person: Person): Promise<Partial<Erased>>;
  /** Cancels a simulation; a batch cannot be cancelled. Undefined if there is no such unfinished simulation. */
  cancel(account: string, run: string): Promise<Run | undefined>;
}

const KINDS: RunKind[] = ['xml-batch', 'xml-simulation'];

export function createXmlDoor(dependencies: XmlDoorDependencies): XmlDoor {
  const { runs } = dependencies;
  const work = { ...dependencies, schema: createBlockSchema() };
  return {
    handlers: {
      'xml-batch': createBatchHandler(work),
      'xml-simulation': createBatchSimulationHandler(work),
    },
    watch: createIncomingWatch(dependencies),
    submit: (submission) => submitFile(dependencies, submission),
    runs: (account, page) => runs.list(account, { kinds: KINDS, ...page }),
    review: (account, id, page) => reviewOf(runs, account, id, page),
    failures: (account, id) => failuresOf(dependencies, account, id),
    erase: (account, person) => eraseFromBatches(dependencies, account, person),
    async cancel(account, id) {
      const run = await runs.get(account, id);
      return run?.kind === 'xml-simulation' ? runs.cancel(account, id) : undefined;
    },
  };
}

async function failuresOf(
  { files, runs }: XmlDoorDependencies,
  account: Pick<Account, 'id' | 'slug'>,
  id: string,
): Promise<AsyncIterable<string> | undefined> {
  const run = await runs.get(account.id, id);
  const name = run?.checkpoint?.failed;
  if (run?.kind !== 'xml-batch' || typeof name !== 'string' || run.file.fileset === undefined) return undefined;
  const file = await files.openCompleted({ slug: account.slug, fileset: run.file.fileset, name, folder: 'failed' });
  return file && textOf(file);
}

async function submitFile(dependencies: XmlDoorDependencies, submission: Submission): Promise<Submitted> {
  const { fileset } = submission;
  const name = isFileName(submission.fileName) ? submission.fileName : 'upload.xml';
  if (!isFilesetName(fileset)) {
    const words =
      'The name of a fileset has up to 64 letters, digits, ".", "_" and "-" and begins with a letter or digit.';
    return { ok: false, reason: 'name', words };
  }
  try {
    const store = submission.simulate ? keepForSimulation : putIntoFileset;
    const submitted = await store(dependencies, submission, name);
    dependencies.onRun();
    return submitted;
  } catch (error) {
    if (error instanceof UnsafeName) return { ok: false, reason: 'name', words: error.message };
    if (!(error instanceof FileTooLarge)) throw error;
    return { ok: false, reason: 'tooLarge', words: `The file is larger than ${error.bytesMax} bytes.` };
  }
}

async function putIntoFileset(
  dependencies: XmlDoorDependencies,
  { account, connection, fileset, content, requestedBy }: Submission,
  name: string,
): Promise<Submitted> {
  const { files, runs, fileBytesMax } = dependencies;
  // A run that has archived its file but has not ended still holds the name.
  const isTaken = async (wanted: string) =>
    (await runs.openRun(account.id, exclusiveOf({ fileset, name: wanted }))) !== undefined;
  const received = await files.receive({ slug: account.slug, fileset, name }, content, fileBytesMax, isTaken);
  const location = { slug: account.slug, fileset, name: received.name };
  const run = await runOfFile(dependencies, location, { account: account.id, connection: connection.id, requestedBy });
  if (!run) throw new Error('a file that was just stored no longer exists');
  return { ok: true, run: run.id, name: received.name };
}

async function keepForSimulation(
  { kept, runs, fileBytesMax }: XmlDoorDependencies,
  { account, connection, fileset, content, requestedBy }: Submission,
  name: string,
): Promise<Submitted> {
  const file = await kept.keep(content, fileBytesMax);
  const run = await runs.create({
    account: account.id,
    connection: connection.id,
    kind: 'xml-simulation',
    file: { name, fileset, ...file },
    requestedBy,
    options: { slug: account.slug },
  });
  return { ok: true, run: run.id, name };
}

async function reviewOf(
  runs: RunStore,
  account: string,
  id: string,
  { after, limit }: { after?: number; limit: number },
): Promise<Review | undefined> {
  const run = await runs.get(account, id);
  if (!run || !KINDS.includes(run.kind)) return undefined;
  const page = { ...(after === undefined ? {} : { after }), limit: limit + 1 };
  const rows = await runs.rows(id, { outcome: 'refused', ...page });
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { run, failed: shown.map(reviewBlock), ...(rows.length > limit && last ? { next: last.number } : {}) };
}

function reviewBlock({ number, line, identity, faults = [], block = '' }: RunRow): ReviewBlock {
  return {
    number,
    ...(line === undefined ? {} : { line }),
    identity,
    errors: faults.map(({ code, error, at, words }) => ({
      code: error ?? 'OTHER',
      fault: code,
      path: at,
      cause: words,
    })),
    block,
  };
}
