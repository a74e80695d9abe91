// What a run of a file is (an import, a batch, a simulation of one), and the port to where runs are kept; src/mongo implements it.
// A run is worked on by one owner at a time, and goes on from its last checkpoint after a crash.

import type { FaultCode } from '../directory/faults.ts';

export type RunKind = 'csv-import' | 'csv-simulation' | 'xml-batch' | 'xml-simulation';
export type RunState = 'waiting' | 'running' | 'done' | 'cancelled' | 'failed';
export type RowOutcome = 'created' | 'updated' | 'unchanged' | 'refused';

/** The file of a run. `content` names what is kept of it in the file store, `fileset` the folder that it came by. */
export interface RunFile {
  name: string;
  /** Of the whole content, in hex. */
  sha256: string;
  bytes: number;
  content?: string;
  fileset?: string;
}

/** Rows (or blocks) so far; `total` is known once the file was read through. `noted` counts rows taken with faults. */
export interface RunCounts {
  total?: number;
  done: number;
  created: number;
  updated: number;
  unchanged: number;
  refused: number;
  noted?: number;
}

export interface Run {
  id: string;
  account: string;
  connection: string;
  kind: RunKind;
  state: RunState;
  file: RunFile;
  /** Whom the run is made for: an administrator, a token, the watched folder. Text for people. */
  requestedBy: string;
  created: Date;
  started?: Date;
  finished?: Date;
  /** Why it failed, in words; or a note such as that the same file was imported before. */
  reason?: string;
  counts: RunCounts;
  /** Where to go on: what the door of the run noted with its last rows. */
  checkpoint?: Record<string, unknown>;
  /** What the door needs to know of its run besides the file. */
  options?: Record<string, unknown>;
  lease?: { owner: string; until: Date };
  /** How often a worker took the run on; more than once after a crash or a restart. */
  attempts?: number;
  /** What only one unfinished run of the account may work on: a file in a folder. */
  exclusive?: string;
}

/** A value that a row changed; `from` is absent where nothing was there, or where it is not known any more. */
export interface RowField {
  name: string;
  from?: string;
  to?: string;
}

export interface RowFault {
  code: FaultCode;
  /** The code that the door's own format has for it, such as USER_EMAIL_REQUIRED. */
  error?: string;
  /** The column or element, or a path. */
  at: string;
  words: string;
}

/** What became of one row or block. */
export interface RunRow {
  run: string;
  /** From 1. */
  number: number;
  /** The line of the file where it begins, from 1. */
  line?: number;
  outcome: RowOutcome;
  /** Masked text that tells people whom the row means. */
  identity: string;
  user?: string;
  fields?: RowField[];
  faults?: RowFault[];
  /** The text of a failed block, bounded. */
  block?: string;
  /** Where a failed block stands in the file: offsets in bytes, `end` is the first byte after it. */
  span?: { start: number; end: number };
  /** Work of this row that waits for the last row: the External ID of its superior. */
  later?: string;
}

/** What is left of a row out of which a person was taken. */
export type RowLeft = Pick<RunRow, 'identity' | 'user' | 'fields' | 'faults' | 'block'>;

/** Whom rows are looked for by. */
export interface RowsAbout {
  users: readonly string[];
  texts: readonly string[];
}

export interface RunPage {
  runs: Run[];
  /** Goes on after the last run of the page; absent at the end. */
  next?: string;
}

/** Rows and counts of a part of a run, and where to go on. `counts` are the totals so far, not what is added. */
export interface RunProgress {
  counts: RunCounts;
  checkpoint: Record<string, unknown>;
  rows: RunRow[];
}

