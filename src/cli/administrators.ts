// The commands on administrators: for setting up an installation, and for regaining access if no one can sign in.

import { randomBytes } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { type Command, Option } from 'commander';
import type { Store } from '../app/database.ts';
import type { Administrator } from '../auth/administrator-store.ts';
import { loadConfig } from '../config.ts';
import { ROLES, type Role, scopeKind } from '../directory/administration/permissions.ts';
import type { Account } from '../directory/model.ts';
import { unknownReferences } from '../directory/reference-data/reference-data.ts';
import { CommandError } from './frame/errors.ts';
import { print, printJson } from './frame/output.ts';
import { accepted, accountOf, administratorCaller, name, withStore } from './session.ts';
import { table } from './tables.ts';

interface CreateOptions {
  role: Role;
  account?: string;
  name?: string;
  orgUnit?: string;
  user?: string;
  passwordStdin?: boolean;
  openid?: boolean;
  json?: boolean;
}

const LISTED_MAX = 1000;

/** Adds `administrator create` and `administrator list`. */
export function administratorCommands(administrator: Command): void {
  administrator
    .command('create')
    .argument('<email>', 'e-mail address to sign in with')
    .description('create an administrator; a generated password is printed once')
    // Without a default: nobody gets rights that were not asked for.
    .addOption(new Option('--role <role>', 'role of the administrator').choices(ROLES).makeOptionMandatory())
    .option('--account <slug>', 'login slug of the account; required for every role except systemAdministrator')
    .option('--name <name>', 'name of the administrator', name)
    .option('--org-unit <path>', 'org unit, for roles that are limited to one')
    .option('--user <id>', 'id of the directory user, for the role superior')
    .option('--password-stdin', 'read the password from stdin')
    .option('--openid', 'set no password; the administrator signs in through OpenID')
    .option('--json', 'print JSON')
    .action((email: string, options: CreateOptions) => withStore((store) => create(store, email, options)));
  administrator
    .command('list')
    .description('list the administrators of an account, or the System Administrators')
    .option('--account <slug>', 'login slug of the account')
    .option('--json', 'print JSON')
    .action((options: ListOptions) => withStore((store) => list(store, options)));
  administrator
    .command('reset-password')
    .argument('<email>', 'e-mail address of the administrator')
    .description('set another password and end all sessions and personal tokens; a generated password is printed once')
    .option('--account <slug>', 'login slug of the account; without it, a System Administrator')
    .option('--password-stdin', 'read the password from stdin')
    .option('--json', 'print JSON')
    .action((email: string, options: ResetOptions) => withStore((store) => resetPassword(store, email, options)));
}

interface ResetOptions {
  account?: string;
  passwordStdin?: boolean;
  json?: boolean;
}

/** Sets another password, which ends all sessions and personal tokens; the administrator gets a mail about it. */
async function resetPassword(store: Store, email: string, options: ResetOptions): Promise<void> {
  const account = options.account === undefined ? null : (await accountOf(store, options.account)).id;
  const password = (await givenPassword(options)) ?? randomBytes(15).toString('base64url');
  const { openAdministrators } = await import('../app/admin.ts');
  const administrators = await openAdministrators(loadConfig(), store.mongo);
  const found = await administrators.byEmail(email, account);
  if (!found) throw new CommandError(`No administrator with the e-mail "${email}" exists. See: administrator list`);
  const { administrator, ended } = accepted(await administrators.change(found.id, { password }));
  const shown = options.passwordStdin ? {} : { password };
  if (options.json) return printJson({ ...withoutIdentity(administrator), ended, ...shown });
  print(`Ended ${ended?.sessions ?? 0} sessions and ${ended?.tokens ?? 0} personal tokens of ${administrator.email}.`);
  if (!options.passwordStdin) print(password);
}

async function givenPassword({ passwordStdin }: { passwordStdin?: boolean }): Promise<string | undefined> {
  return passwordStdin ? (await text(process.stdin)).replace(/\r?\n$/, '') : undefined;
}

interface ListOptions {
  account?: string;
  json?: boolean;
}

async function list(store: Store, options: ListOptions): Promise<void> {
  const account = options.account === undefined ? null : (await accountOf(store, options.account)).id;
  const { openAdministrators } = await import('../app/admin.ts');
  const administrators = await openAdministrators(loadConfig(), store.mongo);
  const found = await administrators.list(account, { limit: LISTED_MAX });
  if (options.json) printJson(found.map(withoutIdentity));
  else print(administratorTable(found));
}

async function create(store: Store, email: string, options: CreateOptions): Promise<void> {
  const account = options.account === undefined ? undefined : await accountOf(store, options.account);
  await checkScope(store, account, options);
  const given = await givenPassword(options);
  const password = options.openid ? undefined : (given ?? randomBytes(15).toString('base64url'));
  const { openAdministrators } = await import('../app/admin.ts');
  const administrators = await openAdministrators(loadConfig(), store.mongo);
  const created = await administrators.create({
    email,
    name: options.name ?? email,
    role: options.role,
    ...(account ? { account: account.id } : {}),
    ...(options.orgUnit === undefined ? {} : { orgUnit: options.orgUnit }),
    ...(options.user === undefined ? {} : { user: options.user }),
    ...(password === undefined ? {} : { password }),
  });
  showCreated(accepted(created), options.passwordStdin ? undefined : password, options);
}

function showCreated(administrator: Administrator, password: string | undefined, options: CreateOptions): void {
  if (options.json) {
    printJson({ ...withoutIdentity(administrator), ...(password === undefined ? {} : { password }) });
    return;
  }
  print(administratorTable([administrator]));
  if (password !== undefined) print(password);
}

/** Checks that the org unit and the user that a role is limited to exist. @throws CommandError */
async function checkScope(store: Store, account: Account | undefined, options: CreateOptions): Promise<void> {
  if (!account || (options.orgUnit === undefined && options.user === undefined)) return;
  const { openForCommands } = await import('../app/commands.ts');
  const { directory } = await openForCommands(loadConfig(), store, () => () => undefined);
  try {
    if (options.orgUnit !== undefined && scopeKind(options.role) === 'orgUnit') {
      const [unknown] = await unknownReferences(directory.referenceData, account.id, 'orgUnit', [options.orgUnit], '');
      if (unknown) throw new CommandError(`The org unit "${options.orgUnit}" does not exist. See: org-unit list`);
    }
    if (options.user !== undefined && !(await directory.lookup.user(administratorCaller(account), options.user)))
      throw new CommandError(`No user with the id "${options.user}" exists in this account.`);
  } finally {
    await directory.stop();
  }
}

function withoutIdentity({ identity: _identity, credentialsVersion: _version, ...shown }: Administrator) {
  return shown;
}

function administratorTable(administrators: readonly Administrator[]): string {
  const rows = administrators.map(({ id, email, role, orgUnit, user, disabled }) => [
    id,
    email,
    role,
    orgUnit ?? user ?? '-',
    disabled ? 'disabled' : 'active',
  ]);
  return table([['ID', 'E-MAIL', 'ROLE', 'FOR', 'STATE'], ...rows]);
}
