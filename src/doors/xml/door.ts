// The XML door as the rest of the server uses it: files in over an upload or a folder, runs and their review out. The functions that
// an admin API mounts.

import type { Erased } from '../../directory/erasure/erasure.ts';
import type { Person } from '../../directory/erasure/person.ts';
import type { Account, Connection } from '../../directory/model.ts';
import type { FileStore, Run, RunKind, RunPage, RunRow, RunStore } from '../../runs/store.ts';
import type { RunHandler } from '../../runs/worker.ts';
import type { BatchDirectory, FindSource } from './batch/directory.ts';
import { eraseFromBatches } from './batch/erasure.ts';
import { createBatchHandler, createBatchSimulationHandler } from './batch/run.ts';
import { type BatchFiles, BatchFileTooLarge, isFileName, isFilesetName, UnsafeName } from './folders/files.ts';
import { createIncomingWatch, exclusiveOf, type IncomingWatch, runOfFile } from './folders/incoming-watch.ts';
import { createBlockSchema } from './format/block-schema.ts';

export interface XmlDoorDependencies {
  files: BatchFiles;
  runs: RunStore;
  kept: FileStore;
  directory: BatchDirectory;
  source: FindSource;
  /** Bytes of a file at most. */
  fileBytesMax: number;
  settleMs: number;
  pollMs: number;
  /** There is a new run: the worker looks at once. */
  onRun(): void;
  onError(error: unknown): void;
}

/** A file that somebody hands in. */
export interface Submission {
  account: Account;
  connection: Connection;
  fileset: string;
  /** As the client calls it; it keeps its name where it can be one. */
  fileName: string;
  content: AsyncIterable<Uint8Array>;
  /** Nothing is written, and the file goes nowhere; the run tells what would become of it. */
  simulate: boolean;
  /** Text for people: who hands it in. */
  requestedBy: string;
}

export type Submitted =
  | { ok: true; run: string; name: string }
  | { ok: false; reason: 'name' | 'tooLarge'; words: string };

/** An error of a block, as the review tells it. */
export interface ReviewError {
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
  /** Its text, 8,000 characters at most. */
  block: string;
}

export interface Review {
  run: Run;
  failed: ReviewBlock[];
  /** Goes on after this number; absent at the end. */
  next?: number;
}

export interface XmlDoor {
  handlers: Partial<Record<RunKind, RunHandler>>;
  watch: IncomingWatch;
  /** Takes a file in. It is put into its fileset, or kept for a simulation; the run waits for a worker. @throws StoreUnavailable */
  submit(submission: Submission): Promise<Submitted>;
  /** Runs of batches and simulations of an account, newest first; `limit` is 1 to 200. */
  runs(account: string, page: { after?: string; limit: number }): Promise<RunPage>;
  /** One run with its failed blocks, in order; `limit` is 1 to 200. Undefined where the account has no such run. */
  review(account: string, run: string, page: { after?: number; limit: number }): Promise<Review | undefined>;
  /** Takes a person out of all that batches left behind. @throws StoreUnavailable */
  erase(account: Pick<Account, 'id' | 'slug'>, person: Person): Promise<Partial<Erased>>;
  /** Stops a simulation; a batch goes to its end. Undefined where there is no such simulation under way. */
  cancel(account: string, run: string): Promise<Run | undefined>;
}

const KINDS: RunKind[] = ['xml-batch', 'xml-simulation'];

export function createXmlDoor(dependencies: XmlDoorDependencies): XmlDoor {
  const { files, runs, kept, fileBytesMax } = dependencies;
  const work = { ...dependencies, schema: createBlockSchema() };

  async function submit(submission: Submission): Promise<Submitted> {
    const { fileset } = submission;
    const name = isFileName(submission.fileName) ? submission.fileName : 'upload.xml';
    if (!isFilesetName(fileset)) {
      const words = 'A fileset is named by up to 64 letters, digits, ".", "_" and "-", a letter or digit first.';
      return { ok: false, reason: 'name', words };
    }
    try {
      const run = submission.simulate ? await keep(submission, name) : await putIn(submission, name);
      dependencies.onRun();
      return run;
    } catch (error) {
      if (error instanceof UnsafeName) return { ok: false, reason: 'name', words: error.message };
      if (!(error instanceof BatchFileTooLarge)) throw error;
      return { ok: false, reason: 'tooLarge', words: `A file has ${error.bytesMax} bytes at most.` };
    }
  }

  async function putIn({ account, connection, fileset, content, requestedBy }: Submission, wanted: string) {
    // A run that has archived its file and not ended yet is still called like it.
    const isTaken = async (name: string) =>
      (await runs.openRun(account.id, exclusiveOf({ fileset, name }))) !== undefined;
    const received = await files.receive({ slug: account.slug, fileset, name: wanted }, content, fileBytesMax, isTaken);
    const location = { slug: account.slug, fileset, name: received.name };
    const run = await runOfFile(dependencies, location, {
      account: account.id,
      connection: connection.id,
      requestedBy,
    });
    if (!run) throw new Error('a file is gone that was just put in');
    return { ok: true as const, run: run.id, name: received.name };
  }

  async function keep({ account, connection, fileset, content, requestedBy }: Submission, name: string) {
    const file = await kept.keep(bounded(content, fileBytesMax), fileBytesMax);
    const run = await runs.create({
      account: account.id,
      connection: connection.id,
      kind: 'xml-simulation',
      file: { name, fileset, ...file },
      requestedBy,
      options: { slug: account.slug },
    });
    return { ok: true as const, run: run.id, name };
  }

  return {
    handlers: {
      'xml-batch': createBatchHandler(work),
      'xml-simulation': createBatchSimulationHandler(work),
    },
    watch: createIncomingWatch(dependencies),
    submit,
    runs: (account, page) => runs.list(account, { kinds: KINDS, ...page }),
    async review(account, id, { after, limit }) {
      const run = await runs.get(account, id);
      if (!run || !KINDS.includes(run.kind)) return undefined;
      const rows = await runs.rows(id, {
        outcome: 'refused',
        ...(after === undefined ? {} : { after }),
        limit: limit + 1,
      });
      const shown = rows.slice(0, limit);
      const last = shown.at(-1);
      return {
        run,
        failed: shown.map(reviewBlock),
        ...(rows.length > limit && last ? { next: last.number } : {}),
      };
    },
    erase: (account, person) => eraseFromBatches(dependencies, account, person),
    async cancel(account, id) {
      const run = await runs.get(account, id);
      return run?.kind === 'xml-simulation' ? runs.cancel(account, id) : undefined;
    },
  };
}

/** Fails with this door's own error where a stream has too many bytes. */
async function* bounded(content: AsyncIterable<Uint8Array>, bytesMax: number): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const piece of content) {
    bytes += piece.byteLength;
    if (bytes > bytesMax) throw new BatchFileTooLarge(bytesMax);
    yield piece;
  }
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
