// The port of the admin API to imports and exports. src/doors/admin/api/import-desk.ts implements it.

import type { Actor } from '../../../../directory/administration/permissions.ts';
import type { Account, Caller } from '../../../../directory/model.ts';

/** The run of a file. */
export interface ImportRun {
  id: string;
  kind: string;
  state: string;
  fileName: string;
  bytes: number;
  requestedBy: string;
  created: Date;
  started?: Date;
  finished?: Date;
  reason?: string;
  /** Of an XML batch: the folder that the file came from. */
  fileset?: string;
  /** The encoding in which the file is read. */
  encoding?: string;
  /** Of a CSV file: `;`, `,` or `tab`. */
  delimiter?: string;
  counts: {
    total?: number;
    done: number;
    created: number;
    updated: number;
    unchanged: number;
    refused: number;
    /** Rows that were applied but have faults. */
    noted: number;
  };
}

/** One row or block of a run. */
export interface ImportRow {
  number: number;
  line?: number;
  outcome: 'created' | 'updated' | 'unchanged' | 'refused';
  identity: string;
  user?: string;
  fields?: { name: string; from?: string; to?: string }[];
  faults?: { code: string; error?: string; at: string; words: string }[];
  /** The text of a failed XML block, at most 8,000 characters. */
  block?: string;
}

export interface ImportSubmission {
  fileName: string;
  simulate: boolean;
  /** For XML: the fileset that the file belongs to. */
  fileset?: string;
  /** For CSV: the address that the result is mailed to. */
  mailTo?: string;
  /** For CSV: a label of the encoding; detected by default. */
  encoding?: string;
  /** For CSV: `;`, `,` or `tab`; detected by default. */
  delimiter?: string;
}

/** The run of a file that was accepted, or the reason why it was not. */
export type Taken = { ok: true; run: ImportRun } | { ok: false; status: 400 | 404 | 413; words: string };

type Content = AsyncIterable<Uint8Array>;
export type Text = AsyncIterable<string>;

/** The CSV part of the desk. */
export interface CsvDesk {
  submit(caller: Caller, requestedBy: string, submission: ImportSubmission, content: Content): Promise<Taken>;
  /** Imports the file of a simulation. */
  importSimulated(caller: Caller, requestedBy: string, simulation: string, mailTo: string | undefined): Promise<Taken>;
  /** Simulates the file of a run once more, read as stated. */
  simulateAgain(
    caller: Caller,
    requestedBy: string,
    run: string,
    form: Pick<ImportSubmission, 'encoding' | 'delimiter'>,
  ): Promise<Taken>;
  /** A line for each row, or only those with faults; undefined if there is no such run, `fileGone` if its file is no longer kept. */
  result(caller: Caller, run: string, part: 'all' | 'failed'): Promise<Text | 'fileGone' | undefined>;
  template(account: Pick<Account, 'attributes'>): string;
  /** The users in the actor's scope, as a file that can be edited and imported again. */
  exportUsers(caller: Caller, actor: Actor): Text;
}

/** Whose imports are meant: those of the account, for a limited role only those that the administrator started. */
type Asking = Pick<Caller, 'account' | 'actor'>;

/** The imports and exports that the admin API offers. */
export interface ImportDesk {
  list(caller: Asking, page: { after?: string; limit: number }): Promise<{ runs: ImportRun[]; next?: string }>;
  get(caller: Asking, id: string): Promise<ImportRun | undefined>;
  /** `faulty`: only rows that were refused, or applied with notes. */
  rows(
    id: string,
    page: { after?: number; limit: number; outcome?: ImportRow['outcome']; faulty?: true },
  ): Promise<ImportRow[]>;
  cancel(caller: Asking, id: string): Promise<ImportRun | undefined>;
  xml: {
    submit(caller: Caller, requestedBy: string, submission: ImportSubmission, content: Content): Promise<Taken>;
    /** The blocks of a batch that failed, as a file to correct and send again; undefined if there are none. */
    failures(caller: Caller, run: string): Promise<Text | undefined>;
  };
  /** Absent if the server accepts no CSV files. */
  csv?: CsvDesk;
}
