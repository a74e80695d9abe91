// The commands on users.

import type { Command } from 'commander';
import { emptyAttributes } from '../../directory/schema/schema.ts';
import { template } from '../../doors/csv/export/export.ts';
import { sentence, wordsOf } from '../../doors/csv/fault-messages.ts';
import { CommandError } from '../frame/errors.ts';
import { print, printJson } from '../frame/output.ts';
import { type AccountOptions, accountOptions, show, wholeNumber, withAccount } from '../session.ts';
import { userTable } from '../tables.ts';
import { eraseUser } from './erase.ts';
import { exportUsers, importUsers } from './files.ts';
import { showChanges, showHistory } from './history.ts';
import { mustFindUser, userCaller } from './lookup.ts';
import { showSources } from './sources.ts';

const LIST_MAX = 1000;
const LIST_DEFAULT = 100;
const USER = 'id, External ID, login name or e-mail of the user';

/** Adds `user import`, `template`, `export`, `list`, `show`, `history`, `changes`, `deactivate` and `erase`. */
export function userCommands(user: Command): void {
  fileCommands(user);
  accountOptions(user.command('list'))
    .description('list users in order of creation')
    .option('--limit <n>', 'maximum number of users', wholeNumber(LIST_MAX), LIST_DEFAULT)
    .action(list);
  accountOptions(user.command('show').argument('<user>', USER)).description('show a user').action(showUser);
  accountOptions(
    user.command('history').argument('<person>', 'id, External ID, login name or e-mail, also a former one'),
  )
    .description('show the requests about a person and the changes of their user, newest first')
    .option('--limit <n>', 'maximum number of entries', wholeNumber(LIST_MAX), LIST_DEFAULT)
    .option('--reads', 'with requests that only read')
    .action(showHistory);
  accountOptions(user.command('sources').argument('<user>', USER))
    .description('show who put what on a user: stores, groups, attributes, the status')
    .action(showSources);
  accountOptions(user.command('changes'))
    .description('show the changes of users, groups and stores in an account, newest first')
    .option('--limit <n>', 'maximum number of changes', wholeNumber(LIST_MAX), LIST_DEFAULT)
    .action(showChanges);
  accountOptions(user.command('deactivate').argument('<user>', USER))
    .description('deactivate a user')
    .action(deactivate);
  accountOptions(user.command('erase').argument('<user>', `${USER}; the user may already be deleted`))
    .description('delete a user and erase the person from files, import results, events and mails')
    .option('--user-name <name>', 'another login name of the person; repeatable', appended)
    .option('--external-id <id>', 'another External ID of the person; repeatable', appended)
    .option('--email <address>', 'another e-mail address of the person; repeatable', appended)
    .option('--given-name <name>', 'first name of a deleted user')
    .option('--family-name <name>', 'last name of a deleted user')
    .option('--yes', 'do not ask for confirmation')
    .action(eraseUser);
}

function fileCommands(user: Command): void {
  accountOptions(user.command('import').argument('<file>', 'CSV file; docs/csv.md lists its columns'))
    .description('import a CSV file, or simulate the import; exits with 3 if rows failed')
    .option('--simulate', 'change nothing; print what would happen to each row')
    .option('--result <file>', 'write a file with a line for every row')
    .option('--failed <file>', 'write a file with the failed rows, to correct and import again')
    .option('--mail-to <address>', 'mail the result to this address')
    .option('--encoding <name>', 'encoding of the file, such as windows-1250; detected by default')
    .option('--delimiter <sign>', 'what stands between the cells: ";", "," or tab; detected by default')
    .action(importUsers);
  user
    .command('template')
    .description('print an empty CSV file with every column')
    .action(() => void process.stdout.write(template()));
  user
    .command('export')
    .description('export all users of an account as a CSV file that you can edit and import again')
    .requiredOption('--account <slug>', 'login slug of the account')
    .option('--output <file>', 'file to write; stdout by default')
    .action(exportUsers);
}

function appended(text: string, before: string[] = []): string[] {
  return [...before, text];
}

interface ListOptions extends AccountOptions {
  limit: number;
}

function list(options: ListOptions): Promise<void> {
  return withAccount(options.account, async (open) => {
    const page = { kind: 'index', startIndex: 1, count: options.limit } as const;
    const { resources } = await open.directory.lookup.users(await userCaller(open), { page });
    show(options, resources, userTable);
  });
}

function showUser(text: string, options: AccountOptions): Promise<void> {
  return withAccount(options.account, async (open) => {
    const user = await mustFindUser(open, await userCaller(open), text);
    if (options.json) printJson(user);
    else print(JSON.stringify({ id: user.id, ...user.attributes }, undefined, 2));
  });
}

function deactivate(text: string, options: AccountOptions): Promise<void> {
  return withAccount(options.account, async (open) => {
    const caller = await userCaller(open);
    const { id } = await mustFindUser(open, caller, text);
    const outcome = await open.directory.provision.updateUser(caller, id, undefined, () => ({
      ok: true,
      revision: {
        mode: 'patch',
        attributes: Object.assign(emptyAttributes(), { active: false }),
        stated: new Set(['active']),
      },
    }));
    if (!outcome.ok) throw new CommandError(sentence(outcome.faults.map(wordsOf)));
    if (options.json) printJson(outcome.value);
    else print(userTable([outcome.value]));
  });
}
