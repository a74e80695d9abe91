// Users on the command line: import a file (or simulate it), export, list, show, deactivate.

import { createReadStream, createWriteStream } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import { basename } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { openForCommands, type Store } from '../app/server.ts';
import { loadConfig } from '../config.ts';
import { mergedIdentifiers, type PersonIdentifiers } from '../directory/erasure/person.ts';
import type { Account, Caller, UserView } from '../directory/model.ts';
import { textAt } from '../directory/schema/attributes.ts';
import type { CsvDoor } from '../doors/csv/door.ts';
import { template } from '../doors/csv/export/export.ts';
import { sentence, wordsOf } from '../doors/csv/fault-messages.ts';
import { countsSentence } from '../doors/csv/results/files.ts';
import type { Run, RunRow } from '../runs/store.ts';
import { progressBar } from './progress-bar.ts';
import { accountOf, CommandError, print, printJson, wholeNumber, withStore } from './session.ts';
import { erasedLines, userTable } from './tables.ts';

interface ImportOptions {
  account: string;
  simulate?: boolean;
  json?: boolean;
  result?: string;
  failed?: string;
  mailTo?: string;
}

const LOOK_MS = 200;
const SHOWN_MAX = 20;
/** The exit code where the run is through and some rows were refused or have a note. */
const ROWS_FAILED = 3;
const LIST_MAX = 1000;

/** Adds `user import`, `user export`, `user list`, `user show`, `user deactivate` and `user erase`. */
export function userCommands(program: Command): void {
  const user = program.command('user').description('users, and files of them');
  user
    .command('import')
    .argument('<file>', 'a CSV file; docs/csv.md lists its columns')
    .description('import a file to its end, or simulate it; exits with 3 where rows failed')
    .requiredOption('--account <slug>', 'the login slug of the account')
    .option('--simulate', 'write nothing; tell what would become of each row')
    .option('--result <file>', 'write a line for every row there')
    .option('--failed <file>', 'write the rows that failed there, to be corrected and imported again')
    .option('--mail-to <address>', 'mail the result')
    .option('--json', 'print JSON')
    .action((file: string, options: ImportOptions) => withStore((store) => importFile(store, file, options)));
  user
    .command('template')
    .description('print an empty file with every column')
    .action(() => void process.stdout.write(template()));
  user
    .command('export')
    .description('write all users of an account as a file that can be changed and imported again')
    .requiredOption('--account <slug>', 'the login slug of the account')
    .option('--output <file>', 'where to; by default stdout')
    .action((options: { account: string; output?: string }) => withStore((store) => exportFile(store, options)));
  user
    .command('list')
    .description('list users in the order of their creation')
    .requiredOption('--account <slug>', 'the login slug of the account')
    .option('--limit <n>', 'how many at most', wholeNumber(LIST_MAX), 100)
    .option('--json', 'print JSON')
    .action((options: { account: string; limit: number; json?: boolean }) =>
      withUsers(options.account, async ({ directory, caller }) => {
        const { resources } = await directory.lookup.users(caller, {
          page: { kind: 'index', startIndex: 1, count: options.limit },
        });
        if (options.json) printJson(resources);
        else print(userTable(resources));
      }),
    );
  user
    .command('show')
    .argument('<user>', 'id, External ID, login name or e-mail')
    .description('show one user')
    .requiredOption('--account <slug>', 'the login slug of the account')
    .option('--json', 'print JSON')
    .action((text: string, options: { account: string; json?: boolean }) =>
      withUsers(options.account, async (parts) => {
        const found = await userNamed(parts, text);
        if (options.json) printJson(found);
        else print(JSON.stringify({ id: found.id, ...found.attributes }, undefined, 2));
      }),
    );
  user
    .command('deactivate')
    .argument('<user>', 'id, External ID, login name or e-mail')
    .description('deactivate one user')
    .requiredOption('--account <slug>', 'the login slug of the account')
    .option('--json', 'print JSON')
    .action((text: string, options: { account: string; json?: boolean }) =>
      withUsers(options.account, async (parts) => {
        const { id } = await userNamed(parts, text);
        const outcome = await parts.directory.provision.updateUser(parts.caller, id, undefined, ({ attributes }) => ({
          ok: true,
          revision: { mode: 'patch', attributes: { ...attributes, active: false }, stated: new Set(['active']) },
        }));
        if (!outcome.ok) throw new CommandError(sentence(outcome.faults.map(wordsOf)));
        if (options.json) printJson(outcome.value);
        else print(userTable([outcome.value]));
      }),
    );
  user
    .command('erase')
    .argument('<user>', 'id, External ID, login name or e-mail; of a deleted user too')
    .description('delete one user, and erase the person from files, results, events and mails')
    .requiredOption('--account <slug>', 'the login slug of the account')
    .option('--user-name <name>', 'another login name of the person; repeatable', listed)
    .option('--external-id <id>', 'another External ID; repeatable', listed)
    .option('--email <address>', 'another e-mail; repeatable', listed)
    .option('--given-name <name>', 'the first name of a deleted user')
    .option('--family-name <name>', 'the last name of a deleted user')
    .option('--yes', 'do not ask')
    .option('--json', 'print JSON')
    .action((text: string, options: EraseOptions) =>
      withUsers(options.account, (parts) => eraseUser(parts, text, options)),
    );
}

