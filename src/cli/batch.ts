// The XML batch on the command line: a file into a fileset, its run to the end, what failed and why.

import { createReadStream } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { openForCommands } from '../app/commands.ts';
import type { Store } from '../app/database.ts';
import { BATCH_CONNECTION } from '../app/xml.ts';
import { loadConfig } from '../config.ts';
import type { Review, XmlDoor } from '../doors/xml/door.ts';
import { USER_MAINTENANCE_XSD } from '../doors/xml/format/block-schema.ts';
import type { Run } from '../runs/store.ts';
import { accountOf, CommandError, name, print, printJson, wholeNumber, withStore } from './session.ts';
import { failedBlockLines, runTable } from './tables.ts';

interface RunOptions {
  account: string;
  fileset: string;
  simulate?: boolean;
  json?: boolean;
}

const LOOK_MS = 200;
const SHOWN_MAX = 20;
/** The exit code where the run is through and some blocks failed. */
const BLOCKS_FAILED = 3;

/** Adds `batch run`, `batch list`, `batch review` and `batch schema`. */
export function batchCommands(program: Command): void {
  const batch = program.command('batch').description('UserMaintenance XML batches');
  batch
    .command('run')
    .argument('<file>', 'the file')
    .description('put a file into a fileset and work on it to its end; exits with 3 where blocks failed')
    .requiredOption('--account <slug>', 'the login slug of the account')
    .requiredOption('--fileset <name>', 'the fileset that it goes into', name)
    .option('--simulate', 'write nothing; tell what would become of each block')
    .option('--json', 'print JSON')
    .action((file: string, options: RunOptions) => withStore((store) => runFile(store, file, options)));
  batch
    .command('list')
    .description('list the runs of an account, newest first')
    .requiredOption('--account <slug>', 'the login slug of the account')
    .option('--limit <n>', 'how many at most', wholeNumber(200), SHOWN_MAX)
    .option('--json', 'print JSON')
    .action((options: { account: string; limit: number; json?: boolean }) =>
      withStore(async (store) => {
        const { account, xml } = await open(store, options.account);
        const { runs } = await xml.runs(account.id, { limit: options.limit });
        if (options.json) printJson(runs);
        else print(runTable(runs));
      }),
    );
  batch
    .command('review')
    .argument('<run>', 'the id of the run, from batch list')
    .description('tell which blocks of a run failed, and why')
    .requiredOption('--account <slug>', 'the login slug of the account')
    .option('--limit <n>', 'how many blocks at most', wholeNumber(200), SHOWN_MAX)
    .option('--json', 'print JSON')
    .action((run: string, options: { account: string; limit: number; json?: boolean }) =>
      withStore(async (store) => {
        const { account, xml } = await open(store, options.account);
        const review = await xml.review(account.id, run, { limit: options.limit });
        if (!review) throw new CommandError(`There is no run "${run}". See: batch list --account ${options.account}`);
        show(review, options.json);
      }),
    );
  batch
    .command('schema')
    .description('print the XML Schema of a batch file')
    .action(() => print(USER_MAINTENANCE_XSD.trimEnd()));
}

async function open(store: Store, slug: string) {
  const account = await accountOf(store, slug);
  const { directory, runs } = await openForCommands(loadConfig(), store, (error) =>
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`),
  );
  return { account, directory, worker: runs.worker, xml: runs.xml };
}

async function runFile(store: Store, file: string, options: RunOptions): Promise<void> {
  await access(file, constants.R_OK).catch(() => {
    throw new CommandError(`${file} can't be read.`);
  });
  const { account, directory, worker, xml } = await open(store, options.account);
  const submitted = await xml.submit({
    account,
    connection: await store.accounts.ensureConnection(account, BATCH_CONNECTION),
    fileset: options.fileset,
    fileName: basename(file),
    content: createReadStream(file),
    simulate: options.simulate === true,
    requestedBy: 'command line',
  });
  if (!submitted.ok) throw new CommandError(submitted.words);
  // A server that runs over the same database may be the one that works on it.
  worker.start();
  try {
    const review = await untilEnd(xml, account.id, submitted.run);
    show(review, options.json);
    if (review.run.state !== 'done') process.exitCode = 1;
    else if (review.run.counts.refused > 0) process.exitCode = BLOCKS_FAILED;
  } finally {
    await worker.stop();
    await directory.stop();
  }
}

async function untilEnd(xml: XmlDoor, account: string, run: string): Promise<Review> {
  for (;;) {
    const review = await xml.review(account, run, { limit: SHOWN_MAX });
    if (!review) throw new CommandError('The run is gone.');
    progress(review.run);
    if (review.run.finished) return review;
    await sleep(LOOK_MS);
  }
}

function progress({ counts, finished }: Run): void {
  if (!process.stderr.isTTY) return;
  const total = counts.total === undefined ? '' : ` of ${counts.total}`;
  process.stderr.write(`\r${counts.done}${total} blocks, ${counts.refused} failed${finished ? '\n' : ''}`);
}

function show(review: Review, json: boolean | undefined): void {
  if (json) {
    printJson(review);
    return;
  }
  print(runTable([review.run]));
  if (review.run.reason !== undefined) print(`\n${review.run.reason}`);
  if (review.failed.length > 0) print(`\n${failedBlockLines(review)}`);
  const { file, checkpoint } = review.run;
  if (typeof checkpoint?.failed === 'string')
    print(
      `\nWhat failed is in complete/${file.fileset}/failed/${checkpoint.failed}. Correct it and put it into incoming/${file.fileset} again.`,
    );
}
