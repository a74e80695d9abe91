// Downloads: the result of an import, an empty template, an export of users.

import { z } from 'zod';
import { accountParams } from '../../api/common-schemas.ts';
import { type Operation, operation } from '../../api/operation.ts';
import { type AdminAnswer, problem } from '../../api/problem.ts';
import type { CsvDesk, ImportDesk, Text } from './desk.ts';
import { importNotFound, runParams } from './runs.ts';

const answers = { 200: { description: 'The file', mediaType: 'text/csv' } };

export function readImportResult(csv: CsvDesk, desk: ImportDesk): Operation {
  return operation({
    id: 'readImportResult',
    tag: 'Imports',
    method: 'GET',
    path: '/accounts/{account}/imports/{run}/result.csv',
    summary: 'Download the result: every row, or only the failed rows, to correct and import again',
    permission: 'imports.read',
    params: runParams,
    query: z.object({ part: z.enum(['all', 'failed']).default('all') }),
    answers,
    async handle({ caller, params, query: { part } }) {
      const run = await desk.get(caller, params.run);
      const result = run && (await csv.result(caller, run.id, part));
      if (!result) return importNotFound(params.run);
      if (result === 'fileGone') return problem(404, 'notFound', FILE_GONE);
      return csvFile(part === 'all' ? 'result.csv' : 'failed-rows.csv', result);
    },
  });
}

export function readImportFailures({ xml }: Pick<ImportDesk, 'xml'>): Operation {
  return operation({
    id: 'readImportFailures',
    tag: 'Imports',
    method: 'GET',
    path: '/accounts/{account}/imports/{run}/failures.xml',
    summary: 'Download the failed blocks of an XML batch, to correct and import again',
    permission: 'imports.read',
    params: runParams,
    answers: { 200: { description: 'The file', mediaType: 'application/xml' } },
    async handle({ caller, params }) {
      const stream = await xml.failures(caller, params.run);
      if (!stream) return problem(404, 'notFound', NO_FAILURES);
      return {
        status: 200,
        headers: { 'Content-Disposition': 'attachment; filename="failures.xml"' },
        mediaType: 'application/xml; charset=utf-8',
        stream,
      };
    },
  });
}

const NO_FAILURES = 'No XML batch with this id has failed blocks, or its file is no longer kept.';

export function readTemplate(csv: CsvDesk): Operation {
  return operation({
    id: 'readTemplate',
    tag: 'Imports',
    method: 'GET',
    path: '/accounts/{account}/exports/template.csv',
    summary: 'Download an empty file with every column',
    permission: 'imports.read',
    params: accountParams,
    answers,
    handle: async ({ caller }) => csvFile('template.csv', inOnePiece(csv.template(caller.account))),
  });
}

export function exportUsers(csv: CsvDesk): Operation {
  return operation({
    id: 'exportUsers',
    tag: 'Imports',
    method: 'GET',
    path: '/accounts/{account}/exports/users.csv',
    summary: 'Export users as a file that you can edit and import again',
    permission: 'imports.run',
    params: accountParams,
    answers,
    handle: async ({ caller, session }) => csvFile('users.csv', csv.exportUsers(caller, session.actor)),
  });
}

const FILE_GONE =
  'The file of this import is no longer kept. The outcome of each row is still in result.csv, without part=failed.';

function csvFile(name: string, stream: Text): AdminAnswer {
  return {
    status: 200,
    headers: { 'Content-Disposition': `attachment; filename="${name}"` },
    mediaType: 'text/csv; charset=utf-8',
    stream,
  };
}

async function* inOnePiece(text: string): Text {
  yield text;
}
