// The commands on UserMaintenance XML batches: submit a file, follow its run, review what failed.

import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import type { Command } from 'commander';
import { BATCH_CONNECTION } from '../../app/xml.ts';
import type { Review, XmlDoor } from '../../doors/xml/door.ts';
import { USER_MAINTENANCE_XSD } from '../../doors/xml/format/block-schema.ts';
import type { Run } from '../../runs/store.ts';
import { CommandError } from '../frame/errors.ts';
import { print, printJson } from '../frame/output.ts';
import {
  type AccountOptions,
  accountOptions,
  name,
  requesterName,
  show,
  wholeNumber,
  withAccount,
} from '../session.ts';
import { failedBlockLines, runTable } from '../tables.ts';
import { followRun, mustBeReadable } from './run-progress.ts';

const SHOWN_MAX = 20;
const SHOWN_LIMIT_MAX = 200;
/** The exit code if the run finished but some blocks failed. */
const BLOCKS_FAILED = 3;

/** Adds `batch run`, `batch list`, `batch review` and `batch schema`. */
export function batchCommands(batch: Command): void {
  accountOptions(batch.command('run').argument('<file>', 'XML file'))
    .description('add a file to a fileset and process it; exits with 3 if blocks failed')
    .requiredOption('--fileset <name>', 'fileset to add the file to', name)
    .option('--simulate', 'change nothing; print what would happen to each block')
    .action(run);
  listing(batch.command('list')).description('list the runs of an account, newest first').action(list);
  listing(batch.command('review').argument('<run>', 'id of the run (see batch list)'))
    .description('show which blocks of a run failed, and why')
    .action(review);
  batch
    .command('schema')
    .description('print the XML Schema of batch files')
    .action(() => print(USER_MAINTENANCE_XSD.trimEnd()));
}

function listing(command: Command): Command {
  return accountOptions(command).option(
    '--limit <n>',
    'maximum number of results',
    wholeNumber(SHOWN_LIMIT_MAX),
    SHOWN_MAX,
  );
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
    if (failures) showReview(failures, options.json);
    if (finished.state !== 'done') process.exitCode = 1;
    else if (finished.counts.refused > 0) process.exitCode = BLOCKS_FAILED;
  });
}

async function runOf(xml: XmlDoor, account: string, id: string): Promise<Run | undefined> {
  return (await xml.review(account, id, { limit: 0 }))?.run;
}

interface ListOptions extends AccountOptions {
  limit: number;
}

function list(options: ListOptions): Promise<void> {
  return withAccount(options.account, async ({ account, runs: { xml } }) => {
    const { runs } = await xml.runs(account.id, { limit: options.limit });
    show(options, runs, runTable);
  });
}

function review(id: string, options: ListOptions): Promise<void> {
  return withAccount(options.account, async ({ account, runs: { xml } }) => {
    const found = await xml.review(account.id, id, { limit: options.limit });
    if (!found) throw new CommandError(`The run "${id}" does not exist. See: batch list --account ${options.account}`);
    showReview(found, options.json);
  });
}

function showReview(found: Review, json: boolean | undefined): void {
  if (json) {
    printJson(found);
    return;
  }
  print(runTable([found.run]));
  if (found.run.reason !== undefined) print(`\n${found.run.reason}`);
  if (found.failed.length > 0) print(`\n${failedBlockLines(found)}`);
  const { file, checkpoint } = found.run;
  if (typeof checkpoint?.failed === 'string')
    print(
      `\nThe failed blocks are in complete/${file.fileset}/failed/${checkpoint.failed}. Correct them and put the file into incoming/${file.fileset} again.`,
    );
}