/** Every method throws StoreUnavailable where the database is away. */
export interface RunStore {
  create(run: Omit<Run, 'id' | 'state' | 'created' | 'counts'> & { counts?: RunCounts }): Promise<Run>;
  /** Makes a run with its `exclusive`; undefined where a run that has the same one is not finished. */
  createExclusive(
    run: Omit<Run, 'id' | 'state' | 'created' | 'counts'> & { exclusive: string },
  ): Promise<Run | undefined>;
  /** The unfinished run of the account with this `exclusive`, or undefined. */
  openRun(account: string, exclusive: string): Promise<Run | undefined>;
  /** A run of this account, or undefined. */
  get(account: string, id: string): Promise<Run | undefined>;
  /** Newest first, at most `limit` after `after`. */
  list(account: string, page: { kinds?: RunKind[]; after?: string; limit: number }): Promise<RunPage>;
  /** The newest run of these kinds and states over a file with this content, or undefined. */
  sameFile(
    account: string,
    kinds: RunKind[],
    sha256: string,
    states: RunState[],
    except?: string,
  ): Promise<Run | undefined>;
  /** The oldest run of these kinds that waits or whose owner is gone, now this owner's for `leaseMs`; undefined where there is none. */
  claim(kinds: RunKind[], owner: string, leaseMs: number): Promise<Run | undefined>;
  /** Keeps a run this owner's for `leaseMs` from now; false where it is cancelled, finished or somebody else's. */
  renew(id: string, owner: string, leaseMs: number): Promise<boolean>;
  /** Notes rows, counts and where to go on, rows first: a row that is noted twice is noted once. False where the run is no longer this owner's. */
  checkpoint(id: string, owner: string, progress: RunProgress): Promise<boolean>;
  /** Ends a run; false where it is no longer this owner's. */
  finish(id: string, owner: string, end: { state: 'done' | 'failed'; reason?: string }): Promise<boolean>;
  /** Gives a run back before its end, so that another worker goes on at once. */
  release(id: string, owner: string): Promise<void>;
  /** Cancels a run that waits or runs; undefined where there is none or it has ended. */
  cancel(account: string, id: string): Promise<Run | undefined>;
  /** Leaves of a row what it came to and this: a person in it is erased. */
  eraseRow(id: string, number: number, left: RowLeft): Promise<void>;
  /** Takes texts of people out of a run itself: why it failed, whom its result was mailed to. */
  eraseFromRun(id: string, what: { reason?: true; mailTo?: true }): Promise<void>;
  /**
   * Rows in order, after row number `after`, at most `limit`. `faulty`: refused or with faults; `waiting`: with work `later`;
   * `about`: of these users, or with one of these texts somewhere, in any case; up to row number `upTo`, since each is looked at.
   */
  rows(
    id: string,
    page: {
      outcome?: RowOutcome;
      faulty?: true;
      waiting?: true;
      about?: RowsAbout;
      after?: number;
      upTo?: number;
      limit: number;
    },
  ): Promise<RunRow[]>;
}

/** The port to the content of files. It goes with its run, at the end of the retention time. */
export interface FileStore {
  /**
   * Keeps a file, read as a stream.
   * @throws FileTooLarge where it has more than `bytesMax` bytes; nothing is kept then.
   */
  keep(
    content: AsyncIterable<Uint8Array>,
    bytesMax: number,
  ): Promise<{ content: string; sha256: string; bytes: number }>;
  /** The content, in pieces; it ends early with an error where the file is gone. */
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

/** The file of a run is not kept (any more). */
export class FileGone extends Error {
  constructor() {
    super('The file is no longer kept');
    this.name = 'FileGone';
  }
}

export const NO_COUNTS: RunCounts = { done: 0, created: 0, updated: 0, unchanged: 0, refused: 0 };

/** The counts with one more row of this outcome. */
export function counted(counts: RunCounts, row: Pick<RunRow, 'outcome' | 'faults'>): RunCounts {
  const next = { ...counts, done: counts.done + 1, [row.outcome]: counts[row.outcome] + 1 };
  if (row.outcome !== 'refused' && row.faults) next.noted = (counts.noted ?? 0) + 1;
  return next;
}
