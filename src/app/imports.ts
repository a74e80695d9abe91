// Hands the doors of files to the admin API as one desk: where a file goes by its format, and how its run is told.

import { type Actor, scopeOf } from '../directory/administration/permissions.ts';
import type { ResourceSchema } from '../directory/schema/schema.ts';
import type { ImportDesk, ImportRun, Taken } from '../doors/admin/operations/imports/desk.ts';
import type { CsvDoor, Submitted } from '../doors/csv/door.ts';
import type { XmlDoor } from '../doors/xml/door.ts';
import type { Accounts } from '../mongo/accounts/accounts.ts';
import type { Run, RunStore } from '../runs/store.ts';

export interface ImportDeskParts {
  runs: RunStore;
  xml: XmlDoor;
  csv: CsvDoor | undefined;
  accounts: Pick<Accounts, 'ensureConnection'>;
  /** The connection that batches of an account come by. */
  batchConnection: string;
  userSchema: ResourceSchema;
}

const DEFAULT_FILESET = 'uploads';
const PROBLEMS_TOLD_MAX = 10;

/** The desk over the doors of files. */
export function createImportDesk({
  runs,
  xml,
  csv,
  accounts,
  batchConnection,
  userSchema,
}: ImportDeskParts): ImportDesk {
  return {
    xml: {
      async submit(caller, actor, { fileName, simulate, fileset }, content) {
        const { account } = caller;
        const connection = await accounts.ensureConnection(account, batchConnection);
        const place = { fileName, simulate, fileset: fileset ?? DEFAULT_FILESET };
        const requestedBy = nameOf(actor);
        const taken = await xml.submit({ account, connection, ...place, content, requestedBy });
        if (!taken.ok) return { ok: false, status: taken.reason === 'tooLarge' ? 413 : 400, words: taken.words };
        const run = await runs.get(account.id, taken.run);
        if (!run) throw new Error('a run that was just made is not there');
        return { ok: true, run: told(run) };
      },
    },
    ...(csv ? { csv: csvDesk(csv, userSchema) } : {}),
    async list(account, page) {
      const found = await runs.list(account, page);
      return { runs: found.runs.map(told), ...(found.next === undefined ? {} : { next: found.next }) };
    },
    async get(account, id) {
      const run = await runs.get(account, id);
      return run && told(run);
    },
    async rows(id, page) {
      const rows = await runs.rows(id, page);
      return rows.map(({ run: _run, span: _span, later: _later, ...row }) => row);
    },
    async cancel(account, id) {
      const run = await runs.get(account, id);
      // A batch goes to its end: its file would be neither incoming nor archived.
      const cancelled = run?.kind.startsWith('xml-') ? await xml.cancel(account, id) : await runs.cancel(account, id);
      return cancelled && told(cancelled);
    },
  };
}

function csvDesk(csv: CsvDoor, userSchema: ResourceSchema): NonNullable<ImportDesk['csv']> {
  return {
    async submit(caller, actor, { fileName, simulate, mailTo }, content) {
      const mail = mailTo === undefined ? {} : { mailTo };
      return takenOf(await csv.submit(caller, content, { fileName, simulate, requestedBy: nameOf(actor), ...mail }));
    },
    async importSimulated(caller, actor, simulation, mailTo) {
      const mail = mailTo === undefined ? {} : { mailTo };
      return takenOf(await csv.importSimulated(caller, simulation, { requestedBy: nameOf(actor), ...mail }));
    },
    result: (caller, run, part) => (part === 'all' ? csv.result(caller, run) : csv.failedRows(caller, run)),
    template: () => csv.template(),
    exportUsers: (caller, actor) => csv.export(caller, scopeOf(actor, userSchema)),
  };
}

function takenOf(taken: Submitted): Taken {
  if (taken.ok) return { ok: true, run: told(taken.run) };
  switch (taken.reason) {
    case 'tooLarge':
      return { ok: false, status: 413, words: `The file is larger than ${taken.bytesMax} bytes.` };
    case 'invalidMail':
      return { ok: false, status: 400, words: 'The result can be mailed to one e-mail address only.' };
    case 'notFound':
      return { ok: false, status: 404, words: 'There is no simulation of this id, or its file is no longer kept.' };
    case 'unreadable':
      return { ok: false, status: 400, words: problemWords(taken.problems) };
  }
}

function problemWords(problems: readonly { line: number; words: string }[]): string {
  const told = problems.slice(0, PROBLEMS_TOLD_MAX).map(({ line, words }) => `Line ${line}: ${words}.`);
  const more = problems.length - told.length;
  return [...told, ...(more > 0 ? [`And ${more} more.`] : []), 'Nothing was imported.'].join(' ');
}

/** Whom a run is made for, in words. */
function nameOf({ id, role }: Actor): string {
  return `${role} ${id}`;
}

/** A run without what only its worker needs. */
function told({ id, kind, state, file, requestedBy, created, started, finished, reason, counts }: Run): ImportRun {
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
    counts: { ...(total === undefined ? {} : { total }), done, created: made, updated, unchanged, refused, noted },
  };
}
