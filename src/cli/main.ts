// The command line: accounts and tokens, beside a running server or without one. Output on stdout, the rest on stderr.

import { Command, InvalidArgumentError, Option } from 'commander';
import { boundHeapGrowth } from '../app/heap-growth.ts';
import { deriveGroupsAgain, loadCatalogue, type Store } from '../app/server.ts';
import { ConfigError } from '../config.ts';
import { isDerivable } from '../directory/accounts/accounts.ts';
import {
  accountSettings,
  isTimeOfDay,
  isTimeZone,
  type SettingsChange,
  USER_LIMIT_MAX,
} from '../directory/accounts/settings.ts';
import { type Fault, StoreUnavailable } from '../directory/faults.ts';
import type { Account, DerivedGroupRule } from '../directory/model.ts';
import { administrationCommands } from './administration.ts';
import { administratorCommands } from './administrators.ts';
import { batchCommands } from './batch.ts';
import { accountOf, CommandError, name, print, printJson, wholeNumber, withoutControls, withStore } from './session.ts';
import { accountTable, tokenTable } from './tables.ts';
import { userCommands } from './users.ts';

/** The settings of an account as options spell them: most as they are, some in words of their own. */
type SettingOptions = Omit<SettingsChange, 'userLimit' | 'derivedGroups' | 'loginNamesEditable'> & {
  userLimit?: number | 'none';
  derive?: DerivedGroupRule[];
  loginNames?: 'fixed' | 'editable';
};

const EXPIRY_DAYS_MAX = 3650;

function limitOrNone(text: string): number | 'none' {
  return text === 'none' ? text : wholeNumber(USER_LIMIT_MAX)(text);
}

function timeZone(text: string): string {
  if (!isTimeZone(text)) throw new InvalidArgumentError('It must be an IANA time zone, such as Europe/Brussels.');
  return text;
}

function timeOfDay(text: string): string {
  if (!isTimeOfDay(text)) throw new InvalidArgumentError('It must be a time of day, such as 02:30.');
  return text;
}

/** `enterprise.department=Department`; the option can be given several times. `none` takes all rules away. */
function deriveRule(text: string, before: DerivedGroupRule[] = []): DerivedGroupRule[] {
  if (text === 'none') return [];
  const at = text.indexOf('=');
  const [attribute, groupType] = [text.slice(0, at).trim(), text.slice(at + 1).trim()];
  if (at < 1 || attribute === '' || groupType === '')
    throw new InvalidArgumentError(
      'It must have the form attribute=GroupType, such as enterprise.department=Department.',
    );
  if (!isDerivable(loadCatalogue().user, attribute))
    throw new InvalidArgumentError(`"${attribute}" is no single-valued text attribute of a user.`);
  return [...before, { attribute, groupType }];
}

function settingsOf({ userLimit, derive, loginNames, ...options }: SettingOptions): SettingsChange {
  // An option belongs to the setting of its name: `--time-zone` to `timeZone`.
  const alike = Object.entries(options).filter(([name]) => Object.hasOwn(accountSettings, name));
  return {
    ...Object.fromEntries(alike),
    ...(userLimit === undefined ? {} : { userLimit: userLimit === 'none' ? null : userLimit }),
    ...(derive === undefined ? {} : { derivedGroups: derive }),
    ...(loginNames === undefined ? {} : { loginNamesEditable: loginNames === 'editable' }),
  };
}

function faultWords(faults: readonly Fault[]): string {
  return faults
    .map(({ code, path, params }) => {
      if (code === 'uniqueness') return `The ${path} is taken by another account. Give another one with --slug.`;
      if (code === 'invalidValue') return `The ${path} is not allowed: ${params.rule}. Give one with --slug.`;
      return code === 'tooLong' ? `The ${path} is longer than ${params.max} characters.` : `The ${path} is missing.`;
    })
    .join('\n');
}

function settingOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--required-data <how>', 'what becomes of users that lack required data').choices(
        accountSettings.requiredData.options,
      ),
    )
    .option('--user-limit <n>', 'active users at most; "none" takes the limit away', limitOrNone)
    .option('--time-zone <name>', 'the time zone of the account, such as Europe/Brussels', timeZone)
    .option('--import-time <HH:MM>', 'when the watched folder and end dates are looked at, every day', timeOfDay)
    .addOption(
      new Option('--end-date-policy <what>', 'what becomes of users whose end date has come').choices(
        accountSettings.endDatePolicy.options,
      ),
    )
    .addOption(
      new Option('--login-names <how>', 'whether files and administrators may change login names').choices([
        'fixed',
        'editable',
      ]),
    )
    .option(
      '--derive <attribute=type>',
      'keep a group of this type for each value of the attribute; repeatable; "none" takes all rules away',
      deriveRule,
    )
    .option('--json', 'print JSON');
}

/** Users who are there already follow new rules too. */
async function tellDerived(store: Store, account: Account): Promise<void> {
  const { changed, failed } = await deriveGroupsAgain(store, account);
  process.stderr.write(`Users who changed groups: ${changed}.\n`);
  if (failed > 0) process.stderr.write(`Users who could not be changed: ${failed}. Run the command again.\n`);
}

