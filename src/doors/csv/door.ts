// The CSV door as the admin API, the command line and the watched folder mount it: take a file in, simulate or import it, ask how it
// stands, download what came of it, export users.

import type { Erased } from '../../directory/erasure/erasure.ts';
import type { Person } from '../../directory/erasure/person.ts';
import type { Account, Caller, Connection } from '../../directory/model.ts';
import type { Filter } from '../../directory/query/query.ts';
import { hasControlCharacters, isEmailAddress } from '../../directory/schema/formats.ts';
import {
  FileGone,
  type FileStore,
  FileTooLarge,
  NO_COUNTS,
  type RowOutcome,
  type Run,
  type RunPage,
  type RunRow,
} from '../../runs/store.ts';
import type { RunHandler } from '../../runs/worker.ts';
import { type ExportOptions, exportUsers, template } from './export/export.ts';
import { createFormProbe, type FileForm, type FileProblem, lookThrough } from './format/parse.ts';
import { createImportJob, type ImportJobOptions } from './import/job.ts';
import { eraseFromCsv, type ProcessedFiles } from './results/erasure.ts';
import { failedRowsFile, resultFile } from './results/files.ts';

export interface CsvDoorOptions extends ImportJobOptions, ExportOptions {
  /** The connection that files of an account come by: the origin of what they assert. */
  connectionOf: (caller: Pick<Caller, 'account'>) => Promise<Connection>;
  fileBytesMax: number;
  /** What the watched folder is through with; absent where there is none. */
  processed?: ProcessedFiles | undefined;
  /** Told of a new run, so that a worker looks for it at once. */
  onRun: () => void;
}

export interface Submission {
  simulate: boolean;
  /** As the client names it; text for people. */
  fileName: string;
  /** Who asks, for people. */
  requestedBy: string;
  /** Where the result is mailed to. */
  mailTo?: string;
  /** Where the watched folder found the file. */
  source?: string;
}

/** A file that was taken in, or why it can't be read. */
export type Submitted =
  | { ok: true; run: Run; sameFile?: Run }
  | { ok: false; reason: 'tooLarge'; bytesMax: number }
  | { ok: false; reason: 'unreadable'; problems: FileProblem[] }
  | { ok: false; reason: 'invalidMail' }
  | { ok: false; reason: 'notFound' };

export interface CsvDoor {
  /**
   * Takes a file in and makes a run of it. What is wrong with the form of the file is told at once, and no run is made.
   * `sameFile` is the import of the same content before this one.
   */
  submit(
    caller: Pick<Caller, 'account'>,
    content: AsyncIterable<Uint8Array>,
    submission: Submission,
  ): Promise<Submitted>;
  /** Imports the file of a simulation. */
  importSimulated(
    caller: Pick<Caller, 'account'>,
    simulation: string,
    submission: Pick<Submission, 'requestedBy' | 'mailTo'>,
  ): Promise<Submitted>;
  run(caller: Pick<Caller, 'account'>, id: string): Promise<Run | undefined>;
  runs(caller: Pick<Caller, 'account'>, page: { after?: string; limit: number }): Promise<RunPage>;
  rows(
    caller: Pick<Caller, 'account'>,
    id: string,
    page: { outcome?: RowOutcome; faulty?: true; after?: number; limit: number },
  ): Promise<RunRow[] | undefined>;
  /** Cancels at the next row; what was imported stays. Undefined where there is no such run or it has ended. */
  cancel(caller: Pick<Caller, 'account'>, id: string): Promise<Run | undefined>;
  /** A line for every row; undefined where there is no such run. */
  result(caller: Pick<Caller, 'account'>, id: string): Promise<AsyncIterable<string> | undefined>;
  /**
   * Only the rows with faults, to be corrected and imported again; undefined where there is no such run, `fileGone` where its
   * file is not kept any more.
   */
  failedRows(caller: Pick<Caller, 'account'>, id: string): Promise<AsyncIterable<string> | 'fileGone' | undefined>;
  /** The users that a filter lets through; without one all of the account. */
  export(caller: Caller, filter?: Filter): AsyncIterable<string>;
  template(): string;
  /** Takes a person out of all that files left behind. @throws StoreUnavailable, or what the file system says */
  erase(account: Pick<Account, 'id' | 'slug'>, person: Person): Promise<Partial<Erased>>;
  /** For the worker of runs. */
  handlers: { 'csv-import': RunHandler; 'csv-simulation': RunHandler };
}

const FILE_NAME_CHARS_MAX = 255;

