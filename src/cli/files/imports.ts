// The commands on imports of files, CSV and XML: list them, see the outcome of each row, get the refused rows, cancel. They are the
// operations of the admin API on imports.

import { type Command, Option } from 'commander';
import type { ImportRow, ImportRun, Text } from '../../doors/admin/operations/imports/desk.ts';
import { CommandError } from '../frame/errors.ts';
import { allPages, type Shown, showList, showOne, write } from '../frame/output.ts';
import { concerns } from '../frame/recording.ts';
import {
  type AccountOptions,
  accountOptions,
  administratorCaller,
  limitOption,
  type OpenAccount,
  requesterName,
  withAccount,
} from '../session.ts';
import { shortDate } from '../tables.ts';
import { followRun } from './run-progress.ts';

const OUTCOMES = ['created', 'updated', 'unchanged', 'refused'] as const;
/** Names the newest run of an account instead of an id. */
export const LATEST = 'latest';
const RUN = `id of the import (see import list), or "${LATEST}" for the newest one of the account`;

/** The exit code if the run finished but some rows were refused or have a note. */
const ROWS_FAILED = 3;

/** Adds `import list`, `show`, `rows`, `failed`, `result`, `apply` and `cancel`. */
export function importCommands(imports: Command): void {
  limitOption(accountOptions(imports.command('list')))
    .description('list imports and simulations of CSV and XML files, newest first')
    .action(list);
  onRun(imports, 'show').description('show the state, the counts and the reason of an import').action(showRun);
  limitOption(onRun(imports, 'rows'))
    .description('list the outcome of each row of an import, in the order of the file')
    .addOption(new Option('--outcome <outcome>', 'only rows with this outcome').choices(OUTCOMES))
    .action(rows);
  fileOf(imports, 'failed')
    .description('print the refused rows as a file to correct and import again: CSV, or XML of a batch')
    .action((run: string, options: AccountOptions) => printFile(run, options, failedFile));
  fileOf(imports, 'result')
    .description('print a CSV file with a line for every row of a CSV import')
    .action((run: string, options: AccountOptions) => printFile(run, options, resultFile));
  onRun(imports, 'apply')
    .description('import the file of a CSV simulation; exits with 3 if rows failed')
    .option('--mail-to <address>', 'mail the result to this address')
    .action(apply);
  onRun(imports, 'cancel')
    .description('cancel an import that has not ended; rows that were imported stay imported')
    .action(cancel);
}

function onRun(imports: Command, word: string): Command {
  return accountOptions(imports.command(word).argument('<import>', RUN));
}

/** A command whose output is a file, which has no JSON form. */
function fileOf(imports: Command, word: string): Command {
  return imports
    .command(word)
    .argument('<import>', RUN)
    .requiredOption('--account <slug>', 'login slug of the account');
}

interface ListOptions extends AccountOptions {
  limit?: number;
}

function list(options: ListOptions): Promise<void> {
  return withAccount(options.account, async ({ imports, account }) => {
    const caller = administratorCaller(account);
    const all = allPages<ImportRun, string>(async ({ count, after }) => {
      const { runs, next } = await imports.list(caller, { limit: count, ...(after === undefined ? {} : { after }) });
      return { items: runs, next };
    }, options.limit);
    await showList(options, all, RUNS);
  });
}

function showRun(text: string, options: AccountOptions): Promise<void> {
  return withAccount(options.account, async (open) => showOne(options, await mustFindRun(open, text), RUN_IN_FULL));
}

interface RowsOptions extends ListOptions {
  outcome?: ImportRow['outcome'];
}

function rows(text: string, options: RowsOptions): Promise<void> {
  return withAccount(options.account, async (open) => {
    const { id } = await mustFindRun(open, text);
    const { outcome, limit } = options;
    const all = allPages<ImportRow, number>(async ({ count, after }) => {
      const items = await open.imports.rows(id, {
        limit: count,
        ...(after === undefined ? {} : { after }),
        ...(outcome === undefined ? {} : { outcome }),
      });
      return { items, next: items.length < count ? undefined : items.at(-1)?.number };
    }, limit);
    await showList(options, all, ROWS);
  });
}

type FileOf = (open: OpenAccount, run: ImportRun) => Promise<Text>;

function printFile(text: string, options: AccountOptions, fileFrom: FileOf): Promise<void> {
  return withAccount(options.account, async (open) => {
    for await (const part of await fileFrom(open, await mustFindRun(open, text))) await write(part);
  });
}

async function failedFile({ imports, account }: OpenAccount, run: ImportRun): Promise<Text> {
  const caller = administratorCaller(account);
  if (run.kind.startsWith('xml-')) {
    const failures = await imports.xml.failures(caller, run.id);
    if (failures) return failures;
    throw new CommandError(`The import ${run.id} has no failed blocks, or their file is no longer kept.`, 'notFound');
  }
  const failed = await imports.csv?.result(caller, run.id, 'failed');
  if (failed && failed !== 'fileGone') return failed;
  throw new CommandError(
    `The file of the import ${run.id} is no longer kept. The outcome of each row is still in: import rows ${run.id}`,
    'notFound',
  );
}

async function resultFile({ imports, account }: OpenAccount, run: ImportRun): Promise<Text> {
  const result = await imports.csv?.result(administratorCaller(account), run.id, 'all');
  if (result && result !== 'fileGone') return result;
  throw new CommandError(`The import ${run.id} is not of a CSV file. See: import rows ${run.id}`, 'notFound');
}