function accountCommands(program: Command): void {
  const account = program.command('account').description('accounts (tenants)');
  settingOptions(account.command('create').argument('<name>', 'the name of the account', name))
    .description('make an account')
    .option('--slug <slug>', 'its login slug; by default made from the name')
    .action((title: string, options: SettingOptions & { slug?: string; json?: boolean }) =>
      withStore(async ({ accounts }) => {
        const slug = options.slug === undefined ? {} : { slug: options.slug };
        const made = await accounts.createAccount({ name: title, ...slug, ...settingsOf(options) });
        if (!made.ok) throw new CommandError(faultWords(made.faults));
        if (options.json) printJson(made.value);
        else print(accountTable([made.value]));
      }),
    );
  account
    .command('list')
    .description('list all accounts')
    .option('--json', 'print JSON')
    .action((options: { json?: boolean }) =>
      withStore(async ({ accounts }) => {
        const all = await accounts.listAccounts();
        if (options.json) printJson(all);
        else print(accountTable(all));
      }),
    );
  settingOptions(account.command('set').argument('<slug>', 'the login slug of the account'))
    .description('change settings of an account')
    .option('--name <name>', 'a new name', name)
    .action((slug: string, options: SettingOptions & { name?: string; json?: boolean }) =>
      withStore(async (store) => {
        await accountOf(store, slug);
        const rename = options.name === undefined ? {} : { name: options.name };
        const changed = await store.accounts.setAccount(slug, { ...rename, ...settingsOf(options) });
        if (!changed) throw new CommandError(`The account "${slug}" is gone.`);
        if (options.derive) await tellDerived(store, changed);
        if (options.json) printJson(changed);
        else print(accountTable([changed]));
      }),
    );
}

function tokenCommands(program: Command): void {
  const token = program.command('token').description('bearer tokens of the connections of an account');
  token
    .command('create')
    .description('make a token; its last output line is the token, which is not shown again')
    .requiredOption('--account <slug>', 'the login slug of the account')
    .requiredOption(
      '--name <name>',
      'what the token is for; the name of its connection unless --connection is given',
      name,
    )
    .option('--connection <name>', 'the connection that it belongs to, made where it is new', name)
    .option('--expires-in-days <n>', 'days until it expires; by default it does not', wholeNumber(EXPIRY_DAYS_MAX))
    .option('--json', 'print JSON')
    .action((options: { account: string; name: string; connection?: string; expiresInDays?: number; json?: boolean }) =>
      withStore(async (store) => {
        const owner = await accountOf(store, options.account);
        const connection = await store.accounts.ensureConnection(owner, options.connection ?? options.name);
        const made = await store.accounts.createCredential(connection, options.expiresInDays, options.name);
        const { hash: _hash, ...shown } = made.credential;
        if (options.json) {
          print(JSON.stringify({ ...shown, connection, token: made.token }));
          return;
        }
        print(tokenTable([{ credential: made.credential, connection }]));
        print(made.token);
      }),
    );
  token
    .command('list')
    .description('list the tokens of an account; the tokens themselves are not kept')
    .requiredOption('--account <slug>', 'the login slug of the account')
    .option('--json', 'print JSON')
    .action((options: { account: string; json?: boolean }) =>
      withStore(async (store) => {
        const owner = await accountOf(store, options.account);
        const connections = new Map((await store.accounts.listConnections(owner)).map((one) => [one.id, one]));
        const rows = (await store.accounts.listCredentials(owner)).map((credential) => ({
          credential,
          connection: connections.get(credential.connection),
        }));
        if (options.json)
          printJson(rows.map(({ credential: { hash: _hash, ...shown }, connection }) => ({ ...shown, connection })));
        else print(tokenTable(rows));
      }),
    );
  token
    .command('revoke')
    .argument('<id>', 'the id of the token, from token list')
    .description('revoke a token; running servers refuse it within five seconds')
    .option('--json', 'print JSON')
    .action((id: string, options: { json?: boolean }) =>
      withStore(async ({ accounts }) => {
        const revoked = await accounts.revokeCredential(id);
        if (!revoked) throw new CommandError(`There is no token with the id "${id}". See: token list --account SLUG`);
        const { hash: _hash, ...shown } = revoked;
        if (options.json) printJson(shown);
        else print(`Revoked ${revoked.id} (${revoked.hint}).`);
      }),
    );
}

function explain(error: unknown): string {
  if (error instanceof CommandError || error instanceof ConfigError) return error.message;
  if (error instanceof StoreUnavailable) return 'The database does not answer. Try again, or check MONGODB_URI.';
  if (error instanceof Error && error.name === 'MongoServerSelectionError')
    return `No MongoDB answers (${error.message}). Check MONGODB_URI.`;
  return error instanceof Error ? error.message : String(error);
}

boundHeapGrowth();
const program = new Command('cli').description('Administers a MobieTrain provisioning server.').showHelpAfterError();
accountCommands(program);
tokenCommands(program);
administratorCommands(program);
administrationCommands(program);
batchCommands(program);
userCommands(program);

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`${withoutControls(explain(error))}\n`);
  process.exitCode = error instanceof ConfigError ? 2 : 1;
}
