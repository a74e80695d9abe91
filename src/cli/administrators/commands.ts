// The commands on administrators: for setting up an installation, for regaining access if no one can sign in, and for taking it away.
// They are the operations of the admin API. They ask for no password: they need the database.

import { type Command, InvalidArgumentError, Option } from 'commander';
import { ROLES, type Role } from '../../directory/administration/permissions.ts';
import { name } from '../session.ts';
import { credentialCommands } from './credentials.ts';
import {
  changeAdministrator,
  createAdministrator,
  listAdministrators,
  removeAdministrator,
  resetPassword,
  sendPasswordLink,
  showAdministrator,
} from './operations.ts';

const ADMINISTRATOR = 'e-mail address or id of the administrator';

/** The options of every command on administrators. */
export interface LevelOptions {
  /** The login slug of the account; absent for System Administrators. */
  account?: string;
  json?: boolean;
}

/** The options that state what an administrator is limited to; null removes the limit. */
export interface ScopeOptions {
  orgUnit?: string | null;
  user?: string | null;
}

export interface CreateOptions extends LevelOptions, ScopeOptions {
  role: Role;
  name?: string;
  passwordStdin?: boolean;
  openid?: boolean;
}

export interface ChangeOptions extends LevelOptions, ScopeOptions {
  email?: string;
  name?: string;
  role?: Role;
}

export interface ResetOptions extends LevelOptions {
  passwordStdin?: boolean;
}

/** Adds `administrator create`, `list`, `show`, `set`, `disable`, `enable`, `remove`, `reset-password`, `send-link` and those of `credentials.ts`. */
export function administratorCommands(administrator: Command): void {
  levelOptions(administrator.command('create').argument('<email>', 'e-mail address to sign in with'))
    .description('create an administrator; a generated password is printed once')
    // Without a default: nobody gets rights that were not asked for.
    .addOption(roleOption().makeOptionMandatory())
    .option('--name <name>', 'name of the administrator', name)
    .option('--org-unit <path>', 'org unit, for roles that are limited to one')
    .option('--user <user>', 'the directory user who they are, by id, External ID, login name or e-mail: for superior')
    .option('--password-stdin', 'read the password from stdin')
    .option('--openid', 'set no password; the administrator signs in through OpenID')
    .action(createAdministrator);
  levelOptions(administrator.command('list').option('--limit <n>', 'maximum number of results; all by default', limit))
    .description('list the administrators of an account, or the System Administrators')
    .action(listAdministrators);
  onOne(administrator, 'show').description('show an administrator').action(showAdministrator);
  onOne(administrator, 'set')
    .description('change the role, the scope, the name or the e-mail address of an administrator')
    .addOption(roleOption())
    .option('--name <name>', 'new name', name)
    .option('--email <address>', 'new e-mail address to sign in with')
    .option('--org-unit <path>', 'org unit, for roles that are limited to one; "none" removes it', orNone)
    .option('--user <user>', 'the directory user who they are; "none" removes it', orNone)
    .action((who: string, options: ChangeOptions) => changeAdministrator(who, options));
  onOne(administrator, 'disable')
    .description('let an administrator sign in no more, and end all sessions and personal tokens')
    .action((who: string, options: LevelOptions) => changeAdministrator(who, options, { disabled: true }));
  onOne(administrator, 'enable')
    .description('let a disabled administrator sign in again')
    .action((who: string, options: LevelOptions) => changeAdministrator(who, options, { disabled: false }));
  onOne(administrator, 'remove')
    .description('remove an administrator, with all sessions and personal tokens')
    .action(removeAdministrator);
  onOne(administrator, 'reset-password')
    .description('set another password and end all sessions and personal tokens; a generated password is printed once')
    .option('--password-stdin', 'read the password from stdin')
    .action(resetPassword);
  onOne(administrator, 'send-link')
    .description('mail a link with which the administrator sets a password; it works once, for a day')
    .action(sendPasswordLink);
  credentialCommands((word) => onOne(administrator, word));
}

function levelOptions(command: Command): Command {
  return command
    .option('--account <slug>', 'login slug of the account; without it, the System Administrators')
    .option('--json', 'print JSON');
}

function onOne(administrator: Command, word: string): Command {
  return levelOptions(administrator.command(word).argument('<administrator>', ADMINISTRATOR));
}

function roleOption(): Option {
  return new Option('--role <role>', 'role of the administrator').choices(ROLES);
}

function orNone(value: string): string | null {
  return value === 'none' ? null : value;
}

function limit(value: string): number {
  if (!/^[1-9][0-9]{0,8}$/.test(value)) throw new InvalidArgumentError('Must be a whole number from 1.');
  return Number(value);
}