export function createCsvDoor(options: CsvDoorOptions): CsvDoor {
  const { runs, files, connectionOf, fileBytesMax, onRun } = options;
  const handler = createImportJob(options);

  async function submit(
    caller: Pick<Caller, 'account'>,
    content: AsyncIterable<Uint8Array>,
    submission: Submission,
  ): Promise<Submitted> {
    if (!canBeMailed(submission)) return { ok: false, reason: 'invalidMail' };
    const probe = createFormProbe();
    let kept: Awaited<ReturnType<FileStore['keep']>>;
    try {
      kept = await files.keep(
        watched(content, (piece) => probe.add(piece)),
        fileBytesMax,
      );
    } catch (error) {
      if (error instanceof FileTooLarge) return { ok: false, reason: 'tooLarge', bytesMax: error.bytesMax };
      throw error;
    }
    const form = probe.form();
    const look = await lookThrough(files.read(kept.content), form);
    if (look.problems.length > 0) {
      await files.remove(kept.content);
      return { ok: false, reason: 'unreadable', problems: look.problems };
    }
    const file = { name: shownName(submission.fileName), ...kept };
    return makeRun(caller, file, form, look.rows, submission);
  }

  async function makeRun(
    caller: Pick<Caller, 'account'>,
    file: Run['file'],
    form: FileForm,
    rows: number,
    submission: Omit<Submission, 'fileName'>,
  ): Promise<Submitted> {
    const { simulate, requestedBy, mailTo, source } = submission;
    const connection = await connectionOf(caller);
    const before = simulate
      ? undefined
      : await runs.sameFile(caller.account.id, ['csv-import'], file.sha256, ['waiting', 'running', 'done']);
    const run = await runs.create({
      account: caller.account.id,
      connection: connection.id,
      kind: simulate ? 'csv-simulation' : 'csv-import',
      file,
      requestedBy,
      counts: { ...NO_COUNTS, total: rows },
      ...(before ? { reason: sameFileNote(before) } : {}),
      options: {
        form,
        ...(mailTo === undefined ? {} : { mailTo }),
        ...(source === undefined ? {} : { source }),
      },
    });
    onRun();
    return { ok: true, run, ...(before ? { sameFile: before } : {}) };
  }

  const find = async (caller: Pick<Caller, 'account'>, id: string): Promise<Run | undefined> => {
    const run = await runs.get(caller.account.id, id);
    return run && KINDS.includes(run.kind) ? run : undefined;
  };

  return {
    submit,
    async importSimulated(caller, simulation, submission) {
      const simulated = await find(caller, simulation);
      if (simulated?.kind !== 'csv-simulation') return { ok: false, reason: 'notFound' };
      if (!canBeMailed(submission)) return { ok: false, reason: 'invalidMail' };
      const form = simulated.options?.form as FileForm;
      return makeRun(caller, simulated.file, form, simulated.counts.total ?? 0, { simulate: false, ...submission });
    },
    run: find,
    runs: (caller, page) => runs.list(caller.account.id, { kinds: KINDS, ...page }),
    async rows(caller, id, page) {
      return (await find(caller, id)) && runs.rows(id, page);
    },
    async cancel(caller, id) {
      return (await find(caller, id)) && runs.cancel(caller.account.id, id);
    },
    async result(caller, id) {
      const run = await find(caller, id);
      return run && resultFile(runs, run);
    },
    async failedRows(caller, id) {
      const run = await find(caller, id);
      if (run && !(await isKept(files, run))) return 'fileGone';
      return run && failedRowsFile(runs, files, run);
    },
    erase: (account, person) => eraseFromCsv(options, account, person),
    export: (caller, filter) => exportUsers(options, caller, filter),
    template,
    handlers: { 'csv-import': handler, 'csv-simulation': handler },
  };
}

/** Whether the file of a run is still there. */
async function isKept(files: FileStore, { file }: Run): Promise<boolean> {
  try {
    for await (const _piece of files.read(file.content ?? '')) return true;
    return true;
  } catch (error) {
    if (error instanceof FileGone) return false;
    throw error;
  }
}

function canBeMailed({ mailTo }: Pick<Submission, 'mailTo'>): boolean {
  return mailTo === undefined || (isEmailAddress(mailTo) && !hasControlCharacters(mailTo));
}

function sameFileNote({ id, created }: Run): string {
  return `The same file was imported before, on ${created.toISOString().slice(0, 16).replace('T', ' ')} UTC (run ${id}).`;
}

const KINDS: Run['kind'][] = ['csv-import', 'csv-simulation'];

async function* watched(
  content: AsyncIterable<Uint8Array>,
  see: (chunk: Uint8Array) => void,
): AsyncIterable<Uint8Array> {
  for await (const chunk of content) {
    see(chunk);
    yield chunk;
  }
}

/** A file's name without its folders and control characters. */
function shownName(name: string): string {
  const last = name.split(/[\\/]/).at(-1) ?? '';
  const clean = last.replace(/\p{Cc}/gu, '').slice(0, FILE_NAME_CHARS_MAX);
  return clean === '' ? 'file.csv' : clean;
}