interface EraseOptions {
  userName?: string[];
  externalId?: string[];
  email?: string[];
  givenName?: string;
  familyName?: string;
  account: string;
  yes?: boolean;
  json?: boolean;
}

function listed(text: string, before: string[] = []): string[] {
  return [...before, text];
}

async function eraseUser(parts: Parts, text: string, options: EraseOptions): Promise<void> {
  const { erasure, caller } = parts;
  const { givenName: given, familyName: family } = options;
  const known: PersonIdentifiers = {
    userNames: options.userName,
    externalIds: options.externalId,
    emails: options.email,
    names: given !== undefined && family !== undefined ? [{ given, family }] : [],
  };
  const found = await userIfAny(parts, text);
  const whom = found ? `the user ${textAt(found.attributes, 'userName') ?? found.id}` : `the deleted person "${text}"`;
  if (!options.yes) await confirm(`Erase ${whom} of ${options.account} for good?`);
  const everything = { ids: [text], userNames: [text], externalIds: [text], emails: [text] };
  const outcome = found
    ? await erasure.eraseUser(caller, found.id, undefined, known, () => undefined)
    : await erasure.eraseDeleted(caller, mergedIdentifiers(everything, known));
  if (!outcome.ok) throw new CommandError(sentence(outcome.faults.map(wordsOf)));
  if (options.json) printJson(outcome.value);
  else print(erasedLines(outcome.value));
}

/** Asks on a terminal. @throws CommandError where the answer is not yes, or nobody can be asked */
async function confirm(question: string): Promise<void> {
  if (!process.stdin.isTTY) throw new CommandError(`${question} There is no terminal to ask on: add --yes.`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`${question} Type yes: `);
    if (answer.trim().toLowerCase() !== 'yes') throw new CommandError('Nothing was erased.');
  } finally {
    terminal.close();
  }
}

type Parts = Awaited<ReturnType<typeof openParts>> & { account: Account; caller: Caller };

