// The CSV door, used by the admin API, the command line and the watched folder: submit a file, simulate or import it, follow its
// run, download the results, export users.

import type { Erased } from '../../directory/erasure/erasure.ts';
import type { Person } from '../../directory/erasure/person.ts';
import type { Account, Caller, Connection } from '../../directory/model.ts';
import type { Filter } from '../../directory/query/query.ts';
import { hasControlCharacters, isEmailAddress } from '../../directory/schema/formats.ts';
import { shownFileName } from '../../runs/files/file-names.ts';
import { type ForeignFile, recognizeForeign } from '../../runs/files/foreign-files.ts';
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
import { createFormProbe, type FileForm, readNamedForm } from './format/form.ts';
import { type FileProblem, lookThrough } from './format/parse.ts';
import { createImportJob, formOf, type ImportJobOptions } from './import/job.ts';
import { eraseFromCsv, type ProcessedFiles } from './results/erasure.ts';
import { failedRowsFile, resultFile } from './results/files.ts';

export interface CsvDoorOptions extends ImportJobOptions, ExportOptions {
  /** The connection of an account's files: the source of the data in them. */
  connectionOf: (caller: Pick<Caller, 'account'>) => Promise<Connection>;
  fileBytesMax: number;
  /** The processed files of the watched folder; absent if no folder is watched. */
  processed?: ProcessedFiles | undefined;
  /** Called after a run is created, so that a worker starts it at once. */
  onRun: () => void;
}

/** Who submits a file. The rows are applied with the rights of the administrator `actor`, if there is one. */
type Submitter = Pick<Caller, 'account' | 'actor'>;

export interface Submission {
  simulate: boolean;
  /** The client's name for the file; only displayed. */
  fileName: string;
  /** Who requested the import; only displayed. */
  requestedBy: string;
  /** The address that the result is mailed to. */
  mailTo?: string;
  /** The name of the file in the watched folder. */
  source?: string;
  /** A label of the file's encoding, such as `windows-1250`; detected by default. */
  encoding?: string;
  /** `;`, `,` or `tab`; detected by default. */
  delimiter?: string;
}

/** The run of a submitted file, or the reason why there is none. */
type Submitted =
  | { ok: true; run: Run; sameFile?: Run }
  | { ok: false; reason: 'tooLarge'; bytesMax: number }
  /** The first problems of the file's form, and how many it has. */
  | { ok: false; reason: 'unreadable'; problems: FileProblem[]; problemCount: number }
  | { ok: false; reason: 'invalidMail' }
  | { ok: false; reason: 'invalidForm'; words: string }
  | { ok: false; reason: 'notFound' };

export interface CsvDoor {
  /**
   * Stores a file and creates its run. If the form of the file is wrong, its problems are returned at once and no run is created.
   * `sameFile` is an earlier import of the same content.
   */
  submit(caller: Submitter, content: AsyncIterable<Uint8Array>, submission: Submission): Promise<Submitted>;
  /** Imports the file of a simulation. */
  importSimulated(
    caller: Submitter,
    simulation: string,
    submission: Pick<Submission, 'requestedBy' | 'mailTo'>,
  ): Promise<Submitted>;
  /** Simulates the file of a run once more, read as stated: the encoding and the delimiter that were detected may be wrong. */
  simulateAgain(
    caller: Submitter,
    run: string,
    submission: Pick<Submission, 'requestedBy' | 'encoding' | 'delimiter'>,
  ): Promise<Submitted>;
  run(caller: Pick<Caller, 'account'>, id: string): Promise<Run | undefined>;
  runs(caller: Pick<Caller, 'account'>, page: { after?: string; limit: number }): Promise<RunPage>;
  rows(
    caller: Pick<Caller, 'account'>,
    id: string,
    page: { outcome?: RowOutcome; faulty?: true; after?: number; limit: number },
  ): Promise<RunRow[] | undefined>;
  /** Cancels at the next row; imported rows are kept. Undefined if there is no such run, or if it has ended. */
  cancel(caller: Pick<Caller, 'account'>, id: string): Promise<Run | undefined>;
  /** A line for every row; undefined if there is no such run. */
  result(caller: Pick<Caller, 'account'>, id: string): Promise<AsyncIterable<string> | undefined>;
  /**
   * Only the rows with faults, to correct and import again; undefined if there is no such run, `fileGone` if its file is no
   * longer kept.
   */
  failedRows(caller: Pick<Caller, 'account'>, id: string): Promise<AsyncIterable<string> | 'fileGone' | undefined>;
  /** The users who match a filter; without one all users of the account. */
  export(caller: Caller, filter?: Filter): AsyncIterable<string>;
  template(account: Pick<Account, 'attributes'>): string;
  /** Erases a person from all data that files left behind. @throws StoreUnavailable, or what the file system throws */
  erase(account: Pick<Account, 'id' | 'slug'>, person: Person): Promise<Partial<Erased>>;
  /** The handlers for the worker of runs. */
  handlers: { 'csv-import': RunHandler; 'csv-simulation': RunHandler };
}

