// `user import` and `user export`: CSV files of users.

import { createReadStream, createWriteStream } from 'node:fs';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { CsvDoor } from '../../doors/csv/door.ts';
import { sentence } from '../../doors/csv/fault-messages.ts';
import { countsSentence, formSentence } from '../../doors/csv/results/files.ts';
import type { Run, RunRow } from '../../runs/store.ts';
import { followRun, mustBeReadable } from '../files/run-progress.ts';
import { CommandError } from '../frame/errors.ts';
import { print, printJson, write } from '../frame/output.ts';
import { type AccountOptions, requesterName, withAccount } from '../session.ts';

interface ImportOptions extends AccountOptions {
  simulate?: boolean;
  result?: string;
  failed?: string;
  mailTo?: string;
  encoding?: string;
  delimiter?: string;
}

const SHOWN_MAX = 20;
/** The exit code if the run finished but some rows were refused or have a note. */
const ROWS_FAILED = 3;

export async function importUsers(file: string, options: ImportOptions): Promise<void> {
  await mustBeReadable(file);
  await withAccount(options.account, async ({ account, runs: { csv, worker } }) => {
    const { door } = csv;
    const submitted = await door.submit({ account }, createReadStream(file), {
      simulate: options.simulate === true,
      fileName: basename(file),
      requestedBy: requesterName(),
      ...(options.mailTo === undefined ? {} : { mailTo: options.mailTo }),
      ...(options.encoding === undefined ? {} : { encoding: options.encoding }),
      ...(options.delimiter === undefined ? {} : { delimiter: options.delimiter }),
    });
    if (!submitted.ok) throw new CommandError(refusalMessage(submitted));
    const run = await followRun(worker, 'rows', () => door.run({ account }, submitted.run.id));
    if (options.result !== undefined) await writeTo(await door.result({ account }, run.id), options.result);
    if (options.failed !== undefined) await writeTo(await door.failedRows({ account }, run.id), options.failed);
    const failed = (await door.rows({ account }, run.id, { faulty: true, limit: SHOWN_MAX })) ?? [];
    showRun(run, failed, options.json === true);
    if (run.state !== 'done') process.exitCode = 1;
    else if (failedRowCount(run) > 0) process.exitCode = ROWS_FAILED;
  });
}

export function exportUsers(options: { account: string; output?: string }): Promise<void> {
  return withAccount(options.account, async ({ account, runs: { csv } }) => {
    await writeTo(csv.door.export(await csv.callerOf(account)), options.output);
  });
}

async function writeTo(text: AsyncIterable<string> | 'fileGone' | undefined, file: string | undefined): Promise<void> {
  if (text === 'fileGone') throw new CommandError('The file of this run is no longer kept.');
  if (!text) return;
  if (file !== undefined) await pipeline(Readable.from(text), createWriteStream(file, { mode: 0o600 }));
  else for await (const part of text) await write(part);
}

function refusalMessage(submitted: Awaited<ReturnType<CsvDoor['submit']>> & { ok: false }): string {
  switch (submitted.reason) {
    case 'tooLarge':
      return `The file is larger than ${submitted.bytesMax} bytes (IMPORT_FILE_BYTES_MAX).`;
    case 'unreadable':
      return submitted.problems.map(({ line, words }) => `Line ${line}: ${words}.`).join('\n');
    case 'invalidForm':
      return submitted.words;
    case 'invalidMail':
      return 'The result can be mailed to a single e-mail address only.';
    case 'notFound':
      return 'This simulation does not exist.';
  }
}

function showRun(run: Run, failed: readonly RunRow[], asJson: boolean): void {
  if (asJson) {
    printJson({ ...run, failed });
    return;
  }
  print(countsSentence(run.counts, run.kind === 'csv-simulation'));
  print(formSentence(run));
  if (run.reason !== undefined) print(run.reason);
  for (const { line, identity, faults = [] } of failed) print(`Line ${line} (${identity}): ${sentence(faults)}`);
  const hidden = failedRowCount(run) - failed.length;
  if (hidden > 0) print(`… and ${hidden} more: use --failed or --result to see them.`);
}

/** Rows that were refused, or applied with a note. */
function failedRowCount({ counts }: Run): number {
  return counts.refused + (counts.noted ?? 0);
}