async function openParts(store: Store) {
  const { directory, runs, erasure } = await openForCommands(loadConfig(), store, (error) =>
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`),
  );
  return { directory, erasure, csv: runs.csv, worker: runs.worker, close: () => directory.stop() };
}

/** Opens the directory for one piece of work on an account. */
function withUsers(slug: string, work: (parts: Parts) => Promise<void>): Promise<void> {
  return withStore(async (store) => {
    const account = await accountOf(store, slug);
    const parts = await openParts(store);
    try {
      await work({ ...parts, account, caller: { ...(await parts.csv.callerOf(account)), door: 'cli' } });
    } finally {
      await parts.close();
    }
  });
}

async function userNamed(parts: Parts, text: string): Promise<UserView> {
  const user = await userIfAny(parts, text);
  if (!user) throw new CommandError(`There is no user "${text}", or more than one.`);
  return user;
}

async function userIfAny({ directory, caller }: Parts, text: string): Promise<UserView | undefined> {
  const byId = await directory.lookup.user(caller, text);
  if (byId) return byId;
  const found = await directory.references.user(caller, { by: 'file', externalId: text, userName: text });
  const known = found.ok && found.id !== undefined ? found.id : undefined;
  const byMail = known ?? (await idByMail({ directory, caller }, text));
  return byMail === undefined ? undefined : directory.lookup.user(caller, byMail);
}

async function idByMail({ directory, caller }: Pick<Parts, 'directory' | 'caller'>, text: string) {
  const holders = await directory.records.usersWith(caller.account.id, 'email', text, 2);
  return holders.length === 1 ? holders[0] : undefined;
}

async function exportFile(store: Store, options: { account: string; output?: string }): Promise<void> {
  const account = await accountOf(store, options.account);
  const { csv, close } = await openParts(store);
  try {
    const text = csv.door.export(await csv.callerOf(account));
    await writeTo(text, options.output);
  } finally {
    await close();
  }
}

async function writeTo(text: AsyncIterable<string> | 'fileGone' | undefined, file: string | undefined): Promise<void> {
  if (text === 'fileGone') throw new CommandError('The file of this run is no longer kept.');
  if (!text) return;
  if (file !== undefined) await pipeline(Readable.from(text), createWriteStream(file));
  else for await (const part of text) process.stdout.write(part);
}

async function importFile(store: Store, file: string, options: ImportOptions): Promise<void> {
  await access(file, constants.R_OK).catch(() => {
    throw new CommandError(`${file} can't be read.`);
  });
  const account = await accountOf(store, options.account);
  const { csv, worker, close } = await openParts(store);
  try {
    const submitted = await csv.door.submit({ account }, createReadStream(file), {
      simulate: options.simulate === true,
      fileName: basename(file),
      requestedBy: 'command line',
      ...(options.mailTo === undefined ? {} : { mailTo: options.mailTo }),
    });
    if (!submitted.ok) throw new CommandError(refusalWords(submitted));
    // A server that runs over the same database may be the one that works on it.
    worker.start();
    const run = await untilEnd(csv.door, account, submitted.run.id);
    if (options.result !== undefined) await writeTo(await csv.door.result({ account }, run.id), options.result);
    if (options.failed !== undefined) await writeTo(await csv.door.failedRows({ account }, run.id), options.failed);
    const failed = (await csv.door.rows({ account }, run.id, { faulty: true, limit: SHOWN_MAX })) ?? [];
    show(run, failed, options.json === true);
    if (run.state !== 'done') process.exitCode = 1;
    else if (run.counts.refused > 0 || (run.counts.noted ?? 0) > 0) process.exitCode = ROWS_FAILED;
  } finally {
    await worker.stop();
    await close();
  }
}

function refusalWords(submitted: Awaited<ReturnType<CsvDoor['submit']>> & { ok: false }): string {
  switch (submitted.reason) {
    case 'tooLarge':
      return `The file has more than ${submitted.bytesMax} bytes (IMPORT_FILE_BYTES_MAX).`;
    case 'unreadable':
      return submitted.problems.map(({ line, words }) => `Line ${line}: ${words}.`).join('\n');
    case 'invalidMail':
      return 'The result can be mailed to one e-mail address only.';
    case 'notFound':
      return 'There is no such simulation.';
  }
}

async function untilEnd(door: CsvDoor, account: Account, id: string): Promise<Run> {
  const bar = progressBar(process.stderr);
  for (;;) {
    const run = await door.run({ account }, id);
    if (!run) throw new CommandError('The run is gone.');
    bar.show(run.counts.done, run.counts.total);
    if (run.finished) {
      bar.end();
      return run;
    }
    await sleep(LOOK_MS);
  }
}

function show(run: Run, failed: readonly RunRow[], asJson: boolean): void {
  if (asJson) {
    printJson({ ...run, failed });
    return;
  }
  print(countsSentence(run.counts, run.kind === 'csv-simulation'));
  if (run.reason !== undefined) print(run.reason);
  for (const { line, identity, faults = [] } of failed) print(`Line ${line} (${identity}): ${sentence(faults)}`);
  const all = run.counts.refused + (run.counts.noted ?? 0);
  if (all > failed.length) print(`… and ${all - failed.length} more: see --failed or --result.`);
}