export function createCsvDoor(options: CsvDoorOptions): CsvDoor {
  const { runs, files } = options;
  const handler = createImportJob(options);
  const find = async (caller: Pick<Caller, 'account'>, id: string): Promise<Run | undefined> => {
    const run = await runs.get(caller.account.id, id);
    return run && KINDS.includes(run.kind) ? run : undefined;
  };
  return {
    submit: (caller, content, submission) => submitFile(options, caller, content, submission),
    async importSimulated(caller, simulation, submission) {
      const simulated = await find(caller, simulation);
      if (simulated?.kind !== 'csv-simulation') return { ok: false, reason: 'notFound' };
      if (!canBeMailed(submission)) return { ok: false, reason: 'invalidMail' };
      const { file, counts } = simulated;
      const rows = counts.total ?? 0;
      return createRun(options, caller, { file, form: formOf(simulated), rows }, { simulate: false, ...submission });
    },
    async simulateAgain(caller, id, submission) {
      const run = await find(caller, id);
      if (!run || !(await isKept(files, run))) return { ok: false, reason: 'notFound' };
      const content = files.read(run.file.content ?? '');
      return submitFile(options, caller, content, { ...submission, simulate: true, fileName: run.file.name });
    },
    run: find,
    runs: (caller, page) => runs.list(caller.account.id, { kinds: KINDS, ...page }),
    rows: async (caller, id, page) => (await find(caller, id)) && runs.rows(id, page),
    cancel: async (caller, id) => (await find(caller, id)) && runs.cancel(caller.account.id, id),
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

async function submitFile(
  options: CsvDoorOptions,
  caller: Submitter,
  content: AsyncIterable<Uint8Array>,
  submission: Submission,
): Promise<Submitted> {
  const { files, fileBytesMax } = options;
  if (!canBeMailed(submission)) return { ok: false, reason: 'invalidMail' };
  const named = readNamedForm(submission);
  if ('mistake' in named) return { ok: false, reason: 'invalidForm', words: named.mistake };
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
  const form = withCustomColumns(probe.form(named.form), caller.account);
  const { rows, problems, problemCount } =
    (await foreignLook(probe.head())) ?? (await lookThrough(() => files.read(kept.content), form));
  if (problems.length > 0) {
    await files.remove(kept.content);
    return { ok: false, reason: 'unreadable', problems, problemCount };
  }
  const file = { name: shownFileName(submission.fileName, 'file.csv'), ...kept };
  return createRun(options, caller, { file, form, rows }, submission);
}

/** The form with the columns of the account's custom attributes, as they are now. */
function withCustomColumns(form: FileForm, { attributes = [] }: Pick<Account, 'attributes'>): FileForm {
  if (attributes.length === 0) return form;
  return { ...form, own: attributes.map(({ name, type, multiValued }) => ({ name, type, multiValued })) };
}

const SAVE_AS_CSV = 'save it as "CSV UTF-8" in your spreadsheet program';
const ADVICE: Readonly<Record<ForeignFile['kind'], string>> = {
  workbook: `open it and ${SAVE_AS_CSV}`,
  compressed: `unpack it first, or if it is a workbook, ${SAVE_AS_CSV}`,
  other: `open your list of users and ${SAVE_AS_CSV}`,
};

/** The problem of a file that is not CSV at all; undefined if it may be. */
async function foreignLook(head: Uint8Array): Promise<Awaited<ReturnType<typeof lookThrough>> | undefined> {
  const foreign = await recognizeForeign(head);
  if (foreign) {
    const words = `this is ${foreign.what}, not a CSV file; ${ADVICE[foreign.kind]}`;
    return { rows: 0, problems: [{ line: 1, words }], problemCount: 1 };
  }
  const begin = Buffer.from(head.subarray(0, BEGIN_BYTES))
    .toString('latin1')
    .replace(/[^!-~]+/g, '');
  if (!/^(?:<|[[{]["{[])/.test(begin)) return undefined;
  const what = begin.startsWith('<') ? 'a web page or an XML document' : 'a JSON document';
  return {
    rows: 0,
    problems: [{ line: 1, words: `this is ${what}, not a CSV file; ${ADVICE.other}` }],
    problemCount: 1,
  };
}

const BEGIN_BYTES = 64;

/** A file that can be read, with its number of rows. */
interface ReadableFile {
  file: Run['file'];
  form: FileForm;
  rows: number;
}

async function createRun(
  { runs, connectionOf, onRun }: CsvDoorOptions,
  caller: Submitter,
  { file, form, rows }: ReadableFile,
  { simulate, requestedBy, mailTo, source }: Omit<Submission, 'fileName'>,
): Promise<Submitted> {
  const account = caller.account.id;
  const connection = await connectionOf(caller);
  const sameFile = simulate
    ? undefined
    : await runs.sameFile(account, ['csv-import'], file.sha256, ['waiting', 'running', 'done']);
  const notes = [...(form.warning === undefined ? [] : [form.warning]), ...(sameFile ? [sameFileNote(sameFile)] : [])];
  const run = await runs.create({
    account,
    connection: connection.id,
    kind: simulate ? 'csv-simulation' : 'csv-import',
    file,
    requestedBy,
    ...(caller.actor ? { requester: caller.actor.id } : {}),
    counts: { ...NO_COUNTS, total: rows },
    ...(notes.length > 0 ? { reason: notes.join(' ') } : {}),
    options: {
      form,
      ...(caller.actor ? { actor: caller.actor } : {}),
      ...(mailTo === undefined ? {} : { mailTo }),
      ...(source === undefined ? {} : { source }),
    },
  });
  onRun();
  return { ok: true, run, ...(sameFile ? { sameFile } : {}) };
}

/** Whether the file of a run is still kept. */
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
