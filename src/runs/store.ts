// A run of a file (an import, a batch, or a simulation of one), and the port to the store of runs, which src/mongo implements. One
// process at a time holds the lease of a run; after a crash, another one continues from the last checkpoint.

import type { FaultCode } from '../directory/faults.ts';

/** The kind of a run, which selects its handler. */
export type RunKind = 'csv-import' | 'csv-simulation' | 'xml-batch' | 'xml-simulation';
/** The state of a run; the last three are final. */
export type RunState = 'waiting' | 'running' | 'done' | 'cancelled' | 'failed';
/** The outcome of a row. */
export type RowOutcome = 'created' | 'updated' | 'unchanged' | 'refused';

/** The file of a run. `content` is its key in the file store, `fileset` the folder from which it was taken. */
export interface RunFile {
  name: string;
  /** The hash of the whole content, in hex. */
  sha256: string;
  bytes: number;
  content?: string;
  fileset?: string;
}

/** Rows (or blocks) so far; `total` is known once the file has been read through. `noted` counts rows taken with faults. */
export interface RunCounts {
  total?: number;
  done: number;
  created: number;
  updated: number;
  unchanged: number;
  refused: number;
  noted?: number;
}

/** A run of a file. */
export interface Run {
  id: string;
  account: string;
  connection: string;
  kind: RunKind;
  state: RunState;
  file: RunFile;
  /** Who requested the run: an administrator, a token or the watched folder. A text for people. */
  requestedBy: string;
  /** The id of the administrator who requested it. */
  requester?: string;
  created: Date;
  started?: Date;
  finished?: Date;
  /** A text for people: why it failed, or a note, for example that the same file was imported before. */
  reason?: string;
  counts: RunCounts;
  /** The position to continue from, written with the last rows (`file-run.ts`). */
  checkpoint?: Record<string, unknown>;
  /** Further options of the door for its run. */
  options?: Record<string, unknown>;
  /** How often a worker claimed the run; more than once after a crash or a restart. */
  attempts?: number;
  /** Unique among the unfinished runs of the account, such as a file in a folder. */
  exclusive?: string;
}

/** A value that a row changed; `from` is absent if there was no value, or if it is no longer known. */
export interface RowField {
  name: string;
  from?: string;
  to?: string;
}

/** Why a row was refused, or what was ignored in it. */
export interface RowFault {
  code: FaultCode;
  /** The error code of the door's format, such as USER_EMAIL_REQUIRED. */
  error?: string;
  /** The column or element, or a path. */
  at: string;
  words: string;
}

/** The result of one row or block. */
export interface RunRow {
  run: string;
  /** From 1. */
  number: number;
  /** The line of the file where it begins, from 1. */
  line?: number;
  outcome: RowOutcome;
  /** Masked text by which people recognise the user of the row. */
  identity: string;
  user?: string;
  fields?: RowField[];
  faults?: RowFault[];
  /** The text of a failed block, bounded. */
  block?: string;
  /** The position of a failed block in the file: offsets in bytes, `end` is the first byte after it. */
  span?: { start: number; end: number };
  /** Work of this row that is done after the last row: the reference to its superior in the file. */
  later?: string;
  /** The row was refused only because a login name is taken: it is applied again after the last row, which may have freed the name. */
  retry?: true;
}

/** What remains of a row after a person was erased from it. */
export type RowLeft = Pick<RunRow, 'identity' | 'user' | 'fields' | 'faults' | 'block'>;

/** Users and texts by which rows are searched. */
export interface RowsAbout {
  users: readonly string[];
  texts: readonly string[];
}

/** A page of runs. */
export interface RunPage {
  runs: Run[];
  /** The position of the next page; absent on the last page. */
  next?: string;
}

/** The results of some rows, and the position to continue from. `counts` are the totals so far. */
export interface RunProgress {
  counts: RunCounts;
  checkpoint: Record<string, unknown>;
  rows: RunRow[];
  /** The values by which rows name their users, by number of the row. They go into events as hashes and are not stored with the run. */
  identities?: ReadonlyMap<number, readonly string[]>;
}

