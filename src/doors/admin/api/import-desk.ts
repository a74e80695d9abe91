// Adapts the CSV and XML doors to the import desk of the admin API: chooses the door of a file, and converts runs and refusals.

import { isAccountWide, scopeOf } from '../../../directory/administration/permissions.ts';
import type { Account, Caller, Connection } from '../../../directory/model.ts';
import type { Filter } from '../../../directory/query/query.ts';
import type { ResourceSchema } from '../../../directory/schema/schema.ts';
import type { Run, RunStore } from '../../../runs/store.ts';
import type { ImportDesk, ImportRun, ImportSubmission, Taken } from '../operations/imports/desk.ts';

type Content = AsyncIterable<Uint8Array>;
type Text = AsyncIterable<string>;

/** The part of the XML door that the desk uses. */
interface BatchDoor {
  submit(submission: {
    account: Account;
    connection: Connection;
    fileset: string;
    fileName: string;
    content: Content;
    simulate: boolean;
    requestedBy: string;
  }): Promise<{ ok: true; run: string } | { ok: false; reason: 'name' | 'tooLarge'; words: string }>;
  failures(account: Pick<Account, 'id' | 'slug'>, run: string): Promise<Text | undefined>;
  cancel(account: string, run: string): Promise<Run | undefined>;
}

/** The result of submitting a CSV file. */
type Submitted =
  | { ok: true; run: Run }
  | { ok: false; reason: 'tooLarge'; bytesMax: number }
  | { ok: false; reason: 'unreadable'; problems: readonly { line: number; words: string }[]; problemCount: number }
  | { ok: false; reason: 'invalidForm'; words: string }
  | { ok: false; reason: 'invalidMail' | 'notFound' };

/** The part of the CSV door that the desk uses. */
interface FileDoor {
  submit(
    caller: Caller,
    content: Content,
    submission: Pick<ImportSubmission, 'simulate' | 'fileName' | 'mailTo' | 'encoding' | 'delimiter'> & {
      requestedBy: string;
    },
  ): Promise<Submitted>;
  importSimulated(
    caller: Caller,
    simulation: string,
    submission: { requestedBy: string; mailTo?: string },
  ): Promise<Submitted>;
  simulateAgain(
    caller: Caller,
    run: string,
    submission: Pick<ImportSubmission, 'encoding' | 'delimiter'> & { requestedBy: string },
  ): Promise<Submitted>;
  result(caller: Caller, run: string): Promise<Text | undefined>;
  failedRows(caller: Caller, run: string): Promise<Text | 'fileGone' | undefined>;
  export(caller: Caller, filter?: Filter): Text;
  template(account: Pick<Account, 'attributes'>): string;
}

export interface ImportDeskOptions {
  runs: RunStore;
  xml: BatchDoor;
  csv: FileDoor;
  /** The connection of an account's batches. */
  batchConnectionOf: (account: Account) => Promise<Connection>;
  userSchema: ResourceSchema;
}

const DEFAULT_FILESET = 'uploads';
const PROBLEMS_SHOWN_MAX = 10;

/** Makes the desk. */
export function createImportDesk({ runs, xml, csv, batchConnectionOf, userSchema }: ImportDeskOptions): ImportDesk {
  /** A run that the caller may see. */
  async function findRun({ account, actor }: Pick<Caller, 'account' | 'actor'>, id: string): Promise<Run | undefined> {
    const run = await runs.get(account.id, id);
    return run && (!actor || isAccountWide(actor.role) || run.requester === actor.id) ? run : undefined;
  }

  return {
    xml: {
      async submit(caller, requestedBy, { fileName, simulate, fileset = DEFAULT_FILESET }, content) {
        const { account } = caller;
        const connection = await batchConnectionOf(account);
        const taken = await xml.submit({ account, connection, fileName, simulate, fileset, content, requestedBy });
        if (!taken.ok) return { ok: false, status: taken.reason === 'tooLarge' ? 413 : 400, words: taken.words };
        const run = await runs.get(account.id, taken.run);
        if (!run) throw new Error('A run that was just created does not exist');
        return { ok: true, run: importRunOf(run) };
      },
      failures: async (caller, id) => ((await findRun(caller, id)) ? xml.failures(caller.account, id) : undefined),
    },
    csv: csvDesk(csv, userSchema),
    async list({ account, actor }, page) {
      const requester = actor && !isAccountWide(actor.role) ? { requester: actor.id } : {};
      const found = await runs.list(account.id, { ...page, ...requester });
      return { runs: found.runs.map(importRunOf), ...(found.next === undefined ? {} : { next: found.next }) };
    },
    async get(caller, id) {
      const run = await findRun(caller, id);
      return run && importRunOf(run);
    },
    async rows(id, page) {
      const rows = await runs.rows(id, page);
      return rows.map(({ run: _run, span: _span, later: _later, retry: _retry, ...row }) => row);
    },
    async cancel(caller, id) {
      const run = await findRun(caller, id);
      if (!run) return undefined;
      // Only the XML door can cancel its runs: a running batch must finish, or its file would be in no folder.
      const cancelled = await (run.kind.startsWith('xml-') ? xml : runs).cancel(run.account, id);
      return cancelled && importRunOf(cancelled);
    },
  };
}

