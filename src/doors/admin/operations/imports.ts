// Files over the admin API: upload, simulate, import, watch, cancel, result. The formats are other doors'; they come in as a
// desk that compose hands over.

import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import type { Actor } from '../../../directory/administration/permissions.ts';
import { fault } from '../../../directory/faults.ts';
import type { Caller } from '../../../directory/model.ts';
import { accountParams, dateTime, withId } from '../api/common-schemas.ts';
import { json, type Operation, operation } from '../api/operation.ts';
import { type AdminAnswer, faultProblem, problem } from '../api/problem.ts';

/** A run of a file as it is told; times as ISO texts. */
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
  /** Of an XML batch: the folder that its file came by. */
  fileset?: string;
  counts: {
    total?: number;
    done: number;
    created: number;
    updated: number;
    unchanged: number;
    refused: number;
    /** Rows that were taken and have faults all the same. */
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
  /** The text of a failed XML block, 8,000 characters at most. */
  block?: string;
}

export interface ImportSubmission {
  fileName: string;
  simulate: boolean;
  /** For XML: the fileset that the file belongs to. */
  fileset?: string;
  /** For CSV: whom to send the result. */
  mailTo?: string;
}

/** A file that was taken in, or why it can't be. */
export type Taken = { ok: true; run: ImportRun } | { ok: false; status: 400 | 404 | 413; words: string };

type Content = AsyncIterable<Uint8Array>;
type Text = AsyncIterable<string>;

/** What the doors of files can do for this one. */
export interface ImportDesk {
  list(account: string, page: { after?: string; limit: number }): Promise<{ runs: ImportRun[]; next?: string }>;
  get(account: string, id: string): Promise<ImportRun | undefined>;
  rows(id: string, page: { after?: number; limit: number; outcome?: ImportRow['outcome'] }): Promise<ImportRow[]>;
  cancel(account: string, id: string): Promise<ImportRun | undefined>;
  xml: { submit(caller: Caller, actor: Actor, submission: ImportSubmission, content: Content): Promise<Taken> };
  /** Absent where the server takes no CSV files. */
  csv?: {
    submit(caller: Caller, actor: Actor, submission: ImportSubmission, content: Content): Promise<Taken>;
    /** Imports the file of a simulation. */
    importSimulated(caller: Caller, actor: Actor, simulation: string, mailTo: string | undefined): Promise<Taken>;
    /** A line for every row, or only those with faults; undefined where there is no such run, `fileGone` without its file. */
    result(caller: Caller, run: string, part: 'all' | 'failed'): Promise<Text | 'fileGone' | undefined>;
    template(): string;
    /** The users of the caller's scope, as a file that can be changed and imported again. */
    exportUsers(caller: Caller, actor: Actor): Text;
  };
}

const runSchema = z
  .object({
    id: z.string(),
    kind: z.string(),
    state: z.string(),
    fileName: z.string(),
    bytes: z.number().int(),
    requestedBy: z.string(),
    created: dateTime,
    started: dateTime.optional(),
    finished: dateTime.optional(),
    reason: z.string().optional().meta({ description: 'Why it failed, or what is to be known of it' }),
    fileset: z.string().optional().meta({ description: 'Of an XML batch: the folder that its file came by' }),
    counts: z.object({
      total: z.number().int().optional(),
      done: z.number().int(),
      created: z.number().int(),
      updated: z.number().int(),
      unchanged: z.number().int(),
      refused: z.number().int(),
      noted: z.number().int().meta({ description: 'Rows that were taken and have faults all the same' }),
    }),
  })
  .meta({ id: 'Import' });

const rowSchema = z
  .object({
    number: z.number().int(),
    line: z.number().int().optional(),
    outcome: z.enum(['created', 'updated', 'unchanged', 'refused']),
    identity: z.string(),
    user: z.string().optional(),
    fields: z.array(z.object({ name: z.string(), from: z.string().optional(), to: z.string().optional() })).optional(),
    faults: z
      .array(
        z.object({
          code: z.string().meta({ description: "The directory's fault code" }),
          error: z.string().optional().meta({ description: 'Of an XML block: its error code, or OTHER' }),
          at: z.string().meta({ description: 'The column or element' }),
          words: z.string().meta({ description: 'The cause, for people' }),
        }),
      )
      .optional(),
    block: z.string().optional().meta({ description: 'The failed XML block as it came; 8,000 characters at most' }),
  })
  .meta({ id: 'ImportRow' });

