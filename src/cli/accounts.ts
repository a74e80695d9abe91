// The commands on accounts.

import { type Command, InvalidArgumentError, Option } from 'commander';
import { loadCatalogue } from '../app/catalogue.ts';
import type { Store } from '../app/database.ts';
import { isDerivable } from '../directory/accounts/accounts.ts';
import { accountSettings, type SettingsChange, USER_LIMIT_MAX } from '../directory/accounts/settings.ts';
import type { Fault } from '../directory/faults.ts';
import type { Account, DerivedGroupRule } from '../directory/model.ts';
import { isEncodingLabel, isTimeOfDay, isTimeZone } from '../directory/schema/formats.ts';
import { deleteAccount, listDeletedAccounts, showAccountSize } from './account-deletion.ts';
import { rebuildDerivedGroups } from './derived-groups.ts';
import { CommandError } from './frame/errors.ts';
import { print, printJson } from './frame/output.ts';
import { accountOf, name, show, wholeNumber, withStore } from './session.ts';
import { accountTable } from './tables.ts';

/** The settings of an account as options spell them: most as they are, some in a form of their own. */
type SettingOptions = Omit<
  SettingsChange,
  'userLimit' | 'derivedGroups' | 'assignableGroups' | 'loginNamesEditable'
> & {
  userLimit?: number | 'none';
  derive?: DerivedGroupRule[];
  loginNames?: 'fixed' | 'editable';
  json?: boolean;
};

/** Adds `account create`, `list`, `show`, `set` and `delete`. */
export function accountCommands(account: Command): void {
  settingOptions(account.command('create').argument('<name>', 'name of the account', name))
    .description('create an account')
    .option('--slug <slug>', 'login slug; derived from the name by default')
    .action((title: string, options: CreateOptions) => withStore((store) => create(store, title, options)));
  account
    .command('list')
    .description('list all accounts')
    .option('--deleted', 'list those that were deleted or are being deleted instead')
    .option('--json', 'print JSON')
    .action((options: { json?: boolean; deleted?: boolean }) =>
      withStore(async (store) => {
        if (options.deleted) await listDeletedAccounts(store, options);
        else show(options, await store.accounts.listAccounts(), accountTable);
      }),
    );
  account
    .command('show')
    .argument('<account>', 'login slug or id of the account')
    .description('show an account with its settings, and how many users, groups and stores it has')
    .option('--json', 'print JSON')
    .action(showAccountSize);
  settingOptions(account.command('set').argument('<slug>', 'login slug of the account'))
    .description('change the settings of an account')
    .option('--name <name>', 'new name', name)
    .action((slug: string, options: ChangeOptions) => withStore((store) => change(store, slug, options)));
  account
    .command('delete')
    .argument('<slug>', 'login slug of the account')
    .description('delete an account with everything in it; asked for again, it continues where it was interrupted')
    .option('--confirm <slug>', 'the login slug again: without it, nothing is deleted')
    .option('--json', 'print JSON')
    .action(deleteAccount);
}

type CreateOptions = SettingOptions & { slug?: string };

async function create({ accounts }: Store, title: string, options: CreateOptions): Promise<void> {
  const slug = options.slug === undefined ? {} : { slug: options.slug };
  const created = await accounts.createAccount({ name: title, ...slug, ...settingsOf(options) });
  if (!created.ok) throw new CommandError(slugMessages(created.faults));
  showAccount(options, created.value);
}

type ChangeOptions = SettingOptions & { name?: string };

async function change(store: Store, slug: string, options: ChangeOptions): Promise<void> {
  const account = await accountOf(store, slug);
  const rename = options.name === undefined ? {} : { name: options.name };
  const changed = await store.accounts.setAccount(account.slug, { ...rename, ...settingsOf(options) });
  if (!changed) throw new CommandError(`The account "${slug}" no longer exists.`);
  if (options.derive) await applyDerivedGroups(store, changed);
  showAccount(options, changed);
}

function showAccount(options: SettingOptions, account: Account): void {
  if (options.json) printJson(account);
  else print(accountTable([account]));
}

/** Applies new rules for derived groups to the existing users. */
async function applyDerivedGroups(store: Store, account: Account): Promise<void> {
  const { changed, failed } = await rebuildDerivedGroups(store, account);
  process.stderr.write(`Users whose groups changed: ${changed}.\n`);
  if (failed > 0) process.stderr.write(`Users who could not be changed: ${failed}. Run the command again.\n`);
}

function settingOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--required-data <mode>', 'refuse users who lack required data, or accept and report them').choices(
        accountSettings.requiredData.options,
      ),
    )
    .option('--user-limit <n>', 'maximum number of active users; "none" removes the limit', limitOrNone)
    .option('--time-zone <name>', 'time zone of the account, such as Europe/Brussels', timeZone)
    .option('--import-time <HH:MM>', 'time of day to read the watched folder and apply end dates', timeOfDay)
    .option('--import-encoding <name>', 'encoding of files in the watched folder, or "detect"', encoding)
    .addOption(
      new Option('--import-delimiter <sign>', 'what stands between the cells of files in the watched folder').choices(
        accountSettings.importDelimiter.options,
      ),
    )
    .addOption(
      new Option('--end-date-policy <action>', 'what to do with users on their end date').choices(
        accountSettings.endDatePolicy.options,
      ),
    )
    .addOption(
      new Option('--login-names <mode>', 'whether files and administrators may change login names').choices([
        'fixed',
        'editable',
      ]),
    )
    .option(
      '--derive <attribute=type>',
      'keep a group of this type for each value of the attribute; repeatable; "none" removes all rules',
      derivedGroupRules,
    )
    .option('--json', 'print JSON');
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

function limitOrNone(text: string): number | 'none' {
  return text === 'none' ? text : wholeNumber(USER_LIMIT_MAX)(text);
}

function timeZone(text: string): string {
  if (!isTimeZone(text)) throw new InvalidArgumentError('Must be an IANA time zone, such as Europe/Brussels.');
  return text;
}

function encoding(text: string): string {
  if (text !== 'detect' && !isEncodingLabel(text))
    throw new InvalidArgumentError('Must be an encoding, such as windows-1250, or detect.');
  return text;
}

function timeOfDay(text: string): string {
  if (!isTimeOfDay(text)) throw new InvalidArgumentError('Must be a time of day, such as 02:30.');
  return text;
}

/** Parses one `enterprise.department=Department` and adds it to the rules before it; `none` removes them. */
function derivedGroupRules(text: string, before: DerivedGroupRule[] = []): DerivedGroupRule[] {
  if (text === 'none') return [];
  const at = text.indexOf('=');
  const [attribute, groupType] = [text.slice(0, at).trim(), text.slice(at + 1).trim()];
  if (at < 1 || attribute === '' || groupType === '')
    throw new InvalidArgumentError('Must have the form attribute=GroupType, such as enterprise.department=Department.');
  if (!isDerivable(loadCatalogue().user, attribute))
    throw new InvalidArgumentError(`"${attribute}" is not a single-valued text attribute of users.`);
  return [...before, { attribute, groupType }];
}

function slugMessages(faults: readonly Fault[]): string {
  return faults
    .map(({ code, path, params }) => {
      if (code === 'uniqueness')
        return `Another account already uses this ${path}. Choose a different one with --slug.`;
      if (code === 'invalidValue') return `The ${path} is not valid: ${params.rule}. Set one with --slug.`;
      return code === 'tooLong' ? `The ${path} is longer than ${params.max} characters.` : `The ${path} is missing.`;
    })
    .join('\n');
}
