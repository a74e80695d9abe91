// Following the runs of files: list, state, rows, cancel.

import { z } from 'zod';
import { fault } from '../../../../directory/faults.ts';
import { accountParams, dateTime, pageQuery, pageSize, wholeNumber, withId } from '../../api/common-schemas.ts';
import { json, type Operation, operation } from '../../api/operation.ts';
import { type AdminAnswer, faultProblem } from '../../api/problem.ts';
import type { ImportDesk, ImportRun } from './desk.ts';

export const runSchema = z
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
    reason: z.string().optional().meta({ description: 'Why the run failed, or a warning about it' }),
    fileset: z.string().optional().meta({ description: 'Of an XML batch: the folder that the file came from' }),
    encoding: z
      .string()
      .optional()
      .meta({ description: 'The encoding in which the file is read: named by the upload, or detected' }),
    delimiter: z
      .string()
      .optional()
      .meta({ description: 'Of a CSV file: `;`, `,` or `tab`, which is named by the upload, or detected' }),
    counts: z.object({
      total: z.number().int().optional(),
      done: z.number().int(),
      created: z.number().int(),
      updated: z.number().int(),
      unchanged: z.number().int(),
      refused: z.number().int(),
      noted: z.number().int().meta({ description: 'Rows that were applied but have faults' }),
    }),
  })
  .meta({ id: 'Import' });

const rowFaultSchema = z.object({
  code: z.string().meta({ description: "The directory's fault code" }),
  error: z.string().optional().meta({ description: 'Of an XML block: its error code, or OTHER' }),
  at: z.string().meta({ description: 'The column or element' }),
  words: z.string().meta({ description: 'A readable explanation' }),
});

const outcome = z.enum(['created', 'updated', 'unchanged', 'refused']);

const rowSchema = z
  .object({
    number: z.number().int(),
    line: z.number().int().optional(),
    outcome,
    identity: z.string(),
    user: z.string().optional(),
    fields: z.array(z.object({ name: z.string(), from: z.string().optional(), to: z.string().optional() })).optional(),
    faults: z.array(rowFaultSchema).optional(),
    block: z.string().optional().meta({ description: 'The failed XML block as received, at most 8,000 characters' }),
  })
  .meta({ id: 'ImportRow' });

const ROW_NUMBER_MAX = 2 ** 31 - 1;
const rowNumber = wholeNumber(0, ROW_NUMBER_MAX);
export const runParams = accountParams.extend({ run: withId('import') });

export function listImports(desk: ImportDesk): Operation {
  return operation({
    id: 'listImports',
    tag: 'Imports',
    method: 'GET',
    path: '/accounts/{account}/imports',
    summary: 'List imports and simulations, newest first',
    permission: 'imports.read',
    params: accountParams,
    query: pageQuery,
    answers: {
      200: {
        description: 'A page of imports',
        schema: z.object({ items: z.array(runSchema), next: z.string().optional() }).meta({ id: 'ImportPage' }),
      },
    },
    async handle({ caller, query: { limit }, after, nextCursor }) {
      const { runs, next } = await desk.list(caller, { limit, ...(after ? { after: after.id } : {}) });
      const cursor = next === undefined ? {} : { next: nextCursor({ key: null, id: next }) };
      return json(200, { items: runs.map(renderRun), ...cursor });
    },
  });
}

export function readImport(desk: ImportDesk): Operation {
  return operation({
    id: 'readImport',
    tag: 'Imports',
    method: 'GET',
    path: '/accounts/{account}/imports/{run}',
    summary: 'Retrieve the state and progress of an import',
    permission: 'imports.read',
    params: runParams,
    answers: { 200: { description: 'The import', schema: runSchema } },
    async handle({ caller, params }) {
      const run = await desk.get(caller, params.run);
      return run ? json(200, renderRun(run)) : importNotFound(params.run);
    },
  });
}

export function listImportRows(desk: ImportDesk): Operation {
  return operation({
    id: 'listImportRows',
    tag: 'Imports',
    method: 'GET',
    path: '/accounts/{account}/imports/{run}/rows',
    summary: 'List the outcome of each row',
    permission: 'imports.read',
    params: runParams,
    query: z.object({
      limit: pageSize,
      after: rowNumber.optional(),
      outcome: outcome.optional(),
      faulty: z.literal('true').optional().meta({ description: 'Only rows that were refused, or applied with notes' }),
    }),
    answers: {
      200: {
        description: 'Rows in the order of the file',
        schema: z.object({ items: z.array(rowSchema) }).meta({ id: 'ImportRowPage' }),
      },
    },
    async handle({ caller, params, query }) {
      const run = await desk.get(caller, params.run);
      if (!run) return importNotFound(params.run);
      const items = await desk.rows(run.id, {
        limit: query.limit,
        ...(query.after === undefined ? {} : { after: query.after }),
        ...(query.outcome === undefined ? {} : { outcome: query.outcome }),
        ...(query.faulty === undefined ? {} : { faulty: true }),
      });
      return json(200, { items });
    },
  });
}

export function cancelImport(desk: ImportDesk): Operation {
  return operation({
    id: 'cancelImport',
    tag: 'Imports',
    method: 'POST',
    path: '/accounts/{account}/imports/{run}/cancel',
    summary: 'Cancel an import; rows that were already imported are kept',
    permission: 'imports.run',
    params: runParams,
    answers: { 200: { description: 'The import', schema: runSchema } },
    async handle({ caller, params }) {
      const run = await desk.cancel(caller, params.run);
      return run ? json(200, renderRun(run)) : importNotFound(params.run);
    },
  });
}

export function importNotFound(id: string): AdminAnswer {
  return faultProblem([fault('notFound', 'Import', { id })]);
}

export function renderRun({ created, started, finished, ...run }: ImportRun) {
  return {
    ...run,
    created: created.toISOString(),
    ...(started ? { started: started.toISOString() } : {}),
    ...(finished ? { finished: finished.toISOString() } : {}),
  };
}