function csvDesk(csv: FileDoor, userSchema: ResourceSchema): NonNullable<ImportDesk['csv']> {
  return {
    async submit(caller, requestedBy, { fileset: _ofXml, ...submission }, content) {
      return takenOf(await csv.submit(caller, content, { ...submission, requestedBy }));
    },
    async importSimulated(caller, requestedBy, simulation, mailTo) {
      const mail = mailTo === undefined ? {} : { mailTo };
      return takenOf(await csv.importSimulated(caller, simulation, { requestedBy, ...mail }));
    },
    simulateAgain: async (caller, requestedBy, run, form) =>
      takenOf(await csv.simulateAgain(caller, run, { ...form, requestedBy })),
    result: (caller, run, part) => (part === 'all' ? csv.result(caller, run) : csv.failedRows(caller, run)),
    template: (account) => csv.template(account),
    exportUsers: (caller, actor) => csv.export(caller, scopeOf(actor, userSchema)),
  };
}

function takenOf(taken: Submitted): Taken {
  if (taken.ok) return { ok: true, run: importRunOf(taken.run) };
  switch (taken.reason) {
    case 'tooLarge':
      return { ok: false, status: 413, words: `The file is larger than ${taken.bytesMax} bytes.` };
    case 'invalidForm':
      return { ok: false, status: 400, words: taken.words };
    case 'invalidMail':
      return { ok: false, status: 400, words: 'The result can be mailed to one e-mail address only.' };
    case 'notFound':
      return { ok: false, status: 404, words: 'No simulation with this id exists, or its file is no longer kept.' };
    case 'unreadable':
      return { ok: false, status: 400, words: problemWords(taken.problems, taken.problemCount) };
  }
}

function problemWords(problems: readonly { line: number; words: string }[], count: number): string {
  const shown = problems.slice(0, PROBLEMS_SHOWN_MAX).map(({ line, words }) => `Line ${line}: ${words}.`);
  const more = count - shown.length;
  return [...shown, ...(more > 0 ? [`And ${more} more.`] : []), 'Nothing was imported.'].join(' ');
}

/** The form of a CSV file as it was taken, or that of an XML file once it has been read. */
function formTold(form: unknown): Pick<ImportRun, 'encoding' | 'delimiter'> {
  const { encoding, delimiter } = (form ?? {}) as Record<string, unknown>;
  return {
    ...(typeof encoding === 'string' ? { encoding } : {}),
    ...(typeof delimiter === 'string' ? { delimiter: delimiter === '\t' ? 'tab' : delimiter } : {}),
  };
}

/** A run without the data that only its worker needs. */
function importRunOf({
  id,
  kind,
  state,
  file,
  requestedBy,
  created,
  started,
  finished,
  reason,
  counts,
  options,
  checkpoint,
}: Run): ImportRun {
  const { total, done, created: made, updated, unchanged, refused, noted = 0 } = counts;
  return {
    id,
    kind,
    state,
    fileName: file.name,
    bytes: file.bytes,
    requestedBy,
    created,
    ...(started ? { started } : {}),
    ...(finished ? { finished } : {}),
    ...(reason === undefined ? {} : { reason }),
    ...(file.fileset === undefined ? {} : { fileset: file.fileset }),
    ...formTold(options?.form ?? checkpoint?.frame),
    counts: { ...(total === undefined ? {} : { total }), done, created: made, updated, unchanged, refused, noted },
  };
}