const limit = z.coerce.number().int().min(1).max(500).default(50).meta({ type: 'integer', minimum: 1, maximum: 500 });
const runParams = accountParams.extend({ run: withId('import') });
const FILE_NAME = /^[^/\\]{1,200}$/;

/** The operations on files. */
export function importOperations(desk: ImportDesk): Operation[] {
  const upload = (format: 'csv' | 'xml', mediaType: string, door: Pick<ImportDesk['xml'], 'submit'>): Operation =>
    operation({
      id: format === 'csv' ? 'importCsv' : 'importXml',
      tag: 'Imports',
      method: 'POST',
      path: `/accounts/{account}/imports/${format}`,
      summary: format === 'csv' ? 'Import users from a CSV file, or simulate it' : 'Import a UserMaintenance file',
      permission: 'imports.run',
      params: accountParams,
      query: z.object({
        fileName: z.string().regex(FILE_NAME, 'must be a file name').default(`upload.${format}`),
        simulate: z.enum(['true', 'false']).default('false'),
        fileset: z
          .string()
          .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be the name of a fileset')
          .optional(),
        mailTo: z.string().max(255).optional(),
      }),
      bytes: mediaType,
      answers: { 202: { description: 'Taken; the run has begun', schema: runSchema } },
      async handle({ caller, session, headers, query: { fileName, simulate, fileset, mailTo }, bytes }) {
        const isEmpty = headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0;
        const mistake = uploadMistake(headers, mediaType);
        if (mistake !== undefined) return problem(415, 'mediaType', mistake);
        if (!bytes || isEmpty)
          return faultProblem([fault('required', 'body', { rule: 'the file is the body, and is empty' })]);
        const submission: ImportSubmission = {
          fileName,
          simulate: simulate === 'true',
          ...(fileset === undefined ? {} : { fileset }),
          ...(mailTo === undefined ? {} : { mailTo }),
        };
        return takenAnswer(await door.submit(caller, session.actor, submission, bytes));
      },
    });

  return [
    upload('xml', 'application/xml', desk.xml),
    ...(desk.csv ? [upload('csv', 'text/csv', desk.csv), ...csvOperations(desk.csv)] : []),
    operation({
      id: 'listImports',
      tag: 'Imports',
      method: 'GET',
      path: '/accounts/{account}/imports',
      summary: 'List imports and simulations, newest first',
      permission: 'imports.read',
      params: accountParams,
      query: z.object({ limit, cursor: z.string().max(100).optional() }),
      answers: {
        200: {
          description: 'A page of them',
          schema: z.object({ items: z.array(runSchema), next: z.string().optional() }).meta({ id: 'ImportPage' }),
        },
      },
      async handle({ caller, query }) {
        const after = query.cursor === undefined ? {} : { after: query.cursor };
        const { runs, next } = await desk.list(caller.account.id, { limit: query.limit, ...after });
        return json(200, { items: runs.map(renderRun), ...(next === undefined ? {} : { next }) });
      },
    }),
    operation({
      id: 'readImport',
      tag: 'Imports',
      method: 'GET',
      path: '/accounts/{account}/imports/{run}',
      summary: 'Read how far an import is',
      permission: 'imports.read',
      params: runParams,
      answers: { 200: { description: 'The import', schema: runSchema } },
      async handle({ caller, params }) {
        const run = await desk.get(caller.account.id, params.run);
        return run ? json(200, renderRun(run)) : faultProblem([fault('notFound', 'Import', { id: params.run })]);
      },
    }),
    operation({
      id: 'listImportRows',
      tag: 'Imports',
      method: 'GET',
      path: '/accounts/{account}/imports/{run}/rows',
      summary: 'List what became of each row',
      permission: 'imports.read',
      params: runParams,
      query: z.object({
        limit,
        after: z.coerce
          .number()
          .int()
          .min(0)
          .max(2 ** 31 - 1)
          .optional()
          .meta({ type: 'integer', minimum: 0, maximum: 2 ** 31 - 1 }),
        outcome: z.enum(['created', 'updated', 'unchanged', 'refused']).optional(),
      }),
      answers: {
        200: {
          description: 'Rows in order',
          schema: z.object({ items: z.array(rowSchema) }).meta({ id: 'ImportRowPage' }),
        },
      },
      async handle({ caller, params, query: { limit: count, after, outcome } }) {
        const run = await desk.get(caller.account.id, params.run);
        if (!run) return faultProblem([fault('notFound', 'Import', { id: params.run })]);
        const items = await desk.rows(run.id, {
          limit: count,
          ...(after === undefined ? {} : { after }),
          ...(outcome === undefined ? {} : { outcome }),
        });
        return json(200, { items });
      },
    }),
    operation({
      id: 'cancelImport',
      tag: 'Imports',
      method: 'POST',
      path: '/accounts/{account}/imports/{run}/cancel',
      summary: 'Cancel an import; what is done stays done',
      permission: 'imports.run',
      params: runParams,
      answers: { 200: { description: 'The import', schema: runSchema } },
      async handle({ caller, params }) {
        const run = await desk.cancel(caller.account.id, params.run);
        return run ? json(200, renderRun(run)) : faultProblem([fault('notFound', 'Import', { id: params.run })]);
      },
    }),
  ];
}

