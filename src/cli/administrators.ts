// Administrators on the command line: the first one of an installation, and whoever is needed when nobody can sign in.

import { randomBytes } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { type Command, Option } from 'commander';
import { openAdministrators } from '../app/admin.ts';
import { openForCommands } from '../app/commands.ts';
import type { Store } from '../app/database.ts';
import type { Administrator } from '../auth/administrator-store.ts';
import { loadConfig } from '../config.ts';
import { ROLES, type Role, scopeKind } from '../directory/administration/permissions.ts';
import type { Account } from '../directory/model.ts';
import { unknownReferences } from '../directory/reference-data/reference-data.ts';
import { callerOf, refusal } from './administration.ts';
import { accountOf, CommandError, name, print, printJson, withStore } from './session.ts';
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
export function administratorCommands(program: Command): void {
  const administrator = program.command('administrator').description('people who sign in to administer');
  administrator
    .command('create')
    .argument('<email>', 'the e-mail address, which is the login')
    .description('make an administrator; the password is made and shown once')
    .addOption(new Option('--role <role>', 'what may be done').choices(ROLES).default('systemAdministrator'))
    .option('--account <slug>', 'the account; every role but systemAdministrator needs one')
    .option('--name <name>', 'the name', name)
    .option('--org-unit <path>', 'the own unit, for the org-unit roles')
    .option('--user <id>', 'the user of the directory, for a superior')
    .option('--password-stdin', 'read the password from stdin')
    .option('--openid', 'without a password: sign-in over OpenID only')
    .option('--json', 'print JSON')
    .action((email: string, options: CreateOptions) => withStore((store) => create(store, email, options)));
  administrator
    .command('list')
    .description('list administrators: of an account, or without one those above accounts')
    .option('--account <slug>', 'the login slug of the account')
    .option('--json', 'print JSON')
    .action((options: { account?: string; json?: boolean }) =>
      withStore(async (store) => {
        const account = options.account === undefined ? null : (await accountOf(store, options.account)).id;
        const administrators = await openAdministrators(loadConfig(), store.mongo);
        const found = await administrators.list(account, { limit: LISTED_MAX });
        if (options.json) printJson(found.map(withoutIdentity));
        else print(administratorTable(found));
      }),
    );
}

async function create(store: Store, email: string, options: CreateOptions): Promise<void> {
  const account = options.account === undefined ? undefined : await accountOf(store, options.account);
  await checkScope(store, account, options);
  const given = options.passwordStdin ? (await text(process.stdin)).replace(/\r?\n$/, '') : undefined;
  const password = options.openid ? undefined : (given ?? randomBytes(15).toString('base64url'));
  const administrators = await openAdministrators(loadConfig(), store.mongo);
  const made = await administrators.create({
    email,
    name: options.name ?? email,
    role: options.role,
    ...(account ? { account: account.id } : {}),
    ...(options.orgUnit === undefined ? {} : { orgUnit: options.orgUnit }),
    ...(options.user === undefined ? {} : { user: options.user }),
    ...(password === undefined ? {} : { password }),
  });
  if (!made.ok) throw refusal(made.faults);
  const shown = options.passwordStdin ? undefined : password;
  if (options.json) {
    printJson({ ...withoutIdentity(made.value), ...(shown === undefined ? {} : { password: shown }) });
    return;
  }
  print(administratorTable([made.value]));
  if (shown !== undefined) print(shown);
}

/** The unit and the user that a role is for must be there. @throws CommandError */
async function checkScope(store: Store, account: Account | undefined, options: CreateOptions): Promise<void> {
  if (!account || (options.orgUnit === undefined && options.user === undefined)) return;
  const { directory } = await openForCommands(loadConfig(), store, () => undefined);
  try {
    if (options.orgUnit !== undefined && scopeKind(options.role) === 'orgUnit') {
      const [unknown] = await unknownReferences(directory.referenceData, account.id, 'orgUnit', [options.orgUnit], '');
      if (unknown) throw new CommandError(`There is no org unit "${options.orgUnit}". See: org-unit list`);
    }
    if (options.user !== undefined && !(await directory.lookup.user(callerOf(account), options.user)))
      throw new CommandError(`There is no user with the id "${options.user}" in this account.`);
  } finally {
    await directory.stop();
  }
}

function withoutIdentity({ identity: _identity, ...shown }: Administrator) {
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