function apply(text: string, options: AccountOptions & { mailTo?: string }): Promise<void> {
  return withAccount(options.account, async (open) => {
    const caller = administratorCaller(open.account);
    const simulation = await mustFindRun(open, text);
    const taken = await open.imports.csv?.importSimulated(caller, requesterName(), simulation.id, options.mailTo);
    if (!taken?.ok) throw new CommandError(taken?.words ?? 'CSV files are not accepted.', 'invalidValue');
    const run = await followRun(open.runs.worker, 'rows', () => open.imports.get(caller, taken.run.id));
    showOne(options, run, RUN_IN_FULL);
    if (run.state !== 'done') process.exitCode = 1;
    else if (run.counts.refused + run.counts.noted > 0) process.exitCode = ROWS_FAILED;
  });
}

function cancel(text: string, options: AccountOptions): Promise<void> {
  return withAccount(options.account, async (open) => {
    const run = await mustFindRun(open, text);
    const cancelled = await open.imports.cancel(administratorCaller(open.account), run.id);
    if (!cancelled) throw new CommandError(uncancelled(run), 'conflict');
    showOne(options, cancelled, RUN_IN_FULL);
  });
}

function uncancelled({ id, kind, state, fileName }: ImportRun): string {
  if (kind === 'xml-batch' && (state === 'waiting' || state === 'running'))
    return `The batch ${id} of ${fileName} cannot be cancelled: its file must reach the archived or the failed folder.`;
  return `The import ${id} of ${fileName} has already ended (${state}).`;
}

/** The import with this id, or the newest one. @throws CommandError */
async function mustFindRun({ imports, account }: OpenAccount, text: string): Promise<ImportRun> {
  const caller = administratorCaller(account);
  const found = text === LATEST ? (await imports.list(caller, { limit: 1 })).runs[0] : await imports.get(caller, text);
  if (found) {
    concerns({ type: 'Import', id: found.id });
    return found;
  }
  const what = text === LATEST ? 'The account has no import' : `No import "${text}" exists in the account`;
  throw new CommandError(`${what}. See: import list --account ${account.slug}`, 'notFound');
}

const fileText = ({ fileset, fileName }: ImportRun) => `${fileset === undefined ? '' : `${fileset}/`}${fileName}`;
const dateText = (date: Date | undefined) => date && shortDate(date);

const COUNTS: Shown<ImportRun>['columns'] = [
  { title: 'DONE', of: ({ counts: { done, total } }) => (total === undefined ? `${done}` : `${done}/${total}`) },
  { title: 'CREATED', of: ({ counts }) => String(counts.created) },
  { title: 'UPDATED', of: ({ counts }) => String(counts.updated) },
  { title: 'UNCHANGED', of: ({ counts }) => String(counts.unchanged) },
  { title: 'REFUSED', of: ({ counts }) => String(counts.refused) },
];

const RUNS: Shown<ImportRun> = {
  columns: [
    { title: 'ID', of: ({ id }) => id },
    { title: 'KIND', of: ({ kind }) => kind },
    { title: 'STATE', of: ({ state }) => state },
    { title: 'FILE', of: fileText, shrinks: true },
    { title: 'STARTED BY', of: ({ requestedBy }) => requestedBy, shrinks: true },
    { title: 'CREATED AT', of: ({ created }) => shortDate(created) },
    { title: 'DONE', of: ({ counts }) => String(counts.done) },
    { title: 'REFUSED', of: ({ counts }) => String(counts.refused) },
  ],
};

const RUN_IN_FULL: Shown<ImportRun> = {
  lines: true,
  columns: [
    { title: 'ID', of: ({ id }) => id },
    { title: 'KIND', of: ({ kind }) => kind },
    { title: 'STATE', of: ({ state }) => state },
    { title: 'REASON', of: ({ reason }) => reason },
    { title: 'FILE', of: fileText },
    { title: 'BYTES', of: ({ bytes }) => String(bytes) },
    { title: 'ENCODING', of: ({ encoding }) => encoding },
    { title: 'DELIMITER', of: ({ delimiter }) => delimiter },
    { title: 'STARTED BY', of: ({ requestedBy }) => requestedBy },
    { title: 'CREATED AT', of: ({ created }) => shortDate(created) },
    { title: 'STARTED AT', of: ({ started }) => dateText(started) },
    { title: 'FINISHED AT', of: ({ finished }) => dateText(finished) },
    ...COUNTS,
    { title: 'APPLIED WITH NOTES', of: ({ counts }) => String(counts.noted) },
  ],
};

const ROWS: Shown<ImportRow> = {
  columns: [
    { title: 'ROW', of: ({ number }) => String(number) },
    { title: 'LINE', of: ({ line }) => (line === undefined ? undefined : String(line)) },
    { title: 'OUTCOME', of: ({ outcome }) => outcome },
    { title: 'IDENTITY', of: ({ identity }) => identity, shrinks: true },
    { title: 'WHAT', of: whatOf, wraps: true },
  ],
};

/** Why a row was refused or noted; otherwise what it changed. */
function whatOf({ faults = [], fields = [] }: ImportRow): string {
  if (faults.length > 0)
    return faults
      .map(({ error, at, words }) => [error === undefined ? [] : [error], at === '' ? [] : [`${at}:`], words])
      .map((parts) => parts.flat().join(' '))
      .join(' | ');
  return fields.map(({ name, from, to }) => `${name}: ${from ?? '-'} → ${to ?? '-'}`).join(', ');
}