/** Every method throws StoreUnavailable if the database is unavailable. */
export interface RunStore {
  /** Creates a waiting run. */
  create(run: Omit<Run, 'id' | 'state' | 'created' | 'counts'> & { counts?: RunCounts }): Promise<Run>;
  /** Creates a run with an `exclusive`; undefined if an unfinished run has the same one. */
  createExclusive(
    run: Omit<Run, 'id' | 'state' | 'created' | 'counts'> & { exclusive: string },
  ): Promise<Run | undefined>;
  /** The unfinished run of the account with this `exclusive`, or undefined. */
  openRun(account: string, exclusive: string): Promise<Run | undefined>;
  /** A run of this account, or undefined. */
  get(account: string, id: string): Promise<Run | undefined>;
  /** Newest first, at most `limit` after `after`; with `requester`, only those that this administrator requested. */
  list(
    account: string,
    page: { kinds?: RunKind[]; requester?: string; after?: string; limit: number },
  ): Promise<RunPage>;
  /** The newest run of these kinds and states over a file with this content, or undefined. */
  sameFile(
    account: string,
    kinds: RunKind[],
    sha256: string,
    states: RunState[],
    except?: string,
  ): Promise<Run | undefined>;
  /** Claims the oldest waiting or abandoned run of these kinds for `leaseMs`; undefined if there is none. */
  claim(kinds: RunKind[], leaseHolder: string, leaseMs: number): Promise<Run | undefined>;
  /** Extends the lease to `leaseMs` from now; false if the run was cancelled or finished, or has another holder. */
  renew(id: string, leaseHolder: string, leaseMs: number): Promise<boolean>;
  /** Writes rows, replacing existing ones, then counts and the checkpoint. False if this holder has lost the lease. */
  checkpoint(id: string, leaseHolder: string, progress: RunProgress): Promise<boolean>;
  /** Ends a run; false if this holder has lost the lease. */
  finish(id: string, leaseHolder: string, end: { state: 'done' | 'failed'; reason?: string }): Promise<boolean>;
  /** Releases an unfinished run, so that another worker can continue at once. */
  release(id: string, leaseHolder: string): Promise<void>;
  /** Cancels a run; undefined if it does not exist or has ended. */
  cancel(account: string, id: string): Promise<Run | undefined>;
  /** Erases a person from a row: keeps its outcome, and replaces the rest by `left`. */
  eraseRow(id: string, number: number, left: RowLeft): Promise<void>;
  /** Removes texts that may name people from a run: its reason and its mail address; `fileName` replaces the name of its file. */
  eraseFromRun(id: string, texts: { reason?: true; mailTo?: true; fileName?: string }): Promise<void>;
  /**
   * Lists rows in order, after row number `after` and up to `upTo`, at most `limit`. `faulty`: refused or with faults; `waiting`: with
   * `later` work; `retry`: to be applied again; `about`: of these users, or containing one of these texts, ignoring case (without an index).
   */
  rows(
    id: string,
    page: {
      outcome?: RowOutcome;
      faulty?: true;
      waiting?: true;
      retry?: true;
      about?: RowsAbout;
      after?: number;
      upTo?: number;
      limit: number;
    },
  ): Promise<RunRow[]>;
}

/** The port to the content of files. It is removed with its run, at the end of the retention time. */
export interface FileStore {
  /**
   * Stores a file, read as a stream.
   * @throws FileTooLarge if it has more than `bytesMax` bytes; then nothing is stored
   */
  keep(
    content: AsyncIterable<Uint8Array>,
    bytesMax: number,
  ): Promise<{ content: string; sha256: string; bytes: number }>;
  /** The content, in pieces. @throws FileGone if the file is no longer stored */
  read(content: string): AsyncIterable<Uint8Array>;
  remove(content: string): Promise<void>;
}

/** A file has more bytes than allowed. */
export class FileTooLarge extends Error {
  readonly bytesMax: number;
  constructor(bytesMax: number) {
    super(`The file has more than ${bytesMax} bytes`);
    this.name = 'FileTooLarge';
    this.bytesMax = bytesMax;
  }
}

/** The file of a run is no longer stored. */
export class FileGone extends Error {
  constructor() {
    super('The file is no longer kept');
    this.name = 'FileGone';
  }
}

/** The content of a file cannot be read as rows. The message is for people. */
export class UnreadableFile extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UnreadableFile';
  }
}

/** Whether a run only shows what would happen: nothing of it is written to the directory. */
export function isSimulation({ kind }: Pick<Run, 'kind'>): boolean {
  return kind === 'csv-simulation' || kind === 'xml-simulation';
}

/** The counts before the first row. */
export const NO_COUNTS: RunCounts = { done: 0, created: 0, updated: 0, unchanged: 0, refused: 0 };

/** The counts with one more row of this outcome. */
export function counted(counts: RunCounts, row: Pick<RunRow, 'outcome' | 'faults'>): RunCounts {
  const next = { ...counts, done: counts.done + 1, [row.outcome]: counts[row.outcome] + 1 };
  if (row.outcome !== 'refused' && row.faults) next.noted = (counts.noted ?? 0) + 1;
  return next;
}

/** The counts after the result of a counted row changes. */
export function recounted(counts: RunCounts, after: RunRow, before: RunRow): RunCounts {
  const next = { ...counts };
  next[before.outcome] -= 1;
  next[after.outcome] += 1;
  const notes = (row: RunRow) => (row.outcome !== 'refused' && row.faults ? 1 : 0);
  const more = notes(after) - notes(before);
  return more === 0 ? next : { ...next, noted: (counts.noted ?? 0) + more };
}

const ROWS_PAGE = 500;

/** The rows with work that is left, in order: superiors that are not set yet, or rows to apply again. */
export async function* rowsInPages(
  runs: Pick<RunStore, 'rows'>,
  run: string,
  which: { waiting: true } | { retry: true },
  position: number,
): AsyncIterable<RunRow> {
  for (let after = position; ; ) {
    const page = await runs.rows(run, { ...which, after, limit: ROWS_PAGE });
    yield* page;
    const last = page.at(-1);
    if (!last) return;
    after = last.number;
  }
}
