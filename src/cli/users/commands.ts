// The commands on users.

import { type Command, Option } from 'commander';
import { template } from '../../doors/csv/export/export.ts';
import { inviteCommand } from '../invitations.ts';
import { accountOptions, limitOption, name, wholeNumber } from '../session.ts';
import { attributeOptions, repeated } from './body.ts';
import { eraseUser } from './erase.ts';
import { exportUsers, importUsers } from './files.ts';
import { showChanges, showHistory } from './history.ts';
import { USER } from './lookup.ts';
import {
  changeUser,
  createUser,
  deleteUser,
  listUsers,
  type StateVerb,
  searchUsers,
  setState,
  showUser,
} from './operations.ts';
import { showSources } from './sources.ts';

const LIST_MAX = 1000;
const LIST_DEFAULT = 100;
const STATUSES = ['active', 'incomplete', 'invited', 'inactive', 'blocked'];
const SORTS = ['created', 'userName', 'modified'];

/** Adds the commands of `user`. */
export function userCommands(user: Command): void {
  fileCommands(user);
  listOptions(user.command('list')).description('list users in order of creation').action(listUsers);
  const found = 'an id, an External ID, or the beginnings of words of names, login names, e-mails, employee numbers';
  limitOption(accountOptions(user.command('search').argument('<text>', found)))
    .description('find users by names, login name, e-mail, External ID, employee number or id')
    .action(searchUsers);
  onUser(user, 'show').description('show a user').action(showUser);
  changeCommands(user);
  inviteCommand(user);
  recordCommands(user);
  onUser(user, 'delete')
    .description('delete a user; user erase also erases the person from everything that is stored')
    .option('--yes', 'do not ask for confirmation')
    .action(deleteUser);
  const erase = onUser(user, 'erase', `${USER}; the user may already be deleted`).description(
    'delete a user and erase the person from files, import results, events and mails',
  );
  repeated(erase, '--user-name <name>', 'another login name of the person; repeatable');
  repeated(erase, '--external-id <id>', 'another External ID of the person; repeatable');
  repeated(erase, '--email <address>', 'another e-mail address of the person; repeatable')
    .option('--given-name <name>', 'first name of a deleted user')
    .option('--family-name <name>', 'last name of a deleted user')
    .option('--yes', 'do not ask for confirmation')
    .action(eraseUser);
}

function onUser(user: Command, word: string, description = USER): Command {
  return accountOptions(user.command(word).argument('<user>', description));
}

function listOptions(command: Command): Command {
  return limitOption(
    accountOptions(command)
      .option('--search <text>', 'only users with words that begin like these')
      .option('--group <group>', 'only members of the group with this id or name')
      .option('--store <store>', 'only users of the store with this ref id, id or name')
      .option('--org-unit <path>', 'only users in this org unit or below it')
      .option('--role <role>', 'only users with this role')
      .option('--organization <organization>', 'only users with this organization')
      .option('--enrollment-profile <profile>', 'only users with this enrollment profile')
      .addOption(new Option('--status <status>', 'only users with this status').choices(STATUSES))
      .addOption(new Option('--sort <order>', 'order; of creation by default').choices(SORTS)),
  );
}

function changeCommands(user: Command): void {
  const create = accountOptions(user.command('create').argument('<login-name>', 'login name of the user', name));
  attributeOptions(create.description('create a user'), 'repeatable');
  repeated(create, '--group <group>', 'group to join, by id or name; repeatable')
    .option('--inactive', 'create the user deactivated')
    .action(createUser);
  attributeOptions(
    onUser(user, 'change')
      .description('change attributes of a user; an empty text clears one')
      .option('--user-name <text>', 'login name, if the account lets administrators change it'),
    'repeatable; replaces the whole list',
  ).action(changeUser);
  const states: [StateVerb, string][] = [
    ['activate', 'activate a user'],
    ['deactivate', 'deactivate a user'],
    ['block', 'block a user; a sync cannot remove the block'],
    ['unblock', 'unblock a user'],
  ];
  for (const [verb, description] of states) {
    onUser(user, verb)
      .description(description)
      .action((text: string, options) => setState(verb, text, options));
  }
}

/** What was done to people, and by whom. */
function recordCommands(user: Command): void {
  const person = 'id, External ID, login name or e-mail, also a former one';
  accountOptions(user.command('history').argument('<person>', person))
    .description('show the requests about a person, also refused ones, and the changes of their user, newest first')
    .option('--limit <n>', 'maximum number of entries', wholeNumber(LIST_MAX), LIST_DEFAULT)
    .option('--reads', 'with requests that only read')
    .action(showHistory);
  onUser(user, 'sources')
    .description('show who put what on a user: stores, groups, attributes, the status')
    .action(showSources);
  accountOptions(user.command('changes'))
    .description('show the changes of users, groups and stores in an account, newest first')
    .option('--limit <n>', 'maximum number of changes', wholeNumber(LIST_MAX), LIST_DEFAULT)
    .action(showChanges);
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
    .action(() => void process.stdout.write(template({})));
  user
    .command('export')
    .description('export all users of an account as a CSV file that you can edit and import again')
    .requiredOption('--account <slug>', 'login slug of the account')
    .option('--output <file>', 'file to write; stdout by default')
    .action(exportUsers);
}
