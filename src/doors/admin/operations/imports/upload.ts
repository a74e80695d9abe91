// Starting imports: from an uploaded file, or from the file of a simulation.

import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import { isAccountWide } from '../../../../directory/administration/permissions.ts';
import { fault } from '../../../../directory/faults.ts';
import { accountParams } from '../../api/common-schemas.ts';
import { type AdminSession, json, type Operation, operation } from '../../api/operation.ts';
import { type AdminAnswer, faultProblem, problem } from '../../api/problem.ts';
import type { CsvDesk, ImportDesk, ImportSubmission, Taken } from './desk.ts';
import { importNotFound, renderRun, runParams, runSchema } from './runs.ts';

/** No folder, neither `.` nor `..`, no control characters. */
const FILE_NAME = /^(?!\.{1,2}$)[^/\\\p{Cc}]{1,200}$/u;
const FILE_NAME_RULE = 'must be the name of a file, without folders and control characters';
const FILESET_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const encoding = z.string().max(40).optional().meta({
  description:
    'For CSV: the encoding of the file by a label of the WHATWG Encoding Standard, such as utf-8, windows-1250 or shift_jis. By default it is detected, and must be UTF-8, UTF-16 or Windows-1252',
});
const delimiter = z
  .enum([';', ',', 'tab'])
  .optional()
  .meta({ description: 'For CSV: what stands between the cells. Detected by default' });
const mailTo = z.string().max(255).optional();

export function importCsv(csv: CsvDesk): Operation {
  return upload(csv, {
    id: 'importCsv',
    format: 'csv',
    mediaType: 'text/csv',
    summary: 'Import users from a CSV file, or simulate the import',
  });
}

export function importXml({ xml }: ImportDesk): Operation {
  return upload(xml, {
    id: 'importXml',
    format: 'xml',
    mediaType: 'application/xml',
    summary: 'Import a UserMaintenance file',
  });
}

export function importSimulated(csv: CsvDesk, desk: ImportDesk): Operation {
  return operation({
    id: 'importSimulated',
    tag: 'Imports',
    method: 'POST',
    path: '/accounts/{account}/imports/{run}/import',
    summary: 'Import the file of a simulation',
    permission: 'imports.run',
    params: runParams,
    query: z.object({ mailTo }),
    answers: { 202: { description: 'The import has started', schema: runSchema } },
    async handle({ caller, session, params, query }) {
      if (!(await desk.get(caller, params.run))) return importNotFound(params.run);
      return takenAnswer(await csv.importSimulated(caller, requesterOf(session), params.run, query.mailTo));
    },
  });
}

export function simulateAgain(csv: CsvDesk, desk: ImportDesk): Operation {
  return operation({
    id: 'simulateAgain',
    tag: 'Imports',
    method: 'POST',
    path: '/accounts/{account}/imports/{run}/simulate',
    summary: 'Simulate the CSV file of an import once more, read with another encoding or delimiter',
    permission: 'imports.run',
    params: runParams,
    query: z.object({ encoding, delimiter }),
    answers: { 202: { description: 'The simulation has started', schema: runSchema } },
    async handle({ caller, session, params, query }) {
      if (!(await desk.get(caller, params.run))) return importNotFound(params.run);
      return takenAnswer(await csv.simulateAgain(caller, requesterOf(session), params.run, statedForm(query)));
    },
  });
}

interface FileFormat {
  id: string;
  format: 'csv' | 'xml';
  mediaType: string;
  summary: string;
}

function upload(door: Pick<CsvDesk, 'submit'>, { id, format, mediaType, summary }: FileFormat): Operation {
  return operation({
    id,
    tag: 'Imports',
    method: 'POST',
    path: `/accounts/{account}/imports/${format}`,
    summary,
    permission: 'imports.run',
    params: accountParams,
    query: z.object({
      fileName: z.string().regex(FILE_NAME, FILE_NAME_RULE).default(`upload.${format}`),
      simulate: z.enum(['true', 'false']).default('false'),
      fileset: z.string().regex(FILESET_NAME, 'must be the name of a fileset').optional(),
      mailTo,
      encoding,
      delimiter,
    }),
    bytes: mediaType,
    answers: { 202: { description: 'Accepted; the run has started', schema: runSchema } },
    async handle({ caller, session, headers, query, bytes }) {
      // A batch has no org units, and its failed blocks and files are shared by the account.
      if (format === 'xml' && !isAccountWide(session.actor.role))
        return faultProblem([
          fault('forbidden', '', {
            operation: 'imports.run',
            rule: 'your role is limited to a part of the account, and batches concern all of it',
          }),
        ]);
      const mistake = uploadMistake(headers, mediaType);
      if (mistake !== undefined) return problem(415, 'mediaType', mistake);
      if (!bytes || isEmpty(headers))
        return faultProblem([
          fault('required', 'body', { rule: 'the request body must be the file, and it is empty' }),
        ]);
      return takenAnswer(await door.submit(caller, requesterOf(session), submissionOf(query), bytes));
    },
  });
}

/** Who requests a run, for display. */
function requesterOf({ administrator: { name, email } }: AdminSession): string {
  return `${name} <${email}>`;
}

function submissionOf({
  fileName,
  simulate,
  fileset,
  mailTo: address,
  ...form
}: {
  fileName: string;
  simulate: 'true' | 'false';
  fileset?: string | undefined;
  mailTo?: string | undefined;
  encoding?: string | undefined;
  delimiter?: string | undefined;
}): ImportSubmission {
  return {
    fileName,
    simulate: simulate === 'true',
    ...(fileset === undefined ? {} : { fileset }),
    ...(address === undefined ? {} : { mailTo: address }),
    ...statedForm(form),
  };
}

/** How the file is to be read, as far as it is stated. */
function statedForm(form: { encoding?: string | undefined; delimiter?: string | undefined }) {
  return {
    ...(form.encoding === undefined ? {} : { encoding: form.encoding }),
    ...(form.delimiter === undefined ? {} : { delimiter: form.delimiter }),
  };
}

function isEmpty(headers: IncomingHttpHeaders): boolean {
  return headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0;
}

/** The file itself is the body: an HTML form or a compressed body would be read as rows. */
function uploadMistake(headers: IncomingHttpHeaders, mediaType: string): string | undefined {
  const type = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type.startsWith('multipart/') || type.endsWith('json'))
    return `The file itself must be the body, with the Content-Type ${mediaType}, not a form or JSON (curl --data-binary @FILE).`;
  const encoding = headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  return encoding === 'identity' ? undefined : 'The file must be sent uncompressed, without a Content-Encoding.';
}

function takenAnswer(taken: Taken): AdminAnswer {
  if (taken.ok) return json(202, renderRun(taken.run));
  const code = taken.status === 413 ? 'tooLarge' : taken.status === 404 ? 'notFound' : 'invalidValue';
  return problem(taken.status, code, taken.words);
}