function csvOperations(csv: NonNullable<ImportDesk['csv']>): Operation[] {
  const file = (name: string, stream: Text): AdminAnswer => ({
    status: 200,
    headers: { 'Content-Disposition': `attachment; filename="${name}"` },
    mediaType: 'text/csv; charset=utf-8',
    stream,
  });
  return [
    operation({
      id: 'importSimulated',
      tag: 'Imports',
      method: 'POST',
      path: '/accounts/{account}/imports/{run}/import',
      summary: 'Import the file of a simulation',
      permission: 'imports.run',
      params: runParams,
      query: z.object({ mailTo: z.string().max(255).optional() }),
      answers: { 202: { description: 'The import has begun', schema: runSchema } },
      handle: async ({ caller, session, params, query }) =>
        takenAnswer(await csv.importSimulated(caller, session.actor, params.run, query.mailTo)),
    }),
    operation({
      id: 'readImportResult',
      tag: 'Imports',
      method: 'GET',
      path: '/accounts/{account}/imports/{run}/result.csv',
      summary: 'The result as a file: every row, or only those with faults, to be corrected and imported again',
      permission: 'imports.read',
      params: runParams,
      query: z.object({ part: z.enum(['all', 'failed']).default('all') }),
      answers: { 200: { description: 'The file', mediaType: 'text/csv' } },
      async handle({ caller, params, query: { part } }) {
        const stream = await csv.result(caller, params.run, part);
        if (!stream) return faultProblem([fault('notFound', 'Import', { id: params.run })]);
        if (stream === 'fileGone') return problem(404, 'notFound', FILE_GONE);
        return file(part === 'all' ? 'result.csv' : 'failed-rows.csv', stream);
      },
    }),
    operation({
      id: 'readTemplate',
      tag: 'Imports',
      method: 'GET',
      path: '/accounts/{account}/exports/template.csv',
      summary: 'An empty file with every column',
      permission: 'imports.read',
      params: accountParams,
      answers: { 200: { description: 'The file', mediaType: 'text/csv' } },
      handle: async () => file('template.csv', oneText(csv.template())),
    }),
    operation({
      id: 'exportUsers',
      tag: 'Imports',
      method: 'GET',
      path: '/accounts/{account}/exports/users.csv',
      summary: 'Export users as a file that can be changed and imported again',
      permission: 'imports.run',
      params: accountParams,
      answers: { 200: { description: 'The file', mediaType: 'text/csv' } },
      handle: async ({ caller, session }) => file('users.csv', csv.exportUsers(caller, session.actor)),
    }),
  ];
}

const FILE_GONE =
  'The file of this import is no longer kept. What became of each row is in result.csv without part=failed.';

/** A file is sent as it is: a form around it, or a compressed one, would be read as rows. */
function uploadMistake(headers: IncomingHttpHeaders, mediaType: string): string | undefined {
  const type = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type.startsWith('multipart/') || type.endsWith('json'))
    return `The file itself must be the body, with the Content-Type ${mediaType}: not a form and no JSON (curl --data-binary @FILE).`;
  const encoding = headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  return encoding === 'identity' ? undefined : 'A file is sent as it is, without a Content-Encoding.';
}

async function* oneText(text: string): Text {
  yield text;
}

function takenAnswer(taken: Taken): AdminAnswer {
  if (taken.ok) return json(202, renderRun(taken.run));
  const code = taken.status === 413 ? 'tooLarge' : taken.status === 404 ? 'notFound' : 'invalidValue';
  return problem(taken.status, code, taken.words);
}

function renderRun({ created, started, finished, ...run }: ImportRun) {
  return {
    ...run,
    created: created.toISOString(),
    ...(started ? { started: started.toISOString() } : {}),
    ...(finished ? { finished: finished.toISOString() } : {}),
  };
}
