// The commands on UserMaintenance XML batches: submit a file, follow its run, review what failed.

import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import type { Command } from 'commander';
import { BATCH_CONNECTION } from '../../app/xml.ts';
import type { ReviewBlock, XmlDoor } from '../../doors/xml/door.ts';
import { USER_MAINTENANCE_XSD } from '../../doors/xml/format/block-schema.ts';
import type { Run } from '../../runs/store.ts';
import { CommandError } from '../frame/errors.ts';
import {
  allPages,
  print,
  printJson,
  printNote,
  type Shown,
  showList,
  withoutControls,
  write,
  writeJsonWithList,
} from '../frame/output.ts';
import { createTable } from '../frame/table.ts';
import { type AccountOptions, accountOptions, limitOption, name, requesterName, withAccount } from '../session.ts';
import { shortDate } from '../tables.ts';
import { LATEST } from './imports.ts';
import { followRun, mustBeReadable } from './run-progress.ts';

/** How many failed blocks `batch run` shows. */
const SHOWN_MAX = 20;
/** The exit code if the run finished but some blocks failed. */
const BLOCKS_FAILED = 3;

/** Adds `batch run`, `batch list`, `batch review` and `batch schema`. */
export function batchCommands(batch: Command): void {
  accountOptions(batch.command('run').argument('<file>', 'XML file'))
    .description('add a file to a fileset and process it; exits with 3 if blocks failed')
    .requiredOption('--fileset <name>', 'fileset to add the file to', name)
    .option('--simulate', 'change nothing; print what would happen to each block')
    .action(run);
  limitOption(accountOptions(batch.command('list')))
    .description('list the runs of an account, newest first')
    .action(list);
  limitOption(
    accountOptions(batch.command('review').argument('<run>', `id of the run (see batch list), or "${LATEST}"`)),
  )
    .description('show which blocks of a run failed, and why')
    .action(review);
  batch
    .command('schema')
    .description('print the XML Schema of batch files')
    .action(() => print(USER_MAINTENANCE_XSD.trimEnd()));
}

interface RunOptions extends AccountOptions {
  fileset: string;
  simulate?: boolean;
}

async function run(file: string, options: RunOptions): Promise<void> {
  await mustBeReadable(file);
  await withAccount(options.account, async ({ store, account, runs: { xml, worker } }) => {
    const submitted = await xml.submit({
      account,
      connection: await store.accounts.ensureConnection(account, BATCH_CONNECTION),
      fileset: options.fileset,
      fileName: basename(file),
      content: createReadStream(file),
      simulate: options.simulate === true,
      requestedBy: requesterName(),
    });
    if (!submitted.ok) throw new CommandError(submitted.words);
    const finished = await followRun(worker, 'blocks', () => runOf(xml, account.id, submitted.run));
    const failures = await xml.review(account.id, finished.id, { limit: SHOWN_MAX });
    if (failures && options.json) printJson(failures);
    else if (failures) await writeReview(failures.run, failures.failed);
    if (failures?.next !== undefined) printNote('There are more failed blocks. See: batch review');
    if (finished.state !== 'done') process.exitCode = 1;
    else if (finished.counts.refused > 0) process.exitCode = BLOCKS_FAILED;
  });
}

async function runOf(xml: XmlDoor, account: string, id: string): Promise<Run | undefined> {
  return (await xml.review(account, id, { limit: 0 }))?.run;
}

interface ListOptions extends AccountOptions {
  limit?: number;
}

function list(options: ListOptions): Promise<void> {
  return withAccount(options.account, async ({ account, runs: { xml } }) => {
    const all = allPages<Run, string>(async ({ count, after }) => {
      const { runs, next } = await xml.runs(account.id, { limit: count, ...(after === undefined ? {} : { after }) });
      return { items: runs, next };
    }, options.limit);
    await showList(options, all, RUNS);
  });
}

function review(text: string, options: ListOptions): Promise<void> {
  return withAccount(options.account, async ({ account, runs: { xml } }) => {
    const newest = text === LATEST ? (await xml.runs(account.id, { limit: 1 })).runs[0] : undefined;
    const id = newest?.id ?? text;
    const run = await runOf(xml, account.id, id);
    if (!run)
      throw new CommandError(`No batch "${text}" exists. See: batch list --account ${options.account}`, 'notFound');
    const failed = allPages<ReviewBlock, number>(async ({ count, after }) => {
      const page = await xml.review(account.id, id, { limit: count, ...(after === undefined ? {} : { after }) });
      return { items: page?.failed ?? [], next: page?.next };
    }, options.limit);
    if (options.json) await writeJsonWithList({ run }, 'failed', failed);
    else await writeReview(run, failed);
  });
}

/** The run, its failed blocks with a line for each error, and what to do with them. */
async function writeReview(run: Run, failed: AsyncIterable<ReviewBlock> | Iterable<ReviewBlock>): Promise<void> {
  print(createTable(RUNS.columns, [run]).whole);
  if (run.reason !== undefined) print(`\n${run.reason}`);
  let before = '\n';
  for await (const block of failed) {
    await write(`${before}${withoutControls(blockLines(block))}\n`);
    before = '';
  }
  const { file, checkpoint } = run;
  if (typeof checkpoint?.failed === 'string')
    print(
      `\nThe failed blocks are in complete/${file.fileset}/failed/${checkpoint.failed}. Correct them and put the file into incoming/${file.fileset} again.`,
    );
}

function blockLines({ number, line, identity, errors }: ReviewBlock): string {
  const where = `block ${number}${line === undefined ? '' : `, line ${line}`}${identity === '' ? '' : ` (${identity})`}`;
  return errors
    .map(({ code, fault, cause }) => `${where}: ${code === 'OTHER' ? `OTHER ${fault}` : code}  ${cause}`)
    .join('\n');
}

const RUNS: Shown<Run> = {
  columns: [
    { title: 'ID', of: ({ id }) => id },
    { title: 'KIND', of: ({ kind }) => kind },
    { title: 'STATE', of: ({ state }) => state },
    {
      title: 'FILE',
      of: ({ file }) => `${file.fileset === undefined ? '' : `${file.fileset}/`}${file.name}`,
      shrinks: true,
    },
    { title: 'CREATED AT', of: ({ created }) => shortDate(created) },
    { title: 'DONE', of: ({ counts }) => String(counts.done) },
    { title: 'CREATED', of: ({ counts }) => String(counts.created) },
    { title: 'UPDATED', of: ({ counts }) => String(counts.updated) },
    { title: 'UNCHANGED', of: ({ counts }) => String(counts.unchanged) },
    { title: 'FAILED', of: ({ counts }) => String(counts.refused) },
  ],
};
